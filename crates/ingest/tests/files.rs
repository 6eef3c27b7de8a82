//! All formats through the public readers, on real files.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::TimestampNanosecondArray;
use arrow_array::{Array, ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use proptest::prelude::*;
use tempfile::TempDir;
use vitrine_domain::{Availability, EventKind};
use vitrine_ingest::{
    IngestError, LINE_BYTES_MAX, Mapping, Problem, RawInteraction, RawProduct, Row,
    open_interactions, open_products,
};

const MAPPING: &str = r#"
name = "test"
currency = "EUR"
[products]
sku = "id"
title = "title"
department = "dept"
price = { column = "price" }
availability = "stock"
[products.values.department]
HOME = "Home & living"
[[products.exclude]]
department = "Gift cards"
[interactions]
shopper = "user"
sku = "id"
basket = "order"
quantity = "n"
timestamp = { column = "when", zone = "+01:00" }
price = { column = "total", means = "line_total" }
kind = { column = "event", values = { buy = "purchase" } }
"#;

fn mapping() -> Mapping {
    Mapping::from_toml(MAPPING).expect("a valid mapping")
}

fn write(name: &str, bytes: impl AsRef<[u8]>) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    (folder, path)
}

fn products(path: &Path) -> Vec<Row<RawProduct>> {
    let rows = open_products(path, &mapping()).expect("a good file");
    rows.map(|row| row.expect("no file error")).collect()
}

fn interactions(path: &Path) -> Vec<Row<RawInteraction>> {
    let rows = open_interactions(path, &mapping()).expect("a good file");
    rows.map(|row| row.expect("no file error")).collect()
}

fn teapot() -> RawProduct {
    RawProduct {
        sku: "7".into(),
        title: "Tea \"pot\", blue".into(),
        department: "Home & living".into(),
        price_minor: Some(1_250),
        availability: Availability::OutOfStock,
        ..RawProduct::default()
    }
}

#[test]
fn csv_tsv_and_json_lines_say_the_same() {
    let csv = "\u{feff}dept,id,title,price,stock,other\r\n\
               HOME,7,\"Tea \"\"pot\"\", blue\",12.50,out_of_stock,x\r\n";
    let tsv =
        "dept\tid\ttitle\tprice\tstock\nHOME\t7\t\"Tea \"\"pot\"\", blue\"\t$12.5\tOutOfStock\n";
    let jsonl = "{\"id\":7,\"title\":\"Tea \\\"pot\\\", blue\",\"dept\":\"HOME\",\"price\":12.5,\
                 \"stock\":\"https://schema.org/OutOfStock\"}\n";
    for (name, text) in [("a.csv", csv), ("a.tsv", tsv), ("a.jsonl", jsonl)] {
        let (_folder, path) = write(name, text);
        let line = if name == "a.jsonl" { 1 } else { 2 };
        assert_eq!(products(&path), [Row { line, record: Ok(teapot()) }], "{name}");
    }
}

#[test]
fn line_numbers_survive_blank_lines_and_quoted_breaks() {
    let text = "id,title,dept,price,stock\n\n1,\"two\nlines\",d,1,\n\n\n2,x,d,,true\n";
    let (_folder, path) = write("a.csv", text);
    let rows = products(&path);
    assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [3, 7]);
    assert_eq!(rows[0].record.as_ref().map(|row| row.title.as_str()), Ok("two\nlines"));
    assert_eq!(rows[1].record.as_ref().map(|row| row.price_minor), Ok(None));
}

#[test]
fn bad_rows_are_yielded_and_reading_goes_on() {
    let text: &[u8] = b"id,title,dept,price,stock\n\
        1,a,d,cheap,\n2,b,d\n3,\xff\xfe,d,1,\n4,d,d,1,maybe\n5,e,d,-1.5,\n";
    let (_folder, path) = write("a.csv", text);
    let rows = products(&path);
    let problems: Vec<_> = rows[..4]
        .iter()
        .map(|row| {
            let error = row.record.as_ref().expect_err("a bad row");
            (row.line, error.column.as_str(), error.problem.clone())
        })
        .collect();
    assert_eq!(
        problems,
        [
            (2, "price", Problem::NotAPrice),
            (3, "", Problem::FieldCount { expected: 5, found: 3 }),
            (4, "title", Problem::NotUtf8),
            (5, "stock", Problem::UnknownValue),
        ]
    );
    assert_eq!(rows[0].record.as_ref().expect_err("bad").text, "cheap");
    // A nonsense value that can be read is for the checks to judge.
    assert_eq!(rows[4].record.as_ref().map(|row| row.price_minor), Ok(Some(-150)));
}

