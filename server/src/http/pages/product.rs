//! The page of a product.

use vitrine_domain::currency::amount_text;
use vitrine_domain::{ItemId, OfferAmount, Positives};
use vitrine_rules::Surface;
use vitrine_wire::{Card, DetailRow, PriceRow, RelatedRow};

use super::document::{Document, Frame};
use super::variants::{PageVariant, variants};
use super::{picture, structured, tiles};
use crate::directory::{ShelfPlace, product_path};
use crate::http::front::html::{has_prices, lowest_price};
use crate::http::openapi::escape;
use crate::live::Live;
use crate::rules::PageList;

/// Products shown of each sort, as the program shows them.
const N_RELATED: usize = 6;

/// Pieces in stock that are said to be few.
const STOCK_LOW: u32 = 5;

/// The page of a card.
pub fn page(live: &Live, frame: &Frame<'_>, card: &Card) -> Document {
    let none = PriceRow { id: card.id, ..PriceRow::default() };
    let price = frame.rows.price(card.id).unwrap_or(&none);
    let details = frame.rows.details(card.id);
    let variants = variants(card, price, details, frame.now_seconds);
    let place = frame.directory.place_of(frame.rows, card);
    let path = product_path(card);
    let product = structured::PageProduct { card, price, details, variants: &variants };
    let mut lists = vec![structured::product(frame, &product, &path)];
    lists.extend(place.map(|place| structured::breadcrumbs(frame, place, Some(card))));
    Document {
        title: card.title.clone(),
        description: description(frame, card, details),
        route: Some(format!("#/item/{}", card.id)),
        properties: properties(frame, &product),
        structured: lists,
        main: main(live, frame, &product, place),
        path: Some(path),
    }
}

fn description(frame: &Frame<'_>, card: &Card, details: Option<&DetailRow>) -> String {
    match details.map(|details| details.description.trim()).filter(|text| !text.is_empty()) {
        Some(text) => text.to_owned(),
        None => {
            let parts = [card.title.as_str(), card.brand.as_str(), frame.manifest.shop.as_str()];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
        }
    }
}

fn properties(frame: &Frame<'_>, of: &structured::PageProduct<'_>) -> Vec<(&'static str, String)> {
    let currency = &frame.manifest.currency;
    let mut all = vec![("og:type", "product".to_owned())];
    all.extend(picture::addresses(frame, of.card).into_iter().take(1).map(|url| ("og:image", url)));
    let (minor, _) = lowest_price(of.price, frame.now_seconds);
    if minor > 0 {
        all.push(("product:price:amount", amount_text(minor.into(), currency)));
        all.push(("product:price:currency", currency.clone()));
    }
    let availability = if of.is_sold_out() { "out of stock" } else { "in stock" };
    all.push(("product:availability", availability.to_owned()));
    all
}

fn main(
    live: &Live,
    frame: &Frame<'_>,
    of: &structured::PageProduct<'_>,
    place: Option<ShelfPlace<'_>>,
) -> String {
    let card = of.card;
    let back = match place {
        Some(place) => format!(
            "<a class=\"back\" {}>‹ {}</a>",
            tiles::shelf_link(place),
            escape(&place.shelf().name)
        ),
        None => "<a class=\"back\" href=\"/\" data-route=\"#/\">‹ To the shop</a>".to_owned(),
    };
    format!(
        "{back}<div data-arrived><article class=\"product\">{}<div>{}<h1 tabindex=\"-1\">{}</h1>{}\
         <p class=\"product-price\">{}{}</p>{}{}{}</div></article>{}{}</div>{}",
        picture::main_picture(frame.rows, card),
        crumbs(card, place),
        escape(&card.title),
        rating(of.price),
        prices(frame, of),
        tax(frame),
        stock(of),
        bought(live, of.price),
        variant_list(frame, of),
        offer(frame, card),
        details(of.details),
        beside(frame, card, place),
    )
}

