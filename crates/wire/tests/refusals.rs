//! Every rule that a decoder enforces, each broken once.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use vitrine_domain::limits::{RELATED_MAX, SHARD_BYTES_MAX, TEXT_CHARS_MAX};
use vitrine_domain::{ItemId, ShardKind};
use vitrine_rules::{
    Audience, AudienceFact, CardGroup, Deed, RULES_MAX, Rule, RuleAction, RuleLabel, RulesError,
};
use vitrine_wire::codec::format_of;
use vitrine_wire::picture_codes::{NETWORK_BYTES_MAX, PROJECTION_BYTES_MAX};
use vitrine_wire::reviews::{ASPECT_CHARS_MAX, ASPECTS_MAX, QUOTE_CHARS_MAX, QUOTES_MAX};
use vitrine_wire::shard::{
    CHARACTERISTICS_MAX, NO_PICTURE, OfferAmount, PHOTOS_MAX, PICTURE_BYTES_MAX,
    PLACEHOLDER_BYTES_MAX, STUDENT_BYTES_MAX, THUMBNAIL_BYTES_MAX, VARIANTS_MAX,
};
use vitrine_wire::{CardListPrices, Shard, WireError, decode_shard, encode_shard};

/// A shard's bytes without the checks of `encode_shard`.
fn unchecked(shard: &Shard) -> Vec<u8> {
    let payload = match shard {
        Shard::Cards(rows) => postcard::to_stdvec(rows),
        Shard::Prices(rows) => postcard::to_stdvec(rows),
        Shard::Codes(rows) => postcard::to_stdvec(rows),
        Shard::Related(rows) | Shard::Alternatives(rows) | Shard::Neighbours(rows) => {
            postcard::to_stdvec(rows)
        }
        Shard::Pictures(rows) => postcard::to_stdvec(rows),
        Shard::Offers(rows) => postcard::to_stdvec(rows),
        Shard::Student(rows) => postcard::to_stdvec(rows),
        Shard::Details(rows) => postcard::to_stdvec(rows),
        Shard::Thumbnails(rows) | Shard::Photos(rows) => postcard::to_stdvec(rows),
        Shard::PriceLists(rows) => postcard::to_stdvec(rows),
        Shard::TextCodes(rows) => postcard::to_stdvec(rows),
        Shard::QueryTable(table) => postcard::to_stdvec(table),
        Shard::Reviews(rows) => postcard::to_stdvec(rows),
        Shard::PictureCodes(rows) => postcard::to_stdvec(rows),
        Shard::PictureNetwork(network) => postcard::to_stdvec(network),
        Shard::Rules(rules) => postcard::to_stdvec(rules),
    };
    let kind = shard.kind();
    [b"VTR", [format_of(kind), kind as u8].as_slice(), &payload.unwrap()].concat()
}

/// Both directions refuse it, for the reason and at the place given in words.
fn refused(shard: &Shard, words: &str) {
    for error in
        [encode_shard(shard).expect_err(words), decode_shard(&unchecked(shard)).expect_err(words)]
    {
        assert!(error.to_string().contains(words), "{error:?} does not say {words:?}");
    }
}

macro_rules! broken {
    ($make:ident, $kind:ident, $words:expr, |$shard:ident| $break:expr) => {{
        let mut shard = common::$make();
        let Shard::$kind($shard) = &mut shard else { unreachable!() };
        $break;
        refused(&shard, $words);
    }};
}

#[test]
fn the_unchecked_encoder_of_these_tests_agrees_with_the_real_one() {
    for (name, shard) in common::shards() {
        assert_eq!(unchecked(&shard), encode_shard(&shard).unwrap(), "{name}");
    }
}

#[test]
fn headers_that_are_not_ours_are_refused() {
    let good = encode_shard(&common::prices()).unwrap();
    for n in 0..5 {
        assert!(matches!(decode_shard(&good[..n]), Err(WireError::Magic)), "{n} bytes");
    }
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        decode_shard(&bytes)
    };
    assert!(matches!(with(0, b'v'), Err(WireError::Magic)));
    for found in [0, 3, 255] {
        assert!(matches!(with(3, found), Err(WireError::ShardFormat { found: f }) if f == found));
    }
    for found in [0, 20, 255] {
        assert!(matches!(with(4, found), Err(WireError::ShardKind { found: f }) if f == found));
    }
}

