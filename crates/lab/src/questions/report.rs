//! Figures of answered questions.

use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;
use vitrine_evaluation::{Interval, mean_interval};

use super::score::QuestionOutcome;

const N_RESAMPLES: usize = 1_000;

/// How many of some questions were answered rightly.
#[derive(Serialize)]
struct RightShare {
    n: usize,
    /// `None` where there were none.
    share: Option<Interval>,
}

/// Figures of one data set, or of all.
#[derive(Serialize)]
struct SetFigures {
    set: String,
    /// Questions that something answers.
    answerable: RightShare,
    /// Those of them whose answer is in the texts that are read.
    kept: RightShare,
    /// Questions that nothing answers; right is to say so.
    unanswerable: RightShare,
    /// Answers that quote something, by whether it is the right thing.
    answered: RightShare,
}

/// How questions were answered, by data set.
#[derive(Serialize)]
pub struct QuestionsReport {
    sets: Vec<SetFigures>,
}

impl QuestionsReport {
    /// Counts, with intervals drawn by `seed`.
    ///
    /// # Errors
    /// Intervals of values that are no numbers.
    pub fn new(outcomes: &[QuestionOutcome], seed: u64) -> Result<Self> {
        let mut names: Vec<&str> = outcomes.iter().map(|outcome| outcome.set.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        let mut sets = Vec::new();
        for name in names.iter().copied().chain(["all"]) {
            let own: Vec<&QuestionOutcome> =
                outcomes.iter().filter(|o| name == "all" || o.set == name).collect();
            let share = |is_counted: &dyn Fn(&QuestionOutcome) -> bool| -> Result<RightShare> {
                let counted = own.iter().filter(|outcome| is_counted(outcome));
                let right: Vec<f64> = counted.map(|o| f64::from(u8::from(o.is_right))).collect();
                let share = match right.is_empty() {
                    true => None,
                    false => Some(mean_interval(&right, seed, N_RESAMPLES)?),
                };
                Ok(RightShare { n: right.len(), share })
            };
            sets.push(SetFigures {
                set: name.to_owned(),
                answerable: share(&|o| o.is_answerable)?,
                kept: share(&|o| o.is_kept)?,
                unanswerable: share(&|o| !o.is_answerable)?,
                answered: share(&|o| !o.said.is_empty())?,
            });
        }
        Ok(Self { sets })
    }

    /// The figures as a table.
    pub fn table(&self) -> String {
        let mut out = String::from(
            "| | exact, of all | exact, of what is read | abstains where nothing answers | right, of what is answered |\n|---|---|---|---|---|\n",
        );
        for figures in &self.sets {
            let cells =
                [&figures.answerable, &figures.kept, &figures.unanswerable, &figures.answered];
            let cells = cells.map(|right| match &right.share {
                Some(share) => {
                    format!(
                        "{:.3} [{:.3}, {:.3}], n {}",
                        share.mean, share.lower, share.upper, right.n
                    )
                }
                None => "–".to_owned(),
            });
            let _ = writeln!(out, "| {} | {} |", figures.set, cells.join(" | "));
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_of_their_questions() {
        let outcome = |set: &str, is_answerable, is_kept, is_right| QuestionOutcome {
            id: String::new(),
            set: set.to_owned(),
            question: String::new(),
            said: Vec::new(),
            verdict: String::new(),
            score: 0.0,
            is_answerable,
            is_kept,
            is_right,
        };
        let outcomes = [
            outcome("a", true, true, true),
            outcome("a", true, false, false),
            outcome("b", false, false, true),
        ];
        let report = QuestionsReport::new(&outcomes, 1).unwrap();
        let means: Vec<Option<f64>> = report
            .sets
            .iter()
            .flat_map(|set| [&set.answerable, &set.kept, &set.unanswerable])
            .map(|right| right.share.as_ref().map(|share| share.mean))
            .collect();
        let a = [Some(0.5), Some(1.0), None];
        let b = [None, None, Some(1.0)];
        let all = [Some(0.5), Some(1.0), Some(1.0)];
        assert_eq!(means, [a, b, all].concat());
        assert_eq!(report.table().lines().count(), 5);
    }
}
