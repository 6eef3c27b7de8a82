//! What can be wrong with a feed, and what it costs.

use crate::error::Problem;

/// Something that is wrong with rows of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FeedFault {
    /// A row that cannot be split into fields: wrong encoding, wrong number of fields, no JSON.
    UnreadableRow,
    /// A price that is no amount.
    UnreadablePrice,
    /// A price in another currency than the shop's.
    OtherCurrency,
    /// A word for availability that is not known.
    UnknownAvailability,
    /// No id.
    NoId,
    /// The id of an earlier row.
    RepeatedId,
    /// No title.
    NoTitle,
    /// No price.
    NoPrice,
    /// A price of zero or below.
    PriceNotPositive,
    /// No picture.
    NoImage,
    /// An address of a picture that says no scheme.
    ImageNotAbsolute,
    /// No category.
    NoCategory,
    /// No description.
    NoDescription,
    /// A description that is cut.
    LongDescription,
    /// No brand.
    NoBrand,
    /// No address of a page.
    NoLink,
    /// An address of a page that says no scheme.
    LinkNotAbsolute,
    /// A sale price that is not below the price.
    SaleNotLower,
    /// A time or an interval that cannot be read.
    UnreadableDate,
    /// A measure that cannot be read.
    UnreadableMeasure,
    /// A rating, a count or a word of a further field that cannot be read.
    UnreadableDetail,
    /// More pictures than are kept.
    TooManyImages,
    /// Not listed by the shop, or left out by a rule of the mapping.
    LeftOut,
}

impl FeedFault {
    /// The fault of a row that is no product because of a problem.
    pub(super) fn of_row(problem: &Problem) -> Self {
        match problem {
            Problem::NotAPrice => Self::UnreadablePrice,
            Problem::OtherCurrency { .. } => Self::OtherCurrency,
            Problem::UnknownValue => Self::UnknownAvailability,
            _ => Self::UnreadableRow,
        }
    }

    /// The fault of a product that lacks a field because of a problem.
    pub(super) fn of_field(problem: &Problem) -> Self {
        match problem {
            Problem::NotATime | Problem::NotAnInterval => Self::UnreadableDate,
            Problem::NotAMeasure => Self::UnreadableMeasure,
            Problem::TextCut => Self::LongDescription,
            Problem::TooManyImages => Self::TooManyImages,
            Problem::OtherCurrency { .. } => Self::OtherCurrency,
            Problem::NotAPrice => Self::UnreadablePrice,
            _ => Self::UnreadableDetail,
        }
    }

    /// Rank by what it costs: the row, the sale, how the product is found, how it looks.
    pub(super) fn weight(self) -> u8 {
        match self {
            Self::UnreadableRow
            | Self::UnreadablePrice
            | Self::OtherCurrency
            | Self::UnknownAvailability
            | Self::NoId
            | Self::RepeatedId
            | Self::PriceNotPositive => 0,
            Self::NoPrice | Self::NoTitle => 1,
            Self::NoCategory | Self::NoImage | Self::ImageNotAbsolute | Self::SaleNotLower => 2,
            Self::UnreadableDate | Self::UnreadableMeasure | Self::UnreadableDetail => 3,
            Self::NoDescription | Self::NoBrand | Self::NoLink | Self::LinkNotAbsolute => 4,
            Self::LongDescription | Self::TooManyImages | Self::LeftOut => 5,
        }
    }

    /// Stable name, for machines.
    pub const fn code(self) -> &'static str {
        self.texts().0
    }

    /// What is wrong, after "3 products …" or "1 product …".
    pub const fn what(self) -> &'static str {
        self.texts().1
    }

    /// What it costs in the shop.
    pub const fn cost(self) -> &'static str {
        self.texts().2
    }

    const fn texts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::UnreadableRow => {
                ("unreadable_row", "cannot be read", "they are kept out of the shop")
            }
            Self::UnreadablePrice => (
                "unreadable_price",
                "with a price that is no amount",
                "they are kept out of the shop; of a sale price only that is left out. Where a comma parts \
                 the cents, set `decimal_comma = true`",
            ),
            Self::OtherCurrency => (
                "other_currency",
                "with a price in another currency than the shop's",
                "they are kept out of the shop, because prices could not be compared",
            ),
            Self::UnknownAvailability => (
                "unknown_availability",
                "with a word for availability that is not known",
                "they are kept out of the shop; known are in_stock, out_of_stock, preorder, backorder",
            ),
            Self::NoId => ("no_id", "without an id", "they are kept out of the shop"),
            Self::RepeatedId => (
                "repeated_id",
                "with the id of an earlier row",
                "only the first row of each id is kept",
            ),
            Self::NoTitle => (
                "no_title",
                "without a title",
                "they are called by their category, and hardly found by a search",
            ),
            Self::NoPrice => ("no_price", "without a price", "they are shown and cannot be bought"),
            Self::PriceNotPositive => (
                "price_not_positive",
                "with a price of zero or below",
                "they are kept out of the shop",
            ),
            Self::NoImage => ("no_image", "without a picture", "they are shown as text alone"),
            Self::ImageNotAbsolute => (
                "image_not_absolute",
                "with an address of a picture that has no https:// before it",
                "the picture cannot be fetched",
            ),
            Self::NoCategory => {
                ("no_category", "without a category", "filters and categories do not lead to them")
            }
            Self::NoDescription => (
                "no_description",
                "without a description",
                "a search finds them by their title alone",
            ),
            Self::LongDescription => (
                "long_description",
                "with a description beyond the longest that is kept",
                "its end is neither shown nor searched",
            ),
            Self::NoBrand => {
                ("no_brand", "without a brand", "a filter by brand does not lead to them")
            }
            Self::NoLink => (
                "no_link",
                "without an address of their page",
                "nobody can go on to the shop's own page",
            ),
            Self::LinkNotAbsolute => (
                "link_not_absolute",
                "with an address that has no https:// before it",
                "nobody can go on to the shop's own page",
            ),
            Self::SaleNotLower => (
                "sale_not_lower",
                "with a sale price that is not below their price",
                "there is no sale to be shown",
            ),
            Self::UnreadableDate => (
                "unreadable_date",
                "with a date that cannot be read",
                "the date is left out, and a sale price with it",
            ),
            Self::UnreadableMeasure => (
                "unreadable_measure",
                "with a measure that cannot be read",
                "no price for a base measure is told",
            ),
            Self::UnreadableDetail => (
                "unreadable_detail",
                "with a rating, a count or a word that cannot be read",
                "that detail is left out",
            ),
            Self::TooManyImages => (
                "too_many_images",
                "with more pictures than are kept",
                "the further pictures are left out",
            ),
            Self::LeftOut => (
                "left_out",
                "that the shop does not list, or that a rule of the mapping leaves out",
                "they are not shown, as they should be",
            ),
        }
    }
}
