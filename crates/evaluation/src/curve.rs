//! Cold-start curves: NDCG@10 against the number of events known of a shopper.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::report::N_RESAMPLES;
use crate::{EvaluationError, Interval, mean_interval};

/// Numbers of newest events that are known at the points of a curve.
pub const CURVE_EVENTS: [usize; 9] = [0, 1, 2, 3, 5, 8, 12, 16, 20];

/// One point of a curve.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Newest events that the model was given, at most; a shorter log is given whole.
    pub n_events: usize,
    /// NDCG@10 over all cases.
    pub ndcg_at_10: Interval,
}

/// NDCG@10 of one model against the number of events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Name of the model.
    pub model: String,
    /// By number of events, ascending.
    pub points: Vec<CurvePoint>,
}

impl Curve {
    /// Takes a curve; `ndcg_after` gives NDCG@10 of every case when a model knows that
    /// many events of each.
    ///
    /// # Shapes
    /// `ndcg_after` gives \[n_cases\].
    ///
    /// # Errors
    /// [`EvaluationError::Empty`] without cases; what `ndcg_after` says.
    pub fn of<E: From<EvaluationError>>(
        model: &str,
        seed: u64,
        mut ndcg_after: impl FnMut(usize) -> Result<Vec<f64>, E>,
    ) -> Result<Self, E> {
        let mut points = Vec::with_capacity(CURVE_EVENTS.len());
        for n_events in CURVE_EVENTS {
            let ndcg_at_10 = mean_interval(&ndcg_after(n_events)?, seed, N_RESAMPLES)?;
            points.push(CurvePoint { n_events, ndcg_at_10 });
        }
        Ok(Self { model: model.to_owned(), points })
    }
}

/// Curves as a Markdown table; empty without curves.
pub fn table(curves: &[Curve]) -> String {
    let mut text = String::new();
    let Some(first) = curves.first() else { return text };
    let heads: Vec<String> = first.points.iter().map(|p| p.n_events.to_string()).collect();
    let _ = writeln!(text, "\n| NDCG@10 after so many events | {} |", heads.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(heads.len()));
    for curve in curves {
        let cells: Vec<String> =
            curve.points.iter().map(|p| format!("{:.4}", p.ndcg_at_10.mean)).collect();
        let _ = writeln!(text, "| {} | {} |", curve.model, cells.join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curve_has_a_point_for_each_number_of_events() {
        let grows = |n: usize| Ok::<_, EvaluationError>(vec![n as f64 / 20.0; 7]);
        let curve = Curve::of("student", 1, grows).expect("cases");
        let of = |n: usize| curve.points.iter().find(|point| point.n_events == n);
        assert_eq!(of(0).map(|point| point.ndcg_at_10.mean), Some(0.0));
        assert_eq!(of(20).map(|point| point.ndcg_at_10.mean), Some(1.0));
        let text = table(std::slice::from_ref(&curve));
        assert!(text.contains("| student | 0.0000 | 0.0500 |"), "{text}");
        let none = Curve::of("nobody", 1, |_| Ok::<_, EvaluationError>(vec![]));
        assert_eq!(none, Err(EvaluationError::Empty));
        assert_eq!(table(&[]), "");
    }
}
