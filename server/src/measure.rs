//! Measures a model on the last four weeks of the log, over the path a browser
//! takes: shipped bytes → 500 candidates on the device → student.

use anyhow::{Context, Result};
use vitrine_domain::{Event, EventKind, limits};
use vitrine_evaluation::Report;
use vitrine_evaluation::protocol::Windows;
use vitrine_evaluation::report::GateNames;
use vitrine_publish::{ServedPath, Snapshot};
use vitrine_ranking::{Baseline, PastPurchase, Popularity, Teacher};
use vitrine_student::Weights;
use vitrine_training::Prepared;
use vitrine_training::evaluate::{Ranking, run};
use vitrine_wire::RelatedRow;

const TEACHER: &str = "teacher";
const STUDENT_F32: &str = "student f32, served";
const STUDENT_INT8: &str = "student int8, served";

/// What is measured.
pub struct Measured<'a> {
    /// The log with its cards.
    pub data: &'a Prepared<'a>,
    /// The server's ranker.
    pub teacher: &'a Teacher,
    /// The student before it was packed.
    pub weights_f32: &'a Weights,
    /// What would be, or is, public.
    pub snapshot: Snapshot,
    /// Of the bootstrap.
    pub seed: u64,
}

/// The report with the gate's verdict on the test window.
///
/// Buyer counts and related lists in the published rows also cover the test
/// window; here they are those of its first day, so that nothing of the
/// answer is in the question. Weights and codes are the very bytes.
///
/// # Errors
/// The log is empty, or nobody bought anything in the window.
pub fn measure(measured: Measured<'_>) -> Result<Report> {
    let Measured { data, teacher, weights_f32, mut snapshot, seed } = measured;
    let last = data.log.last_seconds().context("the interaction log is empty")?;
    let window = Windows::ending_at(last).test;
    as_of(&mut snapshot, data, window.start_seconds);

    let all = |scores| Ranking { candidates: None, scores };
    let mut runs = Vec::new();
    for baseline in Baseline::EACH {
        runs.push(run(data, window, baseline.name(), |history, _| {
            all(baseline.score(&teacher.components, history))
        }));
    }
    runs.push(run(data, window, TEACHER, |history, now| all(teacher.score(history, now))));
    let f32_path = ServedPath::with_weights(&snapshot, weights_f32.clone());
    let int8_path = ServedPath::new(&snapshot)?;
    for (name, path) in [(STUDENT_F32, f32_path), (STUDENT_INT8, int8_path)] {
        runs.push(run(data, window, name, |history, now| served(data, &path, history, now)));
    }
    let names = GateNames {
        popularity: Baseline::Popularity.name(),
        item_knn: Baseline::ItemKnn.name(),
        personal_frequency: Baseline::PersonalFrequency.name(),
        teacher: TEACHER,
        served: STUDENT_INT8,
    };
    Ok(Report::new(&runs, names, data.n_items(), seed)?)
}

/// What a device with this history would rank, as indexes of `data`.
fn served(
    data: &Prepared<'_>,
    path: &ServedPath,
    history: &[PastPurchase],
    now_seconds: i64,
) -> Ranking {
    let event = |entry: &PastPurchase| Event {
        kind: EventKind::Purchase,
        item: data.ids[entry.item_idx as usize],
        at_ms: entry.at_seconds * 1_000,
    };
    let events: Vec<Event> = history.iter().map(event).collect();
    let (rows, scores) = path.feed(&events, now_seconds * 1_000);
    let ids = path.table().ids();
    // What is published is what was trained on: both are sorted by id.
    let index =
        |row: u32| data.ids.binary_search(&ids[row as usize]).map_or(u32::MAX, |i| i as u32);
    Ranking { candidates: Some(rows.into_iter().map(index).collect()), scores }
}

/// Sets buyer counts and related lists back to those of a moment.
fn as_of(snapshot: &mut Snapshot, data: &Prepared<'_>, at_seconds: i64) {
    let past = data.log.truncated(at_seconds);
    let popularity = Popularity::new(&past, at_seconds).thresholded(limits::BUYERS_MIN);
    for row in &mut snapshot.rows.prices {
        let i = data.ids.binary_search(&row.id).ok();
        row.n_buyers = i.map_or(0, |i| popularity.n_buyers[i]);
        row.n_buyers_recent = i.map_or(0, |i| popularity.n_buyers_recent[i]);
    }
    let lists = vitrine_ranking::related_lists(&past, &data.ids);
    snapshot.rows.related = lists
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(id, list)| {
            let (related, strengths) = list.into_iter().unzip();
            RelatedRow { id, related, strengths }
        })
        .collect();
}
