//! The built page of the shop as a frame for pages that the server draws.

/// The page in three parts, between which head and content of another go.
pub struct Template {
    before_head: String,
    before_content: String,
    after_content: String,
}

/// What the kept page says of itself and another page says in its place.
const OF_THE_SHOP: [(&str, &str); 3] =
    [("<title>", "</title>"), ("<meta name=\"description\"", ">"), ("<noscript>", "</noscript>")];

const APP: &str = "<div id=\"app\">";

impl Template {
    /// Takes a built `index.html` apart. One without the shop's `#app`, as there is before the
    /// bundle is built, gets it at its end.
    pub fn of(index: &str) -> Self {
        let page =
            OF_THE_SHOP.iter().fold(index.to_owned(), |page, (from, to)| cut(&page, from, to));
        let head = page.find("<link").or_else(|| page.find("</head>")).unwrap_or(page.len());
        let (before_head, page) = page.split_at(head);
        let (before_content, after_content) = match page.split_once(APP) {
            // What it says while the program is on its way has no element of its name in it.
            Some((before, after)) => {
                (before.to_owned() + APP, after.split_once("</div>").map_or("", |(_, rest)| rest))
            }
            None => (page.to_owned() + APP, ""),
        };
        Self {
            before_head: before_head.to_owned(),
            before_content,
            after_content: format!("</div>{after_content}"),
        }
    }

    /// The page with this head and this content, both of them HTML.
    pub fn filled(&self, head: &str, content: &str) -> String {
        [&self.before_head, head, &self.before_content, content, &self.after_content].concat()
    }
}

/// A text less its first part from one mark to the next, both included.
fn cut(text: &str, from: &str, to: &str) -> String {
    let Some((before, rest)) = text.split_once(from) else { return text.to_owned() };
    let Some((_, after)) = rest.split_once(to) else { return text.to_owned() };
    [before, after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INDEX: &str = include_str!("../../../../web/index.html");

    #[test]
    fn the_shops_page_becomes_another_with_the_same_program() {
        let page = Template::of(INDEX).filled("<title>Tea</title>", "<main>Tea</main>");
        assert_eq!(page.matches("<title>").count(), 1, "{page}");
        assert!(!page.contains("name=\"description\"") && !page.contains("<noscript>"), "{page}");
        assert!(page.contains("<div id=\"app\"><main>Tea</main></div>"), "{page}");
        assert!(!page.contains("splash\" role"), "{page}");
        for kept in
            ["<meta charset", "name=\"viewport\"", "data-bin=\"shop\"", "id=\"fatal-reload\""]
        {
            assert!(page.contains(kept), "{kept}");
        }
        // Scripts are allowed by their hashes: they stay as they are.
        let (head, _) = page.split_once("<link").expect("links");
        assert!(head.ends_with("<title>Tea</title>"), "{head}");
    }

    #[test]
    fn a_page_without_the_program_is_filled_too() {
        let page = Template::of("<!doctype html><title>Vitrine</title><h1>Not built</h1>");
        let page = page.filled("<title>Tea</title>", "<main></main>");
        assert!(page.ends_with("<title>Tea</title><div id=\"app\"><main></main></div>"), "{page}");
    }
}