#[test]
fn an_over_long_record_is_one_row_error() {
    let long = "x".repeat(LINE_BYTES_MAX + 10);
    let csv = format!("id,title,dept,price,stock\n1,\"{long}\n2,b,d,1,\n3,c,d,1,\n");
    let jsonl =
        format!("{{\"id\":1,\"title\":\"{long}\"}}\n{{\"id\":2}}\nnot json\n[1]\n{{\"id\":3}}\n");
    for (name, text, good) in [("a.csv", csv, vec!["2", "3"]), ("a.jsonl", jsonl, vec!["2", "3"])] {
        let (_folder, path) = write(name, text);
        let rows = products(&path);
        let first = rows[0].record.as_ref().expect_err("too long");
        assert_eq!(first.problem, Problem::TooLong, "{name}");
        assert!(first.text.chars().count() < 300);
        let read: Vec<_> =
            rows.iter().filter_map(|row| row.record.as_ref().ok()).map(|row| &row.sku).collect();
        assert_eq!(read, good, "{name}");
    }
}

#[test]
fn the_original_row_is_there_for_the_quarantine() {
    let (_folder, path) = write("a.csv", "id,title,dept,price,stock\n1,a,d,cheap,\n2,b\n");
    let mut rows = open_products(&path, &mapping()).expect("a good file");
    rows.next().expect("a row").expect("no file error");
    let first = serde_json::json!({"id":"1","title":"a","dept":"d","price":"cheap","stock":""});
    assert_eq!(rows.original(), first);
    rows.next().expect("a row").expect("no file error");
    assert_eq!(rows.original(), serde_json::json!(["2", "b"]));
}

#[test]
fn interactions_are_typed() {
    let text = "user,id,order,n,when,total,event\n\
        u1,7,o1,2,2017-01-01 13:00:00,5.99,buy\n\
        u1,7,o1,0.5,2017-01-01T12:00:00Z,1.50,view_item\n\
        u1,7,,-3,1483272000,1,purchase\n\
        u1,7,,1,1483272000,1,stolen\n\
        u1,7,,,1483272000,1,buy\n\
        u1,7,,1,soon,1,buy\n";
    let (_folder, path) = write("log.csv", text);
    let rows = interactions(&path);
    let first = RawInteraction {
        shopper: "u1".into(),
        sku: "7".into(),
        basket: "o1".into(),
        kind: EventKind::Purchase,
        at_seconds: 1_483_272_000,
        quantity: 2,
        price_minor: Some(300),
    };
    assert_eq!(rows[0].record.as_ref(), Ok(&first));
    let weighed = RawInteraction {
        kind: EventKind::ViewItem,
        quantity: 1,
        price_minor: Some(300),
        ..first.clone()
    };
    assert_eq!(rows[1].record.as_ref(), Ok(&weighed));
    let returned = rows[2].record.as_ref().expect("readable");
    assert_eq!((returned.quantity, returned.price_minor), (-3, None));
    let problem = |idx: usize| rows[idx].record.clone().expect_err("bad").problem;
    assert_eq!(
        [problem(3), problem(4), problem(5)],
        [Problem::UnknownValue, Problem::Missing, Problem::NotATime]
    );
}

fn write_parquet(path: &Path, columns: Vec<(&str, ArrayRef)>) {
    write_parquet_with(path, columns, parquet::basic::Compression::UNCOMPRESSED);
}

