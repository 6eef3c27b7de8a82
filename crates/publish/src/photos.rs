//! Which of the shop's own pictures are published, and what cards call them.
//!
//! Everyone fetches the same pictures in the same order, whatever they look at. So they
//! have to fit a budget: the main pictures of all cards come first, then the same larger,
//! then what else cards show; within each, the most popular cards first.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use vitrine_domain::published_count;
use vitrine_wire::shard::PHOTOS_MAX;
use vitrine_wire::{PhotoRow, content_hash};

use crate::CatalogueInput;
use crate::rows::ThumbnailEntry;

/// Bytes of pictures that one catalogue publishes, of all sizes.
pub const PHOTO_BYTES_IN_ALL_MAX: usize = 8 << 20;

/// A picture of the shop's own, in the sizes that are published. One without bytes is known
/// by its placeholder alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PhotoInput {
    /// At most 96 pixels wide and high, in WebP.
    pub thumbnail: Vec<u8>,
    /// At most 320 pixels wide and high, in WebP.
    pub photo: Vec<u8>,
    /// Its ThumbHash.
    pub placeholder: Vec<u8>,
}

/// What is published of the pictures.
pub(crate) struct Photos {
    /// What cards call each picture, `[photos.len()]`.
    ids: Vec<u32>,
    /// Which are published with 96 pixels, and which with 320.
    small: Vec<bool>,
    large: Vec<bool>,
    /// Pictures of each card that are published, by index.
    of_cards: Vec<Vec<usize>>,
}

impl Photos {
    /// Spends the budget.
    pub(crate) fn choose(input: &CatalogueInput<'_>) -> Self {
        let photos = input.photos;
        let mut chosen = Self {
            ids: ids(photos),
            small: vec![false; photos.len()],
            large: vec![false; photos.len()],
            of_cards: Vec::new(),
        };
        let mut order: Vec<usize> = (0..input.photos_of.len()).collect();
        order.sort_by_key(|&idx| {
            (Reverse(published_count(input.n_buyers[idx])), input.items[idx].id)
        });
        let shown =
            |idx: &usize| &input.photos_of[*idx][..input.photos_of[*idx].len().min(PHOTOS_MAX)];
        let main = || order.iter().filter_map(|idx| shown(idx).first());
        let others = order.iter().flat_map(|idx| shown(idx).iter().skip(1));
        let mut left = PHOTO_BYTES_IN_ALL_MAX;
        main().for_each(|photo| {
            spend(&mut left, &mut chosen.small, *photo, &photos[*photo].thumbnail)
        });
        main().for_each(|photo| spend(&mut left, &mut chosen.large, *photo, &photos[*photo].photo));
        for &photo in others {
            spend(&mut left, &mut chosen.small, photo, &photos[photo].thumbnail);
            spend(&mut left, &mut chosen.large, photo, &photos[photo].photo);
        }
        let of_card = |photos: &Vec<usize>| {
            let published = photos.iter().copied().filter(|photo| chosen.small[*photo]);
            published.take(PHOTOS_MAX).collect()
        };
        chosen.of_cards = input.photos_of.iter().map(of_card).collect();
        chosen
    }

