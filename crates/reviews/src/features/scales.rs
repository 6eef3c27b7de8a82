//! What an n-gram weighs in a row.

use super::grams::{BLOCK_WEIGHTS, Block, N_BLOCKS, block_of};
use super::vocabulary::GramRow;

/// Added to the counts of both classes.
const SMOOTHING: f32 = 0.5;

/// Blocks whose n-grams are weighed by which label they go with.
const BAYES_BLOCKS: [bool; N_BLOCKS] = {
    let mut blocks = [true; N_BLOCKS];
    blocks[Block::Pieces as usize] = false;
    blocks[Block::TitlePieces as usize] = false;
    blocks
};

/// How the count of an n-gram becomes a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scaling {
    /// That it is there, times its scale.
    Presence,
    /// 1 + ln of the count, times its scale.
    LogCount,
}

/// In how many of the rows each column is.
pub(crate) fn document_frequencies<'a>(
    rows: impl Iterator<Item = &'a GramRow>,
    n_columns: usize,
) -> Vec<u32> {
    let mut counts = vec![0; n_columns];
    rows.flatten().for_each(|(column, _)| counts[*column as usize] += 1);
    counts
}

/// Smoothed inverse document frequencies; 0 for what fewer than two rows have.
///
/// # Source
/// Salton and Buckley (1988), smoothed as scikit-learn does.
pub(crate) fn inverse_frequencies(frequencies: &[u32], n_rows: usize) -> Vec<f32> {
    let of = |n: &u32| match *n {
        0 | 1 => 0.0,
        n => ((1.0 + n_rows as f32) / (1.0 + n as f32)).ln() + 1.0,
    };
    frequencies.iter().map(of).collect()
}

/// ln of how much more often a column is among rows that are labelled true than among others,
/// within its block; 0 for what fewer than two rows have and for blocks that are not so weighed.
///
/// # Shapes
/// `labels` one a row; `keys` and the result `[n_columns]`.
///
/// # Source
/// Wang and Manning, "Baselines and bigrams: simple, good sentiment and topic classification"
/// (ACL 2012), equation 2, over presence.
pub(crate) fn bayes_ratios<'a>(
    rows: impl Iterator<Item = (&'a GramRow, bool)>,
    keys: &[u32],
) -> Vec<f32> {
    let mut counts = vec![[0.0_f32; 2]; keys.len()];
    for (row, label) in rows {
        row.iter().for_each(|(column, _)| counts[*column as usize][usize::from(label)] += 1.0);
    }
    let is_used = |key: u32, [no, yes]: [f32; 2]| BAYES_BLOCKS[block_of(key)] && no + yes >= 2.0;
    let mut totals = [[0.0_f32; 2]; N_BLOCKS];
    for (key, count) in keys.iter().zip(&counts) {
        if is_used(*key, *count) {
            for (total, n) in totals[block_of(*key)].iter_mut().zip(count) {
                *total += n + SMOOTHING;
            }
        }
    }
    let ratio = |(key, count): (&u32, &[f32; 2])| {
        if !is_used(*key, *count) {
            return 0.0;
        }
        let [no, yes] = [0, 1].map(|i| (count[i] + SMOOTHING) / totals[block_of(*key)][i]);
        (yes / no).ln()
    };
    keys.iter().zip(&counts).map(ratio).collect()
}

/// The values of a row; each block has the length of its weight, whatever is in it.
pub(crate) fn scaled(
    row: &[(u32, u16)],
    keys: &[u32],
    scales: &[f32],
    scaling: Scaling,
) -> Vec<(u32, f32)> {
    let mut squares = [0.0_f32; N_BLOCKS];
    let mut values = Vec::with_capacity(row.len());
    for (column, n) in row {
        let at = *column as usize;
        if scales[at] == 0.0 {
            continue;
        }
        let value = match scaling {
            Scaling::Presence => scales[at],
            Scaling::LogCount => scales[at] * (1.0 + f32::from(*n).ln()),
        };
        squares[block_of(keys[at])] += value * value;
        values.push((*column, value));
    }
    for (column, value) in &mut values {
        let block = block_of(keys[*column as usize]);
        *value *= BLOCK_WEIGHTS[block] / squares[block].sqrt();
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_with_a_label_has_its_sign_and_rows_have_their_length() {
        let rows: [GramRow; 4] =
            [vec![(0, 1), (1, 1)], vec![(0, 3)], vec![(1, 1)], vec![(1, 1), (2, 1)]];
        let labels = [true, true, false, false];
        let keys = [1, 2, 3];
        let ratios = bayes_ratios(rows.iter().zip(labels), &keys);
        assert!(ratios[0] > 0.5 && ratios[1] < -0.3 && ratios[2] == 0.0, "{ratios:?}");
        let values = scaled(&rows[0], &keys, &ratios, Scaling::Presence);
        let length: f32 = values.iter().map(|(_, x)| x * x).sum();
        assert!((length - 1.0).abs() < 1e-6);
        let frequencies = document_frequencies(rows.iter(), 3);
        assert_eq!(frequencies, [2, 3, 1]);
        let scales = inverse_frequencies(&frequencies, 4);
        assert!((scales[0] - (5.0f32 / 3.0).ln() - 1.0).abs() < 1e-6 && scales[2] == 0.0);
    }
}
