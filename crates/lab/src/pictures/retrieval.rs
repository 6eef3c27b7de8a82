//! How many of the nearest items are of the category.

/// Vectors of items, of norm 1 or zero.
#[derive(Clone, Copy)]
pub(super) struct Rows<'a> {
    pub values: &'a [f32],
    pub dim: usize,
}

impl Rows<'_> {
    pub fn row(&self, at: usize) -> &[f32] {
        &self.values[at * self.dim..][..self.dim]
    }

    pub fn is_zero(&self, at: usize) -> bool {
        self.row(at).iter().all(|x| *x == 0.0)
    }

    pub fn cosine(&self, a: usize, b: usize) -> f32 {
        self.row(a).iter().zip(self.row(b)).map(|(a, b)| a * b).sum()
    }
}

/// Who asks, who is found, and what is right.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub queries: &'a [usize],
    pub candidates: &'a [usize],
    pub labels: &'a [u32],
}

impl Asking<'_> {
    /// Share of the `k` best candidates that are of the query's category, by query. A query of
    /// which nothing is known (`None`) gets what chance would give.
    pub fn precision(&self, k: usize, scores: impl Fn(usize) -> Option<Vec<f32>>) -> Vec<f64> {
        let of = |&query: &usize| {
            let is_right = |at: usize| at != query && self.labels[at] == self.labels[query];
            let Some(scores) = scores(query) else {
                let n_right = self.candidates.iter().filter(|at| is_right(**at)).count();
                return n_right as f64 / self.candidates.len() as f64;
            };
            let ranked = self.ranked(query, &scores);
            ranked.iter().take(k).filter(|at| is_right(**at)).count() as f64 / k as f64
        };
        self.queries.iter().map(of).collect()
    }

    /// One by the place of the first right candidate, by query; as of a random order for a query of
    /// which nothing is known.
    pub fn reciprocal_rank(&self, scores: impl Fn(usize) -> Option<Vec<f32>>) -> Vec<f64> {
        let of = |&query: &usize| {
            let is_right = |at: usize| at != query && self.labels[at] == self.labels[query];
            let Some(scores) = scores(query) else {
                let n_right = self.candidates.iter().filter(|at| is_right(**at)).count();
                // Expected place of the first of n_right among all.
                return (n_right + 1) as f64 / self.candidates.len() as f64;
            };
            let ranked = self.ranked(query, &scores);
            let place = ranked.iter().position(|at| is_right(*at));
            place.map_or(0.0, |place| 1.0 / (place + 1) as f64)
        };
        self.queries.iter().map(of).collect()
    }

    /// Cosines of rows.
    pub fn by<'a>(&'a self, rows: Rows<'a>) -> impl Fn(usize) -> Option<Vec<f32>> + 'a {
        move |query| {
            let cosines = || self.candidates.iter().map(|at| rows.cosine(query, *at)).collect();
            (!rows.is_zero(query)).then(cosines)
        }
    }

    /// Candidates besides the query, best first.
    fn ranked(&self, query: usize, scores: &[f32]) -> Vec<usize> {
        let mut places: Vec<usize> =
            (0..scores.len()).filter(|place| self.candidates[*place] != query).collect();
        // Items lie by category, so that ties in their order would favour the first of them.
        places.sort_by_key(|place| mixed(*place));
        places.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        places.into_iter().map(|place| self.candidates[place]).collect()
    }
}

/// A number that says nothing of the place that it is made of.
fn mixed(place: usize) -> u64 {
    let mut x = (place as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_favour_no_category() {
        let labels: Vec<u32> = (0..1_000).map(|at| at / 500).collect();
        let candidates: Vec<usize> = (1..1_000).collect();
        let asking = Asking { queries: &[0], candidates: &candidates, labels: &labels };
        let precision = asking.precision(400, |_| Some(vec![0.5; 999]))[0];
        assert!((precision - 0.5).abs() < 0.08, "{precision}");
    }

    #[test]
    fn precision_and_rank_of_a_worked_example() {
        let asking =
            Asking { queries: &[0, 4], candidates: &[0, 1, 2, 3], labels: &[7, 7, 8, 7, 8] };
        let values = [1.0, 0.0, 0.8, 0.6, 0.9, 0.4, 0.1, 0.9, 0.0, 0.0];
        let rows = Rows { values: &values, dim: 2 };
        // Item 0 finds 2, 1, 3, of which the first is wrong; item 4 has no vector.
        assert_eq!(asking.precision(2, asking.by(rows)), [0.5, 0.25]);
        assert_eq!(asking.reciprocal_rank(asking.by(rows)), [0.5, 0.5]);
    }
}
