//! Which language is in use.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::languages::{InterfaceLanguage, LANGUAGES};

static CURRENT: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    /// Tags that the platform prefers, regional ones too.
    static REGIONAL: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The language of a tag, whatever its region or script: "de-AT" is German.
pub fn of_tag(tag: &str) -> Option<InterfaceLanguage> {
    LANGUAGES.iter().copied().find(|language| is_same(language.tag, tag))
}

/// The first language of a list of tags that there is; English where there is none.
pub fn preferred<'a>(tags: impl IntoIterator<Item = &'a str>) -> InterfaceLanguage {
    tags.into_iter().find_map(of_tag).unwrap_or(LANGUAGES[0])
}

/// The place of the language in use among all.
pub(crate) fn current_place() -> usize {
    CURRENT.load(Ordering::Relaxed)
}

/// The language in use.
pub fn current() -> InterfaceLanguage {
    LANGUAGES.get(current_place()).copied().unwrap_or(LANGUAGES[0])
}

/// Takes a language into use.
pub fn set_current(language: InterfaceLanguage) {
    let place = LANGUAGES.iter().position(|known| *known == language);
    CURRENT.store(place.unwrap_or(0), Ordering::Relaxed);
}

/// Says which tags the platform prefers, for [`locale`].
pub fn set_regional(tags: Vec<String>) {
    REGIONAL.set(tags);
}

/// By which rules dates and numbers are written: those of the region that the platform prefers
/// among those of the language in use, such as "en-GB".
pub fn locale() -> String {
    let tag = current().tag;
    REGIONAL.with_borrow(|tags| {
        tags.iter().find(|regional| is_same(tag, regional)).cloned().unwrap_or(tag.to_owned())
    })
}

fn is_same(a: &str, b: &str) -> bool {
    primary(a).eq_ignore_ascii_case(primary(b))
}

fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_tag_is_the_language_and_english_is_for_the_others() {
        let tag = |tags: &[&str]| preferred(tags.iter().copied()).tag;
        assert_eq!(tag(&["tlh-Latn", "de-AT", "en"]), "de");
        assert_eq!(tag(&["zh-CN"]), "zh-Hans");
        assert_eq!(tag(&["ZH"]), "zh-Hans");
        assert_eq!(tag(&["den", "tlh"]), "en");
        assert_eq!(tag(&[]), "en");
    }

    #[test]
    fn numbers_follow_the_region_of_the_language_alone() {
        assert_eq!(locale(), "en");
        set_regional(vec!["de-CH".to_owned(), "en-GB".to_owned()]);
        assert_eq!(locale(), "en-GB");
    }
}
