//! What to leave out where nothing meets every condition, in which order. What results
//! must be free of never is: whoever asks for it may be ill from it.

use vitrine_domain::sorting::sort_by_key;
use vitrine_domain::{Constraint, Filters, ReadFilter, Relaxed};

/// Conditions read from words without some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WeakerReading {
    /// What is still asked for, in the order of the words.
    pub filters: Vec<ReadFilter>,
    /// What is not, in the order in which it was left out.
    pub left_out: Vec<Relaxed>,
}

/// What was read without the last of its conditions, the last two, and so on.
pub fn weaker_readings(read: &[ReadFilter]) -> Vec<WeakerReading> {
    let mut weaker: Vec<WeakerReading> = Vec::new();
    for place in (0..read.len()).rev() {
        if !read[place].filters.free_of.is_empty() {
            continue;
        }
        let all = || WeakerReading { filters: read.to_vec(), left_out: Vec::new() };
        let WeakerReading { mut filters, mut left_out } =
            weaker.last().cloned().unwrap_or_else(all);
        let typed = filters.remove(place).typed;
        left_out.push(Relaxed { constraint: Constraint::ReadFilter, typed });
        weaker.push(WeakerReading { filters, left_out });
    }
    weaker
}

/// The words to leave out, given each with how many items that meet the conditions have
/// it: the rarest, the two rarest, and so on, but never all. Empty where no item has any,
/// because fewer do not help then.
pub fn fewer_words<'a>(words: impl IntoIterator<Item = (&'a str, usize)>) -> Vec<Vec<String>> {
    let mut rarest_first: Vec<(&str, usize)> = words.into_iter().collect();
    if rarest_first.iter().all(|(_, n_items)| *n_items == 0) {
        return Vec::new();
    }
    sort_by_key(&mut rarest_first, |(_, n_items)| *n_items);
    let dropped = |n: usize| rarest_first[..n].iter().map(|(word, _)| (*word).to_owned()).collect();
    (1..rarest_first.len()).map(dropped).collect()
}

/// Filters without one kind of them, then without all, each with what it leaves out.
pub fn weaker_filters(filters: &Filters) -> Vec<(Filters, Vec<Relaxed>)> {
    use Constraint::{Availability, Brand, Category, Department, Price};
    let kinds: Vec<Constraint> = [Availability, Price, Brand, Category, Department]
        .into_iter()
        .filter(|kind| without_filter(filters.clone(), kind) != *filters)
        .collect();
    let alone = kinds.iter().map(std::slice::from_ref);
    let together = (kinds.len() > 1).then_some(kinds.as_slice());
    let without = |dropped: &[Constraint]| {
        let left_out = |kind: &Constraint| Relaxed { constraint: *kind, typed: String::new() };
        let fewer = dropped.iter().fold(filters.clone(), without_filter);
        (fewer, dropped.iter().map(left_out).collect())
    };
    alone.chain(together).map(without).collect()
}

fn without_filter(mut filters: Filters, kind: &Constraint) -> Filters {
    match kind {
        Constraint::Availability => filters.available_only = false,
        Constraint::Price => (filters.price_minor_min, filters.price_minor_max) = (None, None),
        Constraint::Brand => {
            filters.brands.clear();
            filters.brands_excluded.clear();
        }
        Constraint::Department => filters.departments.clear(),
        Constraint::Category => filters.categories.clear(),
        Constraint::Word | Constraint::ReadFilter => {}
    }
    filters
}
