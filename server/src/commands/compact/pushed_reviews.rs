//! Reviews of a compacted catalogue: those of the last import's feed with those that were pushed.

use anyhow::{Context, Result};
use vitrine_catalogue::LoggedReview;
use vitrine_domain::Item;
use vitrine_quality::{PublishedProducts, Quarantine, SourceSummary, Summary};
use vitrine_wire::ReviewRow;

use crate::catalogue;
use crate::commands::reviews::{self, ReviewFeed, ReviewReading};
use crate::retention::PUSHED_QUARANTINE_FILE;

/// What is published of reviews: those of the feed as the import kept them, and those that were
/// pushed; as it was where none was.
pub(super) fn read(
    reading: &ReviewReading<'_>,
    before: Vec<ReviewRow>,
    items: &[Item],
    pushed: &[LoggedReview],
) -> Result<Vec<ReviewRow>> {
    if pushed.is_empty() {
        return Ok(before);
    }
    let feed = match reviews::load_of_feed(reading.staging)? {
        Some(of_feed) => ReviewFeed::Stored(of_feed),
        None if before.is_empty() => ReviewFeed::None,
        None => {
            tracing::warn!("pushed reviews wait for an import: the last one kept none of its feed");
            return Ok(before);
        }
    };
    let mut quarantine = Quarantine::create(&reading.staging.join(PUSHED_QUARANTINE_FILE))?;
    let mut counted = Summary::default();
    let products = PublishedProducts::of(items);
    let files = (&mut quarantine, &mut counted);
    let rows = reviews::read(reading, (feed, pushed), &products, files)?;
    quarantine.finish()?;
    let mut summary = match reading.staging.join(catalogue::SUMMARY_FILE).exists() {
        true => vitrine_durable::read(reading.staging, catalogue::SUMMARY_FILE)?,
        false => serde_json::to_vec(&Summary::default())?,
    };
    summary = with_pushed_reviews(&summary, counted)?;
    vitrine_durable::write(&reading.staging.join(catalogue::SUMMARY_FILE), &summary)?;
    Ok(rows)
}

