//! A set of rows, one bit each.

/// Rows that a search may find: those that pass its filters, or those that are listed.
#[derive(Clone)]
pub(super) struct Mask {
    words: Vec<u64>,
}

impl Mask {
    /// Every row.
    pub(super) fn all(n_rows: usize) -> Self {
        let mut mask = Self { words: vec![u64::MAX; n_rows.div_ceil(64)] };
        mask.clear_from(n_rows);
        mask
    }

    /// No row.
    pub(super) fn none(n_rows: usize) -> Self {
        Self { words: vec![0; n_rows.div_ceil(64)] }
    }

    pub(super) fn insert(&mut self, row: u32) {
        self.words[row as usize / 64] |= 1 << (row % 64);
    }

    pub(super) fn remove(&mut self, row: u32) {
        self.words[row as usize / 64] &= !(1 << (row % 64));
    }

    /// Keeps the rows of the mask for which something holds.
    pub(super) fn retain(&mut self, keep: impl Fn(usize) -> bool) {
        for (i, word) in self.words.iter_mut().enumerate() {
            let mut rest = *word;
            while rest != 0 {
                let bit = rest.trailing_zeros();
                rest &= rest - 1;
                if !keep(i * 64 + bit as usize) {
                    *word &= !(1 << bit);
                }
            }
        }
    }

    pub(super) fn contains(&self, row: u32) -> bool {
        self.words[row as usize / 64] >> (row % 64) & 1 == 1
    }

    /// The mask of `n_rows` rows that has the rows before `first_row` that this one
    /// has, and all from there on.
    pub(super) fn with_all_from(&self, first_row: usize, n_rows: usize) -> Self {
        let mut words = self.words.clone();
        words.resize(n_rows.div_ceil(64), u64::MAX);
        let [word, bit] = [first_row / 64, first_row % 64];
        if let Some(word) = words.get_mut(word) {
            *word |= u64::MAX << bit;
        }
        words.iter_mut().skip(word + 1).for_each(|word| *word = u64::MAX);
        let mut mask = Self { words };
        mask.clear_from(n_rows);
        mask
    }

    /// Clears the bits of the last word that belong to no row.
    fn clear_from(&mut self, n_rows: usize) {
        if let (Some(last), n @ 1..) = (self.words.last_mut(), n_rows % 64) {
            *last &= (1 << n) - 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(mask: &Mask, n_rows: usize) -> Vec<u32> {
        (0..n_rows as u32).filter(|&row| mask.contains(row)).collect()
    }

    #[test]
    fn masks_of_ragged_length_hold_what_is_kept() {
        for n_rows in [0, 1, 63, 64, 65, 200] {
            let mut mask = Mask::all(n_rows);
            mask.retain(|row| row % 3 == 1);
            let expected: Vec<u32> = (0..n_rows as u32).filter(|row| row % 3 == 1).collect();
            assert_eq!(rows(&mask, n_rows), expected);
        }
    }

    #[test]
    fn a_mask_grows_and_shrinks_by_rows_that_are_all_there() {
        for n_rows in [0usize, 1, 63, 64, 65, 200] {
            let mut mask = Mask::all(n_rows);
            mask.retain(|row| row % 3 == 1);
            for first_row in 0..=n_rows {
                for n_rows in [first_row, first_row + 1, first_row + 64, first_row + 130] {
                    let other = mask.with_all_from(first_row, n_rows);
                    let is_in = |row: &u32| *row as usize >= first_row || row % 3 == 1;
                    let expected: Vec<u32> = (0..n_rows as u32).filter(is_in).collect();
                    assert_eq!(rows(&other, n_rows), expected, "{first_row} {n_rows}");
                }
            }
        }
    }
}
