//! Plural categories. The build script reads this file, too.

/// Those of CLDR, in the order of their places.
pub const CATEGORIES: [&str; 6] = ["zero", "one", "two", "few", "many", "other"];
