//! Titles of real rows of the journey feed, each output read by eye.

use vitrine_quality::titles::{Readable, Titles, Vocabulary};

fn rows() -> Vec<[&'static str; 6]> {
    include_str!("titles.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<&str> = line.split('\t').collect();
            columns.try_into().expect("six columns")
        })
        .collect()
}

#[test]
fn real_rows_read_as_they_did() {
    let rows = rows();
    assert!(rows.len() >= 100, "{} rows", rows.len());
    let titles = Titles::new(Vocabulary::learn(rows.iter().map(|row| row[2])));
    let differences: Vec<_> = rows
        .iter()
        .filter_map(|[raw_department, raw_category, raw, department, category, title]| {
            let read = titles.readable(raw, raw_category, raw_department);
            let want = Readable {
                title: (*title).to_owned(),
                department: (*department).to_owned(),
                category: (*category).to_owned(),
            };
            (read != want).then_some((raw, read, want))
        })
        .collect();
    assert!(differences.is_empty(), "{differences:#?}");
}

#[test]
fn no_real_title_is_shouted_cut_or_blank() {
    let rows = rows();
    let titles = Titles::new(Vocabulary::learn(rows.iter().map(|row| row[2])));
    for [department, category, title, ..] in &rows {
        let read = titles.readable(title, category, department);
        assert!(read.title.contains(char::is_lowercase), "{title}: {}", read.title);
        assert_eq!(read.title.matches('(').count(), read.title.matches(')').count(), "{title}");
        assert_eq!(read.title.trim(), read.title);
        assert!(!read.title.contains("  ") && !read.title.is_empty(), "{title}");
    }
}
