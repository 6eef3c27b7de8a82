//! Sequences with their candidates, scalars and target distributions: all that
//! a training step reads, in flat arrays.

use rand::SeedableRng;
use rand::rngs::SmallRng;
use rayon::prelude::*;
use std::sync::atomic::{AtomicBool, Ordering};

use vitrine_student::{N_SCALARS, Shopper, features, window};

use crate::candidates::{ABSENT, candidates};
use crate::scorer::Scorer;
use crate::sequences::{Cut, Sequence, sequence};
use crate::snapshots::{LogSnapshot, Snapshots};
use crate::targets::CutTargets;
use crate::{PreparedData, TrainingError};

/// A training sequence, ready.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    /// Item of each event of the window.
    pub items: Vec<u32>,
    /// Kind row of each event.
    pub kinds: Vec<u8>,
    /// Gap row of each event.
    pub gaps: Vec<u8>,
    /// Cuts: row of the window after which each ranks.
    pub cut_rows: Vec<u32>,
    /// \[cuts, 96\]
    pub candidates: Vec<u32>,
    /// \[cuts, 96, 16\]
    pub scalars: Vec<f32>,
    /// \[cuts, 96\], the teacher's distribution times its share of the loss.
    pub taught: Vec<f32>,
    /// \[cuts, 96\], what was bought; each row sums to the rest of the loss, or to 0.
    pub bought: Vec<f32>,
    /// \[cuts, 96\], what retrieval should find.
    pub retrieval_targets: Vec<f32>,
    /// \[cuts, 96\], ln of how many cards each candidate stands for.
    pub offsets: Vec<f32>,
    /// \[cuts, 96\], targets among the cards that the log has no purchase of.
    pub new_taught: Vec<f32>,
    /// \[cuts, 96\], what was bought of them.
    pub new_bought: Vec<f32>,
    /// \[cuts, 96\], offsets that leave the other cards out.
    pub new_offsets: Vec<f32>,
}

/// The part of the logs asked for with which it is enough.
const ENOUGH_SHARE: f64 = 0.9;

/// What samples are drawn from.
#[derive(Clone, Copy)]
pub struct Drawing<'a, 'd> {
    /// The log with its cards.
    pub data: &'a PreparedData<'d>,
    /// The catalogue as it was.
    pub snapshots: &'a Snapshots,
    /// Logs that are wanted.
    pub n_sequences: usize,
    /// Rounds of as many logs each, at most.
    pub rounds_max: u64,
    /// Of everything that is drawn.
    pub seed: u64,
}

impl Drawing<'_, '_> {
    /// Draws logs and makes samples of those that have a moment that can be asked about; then
    /// as many again, until about as many as wanted had one. `teacher_at` gives a teacher that
    /// knows only what happened before a moment: it is asked for one snapshot after the other,
    /// and what it gives is freed before the next. The same for the same seed on any number of
    /// threads. Empty when `stop` is set.
    ///
    /// # Errors
    /// What the teacher says.
    pub fn samples<T: Scorer>(
        self,
        teacher_at: impl Fn(i64) -> Result<T, TrainingError>,
        stop: &AtomicBool,
    ) -> Result<Vec<Sample>, TrainingError> {
        let sequences = self.sequences(stop);
        let mut drawn: Vec<Vec<Option<CutSample>>> =
            sequences.iter().map(|sequence| vec![None; sequence.cuts.len()]).collect();
        for snapshot in self.snapshots.list() {
            let is_here =
                |cut: &Cut| self.snapshots.at(cut.now_seconds).at_seconds == snapshot.at_seconds;
            let places: Vec<(usize, usize)> = sequences
                .iter()
                .enumerate()
                .flat_map(|(n, sequence)| (0..sequence.cuts.len()).map(move |cut| (n, cut)))
                .filter(|(n, cut)| is_here(&sequences[*n].cuts[*cut]))
                .collect();
            if stop.load(Ordering::Relaxed) {
                return Ok(Vec::new());
            }
            if places.is_empty() {
                continue;
            }
            let teacher = teacher_at(snapshot.at_seconds)?;
            let sampler =
                MomentSampler { data: self.data, snapshot, teacher: &teacher, seed: self.seed };
            let made: Vec<CutSample> = places
                .par_iter()
                .map(|(n, cut)| match stop.load(Ordering::Relaxed) {
                    true => Err(TrainingError::Stopped),
                    false => sampler.cut(&sequences[*n], *n, *cut),
                })
                .collect::<Result<_, TrainingError>>()?;
            for ((n, cut), sample) in places.into_iter().zip(made) {
                drawn[n][cut] = Some(sample);
            }
        }
        let sample = |(sequence, cuts): (&Sequence, Vec<Option<CutSample>>)| {
            Sample::new(sequence, cuts.into_iter().flatten())
        };
        Ok(sequences.iter().zip(drawn).map(sample).collect())
    }

