//! The report of a next-item evaluation: figures with intervals, models compared
//! in pairs, as JSON and as a Markdown table beside what others published.

use std::collections::HashSet;
use std::fmt::Write as _;

use serde::Serialize;

use crate::bootstrap::Resampled;
use crate::next_item::{CaseOutcome, NextItemRun, NextItemTask};
use crate::published::PublishedFigure;
use crate::report::N_RESAMPLES;
use crate::{Curve, EvaluationError, Interval, curve, mean_interval};

/// Items outside this most popular part of the catalogue are the long tail.
pub const HEAD_SHARE: f64 = 0.2;

/// Figures of one model under one view or in one group.
#[derive(Clone, Debug, Serialize)]
pub struct Figures {
    /// Which.
    pub title: String,
    /// Cases that were asked.
    pub n_cases: usize,
    /// HR@5, ties against the model.
    pub hit_rate_at_5: f64,
    /// HR@10, ties against the model.
    pub hit_rate_at_10: Interval,
    /// NDCG@5, ties against the model.
    pub ndcg_at_5: f64,
    /// NDCG@10, ties against the model.
    pub ndcg_at_10: Interval,
    /// Mean reciprocal rank of the first right answer.
    pub mean_reciprocal_rank: f64,
    /// HR@10 with ties half-counted, as much of the literature counts them.
    pub hit_rate_at_10_half_ties: f64,
    /// NDCG@10 with ties half-counted.
    pub ndcg_at_10_half_ties: f64,
}

/// Figures of one model.
#[derive(Clone, Debug, Serialize)]
pub struct ModelFigures {
    /// Name of the model.
    pub name: String,
    /// By view, the headline first.
    pub views: Vec<Figures>,
    /// By group of cases.
    pub groups: Vec<Figures>,
    /// Share of the catalogue in anyone's top ten.
    pub coverage_at_10: f64,
    /// Share of the top tens that is outside the most popular fifth of the catalogue.
    pub long_tail_share_at_10: f64,
    /// Mean of −log₂ of the share of interactions of each item in the top tens.
    pub novelty_bits_at_10: f64,
    /// Mean time to score the catalogue for one case.
    pub ms_per_case: f64,
}

/// Two models on the same cases, headline view.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// One model.
    pub model: String,
    /// The other.
    pub other: String,
    /// NDCG@10 of the one minus that of the other.
    pub ndcg_difference: Interval,
    /// NDCG@10 of the one over that of the other.
    pub ndcg_ratio: Interval,
    /// HR@10 of the one minus that of the other.
    pub hit_rate_difference: Interval,
    /// Two-sided bootstrap p-value of no difference in NDCG@10.
    pub p_value: f64,
}

/// The whole report.
#[derive(Clone, Debug, Serialize)]
pub struct NextItemReport {
    /// Name of the data set.
    pub set: String,
    /// How it was split, in words.
    pub protocol: String,
    /// Items that were ranked.
    pub n_items: usize,
    /// Cases.
    pub n_cases: usize,
    /// Seed of the intervals.
    pub seed: u64,
    /// One entry a model.
    pub models: Vec<ModelFigures>,
    /// All pairs, the later model against each before it.
    pub comparisons: Vec<Comparison>,
    /// What others published.
    pub published: Vec<PublishedFigure>,
    /// How models grow with what they know; empty when that was not asked for.
    pub curves: Vec<Curve>,
}

/// What a report is about.
#[derive(Clone, Copy, Debug)]
pub struct ReportSubject<'a> {
    /// Name of the data set.
    pub set: &'a str,
    /// How it was split, in words.
    pub protocol: &'a str,
    /// What others published on it.
    pub published: &'a [PublishedFigure],
}

impl NextItemReport {
    /// Summarises the runs of all models on one task.
    ///
    /// # Errors
    /// [`EvaluationError::Empty`] without cases, [`EvaluationError::Unpaired`] when
    /// runs are of different cases.
    pub fn new(
        subject: ReportSubject<'_>,
        task: &NextItemTask,
        runs: &[NextItemRun],
        seed: u64,
    ) -> Result<Self, EvaluationError> {
        let n_cases = task.n_cases();
        if let Some(run) = runs.iter().find(|run| run.answers.len() != n_cases) {
            return Err(EvaluationError::Unpaired { left: n_cases, right: run.answers.len() });
        }
        let models =
            runs.iter().map(|run| model_figures(task, run, seed)).collect::<Result<_, _>>()?;
        Ok(Self {
            set: subject.set.to_owned(),
            protocol: subject.protocol.to_owned(),
            n_items: task.n_items,
            n_cases: (0..n_cases).filter(|case| task.is_asked(*case)).count(),
            seed,
            models,
            comparisons: comparisons(runs, seed)?,
            published: subject.published.to_vec(),
            curves: Vec::new(),
        })
    }

