//! Which backend ranks, and why.

use std::fmt;

/// What the shopper or a test asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BackendSetting {
    /// The faster of the two, by measurement.
    #[default]
    Auto,
    /// The GPU if it works at all.
    ForceGpu,
    /// The CPU; no GPU is asked for.
    ForceCpu,
}

/// What ranks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RankingBackend {
    /// WASM SIMD in a browser, the same kernels natively.
    Cpu,
    /// WebGPU in a browser, Vulkan natively.
    Gpu,
}

impl fmt::Display for RankingBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self, cfg!(target_arch = "wasm32")) {
            (Self::Cpu, true) => "WASM",
            (Self::Cpu, false) => "CPU",
            (Self::Gpu, true) => "WebGPU",
            (Self::Gpu, false) => "GPU",
        })
    }
}

/// Why the backend is what it is.
#[derive(Clone, Debug, PartialEq)]
pub enum BackendReason {
    /// The setting says so.
    Forced,
    /// It was measured to be the faster one.
    Faster,
    /// No catalogue has been uploaded yet.
    NotMeasured,
    /// This build has no GPU path.
    NotBuilt,
    /// There is no GPU, or it was refused.
    Unavailable {
        /// What the platform says.
        detail: String,
    },
    /// The GPU's golden scores are wrong.
    SelfCheckScores {
        /// Largest absolute difference.
        difference_max: f32,
    },
    /// The GPU scan chose other candidates than the CPU.
    SelfCheckCandidates,
    /// More items than the GPU path takes.
    TooManyItems {
        /// Items of the table.
        n_items: usize,
    },
    /// The GPU failed while ranking.
    Failed {
        /// What the platform says.
        detail: String,
    },
}

impl fmt::Display for BackendReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Forced => f.write_str("chosen in the settings"),
            Self::Faster => f.write_str("measured to be faster here"),
            Self::NotMeasured => f.write_str("nothing measured yet"),
            Self::NotBuilt => f.write_str("built without a GPU path"),
            Self::Unavailable { detail } => write!(f, "no usable GPU: {detail}"),
            Self::SelfCheckScores { difference_max } => {
                write!(f, "the GPU's self-check scores are off by {difference_max}")
            }
            Self::SelfCheckCandidates => f.write_str("the GPU's self-check chose other candidates"),
            Self::TooManyItems { n_items } => {
                write!(f, "{n_items} items are more than the GPU path takes")
            }
            Self::Failed { detail } => write!(f, "the GPU failed: {detail}"),
        }
    }
}

/// The backend in use and what it was chosen by.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// What ranks.
    pub backend: RankingBackend,
    /// Why.
    pub reason: BackendReason,
    /// Median of a ranking on the GPU in milliseconds, if measured.
    pub gpu_ms: Option<f64>,
    /// Median of a ranking on the CPU in milliseconds, if measured.
    pub cpu_ms: Option<f64>,
}

impl Choice {
    /// The CPU, for a reason.
    pub(crate) fn cpu(reason: BackendReason) -> Self {
        Self { backend: RankingBackend::Cpu, reason, gpu_ms: None, cpu_ms: None }
    }

    /// The CPU because the GPU is out of the question; measurements are kept.
    pub(crate) fn fall_back(&mut self, reason: BackendReason) {
        self.backend = RankingBackend::Cpu;
        self.reason = reason;
    }

    /// Decides between two backends that both work.
    pub(crate) fn measured(setting: BackendSetting, gpu_ms: f64, cpu_ms: f64) -> Self {
        let (backend, reason) = match setting {
            BackendSetting::ForceGpu => (RankingBackend::Gpu, BackendReason::Forced),
            BackendSetting::ForceCpu => (RankingBackend::Cpu, BackendReason::Forced),
            BackendSetting::Auto if gpu_ms < cpu_ms => (RankingBackend::Gpu, BackendReason::Faster),
            BackendSetting::Auto => (RankingBackend::Cpu, BackendReason::Faster),
        };
        Self { backend, reason, gpu_ms: Some(gpu_ms), cpu_ms: Some(cpu_ms) }
    }
}
