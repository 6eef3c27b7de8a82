//! Lists of products and departments, whose links a crawler can follow.

use std::fmt::Write as _;

use vitrine_domain::ItemId;
use vitrine_wire::{Card, PriceRow};

use super::document::Frame;
use super::price_text::price_text;
use super::variants::is_sold_out;
use crate::directory::{PageShelf, ShelfPlace, product_path};
use crate::http::front::html::{detail, has_prices, lowest_price, picture};
use crate::http::openapi::escape;

/// A price, which the page's script writes as the browser's locale does.
pub fn price(frame: &Frame<'_>, minor: u64) -> String {
    let text = price_text(minor, &frame.manifest.currency);
    format!("<span class=\"price\" data-minor=\"{minor}\">{}</span>", escape(&text))
}

/// A link to a product's page, which the program reads as a fragment.
pub fn product_link(card: &Card) -> String {
    format!("href=\"{}\" data-route=\"#/item/{}\"", product_path(card), card.id)
}

/// A link to a department or category, which the program reads as a search.
pub fn shelf_link(place: ShelfPlace<'_>) -> String {
    format!("href=\"{}\" data-route=\"{}\"", place.shelf().path, escape(&place.route()))
}

/// Tiles of these products in their order; what is gone meanwhile is left out.
pub fn list(frame: &Frame<'_>, class: &str, ids: impl Iterator<Item = ItemId>) -> String {
    let both = |id| Some((frame.rows.card(id)?, frame.rows.price(id)?));
    let tiles: String = ids.filter_map(both).map(|(card, of)| tile(frame, card, of)).collect();
    match tiles.is_empty() {
        true => String::new(),
        false => format!("<ul class=\"{class}\">{tiles}</ul>"),
    }
}

/// A part of a page: a heading and tiles below it; nothing without tiles.
pub fn row(frame: &Frame<'_>, heading: &str, ids: impl Iterator<Item = ItemId>) -> String {
    match list(frame, "row", ids) {
        list if list.is_empty() => String::new(),
        list => format!("<section class=\"section\"><h2>{}</h2>{list}</section>", escape(heading)),
    }
}

/// Links to all departments.
pub fn departments(frame: &Frame<'_>) -> String {
    let departments = frame.directory.departments.iter();
    let places = departments.map(|department| ShelfPlace { department, category: None });
    chips("Departments", places)
}

/// Links to the categories of a department.
pub fn categories(department: &PageShelf) -> String {
    let categories = department.categories.iter();
    let places = categories.map(|category| ShelfPlace { department, category: Some(category) });
    chips("Categories", places)
}

fn chips<'a>(label: &str, places: impl Iterator<Item = ShelfPlace<'a>>) -> String {
    let mut chips = String::new();
    for place in places {
        let name = escape(&place.shelf().name);
        _ = write!(chips, "<li><a {}>{name}</a></li>", shelf_link(place));
    }
    match chips.is_empty() {
        true => String::new(),
        false => format!(
            "<nav class=\"section\" aria-label=\"{label}\"><ul class=\"chips read\">{chips}</ul></nav>"
        ),
    }
}

fn tile(frame: &Frame<'_>, card: &Card, row: &PriceRow) -> String {
    let (minor, is_from) = lowest_price(row, frame.now_seconds);
    let price = match minor {
        0 if has_prices(frame.rows) => "<span class=\"price none\">No price</span>".to_owned(),
        0 => String::new(),
        _ => format!("{}{}", if is_from { "from " } else { "" }, price(frame, minor.into())),
    };
    let sold_out = match is_sold_out(row) {
        true => "<span class=\"muted small\">Sold out</span>",
        false => "",
    };
    format!(
        "<li><article class=\"tile\"><a {}>{}<div class=\"tile-text\"><h3 class=\"tile-title\">{}</h3>\
         <p class=\"tile-detail\">{}</p></div></a><div class=\"tile-foot\"><div class=\"tile-buy\">\
         <span class=\"prices\">{price}</span></div>{sold_out}</div></article></li>",
        product_link(card),
        picture(frame.rows, card),
        escape(&card.title),
        escape(&detail(card)),
    )
}
