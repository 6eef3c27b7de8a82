//! The start tags of a page: enough HTML to see what it loads.

/// A start tag.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct StartTag<'h> {
    /// Its name in lower case.
    pub name: String,
    attributes: Vec<(String, String)>,
    /// What is between it and its end tag, for a script; empty for all others.
    pub script: &'h str,
}

impl StartTag<'_> {
    /// The value of an attribute, whose name is in lower case; empty where it has none.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Elements whose content is text, in which nothing is a tag.
const RAW: &[&str] = &["script", "style", "textarea", "title"];

/// All start tags of `html` in their order, also those within templates. Comments and the
/// content of scripts and styles have none.
pub(super) fn start_tags(html: &str) -> Vec<StartTag<'_>> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        } else if rest.starts_with(|c: char| c.is_ascii_alphabetic()) {
            let (mut tag, after) = start_tag(rest);
            rest = after;
            if RAW.contains(&tag.name.as_str()) {
                let end = end_of_raw(rest, &tag.name);
                if tag.name == "script" {
                    tag.script = &rest[..end];
                }
                rest = &rest[end..];
            }
            tags.push(tag);
        }
    }
    tags
}

/// Where the end tag of a raw element begins; the end of the text where there is none.
fn end_of_raw(text: &str, name: &str) -> usize {
    let is_end = |at: &usize| {
        let after = &text.as_bytes()[at + 2..];
        after.len() >= name.len() && after[..name.len()].eq_ignore_ascii_case(name.as_bytes())
    };
    text.match_indices("</").map(|(at, _)| at).find(is_end).unwrap_or(text.len())
}

/// The tag whose name `text` begins with, and what follows it.
fn start_tag(text: &str) -> (StartTag<'_>, &str) {
    let is_end = |c: char| c.is_ascii_whitespace() || matches!(c, '>' | '/');
    let (name, mut rest) = text.split_at(text.find(is_end).unwrap_or(text.len()));
    let mut tag = StartTag { name: name.to_ascii_lowercase(), ..StartTag::default() };
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return (tag, rest);
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        let (attribute, after) = attribute(rest);
        tag.attributes.push(attribute);
        rest = after;
    }
}

/// The attribute that `text` begins with, and what follows it.
fn attribute(text: &str) -> ((String, String), &str) {
    // A "=" in the first place belongs to the name, as browsers read it.
    let is_end = |(at, c): &(usize, char)| {
        c.is_ascii_whitespace() || matches!(c, '>' | '/') || (*c == '=' && *at > 0)
    };
    let end = text.char_indices().find(is_end).map_or(text.len(), |(at, _)| at);
    let (name, rest) = text.split_at(end);
    let name = name.to_ascii_lowercase();
    let Some(value) = rest.trim_start().strip_prefix('=') else {
        return ((name, String::new()), rest);
    };
    let value = value.trim_start();
    let (value, rest) = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split_once(quote).unwrap_or((&value[1..], "")),
        _ => {
            let is_end = |c: char| c.is_ascii_whitespace() || c == '>';
            value.split_at(value.find(is_end).unwrap_or(value.len()))
        }
    };
    ((name, unescaped(value)), rest)
}

/// A value with the entities that are usual in addresses and policies.
fn unescaped(value: &str) -> String {
    let named = [("&quot;", "\""), ("&#39;", "'"), ("&apos;", "'"), ("&lt;", "<"), ("&gt;", ">")];
    let value = named.iter().fold(value.to_owned(), |text, (name, is)| text.replace(name, is));
    value.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_as_browsers_read_them() {
        let tags = start_tags(
            "<!doctype html><!-- <a b> --><VITRINE-feed limit=4 Dismissible heading='a > b'>\
             </vitrine-feed><script type=\"module\">if (1 < 2) '<p>'</SCRIPT><br/>\
             <meta content=\"img-src &#39;self&#39;\"><style>p > a { }</style>5 < 7<i x",
        );
        let names: Vec<_> = tags.iter().map(|tag| tag.name.as_str()).collect();
        assert_eq!(names, ["vitrine-feed", "script", "br", "meta", "style", "i"]);
        assert_eq!(tags[0].attribute("limit"), Some("4"));
        assert_eq!(tags[0].attribute("dismissible"), Some(""));
        assert_eq!(tags[0].attribute("heading"), Some("a > b"));
        assert_eq!((tags[0].attribute("src"), tags[0].script), (None, ""));
        assert_eq!(tags[1].script, "if (1 < 2) '<p>'");
        assert_eq!(tags[3].attribute("content"), Some("img-src 'self'"));
        assert_eq!(tags[5].attribute("x"), Some(""));
    }

    #[test]
    fn what_is_cut_off_ends_the_page() {
        for html in ["<", "<a", "<a b", "<a b=", "<a b='c", "<script>x", "<!-- x", "</", "<a ="] {
            assert!(start_tags(html).len() <= 1, "{html}");
        }
        assert_eq!(start_tags("<script>x")[0].script, "x");
    }
}
