//! What fusing text and picture is worth where texts are missing, misspelt or wrong.

use std::sync::atomic::AtomicBool;

use anyhow::Result;
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde::Serialize;
use vitrine_encoder::TEXT_DIM;
use vitrine_encoder::fusion::{
    FUSED_DIM, FusionConfig, Gating, ItemSenses, SenseFusion, fit_fusion,
};
use vitrine_encoder::image::PICTURE_DIM;
use vitrine_evaluation::{Interval, difference_interval, mean_interval};
use vitrine_optim::shuffled;

use super::retrieval::{Asking, Rows};
use super::sets::PictureSet;

const N_RESAMPLES: usize = 2_000;
/// Neighbours that count.
const K: usize = 10;
/// Edits of a misspelt text.
const EDITS: usize = 2;
/// Parts of a small set, each of which is fused by what the others taught.
const FOLDS: usize = 5;

/// What became of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TextState {
    Clean,
    Misspelt,
    Wrong,
    Missing,
}

const STATES: [(TextState, &str, f64); 4] = [
    (TextState::Clean, "clean", 0.20),
    (TextState::Misspelt, "misspelt", 0.35),
    (TextState::Wrong, "of another item", 0.10),
    (TextState::Missing, "missing", 0.35),
];

/// What is learned, of which senses (text, picture), and how they are weighed. The last is what
/// all are compared with.
const LEARNED: [(&str, (bool, bool), Gating); 4] = [
    ("text, learned", (true, false), Gating::Equal),
    ("picture, learned", (false, true), Gating::Equal),
    ("concatenation, learned", (true, true), Gating::Equal),
    ("gated attention", (true, true), Gating::Learned),
];

/// One way to find items.
#[derive(Serialize)]
pub struct FusionLine {
    pub name: &'static str,
    /// P@10, or mean reciprocal rank.
    pub found: Interval,
    /// What the gated fusion has more.
    pub gated_minus_this: Interval,
    /// Means by what became of the text, in the order of the report's states.
    pub by_state: Vec<f64>,
}

/// A comparison on one set.
#[derive(Serialize)]
pub struct FusionReport {
    pub measure: &'static str,
    pub n_queries: usize,
    pub states: Vec<&'static str>,
    pub lines: Vec<FusionLine>,
    /// Mean share of the text in the gated fusion, by what became of it.
    pub text_gates: Vec<f64>,
}

/// Texts of items as a careless shop has them.
pub fn careless(titles: &[&str], seed: u64) -> (Vec<String>, Vec<TextState>) {
    let mut rng = SmallRng::seed_from_u64(seed);
    let one = |(at, title): (usize, &&str)| {
        let mut draw: f64 = rng.random_range(0.0..1.0);
        let drawn = STATES.iter().find(|(_, _, share)| {
            draw -= share;
            draw < 0.0
        });
        let state = drawn.map_or(TextState::Missing, |(state, ..)| *state);
        let text = match state {
            TextState::Clean => (*title).to_owned(),
            TextState::Misspelt => misspelt(title, &mut rng),
            TextState::Wrong => {
                let away = rng.random_range(1..titles.len().max(2));
                titles[(at + away) % titles.len()].to_owned()
            }
            TextState::Missing => String::new(),
        };
        (text, state)
    };
    titles.iter().enumerate().map(one).unzip()
}

fn misspelt(text: &str, rng: &mut SmallRng) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..EDITS {
        if letters.len() < 2 {
            break;
        }
        let at = rng.random_range(0..letters.len() - 1);
        match rng.random_range(0..4) {
            0 => letters.swap(at, at + 1),
            1 => drop(letters.remove(at)),
            2 => letters.insert(at, letters[at]),
            _ => letters[at] = rng.random_range('a'..='z'),
        }
    }
    letters.into_iter().collect()
}

/// Vectors of texts, rows of zeros for empty ones.
pub fn text_rows(
    texts: &[String],
    encode: &mut dyn FnMut(&[String]) -> Result<Vec<f32>>,
) -> Result<Vec<f32>> {
    let there: Vec<usize> = (0..texts.len()).filter(|at| !texts[*at].is_empty()).collect();
    let written: Vec<String> = there.iter().map(|at| texts[*at].clone()).collect();
    let vectors = encode(&written)?;
    let mut rows = vec![0.0; texts.len() * TEXT_DIM];
    for (at, vector) in there.iter().zip(vectors.chunks_exact(TEXT_DIM)) {
        rows[at * TEXT_DIM..][..TEXT_DIM].copy_from_slice(vector);
    }
    Ok(rows)
}

/// Both senses of a set, and what became of its texts.
pub struct Fusing<'a> {
    pub set: &'a PictureSet,
    pub texts: &'a [f32],
    pub states: &'a [TextState],
    pub seed: u64,
}

