//! The page of a department or a category: what most people buy of it, and all else page by page.

use vitrine_domain::ItemId;
use vitrine_rules::Surface;

use super::document::{Document, Frame};
use super::{structured, tiles};
use crate::directory::ShelfPlace;
use crate::http::openapi::escape;
use crate::rules::PageList;

/// Products of one page.
const N_TILES: usize = 24;

/// Products that a page's description names.
const N_NAMED: usize = 5;

/// Page `number`, from 1; `None` where there is none.
pub fn page(frame: &Frame<'_>, place: ShelfPlace<'_>, number: usize) -> Option<Document> {
    let shelf = place.shelf();
    let start = number.checked_sub(1)?.checked_mul(N_TILES)?;
    let cards = shown(frame, place);
    // A department of which all is restricted still leads to its categories.
    let ids = cards.get(start..).filter(|rest| number == 1 || !rest.is_empty())?;
    let ids = &ids[..ids.len().min(N_TILES)];
    let n_pages = cards.len().div_ceil(N_TILES);
    let main = format!(
        "{}<div data-arrived>{}{}</div>{}{}",
        heading(place, cards.len()),
        tiles::list(frame, "grid", ids.iter().copied()),
        paging(&shelf.path, number, n_pages),
        place.category.map_or_else(|| tiles::categories(place.department), |_| String::new()),
        tiles::departments(frame),
    );
    let path = numbered(&shelf.path, number);
    let titles = ids.iter().filter_map(|id| Some(frame.rows.card(*id)?.title.as_str()));
    let named: Vec<&str> = titles.take(N_NAMED).collect();
    let description = format!("{} of {}", shelf.name, frame.manifest.shop);
    Some(Document {
        title: match number {
            1 => shelf.name.clone(),
            _ => format!("{}, page {number}", shelf.name),
        },
        description: match named.is_empty() {
            true => format!("{description}."),
            false => format!("{description}: {}.", named.join(", ")),
        },
        route: Some(place.route()),
        properties: vec![("og:type", "website".to_owned())],
        structured: vec![
            structured::breadcrumbs(frame, place, None),
            structured::item_list(frame, &shelf.name, &path, start, ids),
        ],
        path: Some(path),
        main,
    })
}

/// The cards of a shelf as rules for everyone place them, less what is shown only to those who ask
/// for it where that is a part of the shelf, and not the shelf itself.
fn shown(frame: &Frame<'_>, place: ShelfPlace<'_>) -> Vec<ItemId> {
    let (restricted, names) = (frame.restricted(), &frame.manifest.catalogue.never_recommended);
    let is_asked_for = place.way().any(|shelf| names.contains(&shelf.name));
    let may_show = |id: &ItemId| {
        is_asked_for || frame.rows.card(*id).is_some_and(|card| !restricted.has(card))
    };
    let cards = place.shelf().cards.iter().copied().filter(may_show).collect();
    let list = PageList {
        surface: Surface::CategoryPage,
        department: &place.department.name,
        category: place.category.map_or("", |category| category.name.as_str()),
        page_places: N_TILES,
    };
    frame.page_rules().arranged(cards, list)
}

/// Its name, where it is, and how many products it has.
fn heading(place: ShelfPlace<'_>, n_cards: usize) -> String {
    let department = ShelfPlace { category: None, ..place };
    let crumbs = place.category.map_or_else(String::new, |_| {
        format!(
            "<ul class=\"crumbs\" aria-label=\"Where it is\"><li><a {}>{}</a></li></ul>",
            tiles::shelf_link(department),
            escape(&department.shelf().name)
        )
    });
    let noun = if n_cards == 1 { "product" } else { "products" };
    format!(
        "<div class=\"page-head\"><div>{crumbs}<h1 tabindex=\"-1\">{}</h1>\
         <p>{n_cards} {noun}, most bought first.</p></div></div>",
        escape(&place.shelf().name)
    )
}

/// The path of one of the pages of a shelf.
fn numbered(path: &str, number: usize) -> String {
    match number {
        1 => path.to_owned(),
        _ => format!("{path}?page={number}"),
    }
}

fn paging(path: &str, number: usize, n_pages: usize) -> String {
    let link = |to: usize, rel: &str, words: &str| {
        format!("<a class=\"button\" rel=\"{rel}\" href=\"{}\">{words}</a> ", numbered(path, to))
    };
    let mut links = String::new();
    if number > 1 {
        links.push_str(&link(number - 1, "prev", "Previous page"));
    }
    if number < n_pages {
        links.push_str(&link(number + 1, "next", "Next page"));
    }
    match links.is_empty() {
        true => links,
        false => format!("<p class=\"more\" data-paging>{links}</p>"),
    }
}
