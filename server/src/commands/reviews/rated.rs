//! Ratings that cards have from their reviews, because nothing else rates them; which cards these are
//! is in a file of the catalogue's folder, so that `vitrine compact` can work them out anew and leave
//! ratings of the feed alone.

use std::path::Path;

use anyhow::Result;
use vitrine_domain::{Item, ItemId, Rating};
use vitrine_wire::ReviewRow;

/// Its file in a catalogue's folder.
pub(crate) const RATED_FILE: &str = "rated_by_reviews.json";

/// Gives cards that nothing else rates the mean of their reviews' stars, and writes into the
/// catalogue's folder which these are.
///
/// # Errors
/// The disk refuses.
pub(in crate::commands) fn rate(
    items: &mut [Item],
    reviews: &[ReviewRow],
    folder: &Path,
) -> Result<()> {
    let mut rated: Vec<ItemId> = Vec::new();
    for item in items.iter_mut().filter(|item| item.rating.is_none()) {
        item.rating = mean_of(item.id, reviews);
        rated.extend(item.rating.map(|_| item.id));
    }
    rated.sort_unstable();
    Ok(vitrine_durable::write(&folder.join(RATED_FILE), &serde_json::to_vec(&rated)?)?)
}

/// Takes from cards the ratings that [`rate`] gave them, as the folder says; none where an older
/// Vitrine did not write which these are.
///
/// # Errors
/// The file is damaged.
pub(in crate::commands) fn unrate(items: &mut [Item], folder: &Path) -> Result<()> {
    if !folder.join(RATED_FILE).exists() {
        return Ok(());
    }
    let rated: Vec<ItemId> = serde_json::from_slice(&vitrine_durable::read(folder, RATED_FILE)?)?;
    for item in items.iter_mut().filter(|item| rated.binary_search(&item.id).is_ok()) {
        item.rating = None;
    }
    Ok(())
}

fn mean_of(id: ItemId, reviews: &[ReviewRow]) -> Option<Rating> {
    let at = reviews.binary_search_by_key(&id, |row| row.id).ok()?;
    Rating::of_stars(reviews[at].stars)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEAN: Rating = Rating { hundredths: 300, n: 2 };

    fn items(ratings: [Option<Rating>; 4]) -> [Item; 4] {
        std::array::from_fn(|at| Item {
            id: ItemId(at as u64 + 1),
            rating: ratings[at],
            ..Item::default()
        })
    }

    #[test]
    fn a_feeds_own_rating_stays_even_where_it_is_the_mean_of_the_reviews() {
        let folder = tempfile::tempdir().expect("a folder");
        let own = Rating { hundredths: 480, n: 900 };
        let mut items = items([Some(own), None, Some(MEAN), None]);
        let row = |id| ReviewRow { id: ItemId(id), stars: [1, 0, 0, 0, 1], ..ReviewRow::default() };
        rate(&mut items, &[row(1), row(2), row(3)], folder.path()).expect("written");
        let ratings = |items: &[Item; 4]| items.each_ref().map(|item| item.rating);
        assert_eq!(ratings(&items), [Some(own), Some(MEAN), Some(MEAN), None]);
        unrate(&mut items, folder.path()).expect("read");
        assert_eq!(ratings(&items), [Some(own), None, Some(MEAN), None]);
    }

    #[test]
    fn without_the_file_all_ratings_stay() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut items = items([Some(MEAN), None, None, None]);
        unrate(&mut items, folder.path()).expect("nothing to read");
        assert_eq!(items[0].rating, Some(MEAN));
    }
}