    /// Logs that have a moment.
    fn sequences(self, stop: &AtomicBool) -> Vec<Sequence> {
        let drawn = |n: u64| {
            let seed = self.seed ^ n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            sequence(self.data, self.snapshots, seed)
        };
        let is_wanted = |_: &u64| !stop.load(Ordering::Relaxed);
        let (n, mut sequences) = (self.n_sequences as u64, Vec::new());
        for round in 0..self.rounds_max {
            let numbers = (round * n..(round + 1) * n).into_par_iter();
            sequences.par_extend(numbers.filter(is_wanted).filter_map(drawn));
            if sequences.len() as f64 >= ENOUGH_SHARE * self.n_sequences as f64 {
                break;
            }
        }
        sequences
    }
}

/// What one cut has of a [`Sample`].
#[derive(Clone, Debug)]
struct CutSample {
    candidates: Vec<u32>,
    scalars: Vec<f32>,
    taught: Vec<f32>,
    bought: Vec<f32>,
    retrieval_targets: Vec<f32>,
    offsets: Vec<f32>,
    new_taught: Vec<f32>,
    new_bought: Vec<f32>,
    new_offsets: Vec<f32>,
}

impl Sample {
    fn new(sequence: &Sequence, cuts: impl Iterator<Item = CutSample>) -> Self {
        let Sequence { log, items, start, cuts: moments, .. } = sequence;
        let times: Vec<i64> = log[*start..].iter().map(|entry| entry.at_ms).collect();
        let mut sample = Self {
            items: items[*start..].to_vec(),
            kinds: log[*start..].iter().map(|entry| entry.kind as u8).collect(),
            gaps: window::gap_buckets(&times).into_iter().map(|gap| gap as u8).collect(),
            cut_rows: moments.iter().map(|cut| (cut.n_events - start - 1) as u32).collect(),
            candidates: Vec::new(),
            scalars: Vec::new(),
            taught: Vec::new(),
            bought: Vec::new(),
            retrieval_targets: Vec::new(),
            offsets: Vec::new(),
            new_taught: Vec::new(),
            new_bought: Vec::new(),
            new_offsets: Vec::new(),
        };
        for cut in cuts {
            sample.candidates.extend(cut.candidates);
            sample.scalars.extend(cut.scalars);
            sample.taught.extend(cut.taught);
            sample.bought.extend(cut.bought);
            sample.retrieval_targets.extend(cut.retrieval_targets);
            sample.offsets.extend(cut.offsets);
            sample.new_taught.extend(cut.new_taught);
            sample.new_bought.extend(cut.new_bought);
            sample.new_offsets.extend(cut.new_offsets);
        }
        sample
    }
}

/// Makes samples of the ranking moments of one snapshot, with the teacher of that time.
struct MomentSampler<'a, 'd, T> {
    data: &'a PreparedData<'d>,
    snapshot: &'a LogSnapshot,
    teacher: &'a T,
    seed: u64,
}

impl<T: Scorer> MomentSampler<'_, '_, T> {
    /// The `n`th cut of a sequence, which has a number of its own.
    fn cut(
        &self,
        sequence: &Sequence,
        number: usize,
        n: usize,
    ) -> Result<CutSample, TrainingError> {
        let Self { data, snapshot, teacher, seed } = *self;
        let cut = &sequence.cuts[n];
        let seed = seed ^ (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let mut rng = SmallRng::seed_from_u64(seed ^ (n as u64 + 1).wrapping_mul(0x5851_f42d));
        let mut shopper = Shopper::new();
        sequence.log[..cut.n_events].iter().for_each(|entry| shopper.record(*entry));
        let history = &data.log.of(sequence.shopper)[cut.purchases.0..cut.purchases.1];
        let scores = teacher.score(&[history], cut.now_seconds)?;
        let mut seen = vec![false; data.n_items()];
        let mut bought_before = Vec::new();
        for entry in history {
            if !std::mem::replace(&mut seen[entry.item_idx as usize], true) {
                bought_before.push(entry.item_idx);
            }
        }
        let known = (&seen[..], &bought_before[..]);
        let (candidates, offsets) = candidates(snapshot, &scores, known, &shopper, cut, &mut rng);
        let mut scalars = vec![0.0; candidates.len() * N_SCALARS];
        let now_ms = cut.now_seconds * 1_000;
        features::dynamic(&snapshot.table, &shopper, now_ms, &candidates, None, &mut scalars);
        let new_offset = |(item, offset): (&u32, &f32)| match seen[*item as usize] {
            true => ABSENT,
            false => *offset,
        };
        let new_offsets: Vec<f32> = candidates.iter().zip(&offsets).map(new_offset).collect();
        let choice = CutTargets::new(cut, &candidates, &seen, &scores);
        Ok(CutSample {
            taught: choice.taught(&offsets),
            bought: choice.bought(&offsets),
            new_taught: choice.taught(&new_offsets),
            new_bought: choice.bought(&new_offsets),
            retrieval_targets: choice.retrieval_targets(&offsets),
            candidates,
            scalars,
            offsets,
            new_offsets,
        })
    }
}
