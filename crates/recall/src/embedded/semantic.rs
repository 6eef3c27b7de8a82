//! Meaning: an exact scan of small codes, re-scored on the full vectors.
//!
//! A code is the text vector, centred and rotated onto its
//! [`TEXT_CODE_DIM`] strongest directions, rounded to i8. Centring takes the
//! same number from every item's score, so it changes no order.

use std::sync::Arc;

use vitrine_domain::{TEXT_CODE_DIM, limits};
use vitrine_student::scan;

use super::centre::{Centre, CentredQuery, dot};
use super::coder::TextCoder;
use super::mask::Mask;
use super::rows::{Origin, RowChange};
use crate::TEXT_DIM;

pub(super) struct SemanticIndex {
    /// `None` while there are so few rows that all are scored on their vectors.
    coder: Option<Arc<TextCoder>>,
    /// `None` where nobody said what is searched for.
    centre: Option<Arc<Centre>>,
    parts: Vec<Part>,
}

/// Some rows in succession.
#[derive(Clone)]
struct Part {
    first_row: u32,
    /// \[n, [`TEXT_CODE_DIM`]\]; empty without a coder.
    codes: Arc<Vec<i8>>,
    /// \[n, 384\]
    vectors: Arc<Vec<f32>>,
    /// What [`Centre::inverse_lengths`] gives; empty without a centre. \[n\]
    inverse_lengths: Arc<Vec<f32>>,
}

impl SemanticIndex {
    pub(super) fn build(vectors: Vec<f32>) -> Self {
        let part = Part {
            first_row: 0,
            codes: Arc::default(),
            vectors: Arc::new(vectors),
            inverse_lengths: Arc::default(),
        };
        Self { coder: None, centre: None, parts: vec![part] }.coded()
    }

    /// The index with cosines about the middle of its items and that of the queries.
    pub(super) fn centred_for(mut self, query_mean: &[f32]) -> Self {
        let vectors: Vec<&[f32]> = self.parts.iter().map(|part| part.vectors.as_slice()).collect();
        let Some(centre) = Centre::new(&vectors, query_mean) else { return self };
        for part in &mut self.parts {
            part.inverse_lengths = Arc::new(centre.inverse_lengths(&part.vectors));
        }
        self.centre = Some(Arc::new(centre));
        self
    }

    /// The index after a change of the rows; `added` \[n, 384\] are the vectors of the
    /// items that come.
    pub(super) fn revised(&self, change: &RowChange, added: &[f32]) -> Self {
        let mut parts = self.parts[..change.n_parts_kept].to_vec();
        if !change.origins.is_empty() {
            let added_codes = self.coder.as_ref().map(|coder| coder.codes(added));
            let added_codes = added_codes.unwrap_or_default();
            let (mut codes, mut vectors) = (Vec::new(), Vec::new());
            for origin in &change.origins {
                let (code, vector) = match *origin {
                    Origin::Moved(row) => self.row(row),
                    Origin::Added(i) => (slice(&added_codes, i, TEXT_CODE_DIM), vector(added, i)),
                };
                codes.extend_from_slice(code);
                vectors.extend_from_slice(vector);
            }
            let inverse_lengths =
                self.centre.as_ref().map(|centre| centre.inverse_lengths(&vectors));
            parts.push(Part {
                first_row: change.first_row,
                codes: Arc::new(codes),
                vectors: Arc::new(vectors),
                inverse_lengths: Arc::new(inverse_lengths.unwrap_or_default()),
            });
        }
        Self { coder: self.coder.clone(), centre: self.centre.clone(), parts }.coded()
    }

    /// With codes, once there are rows enough for a scan of them.
    fn coded(mut self) -> Self {
        let vectors: Vec<&[f32]> = self.parts.iter().map(|part| part.vectors.as_slice()).collect();
        let n_rows = vectors.iter().map(|vectors| vectors.len()).sum::<usize>() / TEXT_DIM;
        if self.coder.is_none() && n_rows > limits::RESCORE_MAX {
            let coder = TextCoder::fit(&vectors);
            let codes: Vec<Vec<i8>> = vectors.iter().map(|vectors| coder.codes(vectors)).collect();
            for (part, codes) in self.parts.iter_mut().zip(codes) {
                part.codes = Arc::new(codes);
            }
            self.coder = Some(Arc::new(coder));
        }
        self
    }

    /// The rows nearest to `vector` \[384\] with their inner products, in no order; at
    /// most [`limits::RESCORE_MAX`], of equal ones the first.
    pub(super) fn search(&self, vector: &[f32], mask: Option<&Mask>) -> Vec<(u32, f32)> {
        let is_left_out = |row| mask.is_some_and(|mask| !mask.contains(row));
        let Some(coder) = &self.coder else {
            let rows = (0..self.n_rows()).filter(|row| !is_left_out(*row));
            return rows.map(|row| (row, self.inner(vector, row))).collect();
        };
        let query = scan::quantise(&coder.project(vector));
        let mut scanned: Vec<(u32, i32)> = Vec::new();
        for Part { first_row, codes, .. } in &self.parts {
            let is_left_out = |row: u32| is_left_out(first_row + row);
            let found =
                scan::scan_top_k(codes, TEXT_CODE_DIM, &query, limits::RESCORE_MAX, is_left_out);
            scanned.extend(found.into_iter().map(|(row, score)| (first_row + row, score)));
        }
        if self.parts.len() > 1 {
            scanned.sort_unstable_by_key(|(row, score)| (std::cmp::Reverse(*score), *row));
            scanned.truncate(limits::RESCORE_MAX);
        }
        scanned.into_iter().map(|(row, _)| (row, self.inner(vector, row))).collect()
    }

    /// Inner product of `vector` \[384\] with a row's.
    pub(super) fn inner(&self, vector: &[f32], row: u32) -> f32 {
        dot(vector, self.row(row).1)
    }

    /// A query as [`Self::meaning`] takes it.
    pub(super) fn query(&self, vector: &[f32]) -> CentredQuery {
        match &self.centre {
            Some(centre) => centre.query(vector),
            None => CentredQuery::of(vector),
        }
    }

    /// Cosine of a query with a row about their middles; without a centre, their plain one.
    pub(super) fn meaning(&self, query: &CentredQuery, row: u32) -> f32 {
        let after = self.parts.partition_point(|part| part.first_row <= row);
        let part = &self.parts[after - 1];
        let row = row - part.first_row;
        let inverse_length = part.inverse_lengths.get(row as usize).copied().unwrap_or(1.0);
        query.cosine(vector(&part.vectors, row), inverse_length)
    }

    fn n_rows(&self) -> u32 {
        let n_rows = |last: &Part| last.first_row + (last.vectors.len() / TEXT_DIM) as u32;
        self.parts.last().map_or(0, n_rows)
    }

    /// Code and vector of a row.
    fn row(&self, row: u32) -> (&[i8], &[f32]) {
        let after = self.parts.partition_point(|part| part.first_row <= row);
        let part = &self.parts[after - 1];
        let row = row - part.first_row;
        (slice(&part.codes, row, TEXT_CODE_DIM), vector(&part.vectors, row))
    }
}

fn vector(vectors: &[f32], row: u32) -> &[f32] {
    slice(vectors, row, TEXT_DIM)
}

/// One row of a matrix; empty in an empty one.
fn slice<T>(matrix: &[T], row: u32, n_columns: usize) -> &[T] {
    matrix.get(row as usize * n_columns..(row as usize + 1) * n_columns).unwrap_or_default()
}