#[test]
fn payloads_that_end_early_late_or_are_another_kinds_are_refused() {
    for (name, shard) in common::shards() {
        let good = encode_shard(&shard).unwrap();
        let cut = decode_shard(&good[..good.len() - 1]);
        assert!(
            matches!(cut, Err(WireError::Payload { kind, .. }) if kind == shard.kind()),
            "{name}"
        );
        let long = decode_shard(&[good.as_slice(), b"\0"].concat());
        assert!(matches!(long, Err(WireError::Trailing { bytes: 1, .. })), "{name}");
    }
    let mut cards = encode_shard(&common::cards()).unwrap();
    cards[4] = ShardKind::Prices as u8;
    assert!(decode_shard(&cards).is_err());
}

#[test]
fn more_than_the_byte_limit_is_refused_before_it_is_read() {
    let bytes = vec![0; SHARD_BYTES_MAX + 1];
    assert!(matches!(decode_shard(&bytes), Err(WireError::TooLarge { .. })));
}

#[test]
fn cards_are_sorted_bounded_and_indexed() {
    let long = "x".repeat(TEXT_CHARS_MAX + 1);
    broken!(cards, Cards, "Cards.rows[1] does not come after", |s| s.rows.swap(0, 1));
    broken!(cards, Cards, "Cards.rows[1] does not come after", |s| s.rows[1].id = s.rows[0].id);
    broken!(cards_delta, Cards, "Cards.removed[1] does not come after", |s| {
        s.removed = vec![ItemId(7), ItemId(7)];
    });
    broken!(cards_delta, Cards, "Cards.rows[0] is removed and", |s| s.removed = vec![ItemId(9)]);
    broken!(cards, Cards, "Cards.brands[1] does not come", |s| s.brands[1].clear());
    broken!(cards, Cards, "Cards.department[0] is index 2 of a table of 2", |s| {
        s.rows[0].department = 2;
    });
    broken!(cards, Cards, "Cards.category[2] is index 9", |s| s.rows[2].category = 9);
    broken!(cards, Cards, "Cards.brand[2] is index 2", |s| s.rows[2].brand = 2);
    broken!(cards, Cards, "Cards.title[1] is too long", |s| s.rows[1].title = long.clone());
    broken!(cards, Cards, "Cards.departments[1] is too", |s| s.departments[1] = long.clone());
    broken!(cards, Cards, "Cards.sku[0] is too", |s| s.rows[0].variants[0].sku = long.clone());
    broken!(cards, Cards, "Cards.size[0] is too", |s| s.rows[0].variants[0].size = long.clone());
    broken!(cards, Cards, "Cards.manufacturer[0] is", |s| {
        s.rows[0].variants[0].manufacturer = long.clone();
    });
    broken!(cards, Cards, "Cards.variants[0] has more than 12", |s| {
        s.rows[0].variants = vec![Default::default(); VARIANTS_MAX + 5];
    });
    broken!(cards, Cards, "Cards.n_variants[2] has 1 entries, expected 2", |s| {
        s.rows[2].n_variants = 1;
    });
}

#[test]
fn a_text_of_the_greatest_length_is_accepted_whatever_its_bytes() {
    let Shard::Cards(mut cards) = common::cards() else { unreachable!() };
    cards.rows[0].title = "冰".repeat(TEXT_CHARS_MAX);
    assert!(encode_shard(&Shard::Cards(cards)).is_ok());
}

#[test]
fn prices_are_sorted_bounded_and_never_single_buyers_out() {
    broken!(prices, Prices, "Prices.rows[2] does not come after", |s| s.rows.swap(1, 2));
    broken!(prices, Prices, "Prices.variant_prices_minor[0] has more than 12", |s| {
        s.rows[0].variant_prices_minor = vec![1; VARIANTS_MAX + 1];
    });
    broken!(prices, Prices, "Prices.n_buyers[0] counts 4 buyers", |s| s.rows[0].n_buyers = 4);
    broken!(prices, Prices, "Prices.n_buyers_recent[2] counts 1 buyers", |s| {
        s.rows[2].n_buyers_recent = 1;
    });
    broken!(prices, Prices, "Prices.n_buyers_recent[0] counts 6 buyers", |s| {
        s.rows[0].n_buyers_recent = 6;
    });
    broken!(prices_delta, Prices, "Prices.rows[1] is removed", |s| {
        s.removed.push(ItemId(u64::MAX));
    });
}

