//! Faults of single texts, and what mends them.

/// What a text should have been, when it was decoded with the wrong character set.
///
/// UTF-8 that was read as Windows-1252 (or Latin-1) turns into itself when it
/// is written as that and read as UTF-8; a text that people wrote practically
/// never does. A replacement character cannot be mended, see [`is_mojibake`].
pub fn mended_mojibake(text: &str) -> Option<String> {
    let mut mended = once_mended(text)?;
    // Some feeds went through the mill twice.
    while let Some(again) = once_mended(&mended) {
        mended = again;
    }
    Some(mended)
}

/// Whether a text was decoded with the wrong character set.
pub fn is_mojibake(text: &str) -> bool {
    !text.is_ascii() && (text.contains('\u{FFFD}') || once_mended(text).is_some())
}

/// Mends run by run, so that one letter that Windows-1252 lacks does not hide the rest.
fn once_mended(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut mended = false;
    let mut bytes: Vec<u8> = Vec::new();
    let mut run = String::new();
    let mut flush = |run: &mut String, bytes: &mut Vec<u8>, out: &mut String| {
        match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => {
                out.push_str(text);
                mended = true;
            }
            _ => out.push_str(run),
        }
        run.clear();
        bytes.clear();
    };
    for c in text.chars() {
        match windows_1252(c) {
            Some(byte) if byte >= 0x80 => {
                // A new lead byte starts a new run: what came before stands by itself.
                if byte >= 0xC2 && std::str::from_utf8(&bytes).is_ok() {
                    flush(&mut run, &mut bytes, &mut out);
                }
                run.push(c);
                bytes.push(byte);
            }
            _ => {
                flush(&mut run, &mut bytes, &mut out);
                out.push(c);
            }
        }
    }
    flush(&mut run, &mut bytes, &mut out);
    mended.then_some(out)
}

/// The byte that Windows-1252 writes for a letter; its five gaps are Latin-1 controls.
fn windows_1252(c: char) -> Option<u8> {
    const HIGH: [char; 32] = [
        '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8D}', 'Ž',
        '\u{8F}', '\u{90}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9D}',
        'ž', 'Ÿ',
    ];
    match u32::from(c) {
        code @ 0..0x100 => u8::try_from(code).ok(),
        _ => HIGH.iter().position(|&high| high == c).map(|at| 0x80 + at as u8),
    }
}

/// Named entities that feeds have.
const ENTITIES: [(&str, &str); 22] = [
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", " "),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("deg", "°"),
    ("euro", "€"),
    ("pound", "£"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("auml", "ä"),
    ("ouml", "ö"),
    ("uuml", "ü"),
    ("szlig", "ß"),
    ("eacute", "é"),
    ("egrave", "è"),
    ("ccedil", "ç"),
];

/// The text without tags and with its entities read; `None` when it has neither.
pub fn without_html(text: &str) -> Option<String> {
    if !text.contains(['<', '&']) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut found = false;
    let mut rest = text;
    while let Some(at) = rest.find(['<', '&']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let (replacement, n_bytes) = match tag_bytes(rest) {
            Some(n_bytes) => (" ".to_owned(), n_bytes),
            None => match entity(rest) {
                Some(entity) => entity,
                None => {
                    out.push_str(&rest[..1]);
                    rest = &rest[1..];
                    continue;
                }
            },
        };
        found = true;
        out.push_str(&replacement);
        rest = &rest[n_bytes..];
    }
    out.push_str(rest);
    found.then(|| crate::titles::collapsed(&out))
}

/// Names of tags that a text may have; "<5 mm>" is none.
const TAGS: [&str; 30] = [
    "a", "b", "big", "br", "center", "div", "em", "font", "h1", "h2", "h3", "h4", "hr", "i", "img",
    "li", "ol", "p", "script", "small", "span", "strong", "style", "sub", "sup", "table", "td",
    "tr", "u", "ul",
];

/// Length of the tag that `text` begins with.
fn tag_bytes(text: &str) -> Option<usize> {
    let inside = text.strip_prefix('<')?;
    let end = inside.find('>')?;
    let name = inside[..end].trim_start_matches('/');
    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
    TAGS.contains(&name.to_ascii_lowercase().as_str()).then_some(end + 2)
}

/// What the entity that `text` begins with stands for, and its length.
fn entity(text: &str) -> Option<(String, usize)> {
    let inside = text.strip_prefix('&')?;
    let end = inside.find(';').filter(|&end| (2..=8).contains(&end))?;
    let name = &inside[..end];
    let replacement = match name.strip_prefix('#') {
        Some(number) => {
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|c| !c.is_control())?.to_string()
        }
        None => ENTITIES.iter().find(|(known, _)| *known == name)?.1.to_owned(),
    };
    Some((replacement, end + 2))
}

