//! The page of a department or a category: what most people buy of it, and all else page by page.

use vitrine_domain::ItemId;

use super::directory::Place;
use super::document::{Document, Frame};
use super::{structured, tiles};
use crate::http::openapi::escape;

/// Products of one page.
const N_TILES: usize = 24;

/// Page `number`, from 1; `None` where there is none.
pub fn page(frame: &Frame<'_>, place: Place<'_>, number: usize) -> Option<Document> {
    let shelf = place.shelf();
    let start = number.checked_sub(1)?.checked_mul(N_TILES)?;
    let cards = shown(frame, place);
    let ids = cards.get(start..).filter(|rest| !rest.is_empty())?;
    let ids = &ids[..ids.len().min(N_TILES)];
    let n_pages = cards.len().div_ceil(N_TILES);
    let way = place.department;
    let crumbs = match place.category {
        Some(_) => format!(
            "<ul class=\"crumbs\" aria-label=\"Where it is\"><li><a {}>{}</a></li></ul>",
            tiles::shelf_link(Place { department: way, category: None }),
            escape(&way.name)
        ),
        None => String::new(),
    };
    let inner = match place.category {
        Some(_) => String::new(),
        None => tiles::categories(way),
    };
    let main = format!(
        "<div class=\"page-head\"><div>{crumbs}<h1 tabindex=\"-1\">{}</h1><p>{} products, most \
         bought first.</p></div></div><div data-arrived>{}{}</div>{inner}{}",
        escape(&shelf.name),
        cards.len(),
        tiles::list(frame, "grid", ids.iter().copied()),
        paging(&shelf.path, number, n_pages),
        tiles::departments(frame),
    );
    let path = numbered(&shelf.path, number);
    let named: Vec<&str> =
        ids.iter().take(5).filter_map(|id| Some(frame.rows.card(*id)?.title.as_str())).collect();
    Some(Document {
        title: match number {
            1 => shelf.name.clone(),
            _ => format!("{}, page {number}", shelf.name),
        },
        description: format!("{} of {}: {}.", shelf.name, frame.manifest.shop, named.join(", ")),
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

/// The cards of a shelf, less what is shown only to those who ask for it where that is a part of
/// the shelf, and not the shelf itself.
fn shown(frame: &Frame<'_>, place: Place<'_>) -> Vec<ItemId> {
    let (restricted, names) = (frame.restricted(), &frame.manifest.catalogue.never_recommended);
    let is_asked_for = place.way().any(|shelf| names.contains(&shelf.name));
    let may_show = |id: &ItemId| {
        is_asked_for || frame.rows.card(*id).is_some_and(|card| !restricted.has(card))
    };
    place.shelf().cards.iter().copied().filter(may_show).collect()
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
