//! What `vitrine evaluate` measures of a published model beyond what the gate needs:
//! cold-start curves, and the purchase output as a yes or no.

use anyhow::Result;
use rayon::prelude::*;
use vitrine_domain::{Event, EventKind};
use vitrine_evaluation::outputs::{Labelled, OutputReport};
use vitrine_evaluation::{Curve, EvaluationReport, ModelRun, Segment};
use vitrine_publish::{ServedPath, ServedShopper};
use vitrine_ranking::{Baseline, Components, PastPurchase};
use vitrine_training::PreparedData;
use vitrine_training::teacher::Teacher;

use crate::signals::Stop;

use super::{MeasuredShopper, STUDENT_INT8, TEACHER, run};

/// Shoppers that curves are drawn of, at most: each is ranked for many times.
const CURVE_CASES_MAX: usize = 2_000;

/// What is measured.
pub struct InFull<'a> {
    pub served: &'a ServedPath,
    pub teacher: Option<&'a Teacher>,
    pub components: &'a Components,
    pub data: &'a PreparedData<'a>,
    pub cases: &'a [MeasuredShopper<'a>],
    /// The moment of all rankings, in seconds since 1970-01-01 UTC.
    pub now_seconds: i64,
    pub seed: u64,
    pub stop: &'a Stop,
}

impl InFull<'_> {
    /// Adds it all to a report.
    pub fn add_to(&self, report: &mut EvaluationReport) -> Result<()> {
        report.curves = self.curves()?;
        let feeds = MeasuredFeed::of_all(self.served, self.data, self.cases, self.now_seconds);
        report.outputs = vec![output(&feeds)?];
        Ok(())
    }

    /// Curves of the served student, its teacher, and the baselines that need no neighbours,
    /// over some of the shoppers where there are many.
    fn curves(&self) -> Result<Vec<Curve>> {
        let step = self.cases.len().div_ceil(CURVE_CASES_MAX).max(1);
        let cases: Vec<MeasuredShopper<'_>> = self.cases.iter().step_by(step).cloned().collect();
        let ndcg = |run: ModelRun| run.ndcg(Segment::All);
        let student = Curve::of(STUDENT_INT8, self.seed, |n_events| {
            let shopper = |case| self.shopper(case, n_events);
            let shoppers: Vec<ServedShopper<'_>> = cases.iter().map(shopper).collect();
            anyhow::Ok(ndcg(self.served.run(STUDENT_INT8, &self.data.ids, &shoppers)))
        })?;
        let mut curves = vec![student];
        if let Some(teacher) = self.teacher {
            curves.push(Curve::of(TEACHER, self.seed, |n_events| {
                let score = |history: &[PastPurchase]| {
                    Ok(teacher.score_one(newest(history, n_events), self.now_seconds)?)
                };
                anyhow::Ok(ndcg(run(TEACHER, (&cases, self.stop), score)?))
            })?);
        }
        for baseline in [Baseline::Popularity, Baseline::PersonalFrequency] {
            curves.push(Curve::of(baseline.name(), self.seed, |n_events| {
                let score = |history: &[PastPurchase]| {
                    Ok(baseline.score(self.components, newest(history, n_events)))
                };
                anyhow::Ok(ndcg(run(baseline.name(), (&cases, self.stop), score)?))
            })?);
        }
        Ok(curves)
    }

    fn shopper<'c>(&self, case: &'c MeasuredShopper<'_>, n_events: usize) -> ServedShopper<'c> {
        let kind = self.data.log.positives().logged_as();
        ServedShopper {
            events: since_newest(&case.events, kind, n_events),
            now_ms: self.now_seconds * 1_000,
            n_history: n_events.min(case.history.len()),
            targets: &case.targets,
        }
    }
}

/// The candidates that the served student ranks for one shopper. Each \[n_candidates\]
pub struct MeasuredFeed<'a> {
    /// What the device knows of the shopper.
    pub events: &'a [Event],
    /// Rows of the served table.
    pub rows: Vec<u32>,
    /// Their scores.
    pub scores: Vec<f32>,
    /// Whether they are bought in the window.
    pub bought: Vec<bool>,
}

impl<'a> MeasuredFeed<'a> {
    /// Feeds of all shoppers with a log: without one the student does not rank.
    pub fn of_all(
        served: &ServedPath,
        data: &PreparedData<'_>,
        cases: &'a [MeasuredShopper<'a>],
        now_seconds: i64,
    ) -> Vec<Self> {
        let known = cases.par_iter().filter(|case| !case.events.is_empty());
        known.map(|case| Self::of(served, data, case, now_seconds)).collect()
    }

    fn of(
        served: &ServedPath,
        data: &PreparedData<'_>,
        case: &'a MeasuredShopper<'a>,
        now_seconds: i64,
    ) -> Self {
        let (rows, scores) = served.feed(&case.events, now_seconds * 1_000);
        let ids = served.table().ids();
        let is_bought = |row: &u32| {
            let item = data.ids.binary_search(&ids[*row as usize]);
            item.is_ok_and(|item| case.targets.all.binary_search(&(item as u32)).is_ok())
        };
        let bought = rows.iter().map(is_bought).collect();
        Self { events: &case.events, rows, scores, bought }
    }
}

/// "Will this be bought in the window?" of every candidate; one half of the shoppers
/// calibrates what the other half judges.
fn output(feeds: &[MeasuredFeed<'_>]) -> Result<OutputReport> {
    let mut halves = [Labelled::default(), Labelled::default()];
    for (n, feed) in feeds.iter().enumerate() {
        halves[n % 2].scores.extend(&feed.scores);
        halves[n % 2].labels.extend(&feed.bought);
    }
    Ok(OutputReport::new("purchase", &halves[0], &halves[1])?)
}

/// The events from the `n`th newest purchase (or other event of `kind`) on, so that all
/// models are told of the same purchases; none for 0.
fn since_newest(events: &[Event], kind: EventKind, n: usize) -> &[Event] {
    let is_purchase = |(_, event): &(usize, &Event)| event.kind == kind;
    let mut purchases = events.iter().enumerate().rev().filter(is_purchase).map(|(at, _)| at);
    match n.checked_sub(1) {
        None => &[],
        Some(older) => &events[purchases.nth(older).unwrap_or(0)..],
    }
}

fn newest<T>(history: &[T], n_events: usize) -> &[T] {
    &history[history.len().saturating_sub(n_events)..]
}

#[cfg(test)]
mod tests {
    use vitrine_domain::ItemId;

    use super::*;

    #[test]
    fn a_curve_counts_purchases_and_keeps_the_views_between() {
        let event = |kind, at_ms| Event { kind, item: ItemId(1), at_ms };
        let (look, buy) = (EventKind::ViewItem, EventKind::Purchase);
        let events = [event(look, 1), event(buy, 2), event(look, 3), event(buy, 4), event(look, 5)];
        let of = |n| since_newest(&events, buy, n).first().map(|event| event.at_ms);
        assert_eq!([of(0), of(1), of(2), of(3)], [None, Some(4), Some(2), Some(1)]);
        assert!(since_newest(&[], buy, 3).is_empty());
    }
}
