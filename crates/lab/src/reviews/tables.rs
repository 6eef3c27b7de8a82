//! Reports as tables.

use anyhow::Result;
use serde::Serialize;
use vitrine_evaluation::Interval;

use super::aspects::AspectReport;
use super::measure::SentimentReport;
use super::planted::PlantedReport;

/// A report that can be read.
pub trait Tabled {
    /// In Markdown.
    fn table(&self) -> String;
}

/// A report as JSON or as a table.
///
/// # Errors
/// It is no JSON.
pub fn printed<R: Tabled + Serialize>(report: &R, is_json: bool) -> Result<String> {
    Ok(if is_json { serde_json::to_string_pretty(report)? } else { report.table() })
}

fn cell(interval: Option<&Interval>) -> String {
    let Some(Interval { mean, lower, upper }) = interval else { return "–".to_owned() };
    format!("{mean:.4} [{lower:.4}, {upper:.4}]")
}

impl Tabled for SentimentReport {
    fn table(&self) -> String {
        let mut out = format!(
            "{} reviews of {} products, {:.1} % positive, {} folds\n\n\
             | model | AUC | accuracy | MAE of stars | of whole stars |\n|---|---|---|---|---|\n",
            self.n_reviews,
            self.n_products,
            100.0 * self.share_positive,
            self.n_folds
        );
        for row in &self.models {
            let (mae, rounded) = (row.mae.as_ref(), row.mae_rounded.as_ref());
            let cells = [Some(&row.auc), Some(&row.accuracy), mae, rounded].map(cell).join(" | ");
            out += &format!("| {} | {cells} |\n", row.model);
        }
        for row in &self.models {
            let Some(against) = &row.against else { continue };
            let (mae, rounded) = (against.mae.as_ref(), against.mae_rounded.as_ref());
            let cells =
                [Some(&against.auc), Some(&against.accuracy), mae, rounded].map(cell).join(" | ");
            out += &format!("| {} − TF-IDF | {cells} |\n", row.model);
        }
        out
    }
}

impl Tabled for AspectReport {
    fn table(&self) -> String {
        let mut out = format!(
            "{} labelled sentences, {} labels\n\n| what has to agree | precision | recall |\n|---|---|---|\n",
            self.n_sentences, self.n_labels
        );
        for (what, score) in
            [("sentence, aspect, polarity", &self.whole), ("sentence, aspect", &self.aspect)]
        {
            let [precision, recall] = [&score.precision, &score.recall].map(|one| cell(Some(one)));
            out += &format!("| {what} | {precision} | {recall} |\n");
        }
        out += "\n| aspect | labelled | told | right |\n|---|---|---|---|\n";
        for (aspect, [n_labelled, n_told, n_right]) in &self.by_aspect {
            out += &format!("| {aspect} | {n_labelled} | {n_told} | {n_right} |\n");
        }
        out
    }
}

impl Tabled for PlantedReport {
    fn table(&self) -> String {
        let mut out = format!(
            "{} reviews, {} with a planted fault; {} of the others are kept apart ({:.2} %)\n\n\
             | fault | planted | found | recall | told of others | precision |\n|---|---|---|---|---|---|\n",
            self.n_reviews,
            self.n_planted,
            self.n_others_apart,
            100.0 * self.n_others_apart as f64 / (self.n_reviews - self.n_planted).max(1) as f64
        );
        for row in &self.faults {
            out += &format!(
                "| {} | {} | {} | {:.3} | {} | {:.3} |\n",
                row.fault, row.n_planted, row.n_found, row.recall, row.n_others, row.precision
            );
        }
        out
    }
}
