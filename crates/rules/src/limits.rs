//! How much a set of rules may hold, and how much rules may take of a page.

/// Most rules of a set that ships.
pub const RULES_MAX: usize = 5_000;
/// Most actions of one rule.
pub const ACTIONS_MAX: usize = 20;
/// Most facts that an audience is made of.
pub const AUDIENCE_FACTS_MAX: usize = 8;
/// Most items, categories, departments or brands that one list of a target, a condition or
/// a filter names.
pub const TARGET_IDS_MAX: usize = 100;
/// Most texts that one condition on the search compares with.
pub const QUERY_TEXTS_MAX: usize = 50;
/// Longest text of a condition on the search, and of words put in its place, in characters.
pub const QUERY_TEXT_CHARS_MAX: usize = 100;
/// Most words that one action leaves out of a search or adds to it.
pub const WORDS_MAX: usize = 20;
/// Longest name of a category, department, brand, carousel or language, in characters.
pub const NAME_CHARS_MAX: usize = 200;
/// Longest public label, banner, or name of who paid, in characters.
pub const LABEL_CHARS_MAX: usize = 200;
/// Most languages of one public text.
pub const LABEL_LANGUAGES_MAX: usize = 3;
/// Deepest place that a rule may fix, counted from 1.
pub const PLACE_MAX: u16 = 1_000;
/// Longest time back that a fact of an audience may reach, in days.
pub const AUDIENCE_DAYS_MAX: u16 = 365;
/// Most places of one page that rules fix, sponsored ones counted; never more than half of
/// the page, rounded up.
pub const RULE_PLACES_MAX: usize = 8;
/// Most sponsored places of one page.
pub const SPONSORED_PER_PAGE_MAX: usize = 2;
/// Most sponsored cards that one device shows in a day.
pub const SPONSORED_PER_DAY_MAX: usize = 12;
/// Most banners of one page.
pub const BANNERS_MAX: usize = 2;
/// Most cards that a reply to a search carries because a rule could place them.
pub const CARDS_NEEDED_MAX: usize = 200;