fn write_parquet_with(
    path: &Path,
    columns: Vec<(&str, ArrayRef)>,
    codec: parquet::basic::Compression,
) {
    let batch = RecordBatch::try_from_iter_with_nullable(
        columns.into_iter().map(|(name, array)| (name, array, true)),
    )
    .expect("equal lengths");
    let file = File::create(path).expect("writable");
    let properties = parquet::file::properties::WriterProperties::builder().set_compression(codec);
    let mut writer =
        ArrowWriter::try_new(file, batch.schema(), Some(properties.build())).expect("a writer");
    writer.write(&batch).expect("written");
    writer.close().expect("closed");
}

fn array(array: impl Array + 'static) -> ArrayRef {
    Arc::new(array)
}

#[test]
fn parquet_is_read_in_batches_with_nulls() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.parquet");
    let n = 20_000_i64;
    let hour = 3_600_000_000_000;
    let total = |n| if n == 5 { None } else { Some(n as f64 / 10.0) };
    write_parquet(
        &path,
        vec![
            ("event", array(StringArray::from_iter_values((0..n).map(|_| "buy")))),
            ("id", array(Int64Array::from_iter((0..n).map(|n| (n != 3).then_some(n))))),
            ("unused", array(StringArray::from_iter_values((0..n).map(|n| n.to_string())))),
            ("user", array(Int64Array::from_iter_values((0..n).map(|n| n % 7)))),
            ("order", array(Int64Array::from_iter_values(0..n))),
            ("n", array(Int64Array::from_iter_values((0..n).map(|_| 1)))),
            ("when", array(TimestampNanosecondArray::from_iter_values((0..n).map(|n| n * hour)))),
            ("total", array(Float64Array::from_iter((0..n).map(total)))),
        ],
    );
    let rows = interactions(&path);
    assert_eq!(rows.len(), 20_000);
    assert!(rows.iter().zip(1..).all(|(row, line)| row.line == line));
    let read: Vec<&RawInteraction> =
        rows.iter().map(|row| row.record.as_ref().expect("readable")).collect();
    assert_eq!((read[3].sku.as_str(), read[4].sku.as_str()), ("", "4"));
    assert_eq!((read[5].price_minor, read[19_999].price_minor), (None, Some(199_990)));
    // Times without a zone are local: an hour ahead of UTC here.
    assert_eq!(read[2].at_seconds, 2 * 3_600 - 3_600);
}

#[test]
fn file_problems_say_what_to_do() {
    let message = |path: &Path| match open_products(path, &mapping()) {
        Ok(_) => panic!("{} opened", path.display()),
        Err(error) => error.to_string(),
    };
    let (_folder, path) = write("a.csv", "sku,titel\n1,x\n");
    let text = message(&path);
    // All that is missing at once.
    let missing = r#"has no columns "id", "title", "dept", "price", "stock"; it has: sku, titel"#;
    assert!(text.contains(missing), "{text}");
    let (_folder, path) = write("a.csv", "");
    assert!(message(&path).contains("empty"));
    let (_folder, path) = write("a.xls", "x");
    assert!(message(&path).contains(".parquet"));
    let (_folder, path) = write("a.parquet", "PAR1 but not really");
    assert!(message(&path).contains("not a readable Parquet file"));
    let (_folder, path) = write("a.jsonl", "{\"sku\":1}\n{\"sku\":2}\n");
    assert!(message(&path).contains("\"id\""));
    assert!(message(Path::new("absent.csv")).contains("check the path"));
    assert!(message(Path::new(".")).contains("format"));
    let log = Mapping::from_toml("name='x'\ncurrency='EUR'\n[products]\nsku='id'\n");
    let log = log.expect("no log is fine");
    assert!(matches!(
        open_interactions(Path::new("absent.csv"), &log),
        Err(IngestError::NoTable { table: "interactions", .. })
    ));
}

