//! What the page calls.

use vitrine_student::layout::N_SCALARS;
use vitrine_student::score::{self, Folded};
use vitrine_student::{
    PackedStudent, PersonalConfig, PersonalLayer, Prediction, Ranker, Shopper, Weights, candidates,
    features, window,
};
use wasm_bindgen::prelude::{JsError, wasm_bindgen};

use crate::workload::{N_EVENTS, Workload};

/// The student with a shop and a shopper. Each call that is timed leaves its
/// scores in `scores`.
#[wasm_bindgen]
pub struct Bench {
    weights: Weights,
    shop: Workload,
    ranker: Ranker,
    /// After 64 events.
    shopper: Shopper,
    /// Shoppers that lack one event, for the calls to come.
    waiting: Vec<Shopper>,
    layer: PersonalLayer,
    /// `[1000, 16]`
    scalars: Vec<f32>,
    scores: Vec<f32>,
}

#[wasm_bindgen]
impl Bench {
    /// From the shipped form of the weights.
    #[wasm_bindgen(constructor)]
    pub fn new(student: &[u8]) -> Result<Self, JsError> {
        let weights = PackedStudent::from_bytes(student)?.weights();
        let shop = Workload::new(&weights);
        let shopper = Shopper::from_log(&weights, &shop.log[..N_EVENTS]);
        let mut scalars = vec![0.0; shop.candidates.len() * N_SCALARS];
        let (table, now_ms, rows) = (&shop.table, shop.now_ms, &shop.candidates);
        features::dynamic(table, &shopper, now_ms, rows, None, &mut scalars);
        let (ranker, waiting, scores) = (Ranker::new(), Vec::new(), Vec::new());
        let layer = PersonalLayer::new(PersonalConfig::default());
        Ok(Self { weights, shop, ranker, shopper, waiting, layer, scalars, scores })
    }

    /// Everything from the log: its aggregates, the encoding of 64 events, the
    /// scalars of `n` candidates, their scores.
    pub fn full(&mut self, n: usize) {
        self.shopper = Shopper::from_log(&self.weights, &self.shop.log[..N_EVENTS]);
        self.rank(n);
    }

    /// The network alone, whose scalars are given: the encoding of 64 events
    /// and the scores.
    pub fn full_network(&mut self, n: usize) {
        self.shopper.rebuild(&self.weights);
        self.score(n);
    }

    /// `n_calls` shoppers who wait for event number `n_events`.
    pub fn prepare(&mut self, n_calls: usize, n_events: usize) {
        let shopper = Shopper::from_log(&self.weights, &self.shop.log[..n_events - 1]);
        self.waiting = vec![shopper; n_calls];
    }

    /// One event more for a prepared shopper, then the scalars and the scores.
    pub fn incremental(&mut self, n: usize) {
        self.append();
        self.rank(n);
    }

    /// The network alone: one token against cached keys and values, the scores.
    pub fn incremental_network(&mut self, n: usize) {
        self.append();
        self.score(n);
    }

    /// The feed's own step before a ranking: which cards are ranked at all.
    pub fn draw(&mut self, n: usize) -> u32 {
        candidates::feed(&self.shop.table, &self.weights, &self.shopper, n)[0]
    }

    /// The personal layer's update by one purchase: `n` candidates drawn, their scores
    /// before it, then one step.
    pub fn learn(&mut self, n: usize) {
        let Self { weights, shop, ranker, shopper, layer, .. } = self;
        let (table, now_ms) = (&shop.table, shop.now_ms);
        let rows = candidates::feed(table, weights, shopper, n);
        let scores = ranker.rank(weights, table, shopper, now_ms, &rows, None);
        layer.learn(Prediction { rows: &rows, scores: &scores }, rows.len() / 2);
        self.scores = scores;
    }

    /// Scores of the last call, `[n]`.
    pub fn scores(&self) -> Vec<f32> {
        self.scores.clone()
    }

    /// Codes of the window's events, `[64, 64]`.
    pub fn history_codes(&self) -> Vec<f32> {
        let log = &self.shop.log[..N_EVENTS];
        log.iter().flat_map(|entry| self.values(&entry.code)).collect()
    }

    /// Kinds of the window's events, `[64]`.
    pub fn history_kinds(&self) -> Vec<i32> {
        self.shop.log[..N_EVENTS].iter().map(|entry| entry.kind as i32).collect()
    }

    /// Gap buckets of the window's events, `[64]`.
    pub fn history_gaps(&self) -> Vec<i32> {
        let times: Vec<i64> = self.shop.log[..N_EVENTS].iter().map(|entry| entry.at_ms).collect();
        window::gap_buckets(&times).into_iter().map(|bucket| bucket as i32).collect()
    }

    /// Codes of the first candidates, `[n, 64]`.
    pub fn candidate_codes(&self, n: usize) -> Vec<f32> {
        let rows = &self.shop.candidates[..n];
        rows.iter().flat_map(|row| self.values(self.shop.table.code(*row))).collect()
    }

    /// Scalars of the first candidates, `[n, 16]`.
    pub fn candidate_scalars(&self, n: usize) -> Vec<f32> {
        self.scalars[..n * N_SCALARS].to_vec()
    }

    /// The shopper's state, `[64]`.
    pub fn state(&self) -> Vec<f32> {
        self.shopper.state_u().map(|u| u.to_vec()).unwrap_or_default()
    }
}

impl Bench {
    fn append(&mut self) {
        let mut shopper = self.waiting.pop().expect("one was prepared for each call");
        shopper.append(&self.weights, self.shop.log[shopper.log().len()]);
        self.shopper = shopper;
    }

    fn rank(&mut self, n: usize) {
        let Self { weights, shop, ranker, shopper, .. } = self;
        let rows = &shop.candidates[..n];
        self.scores = ranker.rank(weights, &shop.table, shopper, shop.now_ms, rows, None);
    }

    fn score(&mut self, n: usize) {
        let u = self.shopper.state_u().expect("the log is encoded");
        let folded = Folded::new(&self.weights, u);
        self.scores.resize(n, 0.0);
        let (rows, scalars) = (&self.shop.candidates[..n], &self.scalars[..n * N_SCALARS]);
        score::score(&self.weights, &self.shop.table, &folded, rows, scalars, &mut self.scores);
    }

    fn values(&self, code: &[i8]) -> impl Iterator<Item = f32> {
        let scale = self.weights.code_scale();
        code.iter().map(move |q| f32::from(*q) * scale)
    }
}
