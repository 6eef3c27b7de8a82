//! Words of the Merchant feed that stand for one of a few values.

/// Condition of a product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedCondition {
    /// Never used.
    New,
    /// Used, and professionally restored.
    Refurbished,
    /// Used.
    Used,
}

/// Age of those whom a product is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedAgeGroup {
    /// Up to 3 months.
    Newborn,
    /// 3 to 12 months.
    Infant,
    /// 1 to 5 years.
    Toddler,
    /// 5 to 13 years.
    Kids,
    /// Teenagers and adults.
    Adult,
}

/// Gender of those whom a product is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FeedGender {
    /// Men or boys.
    Male,
    /// Women or girls.
    Female,
    /// Everyone.
    Unisex,
}

/// A word without case, signs and the address that schema.org puts in front.
pub(crate) fn bare(word: &str) -> String {
    let word = word.rsplit('/').next().unwrap_or("");
    word.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase()
}

impl FeedCondition {
    /// Reads a word of the Merchant feed or of schema.org (`NewCondition`).
    pub fn read(word: &str) -> Option<Self> {
        match bare(word).as_str() {
            "new" | "newcondition" | "brandnew" => Some(Self::New),
            "refurbished" | "refurbishedcondition" | "renewed" => Some(Self::Refurbished),
            "used" | "usedcondition" | "damagedcondition" | "secondhand" => Some(Self::Used),
            _ => None,
        }
    }

    /// The Merchant feed's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Refurbished => "refurbished",
            Self::Used => "used",
        }
    }
}

impl FeedAgeGroup {
    /// Reads a word of the Merchant feed.
    pub fn read(word: &str) -> Option<Self> {
        match bare(word).as_str() {
            "newborn" => Some(Self::Newborn),
            "infant" | "baby" => Some(Self::Infant),
            "toddler" => Some(Self::Toddler),
            "kids" | "kid" | "child" | "children" => Some(Self::Kids),
            "adult" | "adults" => Some(Self::Adult),
            _ => None,
        }
    }

    /// The Merchant feed's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Newborn => "newborn",
            Self::Infant => "infant",
            Self::Toddler => "toddler",
            Self::Kids => "kids",
            Self::Adult => "adult",
        }
    }
}

impl FeedGender {
    /// Reads a word of the Merchant feed or of schema.org.
    pub fn read(word: &str) -> Option<Self> {
        match bare(word).as_str() {
            "male" | "men" | "man" | "boys" => Some(Self::Male),
            "female" | "women" | "woman" | "girls" => Some(Self::Female),
            "unisex" => Some(Self::Unisex),
            _ => None,
        }
    }

    /// The Merchant feed's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Male => "male",
            Self::Female => "female",
            Self::Unisex => "unisex",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_both_vocabularies_are_read_and_others_refused() {
        assert_eq!(
            FeedCondition::read("https://schema.org/NewCondition"),
            Some(FeedCondition::New)
        );
        assert_eq!(FeedCondition::read("Second-hand"), Some(FeedCondition::Used));
        assert_eq!(FeedAgeGroup::read("Kids"), Some(FeedAgeGroup::Kids));
        assert_eq!(FeedGender::read("UniSex"), Some(FeedGender::Unisex));
        for word in ["", "mint", "ageless"] {
            assert_eq!(FeedCondition::read(word), None);
            assert_eq!(FeedAgeGroup::read(word), None);
            assert_eq!(FeedGender::read(word), None);
        }
        for condition in [FeedCondition::New, FeedCondition::Refurbished, FeedCondition::Used] {
            assert_eq!(FeedCondition::read(condition.word()), Some(condition));
        }
    }
}
