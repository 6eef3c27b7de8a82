//! Sorting that is compiled once for all types.
//!
//! Every call of [`slice::sort_by`] compiles a sort of its own, 5 to 10 KB in a browser's
//! bundle. These sort places instead, by one sort, and then move the items.

use std::cmp::Ordering;

use crate::pace::Pace;

/// Items of which a paced sort orders or merges as many between two breaths.
const STRETCH_ITEMS: usize = 512;

/// Sorts like [`slice::sort_by`]: what is equal stays in order.
pub fn sort_by<T>(items: &mut [T], mut compare: impl FnMut(&T, &T) -> Ordering) {
    let mut order: Vec<usize> = (0..items.len()).collect();
    sort_places(&mut order, &mut |a, b| compare(&items[a], &items[b]));
    put_in(items, order);
}

/// Sorts like [`sort_by`], in pieces.
pub async fn sort_by_paced<T>(
    items: &mut [T],
    compare: impl Fn(&T, &T) -> Ordering,
    pace: &dyn Pace,
) {
    let order: Vec<usize> = (0..items.len()).collect();
    let order = sort_places_paced(order, &|a, b| compare(&items[a], &items[b]), pace).await;
    put_in(items, order);
}

/// Sorts places that ascend: runs of them, then pairs of runs.
async fn sort_places_paced(
    mut order: Vec<usize>,
    compare: &dyn Fn(usize, usize) -> Ordering,
    pace: &dyn Pace,
) -> Vec<usize> {
    for run in order.chunks_mut(STRETCH_ITEMS) {
        sort_places(run, &mut |a, b| compare(a, b));
        pace.breathe().await;
    }
    let mut length = STRETCH_ITEMS;
    while length < order.len() {
        let mut merged = Vec::with_capacity(order.len());
        for pair in order.chunks(2 * length) {
            let (mut left, mut right) = pair.split_at(length.min(pair.len()));
            while let (Some((l, more_left)), Some((r, more_right))) =
                (left.split_first(), right.split_first())
            {
                if compare(*l, *r).then(l.cmp(r)).is_lt() {
                    merged.push(*l);
                    left = more_left;
                } else {
                    merged.push(*r);
                    right = more_right;
                }
                if merged.len().is_multiple_of(STRETCH_ITEMS) {
                    pace.breathe().await;
                }
            }
            merged.extend(left);
            merged.extend(right);
        }
        order = merged;
        length *= 2;
    }
    order
}

/// Puts items in an order of places.
fn put_in<T>(items: &mut [T], mut order: Vec<usize>) {
    // The item at `order[place]` goes to `place`, along each cycle.
    for start in 0..order.len() {
        let mut place = start;
        while order[place] != start {
            let from = std::mem::replace(&mut order[place], place);
            items.swap(place, from);
            place = from;
        }
        order[place] = place;
    }
}

/// Sorts like [`slice::sort_by_key`]: what is equal stays in order.
pub fn sort_by_key<T, K: Ord>(items: &mut [T], key: impl Fn(&T) -> K) {
    sort_by(items, |a, b| key(a).cmp(&key(b)));
}

fn sort_places(order: &mut [usize], compare: &mut dyn FnMut(usize, usize) -> Ordering) {
    order.sort_unstable_by(|a, b| compare(*a, *b).then(a.cmp(b)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pace::Unpaced;

    #[test]
    fn it_sorts_as_the_standard_library_does() {
        let mut state = 7u32;
        for n in 0..200usize {
            let mut items: Vec<(u32, usize)> = (0..n)
                .map(|i| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    (state >> 28, i)
                })
                .collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            sort_by_key(&mut items, |item| item.0);
            assert_eq!(items, expected);
        }
    }

    #[test]
    fn in_pieces_it_sorts_as_it_does_at_once() {
        for n in [0, 1, STRETCH_ITEMS, STRETCH_ITEMS + 1, 7 * STRETCH_ITEMS / 2, 5_000] {
            let items: Vec<(usize, usize)> = (0..n).map(|i| (i * 7_919 % 97, i)).collect();
            let (mut at_once, mut in_pieces) = (items.clone(), items);
            sort_by_key(&mut at_once, |item| item.0);
            let sorting = sort_by_paced(&mut in_pieces, |a, b| a.0.cmp(&b.0), &Unpaced);
            crate::pace::at_once(sorting);
            assert_eq!(in_pieces, at_once);
        }
    }
}
