//! Pictures of a catalogue that do not look like the category of their item.

use std::sync::atomic::AtomicBool;

use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use vitrine_optim::shuffled;
use vitrine_vision::PICTURE_DIM;

use super::categories::check;
use super::{ImageError, PictureCategories};

/// Parts of the catalogue, each of which is judged by what the others show.
const FOLDS: usize = 5;

/// How an item's picture fits its category.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PictureFit {
    /// Number of the item.
    pub item: u32,
    /// The category that its picture looks most like, besides its own.
    pub looks_like: u32,
    /// Log of how many times as probable that category is as the item's own: above 0 it looks
    /// more like the other, above [`WRONG_PICTURE_MARGIN`] it is probably a wrong picture.
    pub margin: f32,
}

/// Margin above which a picture is reported. On photographs of garments in ten classes nine of
/// ten that are above it are wrong where 2 to 5 of a hundred are.
pub const WRONG_PICTURE_MARGIN: f32 = 4.0;

/// Fewest pictures of a category that are judged, or are taken for what others look like.
pub const CATEGORY_PICTURES_MIN: usize = 10;

/// How well each picture fits the category that its item's text says, worst first. Each fifth
/// of the items is judged by a classifier that the others have taught, so that a wrong picture is
/// not learned from before it is judged. Items without a picture are left out, and those of a
/// category with fewer than [`CATEGORY_PICTURES_MIN`] of them, which says too little of how it looks.
///
/// # Shapes
/// `vectors` \[n, 1280\] of norm 1 or zero; `categories` \[n\], numbers from 0.
///
/// # Errors
/// As [`PictureCategories::fit`].
pub fn picture_fits(
    vectors: &[f32],
    categories: &[u32],
    seed: u64,
    cancel: &AtomicBool,
) -> Result<Vec<PictureFit>, ImageError> {
    check(vectors, categories)?;
    let row = |at: usize| &vectors[at * PICTURE_DIM..][..PICTURE_DIM];
    let mut there = shuffled(categories.len(), &mut SmallRng::seed_from_u64(seed));
    there.retain(|at| row(*at).iter().any(|x| *x != 0.0));
    let mut n_pictures = vec![0usize; categories.iter().max().map_or(0, |most| *most as usize + 1)];
    there.iter().for_each(|at| n_pictures[categories[*at] as usize] += 1);
    let is_known = |category: usize| n_pictures[category] >= CATEGORY_PICTURES_MIN;
    there.retain(|at| is_known(categories[*at] as usize));
    let mut fits = Vec::with_capacity(there.len());
    for fold in 0..FOLDS {
        let is_judged = |place: &usize| place % FOLDS == fold;
        let others: Vec<usize> =
            (0..there.len()).filter(|place| !is_judged(place)).map(|place| there[place]).collect();
        if others.is_empty() {
            continue;
        }
        let taught = PictureCategories::fit(vectors, categories, &others, seed, cancel)?;
        for item in (0..there.len()).filter(is_judged).map(|place| there[place]) {
            let own = categories[item] as usize;
            let probabilities = taught.log_probabilities(row(item));
            let other = (0..probabilities.len())
                .filter(|category| *category != own && is_known(*category))
                .max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]).then(b.cmp(a)));
            let Some(other) = other else { continue };
            let margin = probabilities[other] - probabilities[own];
            fits.push(PictureFit { item: item as u32, looks_like: other as u32, margin });
        }
    }
    fits.sort_by(|a, b| b.margin.total_cmp(&a.margin).then(a.item.cmp(&b.item)));
    Ok(fits)
}

#[cfg(test)]
mod tests {
    use rand::Rng as _;

    use super::*;
    use crate::lanes::dot;

    static NEVER: AtomicBool = AtomicBool::new(false);

    /// Unit vectors about three corners, in turn.
    fn vectors(n: usize, seed: u64) -> Vec<f32> {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut row = |at: usize| {
            let mut row: Vec<f32> =
                (0..PICTURE_DIM).map(|_| rng.random_range(-0.01..0.01)).collect();
            row[at % 3] += 0.5;
            let norm = dot(&row, &row).sqrt();
            row.into_iter().map(|x| x / norm).collect::<Vec<f32>>()
        };
        (0..n).flat_map(&mut row).collect()
    }

    #[test]
    fn a_category_of_few_pictures_is_not_judged() {
        let vectors = vectors(93, 4);
        // The last three are a category of their own.
        let categories: Vec<u32> = (0..93).map(|at| if at < 90 { at % 3 } else { 3 }).collect();
        let fits = picture_fits(&vectors, &categories, 1, &NEVER).unwrap();
        assert_eq!(fits.len(), 90);
        assert!(fits.iter().all(|fit| fit.item < 90 && fit.looks_like < 3));
    }

    #[test]
    fn a_picture_of_another_category_fits_worst() {
        let mut vectors = vectors(90, 2);
        let categories: Vec<u32> = (0..90).map(|at| at % 3).collect();
        // A picture of category 1 on an item of category 0, and an item without one.
        vectors.copy_within(4 * PICTURE_DIM..5 * PICTURE_DIM, 30 * PICTURE_DIM);
        vectors[..PICTURE_DIM].fill(0.0);
        let fits = picture_fits(&vectors, &categories, 1, &NEVER).unwrap();
        assert_eq!(fits.len(), 89);
        assert_eq!((fits[0].item, fits[0].looks_like), (30, 1));
        assert!(fits[0].margin > 0.0 && fits[1].margin < 0.0, "{:?}", &fits[..2]);
        assert_eq!(fits, picture_fits(&vectors, &categories, 1, &NEVER).unwrap());
        assert!(picture_fits(&vectors, &categories[1..], 1, &NEVER).is_err());
        assert!(picture_fits(&[], &[], 1, &NEVER).unwrap().is_empty());
    }
}