#[test]
fn large_json_ids_stay_apart_or_are_refused() {
    let ids = ["9223372036854775807", "9223372036854775808", "9223372036854775809"];
    let most = "18446744073709551615";
    let rounded = ["18446744073709551616", "100000000000000000000000", "1e300"];
    let line = |id: &&str| format!("{{\"id\":{id},\"title\":\"t\",\"dept\":\"d\"}}\n");
    let all: Vec<&str> = ids.into_iter().chain([most]).chain(rounded).collect();
    let (_folder, path) = write("a.jsonl", all.iter().map(line).collect::<String>());
    let rows = products(&path);
    let read: Vec<&str> =
        rows[..4].iter().map(|row| row.record.as_ref().expect("exact").sku.as_str()).collect();
    assert_eq!(read, all[..4]);
    for row in &rows[4..] {
        let error = row.record.as_ref().expect_err("rounded");
        assert_eq!((error.column.as_str(), &error.problem), ("id", &Problem::Inexact));
    }
}

#[test]
fn a_codec_that_is_not_read_is_named_once_with_what_to_do() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    let text = || array(StringArray::from(vec!["1"]));
    let columns = ["id", "title", "dept", "price", "stock"];
    write_parquet(&path, columns.map(|name| (name, text())).to_vec());
    let bytes = std::fs::read(&path).expect("written");
    // In the footer (Thrift, compact): the path of the column, ["id"], then its codec.
    let before_codec = b"\x19\x18\x02id\x15";
    let n = before_codec.len();
    let at = bytes.windows(n).position(|window| window == before_codec).expect("a footer") + n;
    assert_eq!(bytes[at], 0, "uncompressed");
    let (codec, name) = (3, "lzo");
    let mut bytes = bytes.clone();
    bytes[at] = 2 * codec;
    std::fs::write(&path, bytes).expect("written");
    let message = match open_products(&path, &mapping()) {
        Err(error @ IngestError::Compression { .. }) => error.to_string(),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("{name} opened"),
    };
    assert!(message.contains(&format!("compressed with {name},")), "{message}");
    assert!(message.contains("snappy, zstd, gzip or uncompressed"), "{message}");
}

#[test]
fn a_mapped_column_that_stands_twice_is_refused() {
    let csv = "id,title,dept,price,stock,id\n1,a,d,1,,2\n";
    let tsv = csv.replace(',', "\t");
    for (name, text) in [("a.csv", csv), ("a.tsv", tsv.as_str())] {
        let (_folder, path) = write(name, text);
        let error = open_products(&path, &mapping()).err().expect("ambiguous");
        assert!(
            matches!(&error, IngestError::DuplicateColumn { column, n: 2, .. } if column == "id"),
            "{error}"
        );
    }
    // What is not read may be called anything, also nothing twice.
    let (_folder, path) = write("b.csv", "id,title,dept,price,stock,,,x,x\n1,a,d,1,,,,,\n");
    assert_eq!(products(&path).len(), 1);

    let (_folder, path) = write("a.parquet", "");
    let column = |value| array(StringArray::from(vec![value]));
    let columns = ["id", "title", "dept", "price", "stock", "id"];
    write_parquet(&path, columns.map(|name| (name, column("1"))).to_vec());
    let error = open_products(&path, &mapping()).err().expect("ambiguous");
    assert!(matches!(error, IngestError::DuplicateColumn { n: 2, .. }), "{error}");
}

#[test]
fn every_usual_compression_is_read() {
    use parquet::basic::{BrotliLevel, Compression, GzipLevel, ZstdLevel};
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    let text = |value: &str| array(StringArray::from(vec![value; 100]));
    for codec in [
        Compression::UNCOMPRESSED,
        Compression::SNAPPY,
        Compression::GZIP(GzipLevel::default()),
        Compression::BROTLI(BrotliLevel::default()),
        Compression::LZ4,
        Compression::LZ4_RAW,
        Compression::ZSTD(ZstdLevel::default()),
    ] {
        let values = ["7", "Teapot", "Kitchen", "12.50", "yes"];
        let columns = ["id", "title", "dept", "price", "stock"].into_iter().zip(values);
        write_parquet_with(
            &path,
            columns.map(|(name, value)| (name, text(value))).collect(),
            codec,
        );
        let rows = products(&path);
        assert_eq!(rows.len(), 100, "{codec}");
        let last = rows[99].record.as_ref().expect("readable");
        assert_eq!((last.title.as_str(), last.price_minor), ("Teapot", Some(1_250)), "{codec}");
    }
}

