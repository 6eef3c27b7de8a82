//! Pictures that deserve a look: of another category than their card's, or on several cards.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use vitrine_domain::Item;
use vitrine_encoder::image::{
    NEAR_DUPLICATE_COSINE, PICTURES_COMPARED_MAX, WRONG_PICTURE_MARGIN, picture_fits,
    repeated_pictures,
};
use vitrine_pictures::PictureHash;
use vitrine_studio_api::{PictureGap, PictureReport, RepeatedPicture, WrongPicture};

use crate::signals::Stop;

/// What was found out about the pictures, in a catalogue's folder.
pub const PICTURE_REPORT_FILE: &str = "pictures.json";
/// Most wrong pictures, and most repeated ones, that are told.
const TOLD_MAX: usize = 200;
/// Cards named of one repeated picture.
const NAMED_MAX: usize = 12;
/// Pictures times categories up to which categories are compared: some minutes on two cores.
const JUDGED_MAX: usize = 1_000_000;
const SEED: u64 = 1;

/// A card with the vector and the hash of its picture.
type Seen<'a> = (&'a Item, &'a [f32], PictureHash);

/// The first of what was found, how many there are, and what was not looked for.
struct ToldPictures<T> {
    told: Vec<T>,
    n_found: usize,
    gap: Option<PictureGap>,
}

