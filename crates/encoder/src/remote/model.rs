//! The model of a child process, on its device.

use std::str::FromStr;

use candle_core::{DType, Device};

use super::network::DeviceNetwork;
use super::protocol::{DeviceFault, Hello, TokenBatch};
use super::worker::{BatchModel, WorkerFault};
use crate::EncoderError;
use crate::adapter::ReadAdapter;
use crate::config::ModelConfig;
use crate::device::DeviceChoice;
use crate::encoder::model_id;
use crate::weights::{ModelFiles, Weights, read_weight_file};

/// Numbers that a network computes with; sums within norms and pooling are f32 in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DevicePrecision {
    /// 16 bits: what a GPU does fastest.
    F16,
    /// 32 bits: what a CPU does.
    F32,
}

/// A word that names no precision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no precision: f16 or f32")]
pub struct NotAPrecision(String);

impl FromStr for DevicePrecision {
    type Err = NotAPrecision;

    fn from_str(text: &str) -> Result<Self, NotAPrecision> {
        match text {
            "f16" => Ok(Self::F16),
            "f32" => Ok(Self::F32),
            _ => Err(NotAPrecision(text.to_owned())),
        }
    }
}

/// A device that answers.
pub struct OpenDevice {
    device: Device,
    name: String,
    memory_bytes: u64,
}

impl OpenDevice {
    /// Opens a device; `auto` is the first GPU.
    ///
    /// # Errors
    /// [`DeviceFault::NoDevice`], with what its driver says.
    pub fn open(choice: DeviceChoice) -> Result<Self, WorkerFault> {
        match choice {
            DeviceChoice::Cpu => {
                Ok(Self { device: Device::Cpu, name: "CPU by candle".to_owned(), memory_bytes: 0 })
            }
            DeviceChoice::Auto => open_cuda(0),
            DeviceChoice::Cuda(ordinal) => open_cuda(ordinal as usize),
        }
    }

    /// Its name and its memory, for people.
    pub fn describe(&self) -> String {
        match self.memory_bytes {
            0 => self.name.clone(),
            bytes => format!("{}, {:.1} GB", self.name, bytes as f64 / 1e9),
        }
    }
}

#[cfg(feature = "cuda")]
fn open_cuda(ordinal: usize) -> Result<OpenDevice, WorkerFault> {
    fn no_device(error: impl std::fmt::Display) -> WorkerFault {
        let message = first_line(&error.to_string());
        WorkerFault { fault: DeviceFault::NoDevice, message }
    }
    let device = Device::new_cuda(ordinal).map_err(no_device)?;
    let stream = device.as_cuda_device().map_err(no_device)?.cuda_stream();
    let context = stream.context();
    let name = context.name().map_err(no_device)?;
    let memory_bytes = context.total_mem().map_err(no_device)? as u64;
    Ok(OpenDevice { device, name, memory_bytes })
}

#[cfg(not(feature = "cuda"))]
fn open_cuda(_ordinal: usize) -> Result<OpenDevice, WorkerFault> {
    let message = "this vitrine-cuda was built without its feature `cuda`".to_owned();
    Err(WorkerFault { fault: DeviceFault::NoDevice, message })
}

/// The network with its weights on a device.
pub struct DeviceModel {
    network: DeviceNetwork,
    hello: Hello,
}

impl DeviceModel {
    /// Reads the weights of a folder and an adapter of them; without a precision in the one that suits the device.
    ///
    /// # Errors
    /// [`DeviceFault::Model`] for files that cannot be read or are of another model,
    /// [`DeviceFault::OutOfMemory`] where they do not fit.
    pub fn load(
        files: impl Into<ModelFiles>,
        open: OpenDevice,
        precision: Option<DevicePrecision>,
    ) -> Result<Self, WorkerFault> {
        Self::read(&files.into(), open, precision).map_err(|error| match &error {
            EncoderError::Model(computation) => fault_of(computation, DeviceFault::Model),
            _ => WorkerFault { fault: DeviceFault::Model, message: error.to_string() },
        })
    }

    fn read(
        files: &ModelFiles,
        open: OpenDevice,
        precision: Option<DevicePrecision>,
    ) -> Result<Self, EncoderError> {
        let dir = &files.dir;
        let (config, config_bytes) = ModelConfig::read(dir)?;
        let tokenizer_bytes = read_weight_file(dir, "tokenizer.json")?;
        let weight_bytes = read_weight_file(dir, "model.safetensors")?;
        let adapter = ReadAdapter::of(files, &weight_bytes, &config)?;
        let files = [&config_bytes[..], &tokenizer_bytes, &weight_bytes];
        let model_id = model_id(files, adapter.as_ref());
        let suits = if open.device.is_cpu() { DevicePrecision::F32 } else { DevicePrecision::F16 };
        let dtype = match precision.unwrap_or(suits) {
            DevicePrecision::F16 => DType::F16,
            DevicePrecision::F32 => DType::F32,
        };
        let merged = adapter.as_ref().map(|read| &read.adapter);
        let weights = Weights::open(&weight_bytes)?.with_adapter(merged);
        let network = DeviceNetwork::load(&config, &weights, dtype, &open.device)?;
        let hello = Hello { model_id, device: open.name, memory_bytes: open.memory_bytes };
        Ok(Self { network, hello })
    }
}

impl BatchModel for DeviceModel {
    fn hello(&self) -> Hello {
        self.hello.clone()
    }

    fn encode(&mut self, batch: &TokenBatch) -> Result<Vec<f32>, WorkerFault> {
        self.network.encode(batch).map_err(|error| fault_of(&error, DeviceFault::Computation))
    }
}

/// Lack of memory has a name in the texts of the driver and of its libraries alone.
fn fault_of(error: &candle_core::Error, otherwise: DeviceFault) -> WorkerFault {
    let message = error.to_string();
    let text = message.to_lowercase();
    let message = first_line(&message);
    let is_memory = ["out_of_memory", "out of memory", "alloc_failed"];
    let is_memory = is_memory.iter().any(|name| text.contains(name));
    WorkerFault { fault: if is_memory { DeviceFault::OutOfMemory } else { otherwise }, message }
}

/// Without the stack that candle writes below it where `RUST_BACKTRACE` is set.
fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lack_of_memory_is_told_from_other_failures() {
        let fault = |text: &str| {
            let error = candle_core::Error::Cuda(text.to_owned().into()).bt();
            fault_of(&error, DeviceFault::Computation).fault
        };
        let memory = "DriverError(CUDA_ERROR_OUT_OF_MEMORY, \"out of memory\")";
        assert_eq!(fault(memory), DeviceFault::OutOfMemory);
        assert_eq!(fault("CUBLAS_STATUS_ALLOC_FAILED"), DeviceFault::OutOfMemory);
        let other = "DriverError(CUDA_ERROR_ILLEGAL_ADDRESS, \"an illegal memory access\")";
        assert_eq!(fault(other), DeviceFault::Computation);
    }
}