    /// The report as Markdown.
    pub fn markdown(&self) -> String {
        let mut text = format!(
            "# {}\n\n{}. {} cases, all {} items ranked, ties against the model; 95 % bootstrap \
             intervals over cases.\n",
            self.set, self.protocol, self.n_cases, self.n_items
        );
        self.headline(&mut text);
        self.beside_published(&mut text);
        let n_views = self.models.first().map_or(0, |model| model.views.len());
        if n_views > 1 {
            self.breakdown(&mut text, "Kinds of targets", |model| &model.views);
        }
        self.breakdown(&mut text, "Parts of the cases", |model| &model.groups);
        self.pairs(&mut text);
        text.push_str(&curve::table(&self.curves));
        text
    }

    fn headline(&self, text: &mut String) {
        let _ = writeln!(
            text,
            "\n| model | HR@5 | HR@10 | NDCG@5 | NDCG@10 | MRR | coverage@10 | long tail@10 | \
             novelty, bits | ms a case |\n|---|---|---|---|---|---|---|---|---|---|"
        );
        for model in &self.models {
            let Some(figures) = model.views.first() else { continue };
            let _ = writeln!(
                text,
                "| {} | {:.4} | {} | {:.4} | {} | {:.4} | {:.3} | {:.3} | {:.2} | {:.2} |",
                model.name,
                figures.hit_rate_at_5,
                cell(figures.hit_rate_at_10),
                figures.ndcg_at_5,
                cell(figures.ndcg_at_10),
                figures.mean_reciprocal_rank,
                model.coverage_at_10,
                model.long_tail_share_at_10,
                model.novelty_bits_at_10,
                model.ms_per_case
            );
        }
    }

    fn beside_published(&self, text: &mut String) {
        if self.published.is_empty() {
            return;
        }
        let _ = writeln!(
            text,
            "\n| beside published figures | HR@10 | NDCG@10 | from |\n|---|---|---|---|"
        );
        for figure in &self.published {
            let PublishedFigure { model, hit_rate_at_10, ndcg_at_10, source } = figure;
            let _ =
                writeln!(text, "| {model} | {hit_rate_at_10:.4} | {ndcg_at_10:.4} | {source} |");
        }
        for model in &self.models {
            let Some(figures) = model.views.first() else { continue };
            let _ = writeln!(
                text,
                "| **{}** | {:.4} | {:.4} | here, ties half-counted |",
                model.name, figures.hit_rate_at_10_half_ties, figures.ndcg_at_10_half_ties
            );
        }
    }

    fn breakdown(
        &self,
        text: &mut String,
        heading: &str,
        of: impl Fn(&ModelFigures) -> &Vec<Figures>,
    ) {
        let Some(first) = self.models.first().map(&of).filter(|rows| !rows.is_empty()) else {
            return;
        };
        let titles: Vec<String> =
            first.iter().map(|row| format!("{} (n {})", row.title, row.n_cases)).collect();
        let _ = writeln!(text, "\n| {heading}: NDCG@10 | {} |", titles.join(" | "));
        let _ = writeln!(text, "|---|{}", "---|".repeat(titles.len()));
        for model in &self.models {
            let cells: Vec<String> =
                of(model).iter().map(|row| format!("{:.4}", row.ndcg_at_10.mean)).collect();
            let _ = writeln!(text, "| {} | {} |", model.name, cells.join(" | "));
        }
    }

    fn pairs(&self, text: &mut String) {
        let Some(last) = self.models.last().map(|model| &model.name) else { return };
        let rows: Vec<&Comparison> =
            self.comparisons.iter().filter(|pair| pair.model == *last).collect();
        if rows.is_empty() {
            return;
        }
        let _ = writeln!(
            text,
            "\n| {last} against | NDCG@10 difference | ratio | HR@10 difference | p |\n\
             |---|---|---|---|---|"
        );
        for pair in rows {
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {:.3} |",
                pair.other,
                cell(pair.ndcg_difference),
                cell(pair.ndcg_ratio),
                cell(pair.hit_rate_difference),
                pair.p_value
            );
        }
    }
}

fn cell(interval: Interval) -> String {
    format!("{:.4} [{:.4}, {:.4}]", interval.mean, interval.lower, interval.upper)
}