/// Memory that this process has had at most, in bytes.
#[cfg(target_os = "linux")]
fn peak_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("readable");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("a peak");
    let kilobytes = line.split_whitespace().nth(1).expect("a number");
    kilobytes.parse::<u64>().expect("a number") * 1_024
}

#[cfg(target_os = "linux")]
#[test]
fn one_long_value_of_a_dictionary_does_not_fill_the_memory() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    // 8,192 copies of 400 KB would be 3.3 GB.
    let long = "x".repeat(400_000);
    let n = 8_192;
    let text = |value: &str| array(StringArray::from_iter_values((0..n).map(|_| value)));
    let keys = arrow_array::Int32Array::from(vec![0; n]);
    let values = array(StringArray::from(vec![long.as_str()]));
    let titles = arrow_array::DictionaryArray::new(keys, values);
    let columns = vec![
        ("id", text("7")),
        ("title", array(titles)),
        ("dept", text("Kitchen")),
        ("price", text("1")),
        ("stock", text("yes")),
    ];
    let codec = parquet::basic::Compression::ZSTD(parquet::basic::ZstdLevel::default());
    write_parquet_with(&path, columns, codec);
    let size = std::fs::metadata(&path).expect("written").len();
    assert!(size < 1 << 20, "{size} bytes");
    let before = peak_memory();
    let mut n_read = 0;
    for row in open_products(&path, &mapping()).expect("opens") {
        let product = row.expect("no file error").record.expect("readable");
        assert_eq!(product.title.len(), long.len());
        n_read += 1;
    }
    assert_eq!(n_read, n);
    let grown = peak_memory() - before;
    assert!(grown < 400 << 20, "{grown} bytes more");
}

#[test]
fn a_nested_parquet_column_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.parquet");
    let inner = array(StringArray::from(vec!["x"]));
    let nested = arrow_array::StructArray::try_from(vec![("inner", inner)]).expect("a struct");
    let text = || array(StringArray::from(vec!["1"]));
    write_parquet(
        &path,
        vec![
            ("id", text()),
            ("title", array(nested)),
            ("dept", text()),
            ("price", text()),
            ("stock", text()),
        ],
    );
    assert!(matches!(
        open_products(&path, &mapping()),
        Err(IngestError::ColumnType { column, .. }) if column == "title"
    ));
}

#[test]
fn rules_leave_out_what_is_no_product() {
    let text = "id,title,dept,price,stock\n1,a,GIFT CARDS,1,\n2,b,Toys,1,\n";
    let (_folder, path) = write("a.csv", text);
    let excluded: Vec<bool> = products(&path)
        .iter()
        .map(|row| mapping().excludes(row.record.as_ref().expect("readable")))
        .collect();
    assert_eq!(excluded, [true, false]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]
    #[test]
    fn any_bytes_are_survived(
        noise in prop::collection::vec(
            prop_oneof![
                Just(b"\n".to_vec()), Just(b"\"".to_vec()), Just(b",".to_vec()),
                Just(b"\xff".to_vec()), Just(b"{\"id\":".to_vec()), Just(b"}".to_vec()),
                prop::collection::vec(any::<u8>(), 0..8),
            ],
            0..60,
        ),
        name in prop::sample::select(vec!["a.csv", "a.tsv", "a.jsonl", "a.parquet"]),
    ) {
        let header: &[u8] = match name {
            "a.csv" => b"id,title,dept,price,stock\n",
            "a.tsv" => b"id\ttitle\tdept\tprice\tstock\n",
            _ => b"",
        };
        let bytes = [header, &noise.concat()].concat();
        let (_folder, path) = write(name, &bytes);
        if let Ok(rows) = open_products(&path, &mapping()) {
            let lines: Vec<u64> = rows.map(|row| row.expect("no file error").line).collect();
            prop_assert!(lines.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", lines);
            prop_assert!(lines.len() <= bytes.len());
        }
    }
}