    /// What the card at `idx` shows.
    pub(crate) fn of_card(&self, idx: usize) -> Vec<u32> {
        let photos = self.of_cards.get(idx).map_or(&[][..], Vec::as_slice);
        let mut ids: Vec<u32> = Vec::with_capacity(photos.len());
        for id in photos.iter().map(|photo| self.ids[*photo]) {
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
        ids
    }

    /// What the card shows until its picture is there, also where that is not published.
    pub(crate) fn placeholder(&self, input: &CatalogueInput<'_>, idx: usize) -> Vec<u8> {
        let main = input.photos_of.get(idx).and_then(|photos| photos.first());
        main.map_or_else(Vec::new, |photo| input.photos[*photo].placeholder.clone())
    }

    /// The rows of both sizes, sorted.
    pub(crate) fn rows(&self, photos: &[PhotoInput]) -> (Vec<ThumbnailEntry>, Vec<PhotoRow>) {
        let (mut small, mut large) = (BTreeMap::new(), BTreeMap::new());
        for (place, photo) in photos.iter().enumerate() {
            if self.small[place] {
                small.insert(self.ids[place], photo.thumbnail.clone());
            }
            if self.large[place] {
                large.insert(self.ids[place], photo.photo.clone());
            }
        }
        let row = |(id, webp)| PhotoRow { id, webp };
        (
            small.into_iter().map(|pair| ThumbnailEntry(row(pair))).collect(),
            large.into_iter().map(row).collect(),
        )
    }
}

/// Takes a picture while the budget lasts; what comes after the first that does not fit
/// stays out, so that the order is one of popularity alone.
fn spend(left: &mut usize, taken: &mut [bool], photo: usize, bytes: &[u8]) {
    if taken[photo] {
        return;
    }
    taken[photo] = !bytes.is_empty() && bytes.len() <= *left;
    *left = if taken[photo] { *left - bytes.len() } else { 0 };
}

/// An id for each picture: the first four bytes of its hash, or the next number that is
/// free. So a picture keeps its id from one catalogue to the next, but where two collide.
fn ids(photos: &[PhotoInput]) -> Vec<u32> {
    let hash = |photo: &PhotoInput| content_hash(&photo.photo).0;
    let hashes: Vec<[u8; 32]> = photos.iter().map(hash).collect();
    let mut sorted: Vec<&[u8; 32]> = hashes.iter().collect();
    sorted.sort_unstable();
    sorted.dedup();
    let mut taken: HashMap<u32, &[u8; 32]> = HashMap::new();
    let mut id_of: HashMap<&[u8; 32], u32> = HashMap::new();
    for hash in sorted {
        let mut id = u32::from_le_bytes(*hash.first_chunk().expect("a hash has 32 bytes"));
        while taken.contains_key(&id) {
            id = id.wrapping_add(1);
        }
        taken.insert(id, hash);
        id_of.insert(hash, id);
    }
    hashes.iter().map(|hash| id_of[hash]).collect()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{Item, ItemId, Positives};

    use super::*;

    fn photo(n: u32, thumbnail_bytes: usize, photo_bytes: usize) -> PhotoInput {
        let of_bytes = |bytes: usize| {
            let mut webp = n.to_le_bytes().to_vec();
            webp.resize(bytes, 0);
            webp
        };
        PhotoInput {
            thumbnail: of_bytes(thumbnail_bytes),
            photo: of_bytes(photo_bytes),
            placeholder: vec![n as u8],
        }
    }

    fn choose(photos: &[PhotoInput], photos_of: &[Vec<usize>], n_buyers: &[u32]) -> Photos {
        let item = |id| Item { id: ItemId(id), ..Item::default() };
        let items: Vec<Item> = (1..=photos_of.len() as u64).map(item).collect();
        Photos::choose(&CatalogueInput {
            shop: "",
            currency: "",
            prices: &vitrine_domain::PriceTerms::default(),
            positives: Positives::Purchases,
            picture_mode: Default::default(),
            never_recommended: &[],
            items: &items,
            n_buyers,
            n_buyers_recent: n_buyers,
            pictures: &[],
            picture_of: &[],
            photos,
            photos_of,
            related: &[],
            alternatives: &[],
            neighbours: &[],
            offers: &[],
            reviews: &[],
            model: None,
            private_search: None,
            looks: None,
        })
    }

    #[test]
    fn main_pictures_come_first_and_the_most_popular_larger() {
        let photos: Vec<PhotoInput> = (0..3).map(|n| photo(n, 1 << 20, 3 << 20)).collect();
        let chosen = choose(&photos, &[vec![0, 2], vec![1], vec![]], &[5, 50, 500]);
        assert_eq!(chosen.small, [true, true, false], "what is no main picture comes last");
        assert_eq!(chosen.large, [true, true, false]);
        let photos: Vec<PhotoInput> = (0..3).map(|n| photo(n, 1 << 20, 4 << 20)).collect();
        let chosen = choose(&photos, &[vec![0, 2], vec![1], vec![]], &[5, 50, 500]);
        assert_eq!(chosen.large, [false, true, false], "the larger one of what is bought most");
        assert_eq!(chosen.of_card(0), [chosen.ids[0]]);
        assert_eq!(chosen.of_card(2), [0; 0]);
    }

    #[test]
    fn an_id_follows_from_the_picture_alone() {
        let all: Vec<PhotoInput> = (0..50).map(|n| photo(n, 10, 20)).collect();
        let others: Vec<PhotoInput> = all[20..].iter().chain(&all[..10]).cloned().collect();
        assert_eq!(ids(&others), [&ids(&all)[20..], &ids(&all)[..10]].concat());
        assert_eq!(ids(&[all[3].clone(), all[3].clone()]), [ids(&all)[3]; 2]);
    }
}