/// Letters that a title must have to be called shouting: "HP" does not shout.
const SHOUTING_LETTERS_MIN: usize = 6;

/// Whether a title is written in capitals alone.
pub fn is_shouting(title: &str) -> bool {
    let letters = || title.chars().filter(|c| c.is_alphabetic());
    let words = title.split_whitespace().filter(|word| word.chars().all(char::is_alphabetic));
    letters().count() >= SHOUTING_LETTERS_MIN
        && words.filter(|word| word.chars().count() > 3).count() >= 1
        && !letters().any(char::is_lowercase)
        && letters().any(char::is_uppercase)
}

/// Whether a title shows that it was cut off: it ends in an ellipsis, an open
/// bracket or quote, or a word or sign that joins.
pub fn ends_cut(title: &str) -> Option<&'static str> {
    let title = title.trim_end();
    if title.ends_with("...") || title.ends_with('…') {
        return Some("ends with an ellipsis");
    }
    // "A3+", "Size M-" and "Card," are whole, if not neat.
    let joins = title.ends_with(['&', '/', '(', '['])
        || [" -", " –", " +", ":"].iter().any(|sign| title.ends_with(sign));
    if joins && title.len() > 1 {
        return Some("ends with a sign that joins");
    }
    let opened = title.matches('(').count() > title.matches(')').count();
    if opened {
        return Some("a bracket is not closed");
    }
    const JOINING: [&str; 12] =
        ["and", "with", "for", "of", "the", "or", "und", "mit", "für", "et", "de", "avec"];
    let last = title.rsplit(' ').next().unwrap_or("").to_lowercase();
    (title.contains(' ') && JOINING.contains(&last.as_str())).then_some("ends with a joining word")
}

/// Words of a text in lower case, for comparisons.
pub(crate) fn words(text: &str) -> impl Iterator<Item = String> + '_ {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Whether a text is an http(s) address.
pub fn is_link(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split(['/', '?', '#']).next().unwrap_or("");
        host.contains('.') && !text.contains(char::is_whitespace)
    })
}

/// Whether a text may be a path to a picture that lies beside the feed.
pub fn is_picture_path(text: &str) -> bool {
    let text = text.to_lowercase();
    let ends = [".jpg", ".jpeg", ".png", ".webp", ".gif"];
    !text.contains(':') && !text.starts_with("//") && ends.iter().any(|end| text.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mojibake_is_mended_and_people_s_texts_are_left_alone() {
        for (broken, mended) in [
            ("CafÃ© au lait", "Café au lait"),
            ("Intel® Coreâ„¢ i5", "Intel® Core™ i5"),
            ("KÃ¤se, Ã–l & BrÃ¶tchen", "Käse, Öl & Brötchen"),
            ("donâ€™t", "don’t"),
            ("CafÃƒÂ©", "Café"),
        ] {
            assert_eq!(mended_mojibake(broken).as_deref(), Some(mended), "{broken}");
        }
        for fine in ["Café", "Ölfarbe", "Intel® Core™2 Duo", "27° Ø 5 mm", "naïve", "Straße", "£5"]
        {
            assert!(!is_mojibake(fine), "{fine}");
        }
        assert!(is_mojibake("Caf\u{FFFD}"));
        assert_eq!(mended_mojibake("Caf\u{FFFD}"), None);
    }

    #[test]
    fn tags_and_entities_are_found_and_signs_are_not() {
        for (html, text) in [
            ("Salt &amp; pepper", "Salt & pepper"),
            ("<b>Oat</b> drink<br/>1 l", "Oat drink 1 l"),
            ("Tea&nbsp;&#8211; green &#x2122;", "Tea – green ™"),
        ] {
            assert_eq!(without_html(html).as_deref(), Some(text));
        }
        for fine in ["H&M", "black & white", "< 5 mm", "<5 mm> wide", "R&D;", "a <3 b"] {
            assert_eq!(without_html(fine), None, "{fine}");
        }
    }

    #[test]
    fn shouting_needs_words() {
        assert!(is_shouting("FLUID MILK WHITE ONLY"));
        assert!(!is_shouting("HP 5520 A4"));
        assert!(!is_shouting("HP LaserJet"));
        assert!(!is_shouting("牛乳 全脂"));
    }

    #[test]
    fn cut_titles_show_it() {
        for cut in ["Oat drink with", "Black &", "Toner (6 pc", "Very long na…", "Calendar -"] {
            assert!(ends_cut(cut).is_some(), "{cut}");
        }
        for whole in ["Oat drink", "Toner (6 pc)", "Size M-", "Photo paper A3+", "A", "The Who"] {
            assert_eq!(ends_cut(whole), None, "{whole}");
        }
    }
}
