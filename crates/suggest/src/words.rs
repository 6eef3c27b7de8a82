//! Texts as they are compared: lower-case words, single spaces between them.

use vitrine_domain::script::spaced;

/// The words of a text: runs of letters and digits of one script, an apostrophe within one
/// left out.
pub(crate) fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in spaced(text).chars().filter(|c| !matches!(c, '\'' | '’')) {
        if c.is_alphanumeric() {
            out.extend(c.to_lowercase());
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_have_single_spaces() {
        assert_eq!(folded("  Ben & Jerry’s – ICE-cream! "), "ben jerrys ice cream");
        assert_eq!(folded("Öko Käse"), "öko käse");
        assert_eq!(folded("🍕 !"), "");
        assert_eq!(folded("iPhone１５手机壳（黑）"), "iphone15 手机壳 黑");
    }
}
