//! The trials of a search: on disk, one a line, each as soon as it is done.

use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Passes before a trial may be given up, and trials to compare it with.
const PASSES_MIN: usize = 3;
const TRIALS_MIN: usize = 3;

/// One configuration and how good it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trial {
    /// As for `--configure`.
    pub config: Value,
    /// On the validation cases; of a trial that was given up, of those it looked at.
    pub ndcg_at_10: f64,
    /// The best figure after each pass, where the model learns in passes.
    pub passes: Vec<Option<f64>>,
    /// Given up, because it was worse than most at that pass.
    pub stopped_early: bool,
}

/// All trials of a search.
pub struct Trials {
    list: Vec<Trial>,
    file: File,
}

impl Trials {
    /// The trials in a folder; none yet in a new one. A line that a crash left half
    /// written is cut off.
    ///
    /// # Errors
    /// The folder cannot be read or written.
    pub fn open(folder: &Path) -> Result<Self> {
        let path = folder.join("trials.jsonl");
        let opening = || format!("opening {}", path.display());
        fs::create_dir_all(folder).with_context(opening)?;
        let mut options = OpenOptions::new();
        let options = options.create(true).read(true).append(true);
        let file = options.open(&path).with_context(opening)?;
        let text = fs::read_to_string(&path).with_context(opening)?;
        let list: Vec<Trial> =
            text.lines().map_while(|line| serde_json::from_str(line).ok()).collect();
        let whole: usize = text.lines().take(list.len()).map(|line| line.len() + 1).sum();
        file.set_len(whole as u64).with_context(opening)?;
        Ok(Self { list, file })
    }

    /// In the order in which they were made.
    pub fn list(&self) -> &[Trial] {
        &self.list
    }

    /// Adds a trial and writes it down.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn push(&mut self, trial: Trial) -> Result<()> {
        let line = serde_json::to_string(&trial)?;
        self.file
            .write_all(format!("{line}\n").as_bytes())
            .and_then(|()| self.file.sync_data())
            .context("writing the trial")?;
        self.list.push(trial);
        Ok(())
    }

    /// The best that was not given up.
    pub fn best(&self) -> Option<&Trial> {
        let whole = self.list.iter().filter(|trial| !trial.stopped_early);
        whole.max_by(|a, b| a.ndcg_at_10.total_cmp(&b.ndcg_at_10))
    }

    /// Whether a trial with these passes is worse than the median of the others at the
    /// same pass.
    ///
    /// # Source
    /// The median stopping rule of Golovin et al., Google Vizier (2017).
    pub fn is_hopeless(&self, passes: &[Option<f64>]) -> bool {
        let here = passes.last().copied().flatten().filter(|_| passes.len() >= PASSES_MIN);
        let Some(here) = here else { return false };
        let at = |trial: &Trial| trial.passes.get(passes.len() - 1).copied().flatten();
        let mut others: Vec<f64> = self.list.iter().filter_map(at).collect();
        others.sort_by(f64::total_cmp);
        others.len() >= TRIALS_MIN && here < others[others.len() / 2]
    }

    /// Best first, and what to do with the best.
    pub fn to_table(&self) -> String {
        let mut order: Vec<(usize, &Trial)> = self.list.iter().enumerate().collect();
        order.sort_by(|(_, a), (_, b)| {
            let worth = |trial: &Trial| (trial.stopped_early, -trial.ndcg_at_10);
            let ((a_early, a), (b_early, b)) = (worth(a), worth(b));
            a_early.cmp(&b_early).then(a.total_cmp(&b))
        });
        let mut table =
            String::from("| trial | NDCG@10 | passes | configuration |\n|---|---|---|---|\n");
        for (n, trial) in order {
            let passes = match (trial.passes.len(), trial.stopped_early) {
                (0, _) => "–".to_owned(),
                (n, false) => n.to_string(),
                (n, true) => format!("{n}, given up"),
            };
            let config =
                if n == 0 { "the defaults".to_owned() } else { format!("`{}`", trial.config) };
            let _ =
                writeln!(table, "| {} | {:.4} | {passes} | {config} |", n + 1, trial.ndcg_at_10);
        }
        if let Some(best) = self.best() {
            let _ = writeln!(
                table,
                "\nThe best on validation: `vitrine-lab compare … --configure '{}'`",
                best.config
            );
        }
        table
    }

    /// All trials, for machines.
    ///
    /// # Errors
    /// A figure that JSON has no word for.
    pub fn to_json(&self) -> Result<String> {
        Ok(serde_json::to_string_pretty(&self.list)?)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn known(passes: &[f64]) -> Vec<Option<f64>> {
        passes.iter().copied().map(Some).collect()
    }

    fn trial(ndcg_at_10: f64, passes: &[f64], stopped_early: bool) -> Trial {
        let passes = known(passes);
        Trial { config: json!({"a": ndcg_at_10}), ndcg_at_10, passes, stopped_early }
    }

    #[test]
    fn a_search_goes_on_after_a_crash_in_the_middle_of_a_line() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut trials = Trials::open(folder.path()).expect("new");
        trials.push(trial(0.1, &[], false)).expect("written");
        trials.push(trial(0.3, &[], false)).expect("written");
        trials.file.write_all(b"{\"config\":{\"a\"").expect("written");
        drop(trials);
        let mut trials = Trials::open(folder.path()).expect("readable");
        assert_eq!(trials.list().len(), 2);
        trials.push(trial(0.2, &[], false)).expect("written");
        let trials = Trials::open(folder.path()).expect("readable");
        let figures: Vec<f64> = trials.list().iter().map(|trial| trial.ndcg_at_10).collect();
        assert_eq!(figures, [0.1, 0.3, 0.2]);
        assert_eq!(trials.best().map(|best| best.ndcg_at_10), Some(0.3));
    }

    #[test]
    fn what_is_worse_than_most_at_the_same_pass_is_given_up() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut trials = Trials::open(folder.path()).expect("new");
        assert!(!trials.is_hopeless(&known(&[0.0; 9])), "there is nothing to compare with");
        for best in [0.2, 0.3, 0.4] {
            trials.push(trial(best, &[0.1, 0.15, best - 0.1, best], false)).expect("written");
        }
        assert!(!trials.is_hopeless(&known(&[0.0, 0.0])), "too early to say");
        assert!(trials.is_hopeless(&known(&[0.1, 0.1, 0.19])));
        assert!(!trials.is_hopeless(&known(&[0.1, 0.1, 0.2])), "as good as the median");
        trials.push(trial(0.9, &[0.1, 0.1, 0.9], true)).expect("written");
        assert_eq!(trials.best().map(|best| best.ndcg_at_10), Some(0.4), "not one given up");
    }
}
