//! Progress on long work: a bar on a terminal, a log line now and then elsewhere.

use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// How often a log says where the work stands, where there is no terminal.
const LOG_EVERY: Duration = Duration::from_secs(5);

/// Shows how far a piece of work has come.
pub struct WorkProgress {
    what: &'static str,
    bar: ProgressBar,
    logs: bool,
    logged: Instant,
}

impl WorkProgress {
    /// Work of `total` steps; 0 when the total is not known.
    pub fn start(what: &'static str, total: u64) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let bar = if total > 0 { ProgressBar::new(total) } else { ProgressBar::new_spinner() };
        if !terminal {
            bar.set_draw_target(ProgressDrawTarget::hidden());
        }
        let template = if total > 0 {
            "{prefix:>10} {bar:30} {human_pos}/{human_len} {per_sec} {msg} (left {eta})"
        } else {
            "{prefix:>10} {spinner} {human_pos} {per_sec} {msg}"
        };
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(what);
        Self { what, bar, logs: !terminal, logged: Instant::now() }
    }

    /// The work has come to `done`; `note` says more (a loss, a phase).
    pub fn at(&mut self, done: u64, note: &str) {
        self.bar.set_position(done);
        if !note.is_empty() {
            self.bar.set_message(note.to_owned());
        }
        if self.logs && self.logged.elapsed() >= LOG_EVERY {
            self.logged = Instant::now();
            self.log(done, note);
        }
    }

    /// A line of the log; what is not known is left out.
    fn log(&self, done: u64, note: &str) {
        let total = self.bar.length().filter(|&total| total > 0);
        let note = (!note.is_empty()).then_some(note);
        let per_second = self.bar.per_sec().round();
        tracing::info!(done, total, per_second, note, "{}", self.what);
    }

    /// The work is done.
    pub fn finish(self) {
        self.bar.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex, PoisonError};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_line_of_the_log_leaves_out_what_is_not_known() {
        let lines = Lines::default();
        let writer = lines.clone();
        let log = tracing_subscriber::fmt().with_writer(move || writer.clone()).with_ansi(false);
        tracing::subscriber::with_default(log.finish(), || {
            WorkProgress::start("rows", 0).log(7, "");
            WorkProgress::start("steps", 9).log(8, "loss 1.5");
        });
        let bytes = lines.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let text = String::from_utf8(bytes).expect("text");
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[0].contains("done=7") && !lines[0].contains("note"), "{text}");
        assert!(!lines[0].contains("total"), "{text}");
        assert!(lines[1].contains("total=9") && lines[1].contains("note=\"loss 1.5\""), "{text}");
    }
}
