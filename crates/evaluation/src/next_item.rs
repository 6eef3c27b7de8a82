//! Full-ranking evaluation of "what comes next": every item of the catalogue is
//! ranked for every case, by every model, and nothing is sampled.

use std::time::Duration;

use crate::{TargetRanks, top_k};

/// Depth of what counts as shown.
pub const SHOWN: usize = 10;

/// One kind of question asked of every case.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// Heading in tables.
    pub title: String,
    /// Whether the items of a case's history are taken out of the ranking.
    pub masks_seen: bool,
    /// Distinct right answers by case; a case without any is not asked.
    pub targets: Vec<Vec<u32>>,
}

/// Some of the cases, looked at by themselves under the first view.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// Heading in tables.
    pub title: String,
    /// Case indices, ascending.
    pub members: Vec<u32>,
}

/// What is asked.
#[derive(Clone, Debug, Default)]
pub struct NextItemTask {
    /// Items that are ranked.
    pub n_items: usize,
    /// Distinct items of each case's history.
    pub seen: Vec<Vec<u32>>,
    /// Kinds of questions; the first is the headline.
    pub views: Vec<View>,
    /// Parts of the cases.
    pub groups: Vec<Group>,
    /// Interactions with each item in the log that the models were fitted on, \[n_items\].
    pub counts: Vec<u32>,
}

/// Metrics of one case under one view.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CaseOutcome {
    /// HR@5, HR@10: ties against the model.
    pub hit_rate: [f64; 2],
    /// NDCG@5, NDCG@10: ties against the model.
    pub ndcg: [f64; 2],
    /// Reciprocal rank of the first right answer.
    pub reciprocal_rank: f64,
    /// HR@10 and NDCG@10 with half-counted ties.
    pub half_ties: [f64; 2],
}

/// Answers to one case.
#[derive(Clone, Debug)]
pub struct CaseAnswer {
    /// By view; `None` where nothing was asked.
    pub outcomes: Vec<Option<CaseOutcome>>,
    /// The ten best items under the first view.
    pub shown: Vec<u32>,
}

impl NextItemTask {
    /// How many cases there are.
    pub fn n_cases(&self) -> usize {
        self.seen.len()
    }

    /// Whether a case is asked anything under the first view.
    pub fn is_asked(&self, case: usize) -> bool {
        self.views.first().is_some_and(|view| !view.targets[case].is_empty())
    }

    /// Judges one model's scores for one case.
    ///
    /// # Shapes
    /// `scores` \[n_items\].
    ///
    /// # Panics
    /// When `case` is out of range or a seen item is.
    pub fn answer(&self, case: usize, scores: &[f32]) -> CaseAnswer {
        let mut masked = scores.to_vec();
        for item in &self.seen[case] {
            masked[*item as usize] = f32::NEG_INFINITY;
        }
        let of = |view: &View| if view.masks_seen { masked.as_slice() } else { scores };
        let outcomes = self
            .views
            .iter()
            .map(|view| {
                let targets = &view.targets[case];
                (!targets.is_empty()).then(|| outcome(of(view), targets))
            })
            .collect();
        let shown = self.views.first().map_or_else(Vec::new, |view| top_k(of(view), SHOWN));
        CaseAnswer { outcomes, shown }
    }
}

fn outcome(scores: &[f32], targets: &[u32]) -> CaseOutcome {
    let (against, half) = TargetRanks::with_both_ties(scores, targets);
    CaseOutcome {
        hit_rate: [against.hit_rate(5), against.hit_rate(10)],
        ndcg: [against.ndcg(5), against.ndcg(10)],
        reciprocal_rank: against.reciprocal_rank(),
        half_ties: [half.hit_rate(10), half.ndcg(10)],
    }
}

/// All answers of one model.
#[derive(Clone, Debug)]
pub struct NextItemRun {
    /// Name of the model.
    pub name: String,
    /// One entry a case, in order.
    pub answers: Vec<CaseAnswer>,
    /// Time spent on scoring, not on judging.
    pub scoring: Duration,
}

impl NextItemRun {
    /// An outcome by case under a view, `None` where nothing was asked.
    pub fn outcomes(&self, view: usize) -> impl Iterator<Item = Option<CaseOutcome>> + '_ {
        self.answers.iter().map(move |answer| answer.outcomes[view])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task() -> NextItemTask {
        let view = |title: &str, masks_seen, targets: &[u32]| View {
            title: title.to_owned(),
            masks_seen,
            targets: vec![targets.to_vec()],
        };
        NextItemTask {
            n_items: 14,
            seen: vec![vec![0, 1]],
            views: vec![
                view("new", true, &[3]),
                view("all", false, &[3]),
                view("none", false, &[]),
            ],
            groups: vec![],
            counts: vec![1; 14],
        }
    }

    #[test]
    fn what_was_seen_is_out_of_a_masked_ranking_only() {
        let mut scores = vec![0.0; 14];
        (scores[0], scores[1], scores[3]) = (3.0, 2.0, 1.0);
        let answer = task().answer(0, &scores);
        let [Some(new), Some(all), None] = answer.outcomes[..] else { panic!("two are asked") };
        assert_eq!((new.reciprocal_rank, all.reciprocal_rank), (1.0, 1.0 / 3.0));
        assert_eq!(answer.shown[0], 3);
        assert!(!answer.shown.contains(&0));
    }

    #[test]
    fn ties_are_counted_both_ways() {
        // Eleven others tie with the target: last against, in the middle by half.
        let answer = task().answer(0, &[0.0; 14]);
        let outcome = answer.outcomes[0].expect("asked");
        assert_eq!((outcome.hit_rate[1], outcome.half_ties[0]), (0.0, 1.0));
        let rank: f64 = 5.5;
        assert!((outcome.half_ties[1] - 1.0 / (rank + 2.0).log2()).abs() < 1e-12);
    }
}