#[test]
fn codes_are_sorted_and_of_one_length() {
    broken!(codes, Codes, "Codes.rows[1] does not come after", |s| s.ids[1] = ItemId(0));
    broken!(codes, Codes, "Codes.codes[0] has 191 entries, expected 192", |s| {
        s.codes.truncate(191);
    });
}

#[test]
fn related_items_are_others_distinct_and_best_first() {
    let words = "Related.related[0] is not a list of distinct other items, best first";
    broken!(related, Related, "Related.rows[1] does not", |s| s.rows.swap(0, 1));
    broken!(related, Related, "Related.strengths[0] has 1 entries, expected 2", |s| {
        s.rows[0].strengths.truncate(1);
    });
    broken!(related, Related, words, |s| s.rows[0].related[1] = s.rows[0].id);
    broken!(related, Related, words, |s| s.rows[0].related[1] = s.rows[0].related[0]);
    broken!(related, Related, words, |s| s.rows[0].strengths.swap(0, 1));
    broken!(related, Related, words, |s| s.rows[0].strengths[1] = 0);
    broken!(related, Related, words, |s| {
        s.rows[0].related.clear();
        s.rows[0].strengths.clear();
    });
    broken!(related, Related, "Related.related[0] has more than 12", |s| {
        s.rows[0].related = (100..).map(ItemId).take(RELATED_MAX + 1).collect();
        s.rows[0].strengths = vec![1; RELATED_MAX + 1];
    });
}

#[test]
fn pictures_are_sorted_small_and_nothing_but_shapes() {
    broken!(pictures, Pictures, "Pictures.ids[1] does not", |s| s.ids[0] = 4);
    broken!(pictures, Pictures, "Pictures.names[0] has 1 entries, expected 2", |s| {
        s.names.pop();
    });
    broken!(pictures, Pictures, "Pictures.bodies[0] has 1 entries", |s| s.bodies.pop());
    broken!(pictures, Pictures, "picture has 65537 bytes", |s| {
        s.bodies[1] = " ".repeat(PICTURE_BYTES_MAX + 1);
    });
    broken!(pictures, Pictures, "Pictures.bodies[1]: element at byte 1", |s| {
        s.bodies[1] = "<script>alert(1)</script>".into();
    });
    broken!(pictures, Pictures, "Pictures.bodies[0]: attribute at byte 6", |s| {
        s.bodies[0] = "<path onclick=\"alert(1)\"/>".into();
    });
}

#[test]
fn a_student_is_neither_empty_nor_huge() {
    let student = |n| Shard::Student(vitrine_wire::StudentShard { payload: vec![7; n] });
    refused(&student(0), "Student.payload[0] has 0 entries, expected 1");
    refused(&student(STUDENT_BYTES_MAX + 1), "student has 1048577 bytes");
    assert!(encode_shard(&student(STUDENT_BYTES_MAX)).is_ok());
}

#[test]
fn offers_of_nothing_that_is_published_are_refused() {
    let offer = |variants, label: &str| {
        let Shard::Offers(mut shard) = common::offers() else { unreachable!("offers") };
        shard.rows[0].variants = variants;
        shard.rows[0].label = label.into();
        Shard::Offers(shard)
    };
    refused(&offer(0, "Coupon"), "Offers.variants[0]: not a variant that is published");
    refused(&offer(1 << 12, "Coupon"), "Offers.variants[0]: not a variant that is published");
    refused(&offer(1, ""), "Offers.label[0] has 0 entries, expected 1");
    refused(&offer(1, &"x".repeat(41)), "Offers.label[0]");
}

#[test]
fn what_a_card_shows_is_bounded() {
    broken!(cards, Cards, "photos", |shard| shard.rows[0].photos = vec![1; PHOTOS_MAX + 1]);
    broken!(cards, Cards, "placeholder", |shard| {
        shard.rows[0].placeholder = vec![1; PLACEHOLDER_BYTES_MAX + 1];
    });
    broken!(pictures, Pictures, "ids", |shard| shard.ids[0] = NO_PICTURE);
}

#[test]
fn what_is_known_of_variants_is_of_those_that_are_published() {
    let facts = common::known_price().facts;
    broken!(prices, Prices, "facts", |shard| shard.rows[0].facts = vec![facts[0].clone(); 2]);
    broken!(prices, Prices, "index 1 of a table of 0", |shard| {
        shard.rows[1].facts = facts[1..].to_vec();
    });
    broken!(prices, Prices, "unit", |shard| {
        shard.rows[0].facts = facts.clone();
        shard.rows[0].facts[0].unit.as_mut().unwrap().per.clear();
    });
    broken!(prices, Prices, "facts", |shard| {
        shard.rows[0].facts = facts.clone();
        shard.rows[0].facts[0].sale.as_mut().unwrap().price_minor = 0;
    });
    broken!(prices, Prices, "rating", |shard| {
        shard.rows[0].rating = Some(vitrine_domain::Rating { hundredths: 501, n: 1 });
    });
    broken!(offers, Offers, "amount", |shard| shard.rows[0].amount = OfferAmount::Percent(101));
}