impl Fusing<'_> {
    /// Compares on items that ask and items that are found.
    pub fn compare(&self, stop: &AtomicBool) -> Result<FusionReport> {
        let (queries, candidates) = (self.set.numbers(true), self.set.numbers(false));
        let labels = self.set.labels();
        if candidates.is_empty() {
            return self.compare_folds(&queries, &labels, stop);
        }
        let asking = Asking { queries: &queries, candidates: &candidates, labels: &labels };
        let (mut found, mut gates) = (Vec::new(), Vec::new());
        for (_, senses, gating) in LEARNED {
            let fusion = self.fitted(&candidates, senses, gating, stop)?;
            let fused = self.fused(&fusion, senses)?;
            found.push(asking.precision(K, asking.by(Rows { values: &fused, dim: FUSED_DIM })));
            gates = fusion.gates(self.senses())?;
        }
        let raw = self.raw(asking, |scores| asking.precision(K, scores));
        self.report("P@10", &queries, raw, found, &gates)
    }

    /// Compares on a small set: each fifth is fused by what the others taught, and asks all.
    fn compare_folds(
        &self,
        all: &[usize],
        labels: &[u32],
        stop: &AtomicBool,
    ) -> Result<FusionReport> {
        let has_twin = |at: &usize| labels.iter().filter(|of| **of == labels[*at]).count() > 1;
        let queries: Vec<usize> = all.iter().copied().filter(has_twin).collect();
        let order = shuffled(all.len(), &mut SmallRng::seed_from_u64(self.seed));
        let mut gates = vec![[0.0; 2]; all.len()];
        let mut ranks = vec![vec![0.0; queries.len()]; LEARNED.len()];
        for fold in 0..FOLDS {
            let part = |is_held: bool| -> Vec<usize> {
                let places = (0..order.len()).filter(|at| (at % FOLDS == fold) == is_held);
                places.map(|at| order[at]).collect()
            };
            let (taught, held) = (part(false), part(true));
            for (kind, (_, senses, gating)) in LEARNED.into_iter().enumerate() {
                let fusion = self.fitted(&taught, senses, gating, stop)?;
                let fused = self.fused(&fusion, senses)?;
                if gating == Gating::Learned {
                    let all_gates = fusion.gates(self.senses())?;
                    held.iter().for_each(|at| gates[*at] = all_gates[*at]);
                }
                let asked: Vec<usize> =
                    queries.iter().copied().filter(|at| held.contains(at)).collect();
                let asking = Asking { queries: &asked, candidates: all, labels };
                let rows = Rows { values: &fused, dim: FUSED_DIM };
                for (at, rank) in asked.iter().zip(asking.reciprocal_rank(asking.by(rows))) {
                    if let Ok(place) = queries.binary_search(at) {
                        ranks[kind][place] = rank;
                    }
                }
            }
        }
        let asking = Asking { queries: &queries, candidates: all, labels };
        let raw = self.raw(asking, |scores| asking.reciprocal_rank(scores));
        self.report("MRR", &queries, raw, ranks, &gates)
    }

    fn senses(&self) -> ItemSenses<'_> {
        ItemSenses { texts: self.texts, pictures: &self.set.vectors }
    }

    /// Senses of some items, those that are not asked for as rows of zeros.
    fn part(&self, items: &[usize], (texts, pictures): (bool, bool)) -> (Vec<f32>, Vec<f32>) {
        let rows = |values: &[f32], dim: usize, is_shown: bool| -> Vec<f32> {
            let row = |at: &usize| {
                let row = &values[at * dim..][..dim];
                row.iter().map(move |x| if is_shown { *x } else { 0.0 })
            };
            items.iter().flat_map(row).collect()
        };
        (rows(self.texts, TEXT_DIM, texts), rows(&self.set.vectors, PICTURE_DIM, pictures))
    }

    fn fitted(
        &self,
        items: &[usize],
        senses: (bool, bool),
        gating: Gating,
        stop: &AtomicBool,
    ) -> Result<SenseFusion> {
        let (texts, pictures) = self.part(items, senses);
        let labels: Vec<u32> = items.iter().map(|at| self.set.items[*at].category).collect();
        let config = FusionConfig { gating, seed: self.seed, ..FusionConfig::default() };
        let items = ItemSenses { texts: &texts, pictures: &pictures };
        Ok(fit_fusion(items, &labels, &config, stop)?)
    }

    fn fused(&self, fusion: &SenseFusion, senses: (bool, bool)) -> Result<Vec<f32>> {
        let all: Vec<usize> = (0..self.set.items.len()).collect();
        let (texts, pictures) = self.part(&all, senses);
        Ok(fusion.fuse(ItemSenses { texts: &texts, pictures: &pictures })?)
    }

    /// What needs no fit: each sense, vectors side by side, and scores added up.
    fn raw(
        &self,
        asking: Asking<'_>,
        measure: impl Fn(&dyn Fn(usize) -> Option<Vec<f32>>) -> Vec<f64>,
    ) -> Vec<(&'static str, Vec<f64>)> {
        let texts = Rows { values: self.texts, dim: TEXT_DIM };
        let pictures = Rows { values: &self.set.vectors, dim: PICTURE_DIM };
        let beside = beside(self.texts, &self.set.vectors);
        let joined = Rows { values: &beside, dim: TEXT_DIM + PICTURE_DIM };
        let late = |query: usize| {
            let of = |rows: Rows<'_>| standardised(asking, rows, query);
            let scores = of(texts).into_iter().zip(of(pictures)).map(|(a, b)| a + b);
            Some(scores.collect())
        };
        vec![
            ("text", measure(&asking.by(texts))),
            ("picture", measure(&asking.by(pictures))),
            ("concatenation", measure(&asking.by(joined))),
            ("late fusion", measure(&late)),
        ]
    }

    fn report(
        &self,
        measure: &'static str,
        queries: &[usize],
        raw: Vec<(&'static str, Vec<f64>)>,
        learned: Vec<Vec<f64>>,
        gates: &[[f32; 2]],
    ) -> Result<FusionReport> {
        let mut all = raw;
        all.extend(LEARNED.iter().zip(learned).map(|((name, ..), found)| (*name, found)));
        let gated = all.last().map(|(_, found)| found.clone()).unwrap_or_default();
        let lines: Result<Vec<_>> =
            all.iter().map(|(name, found)| self.line(name, found, &gated, queries)).collect();
        let texts: Vec<f64> = queries.iter().map(|at| f64::from(gates[*at][0])).collect();
        Ok(FusionReport {
            measure,
            n_queries: queries.len(),
            states: STATES.map(|(_, name, _)| name).to_vec(),
            lines: lines?,
            text_gates: self.by_state(&texts, queries),
        })
    }

    fn line(
        &self,
        name: &'static str,
        found: &[f64],
        gated: &[f64],
        queries: &[usize],
    ) -> Result<FusionLine> {
        Ok(FusionLine {
            name,
            found: mean_interval(found, self.seed, N_RESAMPLES)?,
            gated_minus_this: difference_interval(gated, found, self.seed, N_RESAMPLES)?,
            by_state: self.by_state(found, queries),
        })
    }

    fn by_state(&self, values: &[f64], queries: &[usize]) -> Vec<f64> {
        let mean = |state: TextState| {
            let of = queries.iter().zip(values).filter(|(at, _)| self.states[**at] == state);
            let values: Vec<f64> = of.map(|(_, value)| *value).collect();
            values.iter().sum::<f64>() / values.len().max(1) as f64
        };
        STATES.map(|(state, ..)| mean(state)).to_vec()
    }
}