fn model_figures(
    task: &NextItemTask,
    run: &NextItemRun,
    seed: u64,
) -> Result<ModelFigures, EvaluationError> {
    let mut views = Vec::new();
    for (i, view) in task.views.iter().enumerate() {
        let outcomes: Vec<CaseOutcome> = run.outcomes(i).flatten().collect();
        if !outcomes.is_empty() {
            views.push(figures(&view.title, &outcomes, seed)?);
        }
    }
    let mut groups = Vec::new();
    for group in &task.groups {
        let of = |case: &u32| run.answers[*case as usize].outcomes[0];
        let outcomes: Vec<CaseOutcome> = group.members.iter().filter_map(of).collect();
        if !outcomes.is_empty() {
            groups.push(figures(&group.title, &outcomes, seed)?);
        }
    }
    let shown = Shown::new(task, run);
    Ok(ModelFigures {
        name: run.name.clone(),
        views,
        groups,
        coverage_at_10: shown.coverage,
        long_tail_share_at_10: shown.long_tail_share,
        novelty_bits_at_10: shown.novelty_bits,
        ms_per_case: 1e3 * run.scoring.as_secs_f64() / task.n_cases().max(1) as f64,
    })
}

fn figures(title: &str, outcomes: &[CaseOutcome], seed: u64) -> Result<Figures, EvaluationError> {
    let of = |pick: fn(&CaseOutcome) -> f64| outcomes.iter().map(pick).collect::<Vec<f64>>();
    let mean = |pick: fn(&CaseOutcome) -> f64| {
        outcomes.iter().map(pick).sum::<f64>() / outcomes.len() as f64
    };
    Ok(Figures {
        title: title.to_owned(),
        n_cases: outcomes.len(),
        hit_rate_at_5: mean(|outcome| outcome.hit_rate[0]),
        hit_rate_at_10: mean_interval(&of(|outcome| outcome.hit_rate[1]), seed, N_RESAMPLES)?,
        ndcg_at_5: mean(|outcome| outcome.ndcg[0]),
        ndcg_at_10: mean_interval(&of(|outcome| outcome.ndcg[1]), seed, N_RESAMPLES)?,
        mean_reciprocal_rank: mean(|outcome| outcome.reciprocal_rank),
        hit_rate_at_10_half_ties: mean(|outcome| outcome.half_ties[0]),
        ndcg_at_10_half_ties: mean(|outcome| outcome.half_ties[1]),
    })
}

/// What a model's top tens are made of.
struct Shown {
    coverage: f64,
    long_tail_share: f64,
    novelty_bits: f64,
}

impl Shown {
    /// # Source
    /// Zhou et al., Solving the apparent diversity-accuracy dilemma of recommender
    /// systems (2010), for novelty as self-information; one interaction is added to
    /// every item, so that one nobody interacted with is not infinitely new.
    fn new(task: &NextItemTask, run: &NextItemRun) -> Self {
        let mut order: Vec<u32> = (0..task.n_items as u32).collect();
        order.sort_by_key(|item| std::cmp::Reverse(task.counts[*item as usize]));
        let head: HashSet<u32> =
            order[..(task.n_items as f64 * HEAD_SHARE) as usize].iter().copied().collect();
        let total = task.counts.iter().map(|count| f64::from(*count)).sum::<f64>();
        let bits = |item: u32| {
            let count = f64::from(task.counts[item as usize]) + 1.0;
            ((total + task.n_items as f64) / count).log2()
        };
        let mut distinct = HashSet::new();
        let (mut n, mut n_tail, mut novelty_bits) = (0usize, 0usize, 0.0);
        for item in run.answers.iter().flat_map(|answer| &answer.shown) {
            distinct.insert(*item);
            n += 1;
            n_tail += usize::from(!head.contains(item));
            novelty_bits += bits(*item);
        }
        let n = n.max(1) as f64;
        Self {
            coverage: distinct.len() as f64 / task.n_items.max(1) as f64,
            long_tail_share: n_tail as f64 / n,
            novelty_bits: novelty_bits / n,
        }
    }
}

