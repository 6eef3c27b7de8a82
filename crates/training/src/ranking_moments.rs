//! What a student is distilled from: ranking moments of a shop's log, each with the list of a
//! teacher that was fitted on what happened before it.

use crate::config::Config;
use crate::control::{Control, Stage, TrainingProgress};
use crate::samples::{Drawing, Sample};
use crate::snapshots::Snapshots;
use crate::teacher::{Teacher, TeacherConfig};
use crate::{PreparedData, TrainingError};

/// Draws ranking moments before `until_seconds`, in `rounds_max` rounds at most.
///
/// # Errors
/// [`TrainingError::Stopped`]; what the teacher says.
pub fn draw(
    data: &PreparedData<'_>,
    teacher: &Teacher,
    until_seconds: i64,
    (config, rounds_max): (&Config, u64),
    control: &mut Control<'_>,
) -> Result<Vec<Sample>, TrainingError> {
    control.stage(Stage::CountingSnapshots);
    let snapshots = Snapshots::build(data, until_seconds);
    control.stage(Stage::DrawingSamples);
    let Config { n_sequences, seed, .. } = *config;
    let drawing = Drawing { data, snapshots: &snapshots, n_sequences, rounds_max, seed };
    let (sizes, stop) = (TeacherConfig::new(seed), control.stop);
    let samples = drawing.samples(|at| teacher.at(data, at, &sizes, stop), stop)?;
    if control.stopped() {
        return Err(TrainingError::Stopped);
    }
    let n_cuts = samples.iter().map(|sample| sample.cut_rows.len()).sum();
    (control.progress)(TrainingProgress::Samples { n_sequences: samples.len(), n_cuts });
    Ok(samples)
}
