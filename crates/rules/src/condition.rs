//! Where a rule holds, and how narrow that is.

use serde::{Deserialize, Serialize};

/// Where a rule holds. What is empty or `None` does not restrict; all that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleCondition {
    /// What is searched for.
    pub query: Option<QueryCondition>,
    /// The page is of one of these categories, or of one of the departments, compared exactly.
    pub categories: Vec<String>,
    /// See [`Self::categories`].
    pub departments: Vec<String>,
    /// The list is one of these.
    pub placements: Vec<Placement>,
    /// BCP 47 tags: the shop is read in one of these languages. "de" holds for "de-AT", too.
    pub locales: Vec<String>,
}

/// How narrow a rule's condition is. A narrower one goes before a wider one, whatever their
/// priorities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleLevel {
    /// On every page, or every one of a kind.
    Global,
    /// Of categories or departments.
    Category,
    /// Of some searches.
    Query,
}

/// What is searched for, compared without case, accents and signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QueryCondition {
    /// The search is one of these texts.
    Is(Vec<String>),
    /// The search has all words of one of these texts, in any order.
    HasWords(Vec<String>),
}

/// A list in which a rule holds.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Placement {
    /// The personal feed.
    Feed,
    /// Every carousel.
    AllCarousels,
    /// The carousel of this name.
    Carousel(String),
    /// Results of a search.
    Search,
    /// The page of a category or department.
    CategoryPage,
    /// Lists on the page of a product.
    ProductPage,
}

/// The list that is being arranged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Surface<'a> {
    /// The personal feed.
    #[default]
    Feed,
    /// The carousel of this name.
    Carousel(&'a str),
    /// Results of a search.
    Search,
    /// The page of a category or department.
    CategoryPage,
    /// Lists on the page of a product.
    ProductPage,
}

impl RuleCondition {
    /// How narrow it is.
    pub fn level(&self) -> RuleLevel {
        if self.query.is_some() {
            RuleLevel::Query
        } else if self.categories.is_empty() && self.departments.is_empty() {
            RuleLevel::Global
        } else {
            RuleLevel::Category
        }
    }

    /// Whether a list is one of its placements.
    pub fn is_shown_on(&self, surface: Surface<'_>) -> bool {
        self.placements.is_empty() || self.placements.iter().any(|place| place.is(surface))
    }

    /// Whether a language (BCP 47 tag) is one of its.
    pub fn is_read_in(&self, locale: &str) -> bool {
        self.locales.is_empty() || self.locales.iter().any(|tag| is_language_of(tag, locale))
    }
}

impl QueryCondition {
    /// The texts that it compares with.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Is(texts) | Self::HasWords(texts) => texts,
        }
    }
}

impl Placement {
    /// Whether a list is in it.
    pub fn is(&self, surface: Surface<'_>) -> bool {
        match (self, surface) {
            (Self::Feed, Surface::Feed)
            | (Self::AllCarousels, Surface::Carousel(_))
            | (Self::Search, Surface::Search)
            | (Self::CategoryPage, Surface::CategoryPage)
            | (Self::ProductPage, Surface::ProductPage) => true,
            (Self::Carousel(name), Surface::Carousel(of)) => name == of,
            _ => false,
        }
    }
}

/// Whether a locale is a tag's language, or a narrower one.
fn is_language_of(tag: &str, locale: &str) -> bool {
    let (start, rest) = locale.split_at_checked(tag.len()).unwrap_or(("", locale));
    start.eq_ignore_ascii_case(tag) && (rest.is_empty() || rest.starts_with(['-', '_']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_level_follows_from_the_condition() {
        let mut when = RuleCondition::default();
        when.placements.push(Placement::Search);
        assert_eq!(when.level(), RuleLevel::Global);
        when.departments.push("Food".into());
        assert_eq!(when.level(), RuleLevel::Category);
        when.query = Some(QueryCondition::Is(vec!["tea".into()]));
        assert_eq!(when.level(), RuleLevel::Query);
        assert!(RuleLevel::Query > RuleLevel::Category && RuleLevel::Category > RuleLevel::Global);
    }

    #[test]
    fn a_carousel_is_meant_by_its_name_or_with_all_others() {
        let (all, own) = (Placement::AllCarousels, Placement::Carousel("again".into()));
        let found = [Surface::Carousel("again"), Surface::Carousel("new"), Surface::Feed]
            .map(|surface| (all.is(surface), own.is(surface)));
        assert_eq!(found, [(true, true), (true, false), (false, false)]);
    }

    #[test]
    fn a_language_holds_for_its_regions() {
        let when = RuleCondition { locales: vec!["de".into()], ..RuleCondition::default() };
        let read = ["de", "DE-at", "den", "en", ""].map(|locale| when.is_read_in(locale));
        assert_eq!(read, [true, true, false, false, false]);
        assert!(RuleCondition::default().is_read_in(""));
    }
}
