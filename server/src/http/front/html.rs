//! The fragment's markup: that of `web/src/app.rs`, `pages/feed.rs` and `tile.rs`, as far
//! as it is of use before the program runs. `web/front.js` gives it its few behaviours.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use vitrine_domain::currency::minor_digits;
use vitrine_domain::facets::facets_of;
use vitrine_domain::limits::STARTER_CARDS;
use vitrine_domain::{Availability, ItemId, Manifest};
use vitrine_student::candidates;
use vitrine_wire::{Card, CatalogueRows, PriceRow, Restricted};

use crate::http::openapi::escape;
use crate::rules::{PageList, PageRules};

/// Tiles: some screens of a phone, one of a desk.
const N_TILES: usize = 18;

/// Background tints of the style sheet.
const N_TINTS: u32 = 8;

// Shapes of `web/src/icons.rs`.
const SEARCH: &str = r#"<circle cx="11" cy="11" r="6.500"/><path d="m16 16 4.500 4.500"/>"#;
const BASKET: &str = r#"<path d="M4 9h16l-1.600 9.200a2 2 0 0 1-2 1.800H7.600a2 2 0 0 1-2-1.800zM8.500 9 11 4M15.500 9 13 4"/>"#;
const SHIELD: &str = r#"<path d="M12 3.500 5 6v5.500c0 4.300 2.900 7.600 7 9 4.100-1.400 7-4.700 7-9V6z"/><path d="m9 12 2.200 2.200L15 10.400"/>"#;
const PACKAGE: &str = r#"<path d="M12 3.500 4.500 7.200v9.600l7.500 3.700 7.500-3.700V7.200zM4.500 7.200 12 11l7.500-3.800M12 11v9.500M8.200 5.400l7.500 3.800"/>"#;
const PLUS: &str = r#"<path d="M12 5v14M5 12h14"/>"#;
const MARK: &str = r##"<svg viewBox="0 0 64 64" aria-hidden="true"><rect width="64" height="64" fill="#0b5d4b"/><path d="M13 50h38M17 50V27a15 15 0 0 1 30 0v23" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round" stroke-linejoin="round"/><circle cx="32" cy="38" r="7" fill="#f4b740"/></svg>"##;

/// Header, departments and the most bought cards of a catalogue, with the prices of a moment
/// and the places that rules for everyone give.
pub fn front(manifest: &Manifest, page: &PageRules<'_>) -> String {
    let PageRules { rows, now_seconds, .. } = *page;
    let mut cards = most_bought(manifest, rows);
    let places = feed_places(page, &cards, N_TILES);
    let shown = places.iter().filter_map(|id| Some((rows.card(*id)?, rows.price(*id)?)));
    let tile = |(card, price): (&Card, &PriceRow)| tile(rows, card, price, now_seconds);
    let tiles: String = shown.take(N_TILES).map(tile).collect();
    if places.len() < cards.len() {
        let places: HashSet<ItemId> = places.into_iter().collect();
        cards.retain(|(card, _)| places.contains(&card.id));
    }
    format!(
        "{}<main id=\"main\" tabindex=\"-1\"><div class=\"page-head\"><div>\
         <h1 tabindex=\"-1\">Popular now</h1>\
         <p>What most people buy. It becomes yours with your first click.</p></div></div>\
         {}{}<ul class=\"grid\" data-currency=\"{}\" data-digits=\"{}\">{tiles}</ul></main>",
        header(&manifest.shop, HeaderLinks::Fragments),
        departments(rows),
        starters(rows, &cards),
        escape(&manifest.currency),
        minor_digits(&manifest.currency),
    )
}

