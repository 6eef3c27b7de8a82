//! Round trips of any valid shard, and no panic on any bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::collections::{BTreeMap, HashSet};

use proptest::prelude::*;
use vitrine_domain::{Availability, ItemId};
use vitrine_wire::shard::CODE_DIM;
use vitrine_wire::{
    CardRow, CardShard, CodeShard, OfferAmount, OfferRow, OfferShard, PriceRow, PriceShard,
    RelatedRow, RelatedShard, Shard, VariantRow, decode_manifest, decode_search_reply,
    decode_shard, encode_manifest, encode_search_reply, encode_shard,
};

fn table() -> impl Strategy<Value = Vec<String>> {
    prop::collection::btree_set(".{0,12}", 1..6).prop_map(|names| names.into_iter().collect())
}

fn removed() -> impl Strategy<Value = Vec<ItemId>> {
    // Odd ids: the rows of these tests have even ones.
    prop::collection::btree_set(any::<u64>().prop_map(|id| ItemId(id | 1)), 0..5)
        .prop_map(|ids| ids.into_iter().collect())
}

fn ids<T: std::fmt::Debug>(
    row: impl Strategy<Value = T>,
) -> impl Strategy<Value = BTreeMap<ItemId, T>> {
    let id = any::<u64>().prop_map(|id| ItemId(id & !1));
    prop::collection::btree_map(id, row, 0..20)
}

prop_compose! {
    fn variant()(sku in ".{0,9}", size in ".{0,9}", manufacturer in ".{0,9}") -> VariantRow {
        VariantRow { sku, size, manufacturer }
    }
}

prop_compose! {
    fn card(n_departments: usize, n_categories: usize, n_brands: usize)(
        title in ".{0,40}",
        department in 0..n_departments as u16,
        category in 0..n_categories as u16,
        brand in 0..n_brands as u16,
        picture in any::<u32>(),
        photos in prop::collection::vec(any::<u32>(), 0..=10),
        placeholder in prop::collection::vec(any::<u8>(), 0..=25),
        variants in prop::collection::vec(variant(), 0..=12),
        n_more in 0..9u32,
    ) -> CardRow {
        let n_variants = variants.len() as u32 + n_more;
        CardRow {
            title, department, category, brand, picture, photos, placeholder, variants, n_variants,
            ..CardRow::default()
        }
    }
}

fn cards() -> impl Strategy<Value = Shard> {
    (table(), table(), table(), removed()).prop_flat_map(
        |(departments, categories, brands, removed)| {
            ids(card(departments.len(), categories.len(), brands.len())).prop_map(move |rows| {
                Shard::Cards(CardShard {
                    departments: departments.clone(),
                    categories: categories.clone(),
                    brands: brands.clone(),
                    rows: rows.into_iter().map(|(id, row)| CardRow { id, ..row }).collect(),
                    removed: removed.clone(),
                })
            })
        },
    )
}

/// Price, prices of variants, whether in stock, both buyer counts.
type PriceParts = (u32, Vec<u32>, bool, (u32, u32));

fn prices() -> impl Strategy<Value = Shard> {
    let counts = prop_oneof![
        Just((0, 0)),
        (5..=u32::MAX).prop_flat_map(|n| (Just(n), prop_oneof![Just(0), 5..=n])),
    ];
    let row = (any::<u32>(), prop::collection::vec(any::<u32>(), 0..=12), any::<bool>(), counts);
    (ids(row), removed()).prop_map(|(rows, removed)| {
        let row = |(id, row): (ItemId, PriceParts)| {
            let (price_minor, variant_prices_minor, is_in_stock, (n_buyers, n_buyers_recent)) = row;
            let availability =
                if is_in_stock { Availability::InStock } else { Availability::OutOfStock };
            PriceRow {
                id,
                price_minor,
                variant_prices_minor,
                availability,
                n_buyers,
                n_buyers_recent,
                ..PriceRow::default()
            }
        };
        Shard::Prices(PriceShard { rows: rows.into_iter().map(row).collect(), removed })
    })
}

