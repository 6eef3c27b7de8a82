//! The device: ranks the feed on the backend that was chosen.

use std::fmt;
use std::rc::Rc;

use vitrine_domain::pace::Pace;
use vitrine_student::candidates::{self, HISTORY_MAX};
use vitrine_student::{ItemTable, Ranker, Shopper, WINDOW_MAX, Weights, score};

use crate::gpu::{CANDIDATES_MAX, Counters, GPU_ITEMS_MAX, Gpu, Job};
use crate::{BackendReason, BackendSetting, Choice, RankingBackend};

/// A clock in milliseconds that never goes back; only differences mean anything.
pub type MonotonicClock = Rc<dyn Fn() -> f64>;

/// Timed rankings on each backend; their median counts.
const MEASURED_RANKINGS: usize = 5;
/// No further ranking is timed once this much time has gone by.
const MEASURING_MS_MAX: f64 = 250.0;
/// Candidates of a timed ranking.
const MEASURED_CANDIDATES: usize = 500;

/// A ranked feed.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    /// Rows of the table, best first.
    pub items: Vec<u32>,
    /// Their scores.
    pub scores: Vec<f32>,
    /// What ranked.
    pub backend: RankingBackend,
    /// How long it took in milliseconds, candidates and sorting included.
    pub elapsed_ms: f64,
}

/// Ranks on CPU or GPU. Legal order of calls: [`Self::request`] (or
/// [`Self::cpu`], which is ready at once), [`Self::upload`] after every sync,
/// [`Self::rank_feed`] as often as wanted. Before the first upload and after a
/// failure of the GPU the CPU ranks; a device never returns an error.
pub struct Device {
    setting: BackendSetting,
    clock: MonotonicClock,
    ranker: Ranker,
    gpu: Option<Gpu>,
    /// Rows of the uploaded table.
    n_uploaded: Option<usize>,
    choice: Choice,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Device").field("choice", &self.choice).finish_non_exhaustive()
    }
}

impl Device {
    /// The CPU alone, ready at once.
    pub fn cpu(clock: MonotonicClock) -> Self {
        let choice = Choice::cpu(BackendReason::Forced);
        let setting = BackendSetting::ForceCpu;
        Self { setting, clock, ranker: Ranker::new(), gpu: None, n_uploaded: None, choice }
    }

    /// Asks for a GPU unless the setting forbids it, and checks it against the
    /// golden ranking. Takes the time it takes to compile shaders: in a page,
    /// rank with [`Self::cpu`] meanwhile.
    pub async fn request(setting: BackendSetting, clock: MonotonicClock) -> Self {
        let mut device = Self::cpu(clock);
        device.setting = setting;
        if setting == BackendSetting::ForceCpu {
            return device;
        }
        device.choice = match Self::checked_gpu().await {
            Ok(gpu) => {
                device.gpu = Some(gpu);
                Choice::cpu(BackendReason::NotMeasured)
            }
            Err(reason) => Choice::cpu(reason),
        };
        device
    }

    async fn checked_gpu() -> Result<Gpu, BackendReason> {
        let mut gpu = Gpu::request().await?;
        gpu.self_check().await?;
        Ok(gpu)
    }

    /// Puts a catalogue on the GPU, measures both backends on it, and chooses.
    /// To be called after every change of weights or table. Others have their turn between
    /// the rankings that are measured.
    pub async fn upload(&mut self, weights: &Weights, table: &ItemTable, pace: &dyn Pace) {
        self.n_uploaded = None;
        let Some(gpu) = &mut self.gpu else { return };
        if table.n_items() > GPU_ITEMS_MAX {
            self.choice.fall_back(BackendReason::TooManyItems { n_items: table.n_items() });
            return;
        }
        if table.n_items() == 0 {
            self.choice = Choice::cpu(BackendReason::NotMeasured);
            return;
        }
        gpu.upload(weights, table);
        self.n_uploaded = Some(table.n_items());
        match self.measure(weights, table, pace).await {
            Ok((gpu_ms, cpu_ms)) => {
                self.choice = Choice::measured(self.setting, gpu_ms, cpu_ms);
            }
            Err(reason) => self.give_up_gpu(reason),
        }
    }

    /// Which backend ranks, why, and what was measured.
    pub fn choice(&self) -> &Choice {
        &self.choice
    }

    /// Name of the GPU, if one passed its check.
    pub fn gpu_name(&self) -> Option<&str> {
        self.gpu.as_ref().map(Gpu::name)
    }

    /// Submits, dispatches and readbacks of the GPU so far.
    pub fn counters(&self) -> Counters {
        self.gpu.as_ref().map(Gpu::counters).unwrap_or_default()
    }