/// Cards that may be shown unasked, in the order of a page whose shopper did nothing yet.
pub fn most_bought<'a>(
    manifest: &Manifest,
    rows: &'a CatalogueRows,
) -> Vec<(&'a Card, &'a PriceRow)> {
    let restricted = Restricted::of(&manifest.catalogue.never_recommended, rows);
    let priced = rows.cards.iter().filter_map(|card| Some((card, rows.price(card.id)?)));
    let may_show = |(card, price): &(&Card, &PriceRow)| {
        price.availability == Availability::InStock && !restricted.has(card)
    };
    let mut all: Vec<_> = priced.filter(may_show).collect();
    all.sort_unstable_by_key(|(card, price)| (Reverse(price.n_buyers), card.id));
    all
}

/// The feed of somebody who did nothing yet: these cards, as rules for everyone place them on
/// pages of so many.
pub fn feed_places(
    page: &PageRules<'_>,
    cards: &[(&Card, &PriceRow)],
    page_places: usize,
) -> Vec<ItemId> {
    let ids = cards.iter().map(|(card, _)| card.id).collect();
    page.arranged(ids, PageList { page_places, ..PageList::default() })
}

/// Where the links of the header lead.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum HeaderLinks {
    /// To fragments: the page is drawn by a script.
    Fragments,
    /// To the shop's first page; what needs the program is hidden until a script shows it.
    Addresses,
}

/// Name of the shop, search box, privacy and basket.
pub fn header(shop: &str, links: HeaderLinks) -> String {
    let (home, hidden) = match links {
        HeaderLinks::Fragments => ("href=\"#/\"", ""),
        HeaderLinks::Addresses => ("href=\"/\" data-route=\"#/\"", " hidden"),
    };
    format!(
        "<header class=\"top\"><div class=\"top-row\"><a class=\"brand\" {home}>{MARK}\
         <span>{}</span></a><form class=\"search-form\"{hidden} role=\"search\" \
         aria-label=\"Search the shop\" action=\"/\"><label class=\"visually-hidden\" \
         for=\"search\">Search the shop</label><input id=\"search\" type=\"search\" \
         placeholder=\"Search the shop\" autocomplete=\"off\" enterkeyhint=\"search\">\
         <button type=\"submit\" aria-label=\"Search\">{}</button></form>\
         <nav aria-label=\"Shop\"{hidden}><ul><li><a href=\"#/privacy\">{}\
         <span class=\"label\">Privacy</span></a></li><li><a href=\"#/basket\">{}\
         <span class=\"label\">Basket</span></a></li></ul></nav></div></header>",
        escape(shop),
        icon(SEARCH),
        icon(SHIELD),
        icon(BASKET),
    )
}

fn icon(shapes: &str) -> String {
    format!(
        "<svg viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" stroke-width=\"1.9\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\" aria-hidden=\"true\">{shapes}</svg>"
    )
}

fn departments(rows: &CatalogueRows) -> String {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    for card in &rows.cards {
        *counts.entry(department(rows, card)).or_default() += 1;
    }
    let chip = |name: &str| {
        let query: String = form_urlencoded::Serializer::new(String::new())
            .append_pair("department", name)
            .finish();
        format!("<li><a href=\"#/search?{query}\">{}</a></li>", escape(name))
    };
    let chips: String = facets_of(counts).iter().map(|facet| chip(&facet.name)).collect();
    match chips.is_empty() {
        true => String::new(),
        false => {
            format!("<nav aria-label=\"Departments\"><ul class=\"chips\">{chips}</ul></nav>")
        }
    }
}

/// The choice of a newcomer, to be made once the program runs: `Session::starters`.
fn starters(rows: &CatalogueRows, most_bought: &[(&Card, &PriceRow)]) -> String {
    let bought = most_bought.iter().filter(|(_, price)| price.n_buyers > 0);
    let bought = bought.map(|(card, _)| *card);
    let first = candidates::first_of_departments(bought, |card| card.department);
    let cards: Vec<&Card> = first.take(*STARTER_CARDS.end()).collect();
    if cards.len() < *STARTER_CARDS.start() {
        return String::new();
    }
    let button = |card: &&Card| {
        format!(
            "<li><button type=\"button\" class=\"starter\" disabled>{}<span>{}</span></button></li>",
            picture(rows, card),
            escape(&card.title)
        )
    };
    let buttons: String = cards.iter().map(button).collect();
    format!(
        "<section class=\"card starters\"><h2>What do you like?</h2><p class=\"muted small\">Tap \
         what you like, and the shop starts from there. It stays on this device.</p>\
         <ul>{buttons}</ul><button type=\"button\" class=\"button\" disabled>Skip</button></section>"
    )
}

