//! Returns and cancellations, netted against the purchases they undo.

use std::collections::BTreeMap;

/// A purchase or a return of one shopper and product.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Movement {
    pub at_seconds: i64,
    pub line: u64,
    /// Negative when it was brought back.
    pub quantity: i64,
}

/// What netting makes of the movements of one shopper and product.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Netted {
    /// Returns and the purchases they undo, by line.
    pub returned: Vec<(u64, Vec<u64>)>,
    /// Returns of what was never bought.
    pub unmatched: Vec<u64>,
    /// Pieces left of the purchases that were brought back.
    pub left: BTreeMap<u64, i64>,
}

/// Each return undoes the latest earlier purchase of just as many pieces, else the
/// latest earlier ones.
pub(crate) fn net(movements: &mut [Movement]) -> Netted {
    movements.sort_unstable();
    let mut netted = Netted::default();
    let mut bought: Vec<(u64, i64)> = Vec::new();
    for movement in movements.iter() {
        if movement.quantity > 0 {
            bought.push((movement.line, movement.quantity));
            continue;
        }
        let mut to_undo = movement.quantity.saturating_neg();
        let mut undone = Vec::new();
        if let Some(same) = bought.iter().rposition(|(_, left)| *left == to_undo) {
            let (line, _) = bought.remove(same);
            netted.left.insert(line, 0);
            undone.push(line);
            to_undo = 0;
        }
        while to_undo > 0
            && let Some((line, left)) = bought.last_mut()
        {
            let taken = to_undo.min(*left);
            *left -= taken;
            to_undo -= taken;
            netted.left.insert(*line, *left);
            undone.push(*line);
            if *left == 0 {
                bought.pop();
            }
        }
        if undone.is_empty() {
            netted.unmatched.push(movement.line);
        } else {
            netted.returned.push((movement.line, undone));
        }
    }
    netted
}

#[cfg(test)]
mod tests {
    use super::*;

    fn netted(movements: &[(i64, i64)]) -> Netted {
        let mut movements: Vec<Movement> = movements
            .iter()
            .zip(1..)
            .map(|(&(at_seconds, quantity), line)| Movement { at_seconds, line, quantity })
            .collect();
        net(&mut movements)
    }

    #[test]
    fn a_return_undoes_the_purchase_of_as_many() {
        let netted = netted(&[(1, 6), (2, 12), (3, 6), (4, -12), (5, -6), (0, -6)]);
        assert_eq!(netted.returned, [(4, vec![2]), (5, vec![3])]);
        assert_eq!(netted.unmatched, [6], "it came before any purchase");
        assert_eq!(netted.left, BTreeMap::from([(2, 0), (3, 0)]));
    }

    #[test]
    fn a_part_may_come_back() {
        let netted = netted(&[(1, 4), (2, 3), (3, -5), (4, -9)]);
        assert_eq!(netted.returned, [(3, vec![2, 1]), (4, vec![1])]);
        assert_eq!(netted.left, BTreeMap::from([(2, 0), (1, 0)]));
    }
}