fn crumbs(card: &Card, place: Option<ShelfPlace<'_>>) -> String {
    let Some(place) = place else { return String::new() };
    let link = |place: ShelfPlace<'_>| {
        format!("<li><a {}>{}</a></li>", tiles::shelf_link(place), escape(&place.shelf().name))
    };
    let department = link(ShelfPlace { category: None, ..place });
    let category = place.category.map_or_else(String::new, |_| link(place));
    let brand = match card.brand.is_empty() {
        true => String::new(),
        false => format!("<li>{}</li>", escape(&card.brand)),
    };
    format!("<ul class=\"crumbs\" aria-label=\"Where it is\">{department}{category}{brand}</ul>")
}

fn rating(price: &PriceRow) -> String {
    price.rating.map_or_else(String::new, |rating| {
        let tenths = (rating.hundredths + 5) / 10;
        format!("<span class=\"rating\">★ {}.{} ({})</span>", tenths / 10, tenths % 10, rating.n)
    })
}

/// The lowest price, whether others are higher, what it was before a sale, and the unit's.
fn prices(frame: &Frame<'_>, of: &structured::PageProduct<'_>) -> String {
    let (minor, is_from) = lowest_price(of.price, frame.now_seconds);
    if minor == 0 {
        return match has_prices(frame.rows) {
            true => "<span class=\"price none\">No price</span>".to_owned(),
            false => String::new(),
        };
    }
    let mut of_price = of.variants.iter().filter(|variant| variant.now_minor == minor);
    let first = of_price.clone().next();
    let variant = of_price.find(|variant| variant.in_stock).or(first);
    let before = variant.map(|variant| variant.usual_minor).filter(|usual| *usual > minor);
    let before = before.map(|usual| format!(" <s>{}</s>", tiles::price(frame, usual.into())));
    let unit = variant.and_then(|variant| unit_price(frame, variant));
    format!(
        "<span class=\"prices{}\">{}{}{}</span><small class=\"unit-price\">{}</small>",
        if before.is_some() { " sale" } else { "" },
        if is_from { "from " } else { "" },
        tiles::price(frame, minor.into()),
        before.unwrap_or_default(),
        unit.unwrap_or_default(),
    )
}

fn unit_price(frame: &Frame<'_>, variant: &PageVariant<'_>) -> Option<String> {
    let unit = variant.facts?.unit.as_ref().filter(|_| variant.now_minor > 0)?;
    let minor = unit.price_minor(variant.now_minor);
    Some(format!("{} / {}", tiles::price(frame, minor), escape(&unit.per)))
}

