//! Aspects, and what is said of them.

use serde::{Deserialize, Serialize};

/// Longest name of a shop's own aspect, in characters.
pub const ASPECT_NAME_CHARS_MAX: usize = 40;

/// An aspect that has words in the languages' own files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum KnownAspect {
    /// Size, length, how it sits.
    Fit,
    /// Fabric, feel, thickness, whether one can see through.
    Material,
    /// Make, stitching, durability, defects.
    Quality,
    /// Price, or what it is worth.
    Price,
    /// How it is to wear or to use: comfortable or itchy.
    Comfort,
    /// Style, design, pattern, how flattering it looks.
    Look,
    /// Colour.
    Colour,
    /// Shipping, packaging, order, returns.
    Delivery,
    /// Washing, shrinking, wrinkles.
    Care,
    /// What food is like.
    Taste,
    /// People and what they do for a customer.
    Service,
}

impl KnownAspect {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::Fit,
        Self::Material,
        Self::Quality,
        Self::Price,
        Self::Comfort,
        Self::Look,
        Self::Colour,
        Self::Delivery,
        Self::Care,
        Self::Taste,
        Self::Service,
    ];

    /// A stable name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Fit => "fit",
            Self::Material => "material",
            Self::Quality => "quality",
            Self::Price => "price",
            Self::Comfort => "comfort",
            Self::Look => "look",
            Self::Colour => "colour",
            Self::Delivery => "delivery",
            Self::Care => "care",
            Self::Taste => "taste",
            Self::Service => "service",
        }
    }
}

/// What a sentence speaks about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// One that languages have words for.
    Known(KnownAspect),
    /// One of a shop's own, by the word of its reviews.
    Own(String),
}

impl Aspect {
    /// A stable name of a known aspect, or the word of the shop's own.
    pub fn name(&self) -> &str {
        match self {
            Self::Known(known) => known.name(),
            Self::Own(name) => name,
        }
    }
}

/// What is thought of an aspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Polarity {
    /// Blamed.
    Negative,
    /// Praised and blamed.
    Mixed,
    /// Praised.
    Positive,
}

/// A sentence speaks about an aspect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AspectMention {
    /// What it speaks about.
    pub aspect: Aspect,
    /// Which sentence of the text, from 0, as [`crate::sentences`] cuts it.
    pub sentence: u32,
    /// What it says.
    pub polarity: Polarity,
}