fn codes() -> impl Strategy<Value = Shard> {
    let code = prop::collection::vec(any::<i8>(), CODE_DIM);
    (ids(code), removed()).prop_map(|(rows, removed)| {
        let (ids, codes): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        Shard::Codes(CodeShard { ids, codes: codes.concat(), removed })
    })
}

fn related() -> impl Strategy<Value = Shard> {
    let others = prop::collection::hash_set(any::<u64>().prop_map(|id| ItemId(id | 1)), 1..=12);
    let row = (others, prop::collection::vec(1..=255u8, 12));
    (ids(row), removed()).prop_map(|(rows, removed)| {
        let row = |(id, (others, mut strengths)): (ItemId, (HashSet<ItemId>, Vec<u8>))| {
            let related: Vec<ItemId> = others.into_iter().collect();
            strengths.truncate(related.len());
            strengths.sort_unstable_by(|a, b| b.cmp(a));
            RelatedRow { id, related, strengths }
        };
        Shard::Related(RelatedShard { rows: rows.into_iter().map(row).collect(), removed })
    })
}

fn offers() -> impl Strategy<Value = Shard> {
    let row = ("[A-Za-z ]{1,40}", any::<i64>(), 1..1_u16 << 12);
    (ids(row), removed()).prop_map(|(rows, removed)| {
        let row = |(id, (label, until_seconds, variants)): (_, (_, i64, _))| OfferRow {
            id,
            label,
            amount: OfferAmount::Minor(until_seconds.unsigned_abs() as u32 | 1),
            until_seconds,
            variants,
        };
        Shard::Offers(OfferShard { rows: rows.into_iter().map(row).collect(), removed })
    })
}

proptest! {
    #[test]
    fn any_valid_shard_survives_a_round_trip(
        shard in prop_oneof![cards(), prices(), codes(), related(), offers()],
    ) {
        let bytes = encode_shard(&shard).unwrap();
        let decoded = decode_shard(&bytes).unwrap();
        prop_assert_eq!(encode_shard(&decoded).unwrap(), bytes);
        prop_assert_eq!(decoded, shard);
    }

    /// Damage either is noticed or leaves a valid shard, which then has bytes of its own.
    #[test]
    fn damaged_shards_never_panic(
        which in 0..common::shards().len(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<Option<prop::sample::Index>>(),
    ) {
        let mut bytes = encode_shard(&common::shards().swap_remove(which).1).unwrap();
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        if let Ok(shard) = decode_shard(&bytes) {
            let canonical = encode_shard(&shard).unwrap();
            prop_assert_eq!(decode_shard(&canonical).unwrap(), shard);
        }
    }

    #[test]
    fn arbitrary_payloads_never_panic(
        kind in 0..=19u8,
        format in 1..3u8,
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let bytes = [b"VTR", [format, kind].as_slice(), &payload].concat();
        if let Ok(shard) = decode_shard(&bytes) {
            prop_assert!(encode_shard(&shard).is_ok());
        }
    }

    #[test]
    fn damaged_json_never_panics(
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut manifest = encode_manifest(&common::manifest()).unwrap();
        let mut reply = encode_search_reply(&common::reply()).unwrap();
        for (at, byte) in edits {
            let (m, r) = (at.index(manifest.len()), at.index(reply.len()));
            manifest[m] = byte;
            reply[r] = byte;
        }
        if let Ok(manifest) = decode_manifest(&manifest) {
            prop_assert!(encode_manifest(&manifest).is_ok());
        }
        if let Ok(reply) = decode_search_reply(&reply) {
            prop_assert!(encode_search_reply(&reply).is_ok());
        }
    }

    #[test]
    fn the_picture_check_never_panics(body in r##"[<>/="a-gpth# .é]{0,60}"##) {
        let checked = vitrine_wire::svg::check(&body);
        if !body.trim().is_empty() && !body.contains('<') {
            prop_assert!(checked.is_err());
        }
    }
}
