//! Listings of one product: texts that differ in spelling, order or punctuation alone.
//!
//! # Source
//! A. Broder, "On the resemblance and containment of documents", 1997 (MinHash);
//! candidates by banding as in Leskovec, Rajaraman, Ullman, "Mining of Massive
//! Datasets", chapter 3.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use strsim::osa_distance;

use super::failures::mixed;
use super::hashing::hash;
use super::profile::{Group, MAKES_KEPT, Texts};
use super::text::words;
use super::titles_in_use::TitlesInUse;
use super::vectors::Vectors;

/// Bands of a signature and the hash functions of each. Short bands find texts that
/// resemble each other from about (1/24)^(1/3) = 0.35 on, long ones tell apart the
/// texts of a crowd, whose short buckets are too full.
const BANDS: [(usize, usize); 2] = [(24, 3), (16, 7)];
/// Share of shingles that two texts must have in common.
const RESEMBLANCE_MIN: f64 = 0.45;
/// Groups of one bucket that are compared with each other; a fuller bucket is of
/// texts that say the same in many ways, which is no mistake of a feed.
const BUCKET_MAX: usize = 200;
/// A misspelt word moves a text so far: that much less nearness confirms a pair with one.
const MISSPELT_COSINE: f64 = 0.5;
/// A word that so many times more titles have is the right one of two.
const TITLES_A_SLIP: u32 = 10;
/// Shortest word that may be a misspelling of another.
const MISSPELT_CHARS_MIN: usize = 4;
/// From this length on, two edits are a misspelling.
const TWO_EDITS_CHARS_MIN: usize = 12;

/// A listing that repeats another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Duplicate {
    /// Index of the group that stands for both.
    pub canonical: u32,
    pub reason: String,
}

/// Duplicates among `groups`, by index of the group that goes.
pub(crate) fn find(
    groups: &[(u64, &Group)],
    texts: &Texts,
    vectors: Option<&Vectors<'_>>,
    known: &TitlesInUse,
    cosine_min: f64,
) -> BTreeMap<u32, Duplicate> {
    let mut leader: Vec<u32> = (0..groups.len() as u32).collect();
    let mut reasons: HashMap<u32, String> = HashMap::new();
    for (a, b) in candidates(groups) {
        let (first, second) = (groups[a as usize].1, groups[b as usize].1);
        let Some((reason, slack)) = same_words(&first.title, &second.title, known) else {
            continue;
        };
        let text = |idx: u32| texts.text_of[idx as usize] as usize;
        if let Some(vectors) = vectors
            && f64::from(vectors.cosine(text(a), text(b))) < cosine_min - slack
        {
            continue;
        }
        reasons.entry(a).or_insert_with(|| reason.clone());
        reasons.entry(b).or_insert(reason);
        let (a, b) = (root(&leader, a), root(&leader, b));
        let (keep, go) = if rank(groups, a) >= rank(groups, b) { (a, b) } else { (b, a) };
        leader[go as usize] = keep;
    }
    (0..groups.len() as u32)
        .filter_map(|idx| {
            let canonical = root(&leader, idx);
            let reason = reasons.get(&idx).filter(|_| canonical != idx)?;
            let title = &groups[canonical as usize].1.title;
            // Who only stands between two spellings and has the right one repeats nothing.
            if is_same_title(title, &groups[idx as usize].1.title) {
                return None;
            }
            Some((idx, Duplicate { canonical, reason: format!("{reason}: “{title}”") }))
        })
        .collect()
}

/// The canonical listing: has most products, is best known, came first.
fn rank(groups: &[(u64, &Group)], idx: u32) -> (u32, bool, std::cmp::Reverse<u64>) {
    let group = groups[idx as usize].1;
    (group.n, !group.brand.is_empty(), std::cmp::Reverse(group.first_line))
}

fn root(leader: &[u32], mut idx: u32) -> u32 {
    while leader[idx as usize] != idx {
        idx = leader[idx as usize];
    }
    idx
}