#[test]
fn prices_of_lists_are_ascending_bounded_and_of_published_variants() {
    broken!(price_lists, PriceLists, "lists", |shard| shard.rows[0].lists.clear());
    broken!(price_lists, PriceLists, "lists", |shard| shard.rows[0].lists.reverse());
    broken!(price_lists, PriceLists, "index 8 of a table of 8", |shard| {
        shard.rows[1].lists[0].list = 8;
    });
    broken!(price_lists, PriceLists, "lists[0] has more than 8", |shard| {
        let row = &mut shard.rows[0];
        row.lists = (0..9).map(|list| CardListPrices { list, ..row.lists[0].clone() }).collect();
    });
    broken!(price_lists, PriceLists, "variant_prices_minor", |shard| {
        shard.rows[1].lists[0].variant_prices_minor.push(0);
    });
    broken!(price_lists, PriceLists, "variant_prices_minor", |shard| {
        shard.rows[1].lists[0].variant_prices_minor.clear();
    });
    broken!(price_lists, PriceLists, "variant_prices_minor[1] has more than 12", |shard| {
        shard.rows[1].lists[0].variant_prices_minor = vec![5; VARIANTS_MAX + 1];
    });
    broken!(price_lists, PriceLists, "index 3 of a table of 3", |shard| {
        shard.rows[0].lists[0].sales[0].0 = 3;
    });
    broken!(price_lists, PriceLists, "sales", |shard| {
        let sales = &mut shard.rows[0].lists[0].sales;
        sales.push(sales[0]);
    });
    broken!(price_lists, PriceLists, "sales", |shard| {
        shard.rows[0].lists[0].sales[0].1.price_minor = 0;
    });
    broken!(price_lists, PriceLists, "rows", |shard| shard.rows.reverse());
}

#[test]
fn details_are_bounded_and_link_to_pages_alone() {
    broken!(details, Details, "link", |shard| shard.rows[0].link = "javascript:alert(1)".into());
    broken!(details, Details, "characteristics", |shard| {
        shard.rows[0].characteristics = vec![Default::default(); CHARACTERISTICS_MAX + 1];
    });
    broken!(details, Details, "gtins", |shard| {
        shard.rows[0].gtins = vec![String::new(); VARIANTS_MAX + 1];
    });
}

#[test]
fn photos_are_sorted_small_and_in_webp() {
    let of = |rows| Shard::Thumbnails(vitrine_wire::PhotoShard { rows });
    let mut rows = common::photos().rows;
    rows.reverse();
    refused(&of(rows.clone()), "rows");
    rows.reverse();
    rows[0].webp.resize(THUMBNAIL_BYTES_MAX + 1, 0);
    refused(&of(rows.clone()), "picture has");
    rows[0].webp = b"<svg onload='alert(1)'/>".to_vec();
    refused(&of(rows), "webp");
}

#[test]
fn reviews_are_few_short_and_say_something() {
    broken!(reviews, Reviews, "rows", |shard| shard.rows.reverse());
    broken!(reviews, Reviews, "aspects", |shard| {
        shard.rows[0].aspects = vec![shard.rows[0].aspects[0].clone(); ASPECTS_MAX + 1];
    });
    broken!(reviews, Reviews, "aspect[0] has more than 40", |shard| {
        shard.rows[0].aspects[1].name = "é".repeat(ASPECT_CHARS_MAX + 1)
    });
    broken!(reviews, Reviews, "aspect", |shard| shard.rows[0].aspects[0].name.clear());
    broken!(reviews, Reviews, "aspect", |shard| shard.rows[0].aspects[1].n_bad = 0);
    broken!(reviews, Reviews, "quotes", |shard| {
        shard.rows[0].quotes = vec![shard.rows[0].quotes[0].clone(); QUOTES_MAX + 1];
    });
    broken!(reviews, Reviews, "quote[1] has more than 240", |shard| {
        shard.rows[1].quotes[0].text = "好".repeat(QUOTE_CHARS_MAX + 1)
    });
    broken!(reviews, Reviews, "quote", |shard| shard.rows[0].quotes[0].text.clear());
    broken!(reviews, Reviews, "quote", |shard| shard.rows[0].quotes[1].stars = 6);
}