/// What is to be said of some pictures.
pub(super) fn report(seen: &[Seen<'_>], stop: &Stop) -> Result<PictureReport> {
    let wrong = wrong(seen, stop)?;
    let repeated = repeated(seen, PICTURES_COMPARED_MAX, stop)?;
    let missing: Vec<PictureGap> = wrong.gap.into_iter().chain(repeated.gap).collect();
    missing.iter().copied().for_each(log_gap);
    if wrong.n_found + repeated.n_found > 0 {
        tracing::warn!(
            of_another_category = wrong.n_found,
            on_several_cards = repeated.n_found,
            "pictures that deserve a look: {} in the catalogue's folder, or the Studio",
            PICTURE_REPORT_FILE
        );
    }
    Ok(PictureReport {
        n_seen: seen.len() as u32,
        missing,
        n_wrong: wrong.n_found as u32,
        wrong: wrong.told,
        n_repeated: repeated.n_found as u32,
        repeated: repeated.told,
    })
}

/// Says in the log what is not looked for.
pub(super) fn log_gap(gap: PictureGap) {
    let words = match gap {
        PictureGap::NoNetwork => {
            "the network that looks at pictures is not here: `vitrine fetch --model \
             efficientnet-lite0` gets it, the next import uses it"
        }
        PictureGap::FewPictures { .. } => "there are too few pictures",
        PictureGap::FewCategories => "pictures are in fewer than two categories",
        PictureGap::ManyCategories { .. } => {
            "there are too many to be compared with their categories"
        }
        PictureGap::ManyPictures { .. } => "there are too many to be compared with each other",
        _ => "",
    };
    tracing::info!(?gap, "pictures are not compared: {words}");
}

fn wrong(seen: &[Seen<'_>], stop: &Stop) -> Result<ToldPictures<WrongPicture>> {
    let without = |gap| ToldPictures { told: Vec::new(), n_found: 0, gap: Some(gap) };
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let with_category: Vec<&Seen<'_>> =
        seen.iter().filter(|(item, ..)| !item.category.is_empty()).collect();
    for (item, ..) in &with_category {
        let next = numbers.len() as u32;
        numbers.entry(&item.category).or_insert(next);
    }
    if numbers.len() < 2 {
        return Ok(without(PictureGap::FewCategories));
    }
    if with_category.len() * numbers.len() > JUDGED_MAX {
        return Ok(without(PictureGap::ManyCategories {
            n_pictures: with_category.len() as u32,
            n_categories: numbers.len() as u32,
        }));
    }
    let names: HashMap<u32, &str> = numbers.iter().map(|(name, number)| (*number, *name)).collect();
    let categories: Vec<u32> =
        with_category.iter().map(|(item, ..)| numbers[item.category.as_str()]).collect();
    let vectors: Vec<f32> =
        with_category.iter().flat_map(|(_, vector, _)| vector.iter().copied()).collect();
    let mut fits = picture_fits(&vectors, &categories, SEED, stop)?;
    fits.retain(|fit| fit.margin > WRONG_PICTURE_MARGIN);
    let told = fits.iter().take(TOLD_MAX).map(|fit| {
        let (item, ..) = with_category[fit.item as usize];
        WrongPicture {
            id: item.id,
            title: item.title.clone(),
            category: item.category.clone(),
            looks_like: names[&fit.looks_like].to_owned(),
            margin: fit.margin,
        }
    });
    Ok(ToldPictures { told: told.collect(), n_found: fits.len(), gap: None })
}

/// Groups of cards with all but the same picture; of more than `n_compared_max` different files, with
/// the very same file.
fn repeated(
    seen: &[Seen<'_>],
    n_compared_max: usize,
    stop: &Stop,
) -> Result<ToldPictures<RepeatedPicture>> {
    let mut by_file: BTreeMap<PictureHash, Vec<usize>> = BTreeMap::new();
    for (at, (.., hash)) in seen.iter().enumerate() {
        by_file.entry(*hash).or_default().push(at);
    }
    let mut groups: Vec<Vec<usize>> = by_file.into_values().collect();
    let gap = (groups.len() > n_compared_max).then(|| PictureGap::ManyPictures {
        n_pictures: groups.len() as u32,
        n_pictures_max: n_compared_max as u32,
    });
    if gap.is_none() {
        let vectors: Vec<f32> =
            groups.iter().flat_map(|group| seen[group[0]].1.iter().copied()).collect();
        for alike in repeated_pictures(&vectors, NEAR_DUPLICATE_COSINE, stop)? {
            let all = alike.iter().flat_map(|&at| std::mem::take(&mut groups[at as usize]));
            let all: Vec<usize> = all.collect();
            groups[alike[0] as usize] = all;
        }
    }
    let mut repeated = groups;
    repeated.retain(|all| all.len() > 1);
    repeated.iter_mut().for_each(|all| all.sort_unstable());
    repeated.sort_by_key(|all| (Reverse(all.len()), all[0]));
    let n_found = repeated.len();
    repeated.truncate(TOLD_MAX);
    let told = |all: Vec<usize>| RepeatedPicture {
        n_cards: all.len() as u32,
        cards: all
            .iter()
            .take(NAMED_MAX)
            .map(|&at| (seen[at].0.id, seen[at].0.title.clone()))
            .collect(),
    };
    Ok(ToldPictures { told: repeated.into_iter().map(told).collect(), n_found, gap })
}

#[cfg(test)]
mod tests {
    use vitrine_domain::ItemId;
    use vitrine_encoder::image::PICTURE_DIM;

    use super::*;

    fn item(id: u64, category: &str) -> Item {
        let title = format!("{category} {id}");
        Item { id: ItemId(id), title, category: category.to_owned(), ..Item::default() }
    }

    /// A unit vector about one of some corners.
    fn vector(corner: usize, at: usize) -> Vec<f32> {
        let mut vector = vec![0.0; PICTURE_DIM];
        vector[corner * 16..][..16].fill(0.95 / 4.0);
        vector[100 + at] = 0.3122;
        vector
    }

    #[test]
    fn a_shoe_among_dresses_and_one_picture_on_two_cards_are_told() {
        let items: Vec<Item> =
            (0..1_000).map(|n| item(n, ["Dresses", "Shoes"][n as usize % 2])).collect();
        let vectors: Vec<Vec<f32>> = (0..1_000)
            .map(|n| match n {
                // A dress with the picture of a shoe, and a copy of another's picture.
                10 => vector(1, 10),
                30 => vector(0, 20),
                n => vector(n % 2, n),
            })
            .collect();
        let hash = |n: usize| [(n / 256) as u8, n as u8].repeat(16).try_into().unwrap();
        let seen: Vec<Seen<'_>> =
            (0..1_000).map(|n| (&items[n], &vectors[n][..], PictureHash(hash(n)))).collect();
        let report = report(&seen, &Stop::default()).unwrap();
        assert!(report.n_seen == 1_000 && report.missing.is_empty());
        let wrong = &report.wrong[0];
        assert_eq!((wrong.id, wrong.looks_like.as_str()), (ItemId(10), "Shoes"));
        let cards: Vec<u64> = report.repeated[0].cards.iter().map(|(id, _)| id.0).collect();
        assert_eq!((report.n_wrong as usize, report.n_repeated), (report.wrong.len(), 1));
        assert_eq!((report.repeated.len(), report.repeated[0].n_cards), (1, 2));
        assert_eq!(cards, [20, 30]);
    }

    #[test]
    fn one_file_on_many_cards_is_one_group() {
        let items: Vec<Item> = (0..20).map(|n| item(n, "")).collect();
        let vectors: Vec<Vec<f32>> = (0..20).map(|n| vector(n % 2, n.min(5))).collect();
        let seen: Vec<Seen<'_>> = (0..20)
            .map(|n| (&items[n], &vectors[n][..], PictureHash([n.min(5) as u8; 32])))
            .collect();
        let report = report(&seen, &Stop::default()).unwrap();
        assert!(report.wrong.is_empty());
        assert_eq!(report.missing, [PictureGap::FewCategories]);
        assert_eq!((report.n_repeated, report.repeated[0].n_cards), (1, 15));
        assert_eq!(report.repeated[0].cards.len(), NAMED_MAX);
    }

    #[test]
    fn of_more_pairs_than_are_told_all_are_counted() {
        let n_pairs = TOLD_MAX + 7;
        let items: Vec<Item> = (0..2 * n_pairs as u64).map(|n| item(n, "")).collect();
        let vectors: Vec<Vec<f32>> = (0..n_pairs).map(|n| vector(n % 2, n)).collect();
        let seen: Vec<Seen<'_>> = (0..2 * n_pairs)
            .map(|n| {
                let hash = PictureHash([(n / 256) as u8, n as u8].repeat(16).try_into().unwrap());
                (&items[n], &vectors[n / 2][..], hash)
            })
            .collect();
        let found = repeated(&seen, n_pairs * 2, &Stop::default()).unwrap();
        assert_eq!((found.told.len(), found.n_found, found.gap), (TOLD_MAX, n_pairs, None));

        let found = repeated(&seen, n_pairs * 2 - 1, &Stop::default()).unwrap();
        let (n_pictures, n_pictures_max) = (2 * n_pairs as u32, 2 * n_pairs as u32 - 1);
        assert_eq!(found.gap, Some(PictureGap::ManyPictures { n_pictures, n_pictures_max }));
        assert!(found.told.is_empty());
    }
}