/// Pairs of groups that may be one product, whose signatures meet in a band and whose
/// texts are alike.
fn candidates(groups: &[(u64, &Group)]) -> Vec<(u32, u32)> {
    let shingles: Vec<Vec<u64>> = groups.iter().map(|(_, group)| shingles(&group.title)).collect();
    let mut pairs = Vec::new();
    let bands = BANDS.into_iter().flat_map(|(n, rows)| (0..n).map(move |band| (band, rows)));
    for (band, n_rows) in bands {
        let mut buckets: HashMap<u64, Vec<u32>> = HashMap::new();
        for (idx, shingles) in shingles.iter().enumerate().filter(|(_, s)| !s.is_empty()) {
            let rows = (0..n_rows).map(|row| {
                let seed = mixed(((n_rows << 32) | (band * n_rows + row)) as u64);
                shingles.iter().map(|&shingle| mixed(shingle ^ seed)).min().unwrap_or(0)
            });
            buckets.entry(hash(&rows.collect::<Vec<u64>>())).or_default().push(idx as u32);
        }
        for bucket in buckets.into_values().filter(|bucket| bucket.len() <= BUCKET_MAX) {
            for (at, &a) in bucket.iter().enumerate() {
                pairs.extend(bucket[at + 1..].iter().map(|&b| (a, b)));
            }
        }
    }
    pairs.sort_unstable();
    pairs.dedup();
    pairs.retain(|&(a, b)| {
        let (a, b) = (a as usize, b as usize);
        may_be_one(groups[a].1, groups[b].1)
            && resemblance(&shingles[a], &shingles[b]) >= RESEMBLANCE_MIN
    });
    pairs
}

/// Titles with fewer letters are compared by pairs of letters: one slip changes most triples.
const SHORT_CHARS_MAX: usize = 16;