fn tax(frame: &Frame<'_>) -> &'static str {
    match frame.manifest.prices.tax_included {
        Some(true) => "<small class=\"muted\">incl. tax</small>",
        Some(false) => "<small class=\"muted\">excl. tax</small>",
        None => "",
    }
}

fn stock(of: &structured::PageProduct<'_>) -> String {
    if of.is_sold_out() {
        return "<p><strong>Sold out</strong></p>".to_owned();
    }
    let first = of.variants.iter().find(|variant| variant.in_stock);
    let left = first.and_then(|variant| variant.facts?.stock).filter(|n| *n <= STOCK_LOW);
    let words = left.map_or_else(|| "In stock".to_owned(), |n| format!("Only {n} left"));
    format!("<p class=\"muted small\">{words}</p>")
}

fn bought(live: &Live, price: &PriceRow) -> String {
    match (price.n_buyers, live.manifest.catalogue.positives) {
        (0, _) => String::new(),
        (n, Positives::Purchases) => {
            format!("<p class=\"muted small\">Bought by {n} households</p>")
        }
        (n, Positives::Clicks) => format!("<p class=\"muted small\">Looked at by {n} shoppers</p>"),
    }
}

fn offer(frame: &Frame<'_>, card: &Card) -> String {
    let offer = frame.rows.offer(card.id).filter(|of| frame.now_seconds < of.until_seconds);
    offer.map_or_else(String::new, |offer| {
        let label = escape(&offer.label);
        let words = match offer.amount {
            OfferAmount::Unsaid => label,
            OfferAmount::Percent(percent) => format!("{label} · {percent}% off"),
            OfferAmount::Minor(minor) => {
                format!("{label} · {} off", tiles::price(frame, minor.into()))
            }
        };
        format!("<p class=\"offer-line\">{words}</p>")
    })
}

/// Sizes and makers, where there is more than one.
fn variant_list(frame: &Frame<'_>, of: &structured::PageProduct<'_>) -> String {
    if of.variants.len() < 2 {
        return String::new();
    }
    let row = |variant: &PageVariant<'_>| {
        let texts = [variant.row.size.as_str(), variant.row.manufacturer.as_str()];
        let texts: Vec<&str> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        let label = if texts.is_empty() { variant.row.sku.clone() } else { texts.join(", ") };
        let price = match (variant.in_stock, variant.now_minor) {
            (false, _) => "sold out".to_owned(),
            (true, 0) => String::new(),
            (true, minor) => tiles::price(frame, minor.into()),
        };
        let unit = unit_price(frame, variant).filter(|_| variant.in_stock);
        let unit = unit.map_or_else(String::new, |unit| format!("<small>{unit}</small>"));
        format!(
            "<li class=\"variant\"><span>{}<small>{price}</small>{unit}</span></li>",
            escape(&label)
        )
    };
    let rows: String = of.variants.iter().map(row).collect();
    format!(
        "<div class=\"variants\"><h2 class=\"field-label\">Sizes</h2>\
         <ul class=\"variant-list\">{rows}</ul></div>"
    )
}

fn details(details: Option<&DetailRow>) -> String {
    let Some(details) = details else { return String::new() };
    let row = |(name, value): &(String, String)| {
        format!("<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value))
    };
    let rows: String = details.characteristics.iter().map(row).collect();
    if details.description.is_empty() && rows.is_empty() {
        return String::new();
    }
    format!(
        "<section class=\"section details\" aria-label=\"About this product\">\
         <h2>About this product</h2><p>{}</p><dl>{rows}</dl></section>",
        escape(&details.description)
    )
}

/// What goes with it, what stands for it, and what most people buy of the same category.
fn beside(frame: &Frame<'_>, card: &Card, place: Option<ShelfPlace<'_>>) -> String {
    let restricted = frame.restricted();
    let may_show = |id: &ItemId| frame.rows.card(*id).is_some_and(|other| !restricted.has(other));
    let list = PageList {
        surface: Surface::ProductPage,
        department: &frame.rows.departments[usize::from(card.department)],
        category: &frame.rows.categories[usize::from(card.category)],
        page_places: N_RELATED,
    };
    let arranged = |ids: Vec<ItemId>| frame.page_rules().arranged(ids, list).into_iter();
    let row = |heading: &str, of: Option<&RelatedRow>| {
        let ids = of.into_iter().flat_map(|of| of.related.iter().copied());
        tiles::row(frame, heading, arranged(ids.filter(may_show).collect()).take(N_RELATED))
    };
    let more = place.map_or_else(String::new, |place| {
        let shelf = place.shelf();
        let others = shelf.cards.iter().copied().filter(|id| *id != card.id);
        // Who looks at one product of a restricted category sees others of it.
        let others = others.filter(|id| restricted.has(card) || may_show(id));
        let heading = format!("More in {}", shelf.name);
        tiles::row(frame, &heading, arranged(others.collect()).take(N_RELATED))
    });
    format!(
        "{}{}{more}{}",
        row("Goes well with this", frame.rows.related_to(card.id)),
        row("Instead of this", frame.rows.alternatives_to(card.id)),
        tiles::departments(frame),
    )
}
