//! Aspects of a category by how much of what is said of them is blame.

use std::collections::BTreeMap;

use super::product::SurveyedProduct;
use crate::aspects::Aspect;
use crate::digest::{Quotable, are_of_two, quotable, sides_by_aspect};

/// Reviews with words that a category has at least before its aspects are compared.
pub const CATEGORY_REVIEWS_MIN: u32 = 50;
/// Reviews that blame an aspect before it is told.
const BLAMING_MIN: u32 = 3;
/// Share of blame from which an aspect is told, at the lower end of its interval.
pub const SHARE_AT_LEAST_MIN: f64 = 0.2;
/// Most aspects of a category.
pub const BLAMED_ASPECTS_MAX: usize = 3;
/// Most sentences of an aspect, and most products.
const NAMED_MAX: usize = 3;
/// Standard normal quantile of a 95 % interval.
const QUANTILE: f64 = 1.96;

/// An aspect that reviews of a category blame.
#[derive(Clone, Debug, PartialEq)]
pub struct BlamedAspect {
    /// Number of the category.
    pub category: u32,
    /// What is blamed.
    pub aspect: Aspect,
    /// Reviews that speak about it.
    pub n_reviews: u32,
    /// Those that blame it, also beside praise.
    pub n_blaming: u32,
    /// Their share at the lower end of its 95 % interval, by which aspects are ordered.
    pub share_at_least: f64,
    /// Sentences that blame it, as they were written; of one review or author at most one of a product.
    pub quotes: Vec<String>,
    /// Products with most reviews that blame it, those with most first.
    pub products: Vec<ProductBlame>,
}

/// A product with reviews that blame an aspect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductBlame {
    /// Number of the product.
    pub product: u32,
    /// Reviews of it that blame the aspect.
    pub n_blaming: u32,
}

/// What a category's reviews say.
#[derive(Default)]
pub(super) struct CategoryBlame {
    n_worded: u32,
    aspects: BTreeMap<Aspect, AspectBlame>,
}

#[derive(Default)]
struct AspectBlame {
    n_reviews: u32,
    n_blaming: u32,
    products: Vec<ProductBlame>,
    quotes: Vec<BlamingSentence>,
}

/// A sentence that could be told.
struct BlamingSentence {
    /// How many of the same product are told before it.
    rank: usize,
    n_blaming: u32,
    n_helpful: u32,
    text: String,
}

impl CategoryBlame {
    /// Counts a product's reviews.
    pub(super) fn add(&mut self, product: &SurveyedProduct<'_>) {
        self.n_worded += product.reviews.iter().filter(|review| review.has_words()).count() as u32;
        let mut blaming: BTreeMap<&Aspect, u32> = BTreeMap::new();
        for mentions in product.mentions {
            for (aspect, [is_bad, _]) in sides_by_aspect(mentions) {
                let counted = match self.aspects.get_mut(aspect) {
                    Some(counted) => counted,
                    None => self.aspects.entry(aspect.clone()).or_default(),
                };
                counted.n_reviews += 1;
                counted.n_blaming += u32::from(is_bad);
                if is_bad {
                    *blaming.entry(aspect).or_default() += 1;
                }
            }
        }
        if blaming.is_empty() {
            return;
        }
        let quotable = quotable(product.reviews, product.mentions);
        for (aspect, n_blaming) in blaming {
            let Some(counted) = self.aspects.get_mut(aspect) else { continue };
            counted.products.push(ProductBlame { product: product.product, n_blaming });
            counted.products.sort_by_key(|one| (std::cmp::Reverse(one.n_blaming), one.product));
            counted.products.truncate(NAMED_MAX);
            counted.quote(sentences(product, &quotable, aspect), n_blaming);
        }
    }

    /// The aspects that are worth telling, the worst first.
    pub(super) fn worst(self, category: u32) -> Vec<BlamedAspect> {
        if self.n_worded < CATEGORY_REVIEWS_MIN {
            return Vec::new();
        }
        let told = self.aspects.into_iter().map(|(aspect, blame)| BlamedAspect {
            category,
            aspect,
            n_reviews: blame.n_reviews,
            n_blaming: blame.n_blaming,
            share_at_least: share_at_least(blame.n_blaming, blame.n_reviews),
            quotes: blame.quotes.into_iter().map(|quote| quote.text).collect(),
            products: blame.products,
        });
        let is_told = |one: &BlamedAspect| {
            one.n_blaming >= BLAMING_MIN && one.share_at_least >= SHARE_AT_LEAST_MIN
        };
        let mut told: Vec<BlamedAspect> = told.filter(is_told).collect();
        told.sort_by(|a, b| b.share_at_least.total_cmp(&a.share_at_least));
        told.truncate(BLAMED_ASPECTS_MAX);
        told
    }
}

impl AspectBlame {
    /// Takes sentences of a product: the first of each product before the second of any, then those
    /// of products with most blame.
    fn quote(&mut self, sentences: Vec<(u32, String)>, n_blaming: u32) {
        let ranked = (0..).zip(sentences).map(|(rank, (n_helpful, text))| BlamingSentence {
            rank,
            n_blaming,
            n_helpful,
            text,
        });
        self.quotes.extend(ranked);
        self.quotes.sort_by(|a, b| {
            let more = b.n_blaming.cmp(&a.n_blaming).then_with(|| b.n_helpful.cmp(&a.n_helpful));
            a.rank.cmp(&b.rank).then(more)
        });
        self.quotes.truncate(NAMED_MAX);
    }
}

/// Sentences of a product that blame an aspect with how many found their reviews helpful, the most
/// helpful first.
fn sentences(
    product: &SurveyedProduct<'_>,
    quotable: &[Quotable<'_>],
    aspect: &Aspect,
) -> Vec<(u32, String)> {
    let reviews = product.reviews;
    let mut found: Vec<&Quotable<'_>> =
        quotable.iter().filter(|one| !one.is_praise && one.aspects.contains(aspect)).collect();
    found.sort_by_key(|one| std::cmp::Reverse(reviews[one.review].n_helpful));
    let mut taken: Vec<&Quotable<'_>> = Vec::new();
    for one in found {
        if taken.len() < NAMED_MAX && taken.iter().all(|other| are_of_two(reviews, other, one)) {
            taken.push(one);
        }
    }
    taken.into_iter().map(|one| (reviews[one.review].n_helpful, one.text.to_owned())).collect()
}

/// Lower end of the 95 % interval of a share.
///
/// # Source
/// Wilson, "Probable inference, the law of succession, and statistical inference" (1927).
fn share_at_least(n: u32, of: u32) -> f64 {
    if of == 0 {
        return 0.0;
    }
    let (n, of, z) = (f64::from(n), f64::from(of), QUANTILE);
    let share = n / of;
    let centre = share + z * z / (2.0 * of);
    let reach = z * (share * (1.0 - share) / of + z * z / (4.0 * of * of)).sqrt();
    ((centre - reach) / (1.0 + z * z / of)).max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_reviews_do_not_lead() {
        // Wilson's interval of 8 of 10: 0.490 to 0.943.
        assert!((share_at_least(8, 10) - 0.490_16).abs() < 1e-4, "{}", share_at_least(8, 10));
        assert!(share_at_least(3, 3) < share_at_least(60, 100));
        assert_eq!((share_at_least(0, 0), share_at_least(0, 9)), (0.0, 0.0));
    }
}
