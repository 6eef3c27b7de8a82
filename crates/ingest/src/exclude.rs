//! Rules that keep lines which are not goods (fuel, coupons) out of the catalogue.

use serde::Deserialize;

use crate::RawProduct;

/// Leaves out products that meet every condition it names.
///
/// Values are compared whole, ignoring case, after the replacements of the
/// mapping's `values`; `""` means that the product has none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExcludeRule {
    /// Department of the product.
    pub department: Option<String>,
    /// Category.
    pub category: Option<String>,
    /// Title.
    pub title: Option<String>,
    /// Brand.
    pub brand: Option<String>,
}

impl ExcludeRule {
    /// Whether the rule leaves `product` out. A rule without conditions leaves out nothing.
    pub fn matches(&self, product: &RawProduct) -> bool {
        let conditions = [
            (&self.department, &product.department),
            (&self.category, &product.category),
            (&self.title, &product.title),
            (&self.brand, &product.brand),
        ];
        let mut named = conditions.into_iter().filter_map(|(want, is)| Some((want.as_ref()?, is)));
        let mut any = false;
        named.all(|(want, is)| {
            any = true;
            want.trim().eq_ignore_ascii_case(is.trim())
        }) && any
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_named_condition_must_hold() {
        let rule = ExcludeRule {
            department: Some("MISCELLANEOUS".into()),
            title: Some(String::new()),
            ..ExcludeRule::default()
        };
        let mut product =
            RawProduct { department: "Miscellaneous".into(), ..RawProduct::default() };
        assert!(rule.matches(&product));
        product.title = "TUNA".into();
        assert!(!rule.matches(&product));
        assert!(!ExcludeRule::default().matches(&product));
    }
}