fn department<'a>(rows: &'a CatalogueRows, card: &Card) -> &'a str {
    &rows.departments[usize::from(card.department)]
}

/// Whether any card has a price: where none has, none is missing.
pub fn has_prices(rows: &CatalogueRows) -> bool {
    let is_priced = |row: &PriceRow| {
        row.price_minor > 0 || row.variant_prices_minor.iter().any(|minor| *minor > 0)
    };
    rows.prices.iter().any(is_priced)
}

fn tile(rows: &CatalogueRows, card: &Card, price: &PriceRow, now_seconds: i64) -> String {
    let title = escape(&card.title);
    let id = card.id;
    let (minor, is_from) = lowest_price(price, now_seconds);
    let words = match (minor, has_prices(rows)) {
        (0, true) => "No price",
        (0, false) => "",
        _ => "&nbsp;",
    };
    // What has no price is not bought.
    let add = match minor {
        0 => String::new(),
        _ => format!(
            "<button type=\"button\" class=\"add\" data-add=\"{id}\" \
             aria-label=\"Add {title} to basket\">{}</button>",
            icon(PLUS)
        ),
    };
    format!(
        "<li><article class=\"tile\"><a href=\"#/item/{id}\">{}<div class=\"tile-text\">\
         <h2 class=\"tile-title\">{title}</h2><p class=\"tile-detail\">{}</p></div></a>\
         <div class=\"tile-foot\"><div class=\"tile-buy\"><span class=\"prices\">{}\
         <span class=\"price\" data-minor=\"{minor}\">{words}</span></span>\
         <span class=\"why\" aria-hidden=\"true\">Why this?</span></div>\
         {add}</div></article></li>",
        picture(rows, card),
        escape(&detail(card)),
        if is_from { "from " } else { "" },
    )
}

/// The lowest price in minor units of the variants that can be bought, and whether others
/// cost more: `ItemCard::lowest_price` of the device.
pub fn lowest_price(price: &PriceRow, now_seconds: i64) -> (u32, bool) {
    let facts = |place: usize| price.facts.iter().find(|of| usize::from(of.variant) == place);
    let at = |place: usize, minor: u32| {
        let sale = facts(place).and_then(|of| of.sale).filter(|sale| sale.is_on(now_seconds));
        sale.map_or(minor, |sale| sale.price_minor)
    };
    let in_stock = |place: usize| {
        facts(place)
            .is_none_or(|of| of.availability == Availability::InStock && of.stock != Some(0))
    };
    let all = price.variant_prices_minor.iter().enumerate();
    let priced = all.filter(|(place, _)| in_stock(*place)).map(|(place, minor)| at(place, *minor));
    let prices: BTreeSet<u32> = priced.filter(|minor| *minor > 0).collect();
    let usual = || match price.variant_prices_minor.first() {
        Some(minor) => at(0, *minor),
        None => price.price_minor,
    };
    (prices.first().copied().unwrap_or_else(usual), prices.len() > 1)
}

