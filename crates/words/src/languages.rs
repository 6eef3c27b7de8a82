//! Which languages there are. The build script reads this file, too.

/// A language that people can choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InterfaceLanguage {
    /// BCP 47 tag; files of the catalogues are named after it.
    pub tag: &'static str,
    /// What it is called in itself.
    pub name: &'static str,
}

/// All languages. The first is spoken where none is chosen that there is, and has every text.
pub const LANGUAGES: &[InterfaceLanguage] = &[
    InterfaceLanguage { tag: "en", name: "English" },
    InterfaceLanguage { tag: "zh-Hans", name: "简体中文" },
    InterfaceLanguage { tag: "de", name: "Deutsch" },
];
