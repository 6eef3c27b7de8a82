//! Where texts are encoded: what was asked for, and what became of it.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::remote::RemoteError;

/// Largest ordinal of a GPU.
const ORDINAL_MAX: u32 = 255;
/// What the program that computes on a GPU is called.
const CUDA_PROGRAM: &str = "vitrine-cuda";

/// Which device is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum DeviceChoice {
    /// The first GPU where one answers, else the CPU.
    #[default]
    Auto,
    /// All cores of this machine.
    Cpu,
    /// The CUDA GPU with this ordinal, and no other device.
    Cuda(u32),
}

/// A word that names no device.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no device: auto, cpu, cuda or cuda:N, where N is the number of a GPU")]
pub struct NotADevice(String);

impl FromStr for DeviceChoice {
    type Err = NotADevice;

    fn from_str(text: &str) -> Result<Self, NotADevice> {
        let not_a_device = || NotADevice(text.to_owned());
        match text {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "cuda" => Ok(Self::Cuda(0)),
            _ => {
                let digits = text.strip_prefix("cuda:").ok_or_else(not_a_device)?;
                let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
                let ordinal = digits.parse().ok().filter(|n| is_number && *n <= ORDINAL_MAX);
                ordinal.map(Self::Cuda).ok_or_else(not_a_device)
            }
        }
    }
}

impl TryFrom<String> for DeviceChoice {
    type Error = NotADevice;

    fn try_from(text: String) -> Result<Self, NotADevice> {
        text.parse()
    }
}

impl fmt::Display for DeviceChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::Cpu => f.write_str("cpu"),
            Self::Cuda(ordinal) => write!(f, "cuda:{ordinal}"),
        }
    }
}

/// Where an encoder is to compute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeviceOptions {
    /// The device.
    pub choice: DeviceChoice,
    /// The program that computes on a GPU; `None` = `vitrine-cuda` beside the running program.
    pub program: Option<PathBuf>,
    /// How much is put up with.
    pub patience: Patience,
}

impl DeviceOptions {
    /// All cores of this machine, whatever else it has.
    pub fn cpu() -> Self {
        Self { choice: DeviceChoice::Cpu, ..Self::default() }
    }

    /// The program that is to be started.
    pub(crate) fn program(&self) -> PathBuf {
        let beside = || {
            let running = std::env::current_exe().unwrap_or_default();
            let folder = running.parent().unwrap_or(Path::new(""));
            folder.join(CUDA_PROGRAM).with_extension(std::env::consts::EXE_EXTENSION)
        };
        self.program.clone().unwrap_or_else(beside)
    }
}

/// How long a child process may take, and how often it may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Longest time until it says what it is: it loads a driver, kernels and weights.
    pub start_max: Duration,
    /// Longest time for one batch.
    pub batch_max: Duration,
    /// How often it is started anew in one encoding.
    pub restarts_max: u32,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            start_max: Duration::from_secs(60),
            batch_max: Duration::from_secs(60),
            restarts_max: 2,
        }
    }
}

/// Where batches of texts are encoded, as it is now. Single texts are encoded on the CPU always.
#[derive(Clone, Debug)]
pub enum EncodingDevice {
    /// On all cores.
    Cpu(WhyCpu),
    /// By a child process on this GPU.
    Gpu {
        /// Its name.
        name: String,
        /// Its memory; 0 where it does not say.
        memory_bytes: u64,
    },
}

/// Why batches are encoded on the CPU.
#[derive(Clone, Debug, thiserror::Error)]
pub enum WhyCpu {
    /// It was asked for.
    #[error("as asked for")]
    AskedFor,
    /// No GPU could be had.
    #[error("no GPU is used: {0}")]
    NoGpu(Arc<RemoteError>),
    /// There was one, and it was given up.
    #[error("the GPU was given up: {0}")]
    GivenUp(Arc<RemoteError>),
}

impl EncodingDevice {
    /// Whether batches go to a GPU.
    pub fn is_gpu(&self) -> bool {
        matches!(self, Self::Gpu { .. })
    }
}

/// Its name; `{:#}` also says why it is the CPU.
impl fmt::Display for EncodingDevice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu(why) if f.alternate() => write!(f, "CPU ({why})"),
            Self::Cpu(_) => f.write_str("CPU"),
            Self::Gpu { name, memory_bytes: 0 } => write!(f, "GPU {name}"),
            Self::Gpu { name, memory_bytes } => {
                write!(f, "GPU {name}, {:.1} GB", *memory_bytes as f64 / 1e9)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_read_as_they_are_written() {
        for choice in [DeviceChoice::Auto, DeviceChoice::Cpu, DeviceChoice::Cuda(3)] {
            assert_eq!(choice.to_string().parse(), Ok(choice));
        }
        assert_eq!("cuda".parse(), Ok(DeviceChoice::Cuda(0)));
        for wrong in ["", "gpu", "CUDA", "cuda:", "cuda:-1", "cuda:+1", "cuda:256", "cuda:1x"] {
            let message = DeviceChoice::from_str(wrong).unwrap_err().to_string();
            assert!(message.contains("auto, cpu, cuda"), "{message}");
        }
    }
}