/// Hashes of the letter pairs or triples of each word; their order in the text does not matter.
fn shingles(title: &str) -> Vec<u64> {
    let mut all = Vec::new();
    for word in words(title) {
        let padded: Vec<char> = [' '].into_iter().chain(word.chars()).chain([' ']).collect();
        all.extend(padded.windows(2).map(hash));
        if title.chars().count() > SHORT_CHARS_MAX {
            all.extend(padded.windows(3).map(hash));
        }
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Jaccard index of two sorted sets.
fn resemblance(a: &[u64], b: &[u64]) -> f64 {
    let common = a.iter().filter(|shingle| b.binary_search(shingle).is_ok()).count();
    common as f64 / (a.len() + b.len() - common).max(1) as f64
}

/// Whether two groups with alike texts may be one product. Different sizes,
/// makers, brands or GTINs are variants of a card or other goods.
fn may_be_one(a: &Group, b: &Group) -> bool {
    let agree = |a: &str, b: &str| a.is_empty() || b.is_empty() || a.eq_ignore_ascii_case(b);
    let signs = |text: &str| text.chars().filter(|&c| is_telling(c)).collect::<Vec<char>>();
    meet(&a.gtins, &b.gtins)
        && meet(&a.makes, &b.makes)
        && agree(&a.brand, &b.brand)
        && agree(&a.category, &b.category)
        && agree(&a.department, &b.department)
        && !is_same_title(&a.title, &b.title)
        && signs(&a.title) == signs(&b.title)
}

/// Cards show both in sentence case: they are one card, if the rest agrees.
fn is_same_title(a: &str, b: &str) -> bool {
    a.to_lowercase() == b.to_lowercase()
}

/// Whether two samples of the smallest hashes may be of sets that meet: what a full
/// sample leaves out is not known.
fn meet(a: &BTreeSet<u64>, b: &BTreeSet<u64>) -> bool {
    let is_whole = |set: &BTreeSet<u64>| set.len() < MAKES_KEPT;
    let surely_in = |set: &BTreeSet<u64>, hash: u64| is_whole(set) || set.last() >= Some(&hash);
    let surely_apart = |small: &BTreeSet<u64>, other: &BTreeSet<u64>| {
        is_whole(small) && small.iter().all(|&hash| surely_in(other, hash))
    };
    let known_apart = surely_apart(a, b) || surely_apart(b, a);
    a.is_empty() || b.is_empty() || !a.is_disjoint(b) || !known_apart
}

/// Why two titles say the same, and how much that moves their vectors; `None` when
/// a word, number, colour or size differs.
fn same_words(a: &str, b: &str, known: &TitlesInUse) -> Option<(String, f64)> {
    let (mut left, mut right): (Vec<String>, Vec<String>) =
        (words(a).collect(), words(b).collect());
    if left.concat() == right.concat() {
        return Some(("differs in punctuation or blanks".to_owned(), MISSPELT_COSINE));
    }
    left.retain(|word| match right.iter().position(|other| other == word) {
        Some(at) => {
            right.remove(at);
            false
        }
        None => true,
    });
    if left.is_empty() && right.is_empty() {
        return Some(("has the same words in another order".to_owned(), 0.0));
    }
    if left.len() != right.len() || left.len() > 2 {
        return None;
    }
    left.sort();
    right.sort();
    let misspelt = left.iter().zip(&right).all(|(a, b)| is_misspelling(a, b, known));
    misspelt
        .then(|| (format!("“{}” is spelt “{}”", left.join(" "), right.join(" ")), MISSPELT_COSINE))
}

/// One is a slip of the other: near, without digits, and only one is in use.
fn is_misspelling(a: &str, b: &str, known: &TitlesInUse) -> bool {
    let n_chars = a.chars().count().min(b.chars().count());
    if n_chars < MISSPELT_CHARS_MIN || [a, b].iter().any(|word| word.contains(is_digit)) {
        return false;
    }
    let edits_max = if n_chars >= TWO_EDITS_CHARS_MIN { 2 } else { 1 };
    let plural = |long: &str, short: &str| {
        long.strip_prefix(short).is_some_and(|end| matches!(end, "s" | "es"))
    };
    let in_use = known.n_titles(a).min(known.n_titles(b));
    let slips_max = 1.max(known.n_titles(a).max(known.n_titles(b)) / TITLES_A_SLIP);
    // "sweetened" is no slip of "unsweetened".
    let negated = |long: &str, short: &str| {
        long.strip_suffix(short).is_some_and(|start| matches!(start, "un" | "in" | "non" | "im"))
    };
    let forms = plural(a, b) || plural(b, a) || negated(a, b) || negated(b, a);
    in_use <= slips_max && osa_distance(a, b) <= edits_max && !forms
}

/// Signs that say something: "<= 4" is not "> 4".
fn is_telling(c: char) -> bool {
    matches!(c, '<' | '>' | '=' | '+' | '%' | '#' | '°')
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(title: &str, n: u32) -> Group {
        Group {
            title: title.into(),
            department: "D".into(),
            category: "C".into(),
            brand: String::new(),
            n,
            first_line: 1,
            makes: Default::default(),
            gtins: Default::default(),
        }
    }

    fn duplicates(groups: &[Group]) -> Vec<(usize, usize)> {
        let groups: Vec<(u64, &Group)> = groups.iter().map(|group| (0, group)).collect();
        let texts = Texts::default();
        let known = TitlesInUse::learn(&groups);
        let found = find(&groups, &texts, None, &known, 0.9);
        found.iter().map(|(idx, dup)| (*idx as usize, dup.canonical as usize)).collect()
    }

    #[test]
    fn slips_are_duplicates_and_variants_are_not() {
        let titles = [
            "White hanging heart t-light holder",
            "White hanging heart tlight holder",
            "White hanging heart t-light hodler",
            "Red hanging heart t-light holder",
            "Heart t-light holder, white hanging",
            "White hanging heart t-light holders",
        ];
        let groups = titles.map(|title| group(title, if title == titles[0] { 3 } else { 1 }));
        assert_eq!(duplicates(&groups), [(1, 0), (2, 0), (4, 0)]);
    }

    #[test]
    fn numbers_makers_and_codes_tell_products_apart() {
        let numbers = ["Paper clips 50 mm box", "Paper clips 60 mm box"].map(|t| group(t, 1));
        assert_eq!(duplicates(&numbers), []);
        let [a, b] = ["Garden gloves leather", "Garden gloves lether"].map(|t| group(t, 1));
        assert_eq!(duplicates(&[a.clone(), b.clone()]).len(), 1);
        let makers =
            [Group { makes: [1].into(), ..a.clone() }, Group { makes: [2].into(), ..b.clone() }];
        assert_eq!(duplicates(&makers), []);
        let many: BTreeSet<u64> = (10..10 + MAKES_KEPT as u64).collect();
        let crowds =
            [Group { makes: many, ..a.clone() }, Group { makes: [99].into(), ..b.clone() }];
        assert_eq!(duplicates(&crowds).len(), 1, "the crowd may have maker 99, too");
        let signs = ["Cocktails 4-pack <= 10", "Cocktails 4-pack > 10"].map(|t| group(t, 1));
        assert_eq!(duplicates(&signs), []);
        let codes = [Group { gtins: [1].into(), ..a }, Group { gtins: [2].into(), ..b }];
        assert_eq!(duplicates(&codes), []);
    }

    #[test]
    fn other_words_are_no_slips() {
        for pair in [
            ["Tea sweetened bottle", "Tea unsweetened bottle"],
            ["Basketball set", "Baseball set"],
            ["Bathroom metal sign", "Washroom metal sign"],
        ] {
            assert_eq!(duplicates(&pair.map(|title| group(title, 1))), [], "{pair:?}");
        }
    }
}
