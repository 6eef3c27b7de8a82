//! Why a set of rules is refused.

use crate::action::ActionKind;
use crate::rule::RuleId;

/// Why a set of rules is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RulesError {
    /// More rules than a set may have.
    #[error("{n} rules are more than {max}")]
    TooManyRules {
        /// How many there are.
        n: usize,
        /// How many there may be.
        max: usize,
    },
    /// One rule is not as it must be.
    #[error("{rule}: {fault}")]
    Rule {
        /// Which.
        rule: RuleId,
        /// Why.
        #[source]
        fault: RuleFault,
    },
}

/// Why a rule is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleFault {
    /// Another rule has the same id.
    #[error("another rule has the same id")]
    RepeatedId,
    /// It does nothing.
    #[error("it has no action")]
    NoAction,
    /// A list has more values than it may have.
    #[error("{n} {what} are more than {max}")]
    TooMany {
        /// Which list.
        what: RuleList,
        /// How many it has.
        n: usize,
        /// How many it may have.
        max: usize,
    },
    /// A text is longer than it may be.
    #[error("a {what} of {n_chars} characters is longer than {max}")]
    TooLong {
        /// Which text.
        what: RuleText,
        /// How long it is, in characters.
        n_chars: usize,
        /// How long it may be.
        max: usize,
    },
    /// A text that must say something says nothing.
    #[error("a {what} is empty")]
    Empty {
        /// Which text.
        what: RuleText,
    },
    /// A list that must name something names nothing.
    #[error("there are no {what}")]
    None {
        /// Which list.
        what: RuleList,
    },
    /// A target that means every card.
    #[error("the target of {action:?} gives nothing, so it would be every card")]
    TargetsEverything {
        /// Of which action.
        action: ActionKind,
    },
    /// A lowest price above a highest.
    #[error("the lowest price {min} is above the highest, {max}")]
    InvertedPrices {
        /// Lowest price, in minor units.
        min: u32,
        /// Highest price, in minor units.
        max: u32,
    },
    /// A place that no page has.
    #[error("place {place} is not from 1 to {max}")]
    NoSuchPlace {
        /// The place.
        place: u16,
        /// The last that there is.
        max: u16,
    },
    /// A quota that leaves no place, or more than there are.
    #[error("{most} of {of_places} places is no quota")]
    NoQuota {
        /// Most of a category.
        most: u16,
        /// Of so many places.
        of_places: u16,
    },
    /// A time back that no audience may ask for.
    #[error("{days} days are not from 1 to {max}")]
    NoSuchDays {
        /// Days back.
        days: u16,
        /// Most that there may be.
        max: u16,
    },
    /// It is never open.
    #[error("it ends before it starts")]
    EndsBeforeItStarts,
    /// What no rule for an audience may do.
    #[error("{action:?} is not allowed for an audience")]
    NotForAudiences {
        /// The action.
        action: ActionKind,
    },
    /// An audience by something that says too much of a person.
    #[error("an audience by \"{name}\", which is sensitive")]
    SensitiveAudience {
        /// The department, category or brand.
        name: String,
    },
}

/// Lists of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleList {
    /// Its actions.
    Actions,
    /// Facts of its audience.
    AudienceFacts,
    /// Texts that the search is compared with.
    QueryTexts,
    /// Categories, departments, brands, items, placements or languages.
    Names,
    /// Words to leave out or to add.
    Words,
    /// Languages of a public text.
    Languages,
}

/// Texts of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RuleText {
    /// A name of a category, department, brand, carousel or language.
    Name,
    /// A public label.
    Label,
    /// A banner.
    Banner,
    /// Who paid.
    PaidBy,
    /// A text of a condition on the search, or of words put in its place.
    QueryText,
}

impl std::fmt::Display for RuleList {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Actions => "actions",
            Self::AudienceFacts => "facts of an audience",
            Self::QueryTexts => "texts of a search",
            Self::Names => "names",
            Self::Words => "words",
            Self::Languages => "languages of a text",
        })
    }
}

impl std::fmt::Display for RuleText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Name => "name",
            Self::Label => "label",
            Self::Banner => "banner",
            Self::PaidBy => "name of who paid",
            Self::QueryText => "text of a search",
        })
    }
}