/// Both vectors of each item side by side, of norm 1.
fn beside(texts: &[f32], pictures: &[f32]) -> Vec<f32> {
    let rows = texts.chunks_exact(TEXT_DIM).zip(pictures.chunks_exact(PICTURE_DIM));
    rows.flat_map(|(text, picture)| {
        let mut row: Vec<f32> = text.iter().chain(picture).copied().collect();
        let norm = row.iter().map(|x| x * x).sum::<f32>().sqrt();
        if norm > 0.0 {
            row.iter_mut().for_each(|x| *x /= norm);
        }
        row
    })
    .collect()
}

/// Cosines of a query in standard deviations about their mean over those candidates that have
/// the sense; 0 for the others, and for all where the query lacks it.
fn standardised(asking: Asking<'_>, rows: Rows<'_>, query: usize) -> Vec<f32> {
    let n = asking.candidates.len();
    if rows.is_zero(query) {
        return vec![0.0; n];
    }
    let cosines: Vec<Option<f32>> = asking
        .candidates
        .iter()
        .map(|at| (!rows.is_zero(*at) && *at != query).then(|| rows.cosine(query, *at)))
        .collect();
    let there: Vec<f32> = cosines.iter().flatten().copied().collect();
    let mean = there.iter().sum::<f32>() / there.len().max(1) as f32;
    let square = there.iter().map(|x| (x - mean).powi(2)).sum::<f32>();
    let deviation = (square / there.len().max(1) as f32).sqrt().max(1e-6);
    cosines.iter().map(|cosine| cosine.map_or(0.0, |x| (x - mean) / deviation)).collect()
}
