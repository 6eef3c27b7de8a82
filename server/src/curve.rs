//! The course of a training, on disk while it runs, for whoever looks at it.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use vitrine_studio_api::{Course, Ending, LossPoint};
use vitrine_training::TrainingProgress;

/// Bytes of a course that are read: some 10,000 points.
const BYTES_MAX: u64 = 1 << 20;

/// A line of the file.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Line {
    Point(LossPoint),
    Ended { ended: Ending },
    Begun { begun: bool },
}

/// Writes a course. It is for looking at: what cannot be written is left out, and the
/// training goes on.
pub struct Recorder(Option<File>);

impl Recorder {
    /// Begins a course, or goes on with that of an interrupted training.
    pub fn open(data_dir: &Path, goes_on: bool) -> Self {
        let path = file(data_dir);
        let mut options = OpenOptions::new();
        let options = if goes_on {
            options.create(true).append(true)
        } else {
            options.create(true).write(true).truncate(true)
        };
        // What a crash left of a line ends here.
        let ended = |mut file: File| file.write_all(b"\n").map(|()| file);
        let file = options.open(&path).and_then(ended).inspect_err(unwritten).ok();
        let mut recorder = Self(file);
        recorder.write(&Line::Begun { begun: true });
        recorder
    }

    /// Notes the figures of a message.
    pub fn note(&mut self, progress: TrainingProgress) {
        let mut point = |series: &str, at: usize, of: usize, value| {
            let (at, of) = (at as u32, of as u32);
            self.write(&Line::Point(LossPoint { series: series.to_owned(), at, of, value }));
        };
        match progress {
            TrainingProgress::Pass { pass, n_passes, loss } => {
                point("next_item", pass, n_passes, loss)
            }
            TrainingProgress::Step { step, n_steps, loss, retrieval_loss, .. } => {
                point("listwise", step, n_steps, loss);
                point("retrieval", step, n_steps, retrieval_loss);
            }
            TrainingProgress::Stage(_)
            | TrainingProgress::Samples { .. }
            | TrainingProgress::Resumed { .. }
            | TrainingProgress::LastLayer { .. } => {}
        }
    }

    /// Notes the end.
    pub fn end(&mut self, ended: Ending) {
        self.write(&Line::Ended { ended });
    }

    fn write(&mut self, line: &Line) {
        let Some(file) = &mut self.0 else { return };
        let written = serde_json::to_string(line)
            .map_err(std::io::Error::from)
            .and_then(|json| file.write_all(format!("{json}\n").as_bytes()));
        if let Err(error) = written {
            unwritten(&error);
            self.0 = None;
        }
    }
}

fn unwritten(error: &std::io::Error) {
    tracing::warn!("the loss curves cannot be written: {error}; the training goes on");
}

fn file(data_dir: &Path) -> PathBuf {
    data_dir.join("models").join("course.jsonl")
}

/// The newest training's course. A line that is being written is left out.
///
/// # Errors
/// The file is there and cannot be read.
pub fn read(data_dir: &Path) -> Result<Course> {
    let path = file(data_dir);
    let mut course = Course::default();
    if !path.exists() {
        return Ok(course);
    }
    let reading = || format!("reading {}", path.display());
    let mut text = String::new();
    File::open(&path)
        .and_then(|file| file.take(BYTES_MAX).read_to_string(&mut text))
        .with_context(reading)?;
    for line in text.lines().filter_map(|line| serde_json::from_str(line).ok()) {
        match line {
            Line::Point(point) => {
                // Steps after the last checkpoint are made twice.
                course.points.retain(|old| old.series != point.series || old.at < point.at);
                course.points.push(point);
            }
            Line::Begun { .. } => course.ended = None,
            Line::Ended { ended } => course.ended = Some(ended),
        }
    }
    let written = fs::metadata(&path).and_then(|file| file.modified()).with_context(reading)?;
    let since = SystemTime::now().duration_since(written).unwrap_or_default();
    course.seconds_since = Some(since.as_secs());
    Ok(course)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_course_is_read_while_it_is_written_and_goes_on_after_a_crash() {
        let folder = tempfile::tempdir().expect("a folder");
        let data_dir = folder.path();
        fs::create_dir(data_dir.join("models")).expect("created");
        assert_eq!(read(data_dir).expect("nothing yet").seconds_since, None);
        let point =
            |series: &str, at, of, value| LossPoint { series: series.into(), at, of, value };

        let mut recorder = Recorder::open(data_dir, false);
        recorder.note(TrainingProgress::Pass { pass: 1, n_passes: 2, loss: 7.5 });
        recorder.note(TrainingProgress::Resumed { step: 3 });
        let course = read(data_dir).expect("readable");
        assert_eq!((course.points, course.ended), (vec![point("next_item", 1, 2, 7.5)], None));
        drop(recorder);
        // What a crash leaves of a line.
        let torn = OpenOptions::new().append(true).open(file(data_dir));
        torn.and_then(|mut file| file.write_all(b"{\"series\":\"li")).expect("written");

        let mut recorder = Recorder::open(data_dir, true);
        let (loss, retrieval_loss) = (3.0, 4.0);
        let cuts_per_second = 1.0;
        recorder.note(TrainingProgress::Step {
            step: 25,
            n_steps: 50,
            loss,
            retrieval_loss,
            cuts_per_second,
        });
        recorder.note(TrainingProgress::Pass { pass: 1, n_passes: 2, loss: 7.4 });
        recorder.end(Ending::Refused);
        let course = read(data_dir).expect("readable");
        assert_eq!(course.ended, Some(Ending::Refused));
        let steps = [point("listwise", 25, 50, 3.0), point("retrieval", 25, 50, 4.0)];
        assert_eq!(course.points[..2], steps);
        assert_eq!(course.points[2..], [point("next_item", 1, 2, 7.4)], "made twice, shown once");

        Recorder::open(data_dir, false);
        assert!(read(data_dir).expect("readable").points.is_empty(), "a new training begins anew");
    }
}
