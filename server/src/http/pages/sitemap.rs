//! What search engines are told of all pages at once. When a page last changed is not known, and so
//! not said: the log of changes has only what was pushed.

use super::document::Frame;
use crate::directory::product_path;

/// Most addresses of one file, by the protocol (sitemaps.org).
const URLS_MAX: usize = 50_000;

const NAMESPACE: &str = "http://www.sitemaps.org/schemas/sitemap/0.9";

/// The sitemap, or the index of its parts where there are too many addresses for one file; a
/// part by its number, from 1. `None` for a part that is not there.
pub fn sitemap(frame: &Frame<'_>, part: Option<&str>) -> Option<String> {
    let products = frame.rows.cards.iter().map(product_path);
    let shelves = frame.directory.shelves().map(|shelf| shelf.path.clone());
    let paths = std::iter::once("/".to_owned()).chain(shelves).chain(products);
    files(paths.collect(), frame.origin, part, URLS_MAX)
}

/// Which addresses are for programs that read all of them: all but the Studio's.
pub fn robots(origin: &str) -> String {
    format!("User-agent: *\nDisallow: /studio\n\nSitemap: {origin}/sitemap.xml\n")
}

fn files(paths: Vec<String>, origin: &str, part: Option<&str>, max: usize) -> Option<String> {
    let parts: Vec<&[String]> = paths.chunks(max).collect();
    let number: Option<usize> = match part {
        Some(part) => Some(part.parse().ok()?),
        None => None,
    };
    match number {
        Some(number) => {
            Some(list("urlset", "url", origin, parts.get(number.checked_sub(1)?)?.iter()))
        }
        None if parts.len() < 2 => Some(list("urlset", "url", origin, paths.iter())),
        None => {
            let parts = (1..=parts.len()).map(|number| format!("/sitemap.xml?part={number}"));
            let parts: Vec<String> = parts.collect();
            Some(list("sitemapindex", "sitemap", origin, parts.iter()))
        }
    }
}

/// Paths are percent-encoded and have one parameter at most: nothing in them is markup.
fn list<'a>(
    root: &str,
    element: &str,
    origin: &str,
    paths: impl Iterator<Item = &'a String>,
) -> String {
    let row = |path: &String| format!("<{element}><loc>{origin}{path}</loc></{element}>\n");
    let rows: String = paths.map(row).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">\n{rows}</{root}>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_addresses_are_parts_under_an_index() {
        let paths: Vec<String> = (0..5).map(|n| format!("/p/{n}")).collect();
        let file = |part| files(paths.clone(), "https://shop.example", part, 2);
        let index = file(None).expect("an index");
        assert!(index.contains("<sitemapindex") && index.matches("<sitemap>").count() == 3);
        assert!(index.contains("<loc>https://shop.example/sitemap.xml?part=3</loc>"), "{index}");
        let of_parts: Vec<String> = ["1", "2", "3"].map(|n| file(Some(n)).expect("a part")).into();
        let whole = of_parts.concat();
        assert!(paths.iter().all(|path| whole.matches(&format!("example{path}<")).count() == 1));
        assert!(["0", "4", "x", "-1"].iter().all(|part| file(Some(part)).is_none()));
        let small = files(paths, "https://shop.example", None, 5).expect("one file");
        assert!(small.contains("<urlset") && small.matches("<loc>").count() == 5);
    }
}
