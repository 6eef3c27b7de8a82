//! Pictures that deserve a look: of another category than their card's, or on several cards.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use vitrine_domain::Item;
use vitrine_encoder::image::{
    NEAR_DUPLICATE_COSINE, PICTURE_DIM, WRONG_PICTURE_MARGIN, near_duplicate_pictures, picture_fits,
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

/// What is to be said of some pictures.
pub(super) fn report(seen: &[Seen<'_>], stop: &Stop) -> Result<PictureReport> {
    let (wrong, gap) = wrong(seen, stop)?;
    let repeated = repeated(seen, stop)?;
    let n_seen = seen.len() as u32;
    let missing: Vec<PictureGap> = gap.into_iter().collect();
    missing.iter().copied().for_each(log_gap);
    if !wrong.is_empty() || !repeated.is_empty() {
        tracing::warn!(
            of_another_category = wrong.len(),
            on_several_cards = repeated.len(),
            "pictures that deserve a look: {} in the catalogue's folder, or the Studio",
            PICTURE_REPORT_FILE
        );
    }
    Ok(PictureReport { n_seen, missing, wrong, repeated })
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
        _ => "",
    };
    tracing::info!(?gap, "pictures are not compared: {words}");
}

fn wrong(seen: &[Seen<'_>], stop: &Stop) -> Result<(Vec<WrongPicture>, Option<PictureGap>)> {
    let mut numbers: BTreeMap<&str, u32> = BTreeMap::new();
    let with_category: Vec<&Seen<'_>> =
        seen.iter().filter(|(item, ..)| !item.category.is_empty()).collect();
    for (item, ..) in &with_category {
        let next = numbers.len() as u32;
        numbers.entry(&item.category).or_insert(next);
    }
    if numbers.len() < 2 {
        return Ok((Vec::new(), Some(PictureGap::FewCategories)));
    }
    if with_category.len() * numbers.len() > JUDGED_MAX {
        let gap = PictureGap::ManyCategories {
            n_pictures: with_category.len() as u32,
            n_categories: numbers.len() as u32,
        };
        return Ok((Vec::new(), Some(gap)));
    }
    let names: HashMap<u32, &str> = numbers.iter().map(|(name, number)| (*number, *name)).collect();
    let categories: Vec<u32> =
        with_category.iter().map(|(item, ..)| numbers[item.category.as_str()]).collect();
    let vectors: Vec<f32> =
        with_category.iter().flat_map(|(_, vector, _)| vector.iter().copied()).collect();
    let fits = picture_fits(&vectors, &categories, SEED, stop)?;
    let worst = fits.into_iter().take_while(|fit| fit.margin > WRONG_PICTURE_MARGIN).take(TOLD_MAX);
    let wrong = worst.map(|fit| {
        let (item, ..) = with_category[fit.item as usize];
        WrongPicture {
            id: item.id,
            title: item.title.clone(),
            category: item.category.clone(),
            looks_like: names[&fit.looks_like].to_owned(),
            margin: fit.margin,
        }
    });
    Ok((wrong.collect(), None))
}

/// Groups of cards with all but the same picture: those that are linked by pairs.
fn repeated(seen: &[Seen<'_>], stop: &Stop) -> Result<Vec<RepeatedPicture>> {
    let mut groups: BTreeMap<PictureHash, Vec<usize>> = BTreeMap::new();
    for (at, (.., hash)) in seen.iter().enumerate() {
        groups.entry(*hash).or_default().push(at);
    }
    let groups: Vec<Vec<usize>> = groups.into_values().collect();
    let vectors: Vec<f32> =
        groups.iter().flat_map(|group| seen[group[0]].1.iter().copied()).collect();
    let pairs = near_duplicate_pictures(&vectors, NEAR_DUPLICATE_COSINE, stop)?;
    debug_assert_eq!(vectors.len(), groups.len() * PICTURE_DIM);
    // The least number of those that are linked stands for all of them.
    let mut first: Vec<usize> = (0..groups.len()).collect();
    fn root(first: &[usize], mut at: usize) -> usize {
        while first[at] != at {
            at = first[at];
        }
        at
    }
    for pair in pairs {
        let (a, b) = (root(&first, pair.first as usize), root(&first, pair.second as usize));
        first[a.max(b)] = a.min(b);
    }
    let mut linked: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        linked.entry(root(&first, at)).or_default().extend(group);
    }
    let mut repeated: Vec<Vec<usize>> = linked.into_values().filter(|all| all.len() > 1).collect();
    repeated.iter_mut().for_each(|all| all.sort_unstable());
    repeated.sort_by_key(|all| (Reverse(all.len()), all[0]));
    repeated.truncate(TOLD_MAX);
    let told = |all: Vec<usize>| RepeatedPicture {
        n_cards: all.len() as u32,
        cards: all
            .iter()
            .take(NAMED_MAX)
            .map(|&at| (seen[at].0.id, seen[at].0.title.clone()))
            .collect(),
    };
    Ok(repeated.into_iter().map(told).collect())
}

#[cfg(test)]
mod tests {
    use vitrine_domain::ItemId;

    use super::*;

    fn item(id: u64, category: &str) -> Item {
        let title = format!("{category} {id}");
        Item { id: ItemId(id), title, category: category.to_owned(), ..Item::default() }
    }

    /// A unit vector about one of some corners.
    fn vector(corner: usize, at: usize) -> Vec<f32> {
        let mut vector = vec![0.0; PICTURE_DIM];
        (vector[corner], vector[100 + at]) = (0.8, 0.6);
        vector
    }

    #[test]
    fn a_shoe_among_dresses_and_one_picture_on_two_cards_are_told() {
        let items: Vec<Item> =
            (0..60).map(|n| item(n, ["Dresses", "Shoes"][n as usize % 2])).collect();
        let vectors: Vec<Vec<f32>> = (0..60)
            .map(|n| match n {
                // A dress with the picture of a shoe, and a copy of another's picture.
                10 => vector(1, 10),
                30 => vector(0, 20),
                n => vector(n % 2, n),
            })
            .collect();
        let seen: Vec<Seen<'_>> =
            (0..60).map(|n| (&items[n], &vectors[n][..], PictureHash([n as u8; 32]))).collect();
        let report = report(&seen, &Stop::default()).unwrap();
        assert!(report.n_seen == 60 && report.missing.is_empty());
        let wrong = &report.wrong[0];
        assert_eq!((wrong.id, wrong.looks_like.as_str()), (ItemId(10), "Shoes"));
        let cards: Vec<u64> = report.repeated[0].cards.iter().map(|(id, _)| id.0).collect();
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
        assert_eq!(report.repeated[0].n_cards, 15);
        assert_eq!(report.repeated[0].cards.len(), NAMED_MAX);
    }
}