/// Brand, size and how many sizes there are, as far as they are known.
pub fn detail(card: &Card) -> String {
    let sizes = match (card.n_variants, card.variants.first()) {
        (2.., _) => format!("{} options", card.n_variants),
        (_, Some(variant)) => variant.size.clone(),
        _ => String::new(),
    };
    let parts = [card.brand.as_str(), &sizes];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

/// The small form of the card's main picture, its pictogram, or a neutral one.
pub fn picture(rows: &CatalogueRows, card: &Card) -> String {
    let bytes = department(rows, card).bytes();
    let hash = bytes.fold(0u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
    let tint = hash % N_TINTS;
    let photo = card.photos.first().and_then(|id| rows.thumbnail(*id));
    match (photo, rows.picture(card.picture)) {
        (Some(photo), _) => {
            let webp = STANDARD.encode(&photo.webp);
            format!(
                "<div class=\"picture photo\"><img src=\"data:image/webp;base64,{webp}\" alt=\"\">\
                 </div>"
            )
        }
        // Shapes alone, as its decoder has checked.
        (None, Some(picture)) => format!(
            "<div class=\"picture tint-{tint}\"><svg viewBox=\"0 0 32 32\" \
             aria-hidden=\"true\">{}</svg></div>",
            picture.body
        ),
        (None, None) => {
            format!("<div class=\"picture neutral tint-{tint}\">{}</div>", icon(PACKAGE))
        }
    }
}

#[cfg(test)]
mod tests {
    use vitrine_wire::{PhotoRow, Picture, VariantFacts};

    use super::*;
    use crate::rules::ServedRules;

    fn rows() -> CatalogueRows {
        let card = |id: u64, title: &str| Card {
            id: ItemId(id),
            title: title.into(),
            n_variants: 1,
            ..Card::default()
        };
        let price = |id, n_buyers, price_minor| PriceRow {
            id: ItemId(id),
            n_buyers,
            price_minor,
            ..PriceRow::default()
        };
        let mut rows = CatalogueRows {
            departments: vec!["Tea & \"more\"".into()],
            categories: vec!["Black".into(), "Beer".into()],
            cards: vec![card(1, "Assam"), card(2, "<b>Darjeeling</b>"), card(3, "Mug")],
            prices: vec![price(1, 5, 490), price(2, 10, 590), price(3, 5, 0)],
            pictures: vec![Picture {
                id: 7,
                name: "mug".into(),
                body: "<path d=\"M1 1\"/>".into(),
            }],
            thumbnails: vec![PhotoRow { id: 4, webp: vec![1, 2, 3] }],
            ..CatalogueRows::default()
        };
        rows.cards[2].picture = 7;
        rows.cards[1].photos = vec![4];
        rows
    }

    fn manifest() -> Manifest {
        let catalogue = vitrine_domain::CatalogueInfo {
            version: vitrine_domain::CatalogueVersion(1),
            revision: 0,
            n_items: 3,
            published_at_seconds: 0,
            price_minor_median: 0,
            positives: Default::default(),
            picture_mode: Default::default(),
            never_recommended: Vec::new(),
        };
        Manifest {
            format: Manifest::FORMAT,
            shop: "Teahouse".into(),
            currency: "EUR".into(),
            prices: Default::default(),
            catalogue,
            model: None,
            shards: Vec::new(),
            n_head: 0,
            has_real_urls: false,
            has_language_model: false,
        }
    }

    #[test]
    fn the_most_bought_come_first_less_what_may_not_be_shown_unasked() {
        let mut rows = rows();
        let ids = |rows: &CatalogueRows, never: &[&str]| -> Vec<u64> {
            let mut manifest = manifest();
            manifest.catalogue.never_recommended = never.iter().map(|n| (*n).into()).collect();
            most_bought(&manifest, rows).iter().map(|(card, _)| card.id.0).collect()
        };
        assert_eq!(ids(&rows, &[]), [2, 1, 3], "ties go by id");
        rows.prices[1].availability = Availability::OutOfStock;
        assert_eq!(ids(&rows, &[]), [1, 3]);
        rows.cards[0].category = 1;
        assert_eq!(ids(&rows, &["Beer"]), [3]);
    }

    #[test]
    fn prices_come_with_the_digits_of_their_currency() {
        let html = |currency: &str| {
            let (rules, rows) = (ServedRules::default(), rows());
            let page = PageRules { rules: &rules, rows: &rows, locale: "en", now_seconds: 0 };
            front(&Manifest { currency: currency.into(), ..manifest() }, &page)
        };
        assert!(html("HUF").contains("data-currency=\"HUF\" data-digits=\"2\""));
        assert!(html("JPY").contains("data-currency=\"JPY\" data-digits=\"0\""));
    }

    #[test]
    fn what_a_feed_says_is_text_and_never_markup() {
        let rows = rows();
        let html = departments(&rows) + &tile(&rows, &rows.cards[1], &rows.prices[1], 0);
        assert!(html.contains("&lt;b&gt;Darjeeling&lt;/b&gt;"), "{html}");
        assert!(html.contains("Tea &amp; &quot;more&quot;"), "{html}");
        assert!(html.contains("#/search?department=Tea+%26+%22more%22"), "{html}");
        assert!(!html.contains("<b>"), "{html}");
    }

    #[test]
    fn a_tile_shows_the_picture_that_there_is() {
        let rows = rows();
        assert!(picture(&rows, &rows.cards[1]).contains("data:image/webp;base64,AQID"));
        assert!(picture(&rows, &rows.cards[2]).contains("<path d=\"M1 1\"/>"));
        assert!(picture(&rows, &rows.cards[0]).contains("neutral"));
    }

    #[test]
    fn a_newcomer_chooses_among_departments_that_are_enough() {
        let mut rows = rows();
        let cards = |rows: &CatalogueRows| starters(rows, &most_bought(&manifest(), rows));
        assert_eq!(cards(&rows), "", "one department");
        rows.departments = ["Tea", "Mugs", "Pots", "Cups"].map(String::from).to_vec();
        rows.cards[1].department = 1;
        rows.cards[2].department = 2;
        assert_eq!(cards(&rows), "", "three departments");
        rows.cards.push(Card { id: ItemId(4), department: 3, ..Card::default() });
        rows.prices.push(PriceRow { id: ItemId(4), n_buyers: 5, ..PriceRow::default() });
        assert_eq!(cards(&rows).matches("class=\"starter\"").count(), 4);
        rows.prices[2].n_buyers = 0;
        assert_eq!(cards(&rows), "", "what nobody bought is no choice");
    }

    #[test]
    fn the_price_is_the_lowest_that_can_be_paid() {
        let sale = |minor| Some(vitrine_domain::Sale { price_minor: minor, ..Default::default() });
        let facts =
            |variant, sale, stock| VariantFacts { variant, sale, stock, ..Default::default() };
        let row = |prices: &[u32], facts: Vec<VariantFacts>| PriceRow {
            price_minor: prices[0],
            variant_prices_minor: prices.to_vec(),
            facts,
            ..PriceRow::default()
        };
        assert_eq!(lowest_price(&row(&[500], vec![]), 0), (500, false));
        assert_eq!(lowest_price(&row(&[500, 300, 0], vec![]), 0), (300, true));
        assert_eq!(lowest_price(&row(&[500, 300], vec![facts(1, None, Some(0))]), 0), (500, false));
        assert_eq!(lowest_price(&row(&[500], vec![facts(0, sale(450), None)]), 0), (450, false));
    }

    #[test]
    fn what_has_no_price_says_so_and_is_not_bought_unless_nothing_has_one() {
        let mut rows = rows();
        let [priced, unpriced] = [1, 2].map(|i| tile(&rows, &rows.cards[i], &rows.prices[i], 0));
        let button = format!("data-add=\"{}\"", ItemId(2));
        assert!(priced.contains(&button) && priced.contains("data-minor=\"590\""), "{priced}");
        assert!(unpriced.contains("No price") && !unpriced.contains("data-add"));
        rows.prices.iter_mut().for_each(|row| row.price_minor = 0);
        let bare = tile(&rows, &rows.cards[1], &rows.prices[1], 0);
        assert!(!bare.contains("No price") && !bare.contains("data-add"), "{bare}");
    }
}