#[test]
fn what_private_search_takes_is_whole() {
    broken!(text_codes, TextCodes, "codes", |shard| shard.codes.truncate(200));
    broken!(text_codes, TextCodes, "attributes", |shard| shard.attributes.truncate(1));
    broken!(text_codes, TextCodes, "attributes[1] is too long", |shard| {
        shard.attributes[1] = "a".repeat(TEXT_CHARS_MAX + 1)
    });
    broken!(text_codes, TextCodes, "rows", |shard| shard.ids.reverse());
    broken!(picture_codes, PictureCodes, "codes", |shard| shard.codes.truncate(100));
    broken!(picture_codes, PictureCodes, "rows", |shard| shard.ids.reverse());
    broken!(picture_network, PictureNetwork, "network[0] has more than", |shard| {
        shard.network = vec![0; NETWORK_BYTES_MAX + 1];
    });
    broken!(picture_network, PictureNetwork, "projection[0] has more than", |shard| {
        shard.projection = vec![0; PROJECTION_BYTES_MAX + 1];
    });
    broken!(query_table, QueryTable, "words", |table| table.words.reverse());
    broken!(query_table, QueryTable, "rows", |table| table.rows.truncate(3));
    broken!(query_table, QueryTable, "units", |table| table.units.truncate(1));
    broken!(query_table, QueryTable, "query_mean", |table| table.query_mean.truncate(127));
    broken!(query_table, QueryTable, "mean[3] is not finite", |table| table.mean[3] = f32::NAN);
    broken!(query_table, QueryTable, "unit[0] is not finite", |table| {
        table.unit = f32::INFINITY
    });
    broken!(query_table, QueryTable, "units[1] is not finite", |table| table.units[1] = f32::NAN);
    broken!(query_table, QueryTable, "relevance", |table| table.relevance = vec![0.0; 65]);
    broken!(query_table, QueryTable, "language", |table| table.language = "e".repeat(17));
    broken!(query_table, QueryTable, "synonyms", |table| table.synonyms.reverse());
    broken!(query_table, QueryTable, "synonyms[0] has more than 64", |table| {
        table.synonyms[0].1 = vec!["a".to_owned(); 65]
    });
}

#[test]
fn rules_are_as_rules_must_be() {
    broken!(rules, Rules, "rule 7: another rule has the same id", |set| {
        set.rules[1].id = set.rules[0].id
    });
    broken!(rules, Rules, "5001 rules are more than 5000", |set| {
        set.rules = (0..=RULES_MAX as u32)
            .map(|n| Rule { id: vitrine_rules::RuleId(n), ..set.rules[0].clone() })
            .collect();
    });
    broken!(rules, Rules, "rule 7: it has no action", |set| set.rules[0].then.clear());
    broken!(rules, Rules, "rule 7: a label of 201 characters", |set| {
        set.rules[0].label = RuleLabel::Text("é".repeat(201))
    });
    broken!(rules, Rules, "rule 7: place 0 is not from 1 to 1000", |set| {
        set.rules[0].then = vec![RuleAction::Pin { item: ItemId(1), place: 0 }]
    });
    let fact = AudienceFact {
        deed: Deed::Bought,
        of: CardGroup::Category("Whisky".into()),
        within_days: 9,
    };
    broken!(rules, Rules, "IgnoreWords is not allowed for an audience", |set| {
        set.rules[0].then = vec![RuleAction::IgnoreWords { words: vec!["the".into()] }];
        set.rules[0].audience = Some(Audience { facts: vec![fact.clone()] });
    });
    broken!(rules, Rules, "which is sensitive", |set| {
        let of = CardGroup::Category("Pregnancy tests".into());
        set.rules[0].then.truncate(1);
        let facts = vec![AudienceFact { of, ..fact.clone() }];
        set.rules[0].audience = Some(Audience { facts });
    });
    let Shard::Rules(mut set) = common::rules() else { unreachable!() };
    set.rules[1].then.clear();
    let error = decode_shard(&unchecked(&Shard::Rules(set))).unwrap_err();
    let WireError::Rules(RulesError::Rule { rule, .. }) = error else { panic!("{error:?}") };
    assert_eq!(rule.0, 9, "which rule it is can be asked for");
}
