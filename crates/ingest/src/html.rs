//! Plain text of a description that is written in HTML.

/// Elements after which the text goes on in a line of its own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "br",
    "dd",
    "div",
    "dl",
    "dt",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "li",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "td",
    "th",
    "tr",
    "ul",
];
/// Elements whose content is no text for readers.
const HIDDEN: &[&str] = &["script", "style", "template"];
/// Longest name of an entity, in bytes.
const ENTITY_BYTES_MAX: usize = 12;

/// The text of `html` with its entities resolved; every run of white space is one space.
/// Text without tags and entities stays as it is, but for white space.
pub(crate) fn plain_text(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        let Some((tag, after)) = tag(&rest[at..]) else {
            // "5 < 7" is no tag.
            text.push('<');
            rest = &rest[at + 1..];
            continue;
        };
        rest = after;
        if let Some(hidden) = HIDDEN.iter().find(|name| tag.eq_ignore_ascii_case(name)) {
            rest = after_end(rest, hidden);
        } else if BLOCKS.iter().any(|name| tag.eq_ignore_ascii_case(name)) {
            text.push(' ');
        }
    }
    text.push_str(rest);
    let resolved = resolved(&text);
    resolved.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The name of the tag that `text` begins with (`p` for `<p class="a">` and `</p>`, empty for
/// a comment), and what follows it.
fn tag(text: &str) -> Option<(&str, &str)> {
    if let Some(comment) = text.strip_prefix("<!--") {
        return Some(("", comment.split_once("-->").map_or("", |(_, after)| after)));
    }
    let inner = text[1..].strip_prefix(['/', '!']).unwrap_or(&text[1..]);
    if !inner.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let name = inner.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(inner.len());
    let (mut quote, mut end) = (None, None);
    for (at, c) in inner.char_indices().skip(name) {
        match (quote, c) {
            (None, '>') => {
                end = Some(at);
                break;
            }
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    // A quote that is never closed: the tag ends at the first bracket.
    let end = end.or_else(|| inner.find('>'))?;
    Some((&inner[..name], &inner[end + 1..]))
}

/// What follows the end tag of `name`.
fn after_end<'a>(text: &'a str, name: &str) -> &'a str {
    for (at, _) in text.match_indices("</") {
        let inner = &text[at + 2..];
        let is_it = inner.get(..name.len()).is_some_and(|is| is.eq_ignore_ascii_case(name));
        if is_it {
            return inner.split_once('>').map_or("", |(_, after)| after);
        }
    }
    ""
}

/// `text` with its character references resolved; what is none stays.
pub(crate) fn resolved(text: &str) -> String {
    let mut resolved = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        resolved.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let name = after
            .find(';')
            .filter(|&end| end <= ENTITY_BYTES_MAX)
            .and_then(|end| Some((character(&after[..end])?, end)));
        match name {
            Some((c, end)) => {
                resolved.push(c);
                rest = &after[end + 1..];
            }
            None => {
                resolved.push('&');
                rest = after;
            }
        }
    }
    resolved.push_str(rest);
    resolved
}

/// The character that a reference names: `amp`, `#8364`, `#x20AC`. Of the names of HTML, those
/// that texts of shops have.
pub(crate) fn character(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code).filter(|&c| c != '\0');
    }
    let (_, c) = NAMED.iter().find(|(known, _)| *known == name)?;
    Some(*c)
}

const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", '\u{a0}'),
    ("shy", '\u{ad}'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("hellip", '…'),
    ("bull", '•'),
    ("middot", '·'),
    ("laquo", '«'),
    ("raquo", '»'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("sbquo", '‚'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("bdquo", '„'),
    ("deg", '°'),
    ("reg", '®'),
    ("copy", '©'),
    ("trade", '™'),
    ("euro", '€'),
    ("pound", '£'),
    ("yen", '¥'),
    ("cent", '¢'),
    ("sect", '§'),
    ("para", '¶'),
    ("times", '×'),
    ("divide", '÷'),
    ("plusmn", '±'),
    ("frac12", '½'),
    ("frac14", '¼'),
    ("frac34", '¾'),
    ("sup2", '²'),
    ("sup3", '³'),
    ("micro", 'µ'),
    ("iexcl", '¡'),
    ("iquest", '¿'),
    ("szlig", 'ß'),
    ("auml", 'ä'),
    ("ouml", 'ö'),
    ("uuml", 'ü'),
    ("Auml", 'Ä'),
    ("Ouml", 'Ö'),
    ("Uuml", 'Ü'),
    ("euml", 'ë'),
    ("iuml", 'ï'),
    ("agrave", 'à'),
    ("aacute", 'á'),
    ("acirc", 'â'),
    ("atilde", 'ã'),
    ("aring", 'å'),
    ("aelig", 'æ'),
    ("ccedil", 'ç'),
    ("egrave", 'è'),
    ("eacute", 'é'),
    ("ecirc", 'ê'),
    ("igrave", 'ì'),
    ("iacute", 'í'),
    ("icirc", 'î'),
    ("ntilde", 'ñ'),
    ("ograve", 'ò'),
    ("oacute", 'ó'),
    ("ocirc", 'ô'),
    ("otilde", 'õ'),
    ("oslash", 'ø'),
    ("ugrave", 'ù'),
    ("uacute", 'ú'),
    ("ucirc", 'û'),
    ("Agrave", 'À'),
    ("Aacute", 'Á'),
    ("Aring", 'Å'),
    ("AElig", 'Æ'),
    ("Ccedil", 'Ç'),
    ("Egrave", 'È'),
    ("Eacute", 'É'),
    ("Ntilde", 'Ñ'),
    ("Oacute", 'Ó'),
    ("Oslash", 'Ø'),
    ("Uacute", 'Ú'),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_go_blocks_part_words_and_entities_are_read() {
        let cases = [
            ("<p>Caf&eacute; &amp; t&#233;</p><p>fresh</p>", "Café & té fresh"),
            ("bold<b>er</b>", "bolder"),
            ("a<br/>b<BR>c", "a b c"),
            ("x<!-- no > --> y", "x y"),
            ("<style>p { color: red }</style>seen<script>if (a < b) {}</SCRIPT> too", "seen too"),
            ("5 < 7 && 8 > 6", "5 < 7 && 8 > 6"),
            ("<a title=\"1 > 0\" href='x'>link</a>", "link"),
            ("&unknown; &#0; &#x20AC; &", "&unknown; &#0; € &"),
            ("<p unclosed", "<p unclosed"),
            ("line\n  break\u{a0}here", "line break here"),
        ];
        for (html, text) in cases {
            assert_eq!(plain_text(html), text, "{html}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_survived(text in "[<>&;/!a-p'\"#x \\-é]{0,80}") {
            proptest::prop_assert!(plain_text(&text).len() <= text.len() + 1);
        }
    }
}
