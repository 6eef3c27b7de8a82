//! How long each step of a task took.

use std::time::{Duration, Instant};

pub struct Stopwatch {
    started: Instant,
    laps: Vec<(String, Duration)>,
}

impl Stopwatch {
    pub fn start() -> Self {
        Self { started: Instant::now(), laps: Vec::new() }
    }

    /// Announces a step, runs it and records its duration, also of a failed one.
    pub fn lap<T>(
        &mut self,
        name: &str,
        step: impl FnOnce() -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        eprintln!("\n== {name}");
        let began = Instant::now();
        let outcome = step();
        self.laps.push((name.to_owned(), began.elapsed()));
        outcome
    }

    pub fn report(&self) {
        eprintln!("\n== time");
        for (name, duration) in &self.laps {
            eprintln!("{:>9}  {name}", clock(*duration));
        }
        eprintln!("{:>9}  in all", clock(self.started.elapsed()));
    }
}

/// Minutes and seconds for a long time, tenths of a second for a short one.
pub fn clock(duration: Duration) -> String {
    let seconds = duration.as_secs();
    if seconds < 60 {
        format!("{:.1} s", duration.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_switches_to_minutes_at_sixty_seconds() {
        assert_eq!(clock(Duration::from_millis(59_900)), "59.9 s");
        assert_eq!(clock(Duration::from_secs(60)), "1 min 00 s");
        assert_eq!(clock(Duration::from_secs(125)), "2 min 05 s");
    }
}
