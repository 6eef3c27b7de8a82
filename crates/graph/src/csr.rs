//! Rows of entity numbers, one behind the other.

use crate::GraphError;

/// Compressed sparse rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Csr {
    /// \[rows + 1\]
    offsets: Vec<u32>,
    targets: Vec<u32>,
}

impl Csr {
    /// Of edges (row, target) in any order; repeated ones count once.
    pub(crate) fn new(n_rows: usize, mut edges: Vec<(u32, u32)>) -> Result<Self, GraphError> {
        edges.sort_unstable();
        edges.dedup();
        if u32::try_from(edges.len()).is_err() {
            return Err(GraphError::TooManyEdges);
        }
        let mut offsets = vec![0; n_rows + 1];
        edges.iter().for_each(|(row, _)| offsets[*row as usize + 1] += 1);
        for row in 0..n_rows {
            offsets[row + 1] += offsets[row];
        }
        Ok(Self { offsets, targets: edges.into_iter().map(|(_, target)| target).collect() })
    }

    /// Targets of a row, ascending; none for a row that does not exist.
    pub(crate) fn row(&self, row: u32) -> &[u32] {
        let at = |row: usize| self.offsets.get(row).map(|offset| *offset as usize);
        match (at(row as usize), at(row as usize + 1)) {
            (Some(from), Some(to)) => &self.targets[from..to],
            _ => &[],
        }
    }

    pub(crate) fn n_edges(&self) -> usize {
        self.targets.len()
    }
}
