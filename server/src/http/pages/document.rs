//! One page: what its head says to search engines, what its body shows.

use std::fmt::Write as _;

use serde_json::Value;
use vitrine_domain::Manifest;
use vitrine_domain::currency::minor_digits;
use vitrine_wire::{CatalogueRows, Restricted};

use super::structured;
use super::template::Template;
use super::tiles;
use crate::directory::Directory;
use crate::http::front::html::{HeaderLinks, feed_places, header, most_bought};
use crate::http::openapi::escape;
use crate::rules::{PageRules, ServedRules};

/// Longest description of a page, in characters: what search engines show of one.
const DESCRIPTION_CHARS_MAX: usize = 160;

/// Products that a page without content leads to.
const N_INSTEAD: usize = 12;

/// What pages are drawn of.
pub struct Frame<'a> {
    /// Where the shop is reached: `https://shop.example`.
    pub origin: &'a str,
    /// The built page.
    pub template: &'a Template,
    /// The served manifest.
    pub manifest: &'a Manifest,
    /// The served rows.
    pub rows: &'a CatalogueRows,
    /// The departments of those.
    pub directory: &'a Directory,
    /// The served rules.
    pub rules: &'a ServedRules,
    /// The language of the catalogue's texts.
    pub locale: &'a str,
    /// The moment whose prices are shown, in seconds since 1970-01-01 UTC.
    pub now_seconds: i64,
}

/// A page, before it is framed. Texts are plain; `main` alone is HTML.
#[derive(Default)]
pub struct Document {
    /// What it is of.
    pub title: String,
    /// What search engines show of it.
    pub description: String,
    /// Its path, percent-encoded; `None` for what is no page of the shop.
    pub path: Option<String>,
    /// The fragment that the program shows in its place; `None` where the address says it.
    pub route: Option<String>,
    /// Properties of Open Graph besides those that follow from the others.
    pub properties: Vec<(&'static str, String)>,
    /// What schema.org calls it.
    pub structured: Vec<Value>,
    /// HTML of its content.
    pub main: String,
}

impl Frame<'_> {
    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Departments and categories that are shown only to those who ask for them.
    pub fn restricted(&self) -> Restricted {
        Restricted::of(&self.manifest.catalogue.never_recommended, self.rows)
    }

    /// The rules for everyone, to arrange lists by.
    pub fn page_rules(&self) -> PageRules<'_> {
        let Self { rules, rows, locale, now_seconds, .. } = *self;
        PageRules { rules, rows, locale, now_seconds }
    }

    /// The page as it is sent.
    pub fn render(&self, page: &Document) -> String {
        let route = page.route.as_ref();
        let route = route.map_or_else(String::new, |r| format!(" data-route=\"{}\"", escape(r)));
        let content = format!(
            "{}<main id=\"main\" tabindex=\"-1\" data-front{route} data-currency=\"{}\" data-digits=\"{}\">{}</main>\
             <footer class=\"foot\"><div class=\"foot-row\"><p>Prices and stock are those of this \
             moment. Search, basket and an order of your own need JavaScript.</p></div></footer>",
            header(&self.manifest.shop, HeaderLinks::Addresses),
            escape(&self.manifest.currency),
            minor_digits(&self.manifest.currency),
            page.main,
        );
        self.template.filled(&self.head(page), &content)
    }

    fn head(&self, page: &Document) -> String {
        let shop = &self.manifest.shop;
        let description = shortened(&page.description);
        let mut head = format!(
            "<title>{} · {}</title><meta name=\"description\" content=\"{}\">",
            escape(&page.title),
            escape(shop),
            escape(&description),
        );
        let Some(path) = &page.path else {
            head.push_str("<meta name=\"robots\" content=\"noindex\">");
            return head;
        };
        let url = self.url(path);
        // `data-arrival`: what the program takes away once another page is shown.
        _ = write!(head, "<link rel=\"canonical\" data-arrival href=\"{}\">", escape(&url));
        let own = [
            ("og:title", page.title.clone()),
            ("og:description", description),
            ("og:url", url),
            ("og:site_name", shop.clone()),
        ];
        for (name, content) in own.iter().chain(&page.properties) {
            let content = escape(content);
            _ = write!(head, "<meta property=\"{name}\" data-arrival content=\"{content}\">");
        }
        for data in &page.structured {
            head.push_str(&structured::script(data));
        }
        head
    }
}

/// What is not there, and ways on: the most bought products and all departments.
pub fn missing(frame: &Frame<'_>, title: &str) -> Document {
    let popular: Vec<_> = most_bought(frame.manifest, frame.rows);
    let ids = feed_places(&frame.page_rules(), &popular, N_INSTEAD).into_iter().take(N_INSTEAD);
    let main = format!(
        "<div data-arrived><h1 tabindex=\"-1\">{}</h1><p class=\"muted\">It may have been taken off \
         the shelves, or the address is wrong.</p>{}{}</div>",
        escape(title),
        tiles::row(frame, "Popular now", ids),
        tiles::departments(frame),
    );
    Document {
        title: title.to_owned(),
        description: format!("{title}."),
        main,
        ..Document::default()
    }
}

/// The first words of a text.
fn shortened(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if words.chars().count() <= DESCRIPTION_CHARS_MAX {
        return words;
    }
    let cut: String = words.chars().take(DESCRIPTION_CHARS_MAX).collect();
    let end = cut.rfind(' ').unwrap_or(cut.len());
    format!("{}…", &cut[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_ends_with_a_word() {
        assert_eq!(shortened("  Tea \n of\tspring "), "Tea of spring");
        let long = shortened(&"grün ".repeat(60));
        assert!(long.ends_with("grün…") && long.chars().count() <= DESCRIPTION_CHARS_MAX + 1);
    }
}