    /// Ranks the feed for a shopper at `now_ms` (milliseconds since 1970-01-01
    /// UTC): at most `n` candidates, best first.
    ///
    /// The candidates are the same on both backends; scores agree within 1e-3.
    /// An empty log gives the popularity order, from the CPU. Catalogues above
    /// [`GPU_ITEMS_MAX`] and requests above [`CANDIDATES_MAX`] candidates are
    /// ranked on the CPU.
    ///
    /// # Panics
    /// When the shopper's log is not encoded to its end.
    pub async fn rank_feed(
        &mut self,
        weights: &Weights,
        table: &ItemTable,
        shopper: &Shopper,
        now_ms: i64,
        n: usize,
    ) -> Ranking {
        let start = (self.clock)();
        let question = Question { weights, table, shopper, now_ms, n };
        let on_gpu = self.choice.backend == RankingBackend::Gpu
            && self.n_uploaded == Some(table.n_items())
            && n <= CANDIDATES_MAX
            && !shopper.log().is_empty();
        if on_gpu && let Some(gpu) = &mut self.gpu {
            match rank_on_gpu(gpu, question).await {
                Ok((items, scores)) => {
                    let elapsed_ms = (self.clock)() - start;
                    return Ranking { items, scores, backend: RankingBackend::Gpu, elapsed_ms };
                }
                Err(reason) => self.give_up_gpu(reason),
            }
        }
        let (items, scores) = rank_on_cpu(&mut self.ranker, question);
        Ranking { items, scores, backend: RankingBackend::Cpu, elapsed_ms: (self.clock)() - start }
    }

    fn give_up_gpu(&mut self, reason: BackendReason) {
        self.gpu = None;
        self.n_uploaded = None;
        self.choice.fall_back(reason);
    }

    /// Medians of rankings of a made-up shopper: GPU, CPU, in milliseconds.
    async fn measure(
        &mut self,
        weights: &Weights,
        table: &ItemTable,
        pace: &dyn Pace,
    ) -> Result<(f64, f64), BackendReason> {
        pace.breathe().await;
        let shopper = made_up_shopper(weights, table);
        let n = MEASURED_CANDIDATES;
        let question = Question { weights, table, shopper: &shopper, now_ms: 0, n };
        let mut cpu = Stopwatch::new(self.clock.clone());
        while cpu.goes_on() {
            pace.breathe().await;
            cpu.begin_lap();
            rank_on_cpu(&mut self.ranker, question);
            cpu.lap();
        }
        let gpu_device = self.gpu.as_mut().expect("measured after an upload to it");
        // The first ranking pays for what drivers put off.
        rank_on_gpu(gpu_device, question).await?;
        let mut gpu = Stopwatch::new(self.clock.clone());
        while gpu.goes_on() {
            rank_on_gpu(gpu_device, question).await?;
            gpu.lap();
        }
        Ok((gpu.median_ms(), cpu.median_ms()))
    }

    #[cfg(all(test, gpu))]
    pub(crate) fn gpu_mut(&mut self) -> Option<&mut Gpu> {
        self.gpu.as_mut()
    }
}

/// What is to be ranked.
#[derive(Clone, Copy)]
struct Question<'a> {
    weights: &'a Weights,
    table: &'a ItemTable,
    shopper: &'a Shopper,
    now_ms: i64,
    n: usize,
}

fn rank_on_cpu(ranker: &mut Ranker, q: Question<'_>) -> (Vec<u32>, Vec<f32>) {
    let candidates = candidates::feed(q.table, q.weights, q.shopper, q.n);
    let scores = ranker.rank(q.weights, q.table, q.shopper, q.now_ms, &candidates, None);
    score::sorted(q.table, &candidates, &scores)
}

async fn rank_on_gpu(
    gpu: &mut Gpu,
    q: Question<'_>,
) -> Result<(Vec<u32>, Vec<f32>), BackendReason> {
    let fixed = candidates::fixed(q.table, q.weights, q.shopper, q.n);
    let n_scanned = (q.n - fixed.len()).min(q.table.n_items() - fixed.len());
    let (weights, table, shopper, now_ms) = (q.weights, q.table, q.shopper, q.now_ms);
    let job = Job { weights, table, shopper, now_ms, fixed: &fixed, n_scanned };
    let (rows, scores) = gpu.rank(job).await?;
    let scores = score::finish(weights, table, shopper, now_ms, &rows, scores);
    Ok(score::sorted(table, &rows, &scores))
}

/// A shopper with a full window of events with cards from all over the table.
fn made_up_shopper(weights: &Weights, table: &ItemTable) -> Shopper {
    let step = table.n_items().div_ceil(WINDOW_MAX.min(HISTORY_MAX));
    let kinds = vitrine_student::EVENT_KINDS;
    let mut shopper = Shopper::new();
    for (i, row) in (0..table.n_items()).step_by(step).enumerate() {
        let at_ms = (i as i64 - WINDOW_MAX as i64) * 3_600_000;
        shopper.record(table.entry(row as u32, kinds[i % kinds.len()], at_ms));
    }
    shopper.encode(weights);
    shopper
}

/// Times laps until there are enough or too much time has gone by.
struct Stopwatch {
    clock: MonotonicClock,
    start: f64,
    last: f64,
    laps_ms: Vec<f64>,
}

impl Stopwatch {
    fn new(clock: MonotonicClock) -> Self {
        let start = clock();
        Self { clock, start, last: start, laps_ms: Vec::new() }
    }

    fn goes_on(&self) -> bool {
        let in_time = self.last - self.start < MEASURING_MS_MAX;
        self.laps_ms.is_empty() || (self.laps_ms.len() < MEASURED_RANKINGS && in_time)
    }

    /// Leaves out of the next lap what came since the last.
    fn begin_lap(&mut self) {
        self.last = (self.clock)();
    }

    fn lap(&mut self) {
        let now = (self.clock)();
        self.laps_ms.push(now - self.last);
        self.last = now;
    }

    fn median_ms(mut self) -> f64 {
        self.laps_ms.sort_by(f64::total_cmp);
        self.laps_ms[self.laps_ms.len() / 2]
    }
}