/// The summary of an import with the newest count of pushed reviews.
fn with_pushed_reviews(summary: &[u8], counted: Summary) -> Result<Vec<u8>> {
    let mut summary: Summary = serde_json::from_slice(summary).context(catalogue::SUMMARY_FILE)?;
    let is_pushed = |source: &SourceSummary| source.name == reviews::PUSHED_REVIEWS;
    summary.sources.retain(|source| !is_pushed(source));
    summary.sources.extend(counted.sources.into_iter().filter(is_pushed));
    serde_json::to_vec_pretty(&summary).context("encoding the summary")
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use vitrine_catalogue::{ReviewContent, ReviewTime};
    use vitrine_domain::{ItemId, Rating, Variant};
    use vitrine_encoder::ModelFiles;
    use vitrine_ingest::Mapping;
    use vitrine_studio_api::ReviewReport;

    use super::*;
    use crate::commands::compact::keep_files;
    use crate::settings::ServerSettings;
    use crate::signals::Stop;

    const MAPPING: &str = "name = 'x'\ncurrency = 'EUR'\n[products]\nsku = 'id'\n[reviews]\n\
        sku = 'product'\nrating = 'stars'\ntext = 'body'\nauthor = 'who'\n";
    const FEED: &str = "product,stars,body,who\n1,5,Soft and warm.,ann\n1,4,Fits well.,ben\n\
        2,1,The zip broke after a week.,cem\n2,5,Cheaper at www.bags.example today!,dee\n";

    fn items() -> Vec<Item> {
        let item = |(id, sku): (u64, &str)| Item {
            id: ItemId(id),
            title: format!("Article {sku}"),
            category: "Bags".to_owned(),
            variants: vec![Variant { sku: sku.to_owned(), ..Variant::default() }],
            ..Item::default()
        };
        [(10, "1"), (20, "2"), (30, "3")].map(item).into()
    }

    fn pushed(review: &str, content: Option<(&str, f64, &str)>) -> LoggedReview {
        let content = content.map(|(sku, stars, text)| ReviewContent {
            sku: sku.to_owned(),
            stars,
            title: String::new(),
            text: text.to_owned(),
            helpful: 0,
            time: Some(ReviewTime::Day(20_000)),
            verified: true,
        });
        LoggedReview { review: review.to_owned(), content }
    }

    /// Reads in a folder, which is made.
    fn in_folder<T>(staging: &Path, work: impl FnOnce(&ReviewReading<'_>) -> T) -> T {
        fs::create_dir_all(staging).expect("a folder");
        let (settings, stop) = (ServerSettings::in_folder(staging), Stop::default());
        let model = ModelFiles { dir: staging.to_owned(), adapter: None };
        work(&ReviewReading { settings: &settings, model: &model, staging, stop: &stop })
    }

    /// An import of the feed alone.
    fn imported(folder: &Path) -> Vec<ReviewRow> {
        let file = folder.join("feed.csv");
        fs::write(&file, FEED).expect("written");
        let mapping = Mapping::from_toml(MAPPING).expect("a mapping");
        let items = items();
        in_folder(&folder.join("import"), |reading| {
            let path = reading.staging.join("quarantine.jsonl");
            let mut quarantine = Quarantine::create(&path).expect("created");
            let mut summary = Summary::default();
            let files = (&mut quarantine, &mut summary);
            let feed = (ReviewFeed::File(&file, &mapping), &[][..]);
            let rows = reviews::read(reading, feed, &PublishedProducts::of(&items), files);
            let json = serde_json::to_vec(&summary).expect("encoded");
            fs::write(reading.staging.join(catalogue::SUMMARY_FILE), json).expect("written");
            rows.expect("read")
        })
    }

    #[test]
    fn pushed_reviews_join_those_that_the_import_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let before = imported(folder.path());
        let stars = |rows: &[ReviewRow]| -> Vec<(u64, [u32; 5])> {
            rows.iter().map(|row| (row.id.0, row.stars)).collect()
        };
        assert_eq!(stars(&before), [(10, [0, 0, 0, 1, 1]), (20, [1, 0, 0, 0, 0])]);
        let reviews = [
            pushed("a", Some(("2", 5.0, "Mine holds up well."))),
            pushed("b", None),
            pushed("c", Some(("3", 3.0, "It is what it says."))),
            pushed("d", Some(("9", 5.0, "Of a product that nobody sells."))),
            pushed("e", Some(("2", 5.0, "Call +49 170 1234567 for a better one."))),
        ];
        let mut items = items();
        items[0].rating = Some(Rating { hundredths: 480, n: 900 });
        reviews::rate(&mut items, &before, &folder.path().join("import")).expect("written");
        let ratings = |items: &[Item]| -> Vec<Option<(u16, u32)>> {
            items.iter().map(|item| item.rating.map(|of| (of.hundredths, of.n))).collect()
        };
        let after_import = ratings(&items);
        let compacted = |names: [&str; 2], items: &mut Vec<Item>, pushed: &[LoggedReview]| {
            let [from, to] = names.map(|name| folder.path().join(name));
            in_folder(&to, |reading| {
                keep_files(&from, reading.staging).expect("kept");
                reviews::unrate(items, reading.staging).expect("read");
                let rows = read(reading, before.clone(), items, pushed).expect("read");
                reviews::rate(items, &rows, reading.staging).expect("written");
                rows
            })
        };
        let rows = compacted(["import", "first"], &mut items, &reviews);
        let expected = [(10, [0, 0, 0, 1, 1]), (20, [1, 0, 0, 0, 1]), (30, [0, 0, 1, 0, 0])];
        assert_eq!(stars(&rows), expected);
        assert_eq!(ratings(&items), [Some((480, 900)), Some((300, 2)), Some((300, 1))]);

        let first = folder.path().join("first");
        let apart = fs::read_to_string(first.join(PUSHED_QUARANTINE_FILE)).expect("a quarantine");
        assert_eq!(apart.lines().count(), 2, "{apart}");
        assert!(apart.contains("unknown_product") && apart.contains("review-phone"), "{apart}");
        let json = fs::read(first.join(catalogue::SUMMARY_FILE)).expect("a summary");
        let summary: Summary = serde_json::from_slice(&json).expect("readable");
        let counts: Vec<(&str, u64, u64)> =
            summary.sources.iter().map(|of| (of.name.as_str(), of.read, of.kept)).collect();
        assert_eq!(counts, [("feed.csv", 4, 3), (reviews::PUSHED_REVIEWS, 4, 2)]);
        let json = fs::read(first.join(catalogue::REVIEW_REPORT_FILE)).expect("a report");
        let report: ReviewReport = serde_json::from_slice(&json).expect("readable");
        assert_eq!((report.n_reviews, report.n_dated), (5, 2));

        // Taken away again, the catalogue is as after the import; nobody's name is in any file.
        let gone: Vec<LoggedReview> =
            reviews.iter().map(|review| pushed(&review.review, None)).collect();
        let rows = compacted(["first", "second"], &mut items, &gone);
        assert_eq!((stars(&rows), ratings(&items)), (stars(&before), after_import));
        for name in ["import", "first", "second"] {
            for entry in fs::read_dir(folder.path().join(name)).expect("a folder") {
                let bytes = fs::read(entry.expect("a file").path()).expect("readable");
                for author in [&b"ann"[..], b"ben", b"cem", b"dee"] {
                    assert!(!bytes.windows(3).any(|window| window == author), "{name}");
                }
            }
        }
    }

    #[test]
    fn without_pushed_reviews_and_without_those_of_the_feed_what_was_published_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let row = ReviewRow { id: ItemId(10), stars: [0, 0, 0, 0, 2], ..ReviewRow::default() };
        let items = items();
        let review = [pushed("a", Some(("2", 5.0, "Mine holds up well.")))];
        let rows = in_folder(folder.path(), |reading| {
            let of = |pushed: &[LoggedReview]| {
                read(reading, vec![row.clone()], &items, pushed).expect("read")
            };
            [of(&[]), of(&review)]
        });
        assert_eq!(rows, [vec![row.clone()], vec![row]]);
    }
}