fn comparisons(runs: &[NextItemRun], seed: u64) -> Result<Vec<Comparison>, EvaluationError> {
    let samples = |pick: fn(CaseOutcome) -> f64| -> Vec<Vec<f64>> {
        runs.iter().map(|run| run.outcomes(0).flatten().map(pick).collect()).collect()
    };
    let ndcg = Resampled::new(&samples(|outcome| outcome.ndcg[1]), seed, N_RESAMPLES)?;
    let hits = Resampled::new(&samples(|outcome| outcome.hit_rate[1]), seed, N_RESAMPLES)?;
    let mut pairs = Vec::new();
    for a in 0..runs.len() {
        for b in 0..a {
            pairs.push(Comparison {
                model: runs[a].name.clone(),
                other: runs[b].name.clone(),
                ndcg_difference: ndcg.difference(a, b),
                ndcg_ratio: ndcg.ratio(a, b),
                hit_rate_difference: hits.difference(a, b),
                p_value: ndcg.p_value(a, b),
            });
        }
    }
    Ok(pairs)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::next_item::{Group, View};

    /// 200 cases over 50 items; the target stands at rank `rank(case)`.
    fn run(task: &NextItemTask, name: &str, rank: impl Fn(usize) -> usize) -> NextItemRun {
        let answers = (0..task.n_cases())
            .map(|case| {
                let mut scores: Vec<f32> = (0..50).map(|item| -(item as f32)).collect();
                scores[49] = 0.5 - rank(case) as f32;
                task.answer(case, &scores)
            })
            .collect();
        NextItemRun { name: name.to_owned(), answers, scoring: Duration::from_millis(200) }
    }

    fn task() -> NextItemTask {
        NextItemTask {
            n_items: 50,
            seen: vec![vec![]; 200],
            views: vec![View {
                title: "all".to_owned(),
                masks_seen: true,
                targets: vec![vec![49]; 200],
            }],
            groups: vec![Group { title: "first ten".to_owned(), members: (0..10).collect() }],
            counts: (0..50).rev().collect(),
        }
    }

    fn report() -> NextItemReport {
        let task = task();
        let runs = [run(&task, "poor", |case| 4 + case % 9), run(&task, "good", |case| case % 9)];
        let published = [PublishedFigure {
            model: "theirs",
            hit_rate_at_10: 0.0928,
            ndcg_at_10: 0.0523,
            source: "a paper",
        }];
        let subject = ReportSubject { set: "toy", protocol: "Made up", published: &published };
        NextItemReport::new(subject, &task, &runs, 1).expect("complete")
    }

    #[test]
    fn figures_of_a_hand_worked_run() {
        let report = report();
        let poor = &report.models[0];
        // Ranks 4..=12, nine times in turn: 4 to 9 are hits.
        let hits = (0..200).filter(|case| 4 + case % 9 < 10).count() as f64 / 200.0;
        assert!((poor.views[0].hit_rate_at_10.mean - hits).abs() < 1e-12);
        assert_eq!(poor.groups[0].n_cases, 10);
        assert!((poor.ms_per_case - 1.0).abs() < 1e-9);
        // Shown: items 0..=9 (the head of ten) and, for the hits, the tail item 49.
        assert!((poor.coverage_at_10 - 11.0 / 50.0).abs() < 1e-12);
        assert!((poor.long_tail_share_at_10 - hits / 10.0).abs() < 1e-12);
        assert!(poor.novelty_bits_at_10 < report.models[1].novelty_bits_at_10);
    }

    #[test]
    fn a_better_model_is_significantly_better_and_equal_ones_are_not() {
        let pair = &report().comparisons[0];
        assert_eq!((pair.model.as_str(), pair.other.as_str()), ("good", "poor"));
        assert!(pair.ndcg_difference.lower > 0.0 && pair.ndcg_ratio.lower > 1.0);
        assert!(pair.p_value < 0.01);
        let task = task();
        let runs = [run(&task, "a", |case| case % 9), run(&task, "b", |case| (case + 1) % 9)];
        let subject = ReportSubject { set: "", protocol: "", published: &[] };
        let same = NextItemReport::new(subject, &task, &runs, 1).expect("complete");
        assert!(same.comparisons[0].p_value > 0.2);
    }

    #[test]
    fn the_markdown_has_every_model_beside_the_published_ones() {
        let text = report().markdown();
        for part in ["| good |", "| theirs | 0.0928 | 0.0523 |", "| **poor** |", "first ten (n 10)"]
        {
            assert!(text.contains(part), "{part} is missing in\n{text}");
        }
    }

    #[test]
    fn runs_of_other_cases_are_refused() {
        let task = task();
        let mut short = run(&task, "short", |_| 0);
        short.answers.pop();
        let subject = ReportSubject { set: "", protocol: "", published: &[] };
        let error = NextItemReport::new(subject, &task, &[short], 1).expect_err("unpaired");
        assert_eq!(error, EvaluationError::Unpaired { left: 200, right: 199 });
    }
}
