//! A GPU that wgpu found.

use std::sync::{Arc, Mutex, PoisonError};

use futures_channel::oneshot;
use vitrine_student::golden::{self, Golden};
use vitrine_student::{ItemTable, StudentError, Weights, candidates};
use wgpu::{CommandEncoder, Device, Queue};

use super::buffers::Buffers;
use super::layout::RankingBlock;
use super::pipelines::Pipelines;
use super::{CANDIDATES_MAX, Counters, Job};
use crate::BackendReason;

/// Candidates of the self-check's feed.
const CHECKED_CANDIDATES: usize = 300;

/// A device, its kernels, and the catalogue that was uploaded to it.
pub(crate) struct Gpu {
    pub(super) device: Device,
    pub(super) queue: Queue,
    pipelines: Pipelines,
    pub(super) buffers: Option<Buffers>,
    /// The first thing that went wrong outside of any call.
    fault: Arc<Mutex<Option<String>>>,
    counters: Counters,
    name: String,
}

impl Gpu {
    /// Asks the platform for a GPU with WebGPU's default limits.
    ///
    /// # Errors
    /// When there is none, or it refuses a device or a kernel.
    pub async fn request() -> Result<Self, BackendReason> {
        if wgpu::Instance::enabled_backend_features().is_empty() {
            return Err(BackendReason::NotBuilt);
        }
        let unavailable = |detail: String| BackendReason::Unavailable { detail };
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await
            .map_err(|error| unavailable(error.to_string()))?;
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("vitrine"),
            required_limits: wgpu::Limits::default(),
            ..Default::default()
        };
        let (device, queue) = adapter
            .request_device(&descriptor)
            .await
            .map_err(|error| unavailable(error.to_string()))?;
        let fault = watch(&device);
        let pipelines = Pipelines::new(&device).await?;
        let name = adapter.get_info().name;
        let counters = Counters::default();
        Ok(Self { device, queue, pipelines, buffers: None, fault, counters, name })
    }

    /// Uploads a catalogue, in place of the one before.
    pub fn upload(&mut self, weights: &Weights, table: &ItemTable) {
        let layout = &self.pipelines.layout;
        self.buffers = Some(Buffers::new(&self.device, &self.queue, layout, weights, table));
    }

    /// Ranks: candidates (the fixed ones first) and their scores.
    ///
    /// # Errors
    /// When the GPU fails or is lost.
    ///
    /// # Panics
    /// When the job's table is not the uploaded one, or the log is empty or
    /// not encoded.
    pub async fn rank(&mut self, job: Job<'_>) -> Result<(Vec<u32>, Vec<f32>), BackendReason> {
        let n_candidates = job.fixed.len() + job.n_scanned;
        assert!(n_candidates <= CANDIDATES_MAX, "the lists on the GPU have an end");
        if n_candidates == 0 {
            return Ok((Vec::new(), Vec::new()));
        }
        let u = job.shopper.state_u().expect("the log is encoded before it is ranked");
        let buffers = self.buffers.as_mut().expect("a catalogue is uploaded before it is ranked");
        assert_eq!(buffers.n_items(), job.table.n_items(), "the uploaded table is ranked");
        buffers.write(&self.queue, job, u);
        let label = Some("ranking");
        let mut encoder =
            self.device.create_command_encoder(&wgpu::CommandEncoderDescriptor { label });
        self.encode(&mut encoder, job.n_scanned, n_candidates);
        self.queue.submit([encoder.finish()]);
        self.counters.n_submits += 1;
        let block = self.read_back().await?;
        Ok((block.rows[..n_candidates].to_vec(), block.scores[..n_candidates].to_vec()))
    }

    /// At most three dispatches and the copy for the readback.
    fn encode(&mut self, encoder: &mut CommandEncoder, n_scanned: usize, n_candidates: usize) {
        let buffers = self.buffers.as_ref().expect("a catalogue is uploaded before it is ranked");
        let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
        pass.set_bind_group(0, &buffers.bind_group, &[]);
        if n_scanned > 0 {
            pass.set_pipeline(&self.pipelines.catalogue_scan);
            pass.dispatch_workgroups(buffers.n_items().div_ceil(256) as u32, 1, 1);
            pass.set_pipeline(&self.pipelines.top_k);
            pass.dispatch_workgroups(1, 1, 1);
            self.counters.n_dispatches += 2;
        }
        pass.set_pipeline(&self.pipelines.candidate_score);
        pass.dispatch_workgroups(n_candidates.div_ceil(4) as u32, 1, 1);
        self.counters.n_dispatches += 1;
        drop(pass);
        let bytes = size_of::<RankingBlock>() as u64;
        encoder.copy_buffer_to_buffer(&buffers.ranking, 0, &buffers.staging, 0, bytes);
    }

    async fn read_back(&mut self) -> Result<RankingBlock, BackendReason> {
        let buffers = self.buffers.as_ref().expect("a catalogue is uploaded before it is ranked");
        let slice = buffers.staging.slice(..);
        let (sender, mapped) = oneshot::channel();
        slice.map_async(wgpu::MapMode::Read, move |result| {
            // Nobody waits any more when the ranking was dropped.
            let _ = sender.send(result);
        });
        self.counters.n_readbacks += 1;
        // In a browser the event loop does this.
        #[cfg(not(target_arch = "wasm32"))]
        self.device
            .poll(wgpu::PollType::wait_indefinitely())
            .map_err(|error| self.failure(error.to_string()))?;
        let result = mapped.await.map_err(|_| self.failure("the readback was dropped".into()))?;
        result.map_err(|error| self.failure(error.to_string()))?;
        let view = slice.get_mapped_range().map_err(|error| self.failure(error.to_string()))?;
        let block = bytemuck::pod_read_unaligned(&view);
        drop(view);
        buffers.staging.unmap();
        match self.take_fault() {
            Some(detail) => Err(BackendReason::Failed { detail }),
            None => Ok(block),
        }
    }

    /// The recorded fault says more than its consequence.
    fn failure(&self, consequence: String) -> BackendReason {
        BackendReason::Failed { detail: self.take_fault().unwrap_or(consequence) }
    }

    fn take_fault(&self) -> Option<String> {
        self.fault.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Runs the golden ranking: scores of given candidates against the golden
    /// ones, then candidates of the scan against the CPU's.
    ///
    /// # Errors
    /// When the GPU fails or its results are wrong.
    pub async fn self_check(&mut self) -> Result<(), BackendReason> {
        let checked = self.check_against(&golden::input()).await;
        self.buffers = None;
        checked
    }

    pub(super) async fn check_against(&mut self, golden: &Golden) -> Result<(), BackendReason> {
        self.upload(&golden.weights, &golden.table);
        let job = Job {
            weights: &golden.weights,
            table: &golden.table,
            shopper: &golden.shopper,
            now_ms: golden.now_ms,
            fixed: &golden.candidates,
            n_scanned: 0,
        };
        let (_, scores) = self.rank(job).await?;
        match golden::compare(&scores, &golden.expected, golden::DIFFERENCE_MAX) {
            Err(StudentError::Golden { difference_max, .. }) => {
                return Err(BackendReason::SelfCheckScores { difference_max });
            }
            Err(error) => return Err(BackendReason::Failed { detail: error.to_string() }),
            Ok(_) => {}
        }
        let (table, shopper) = (&golden.table, &golden.shopper);
        let fixed = candidates::fixed(table, &golden.weights, shopper, CHECKED_CANDIDATES);
        let n_scanned = CHECKED_CANDIDATES - fixed.len();
        let (rows, _) = self.rank(Job { fixed: &fixed, n_scanned, ..job }).await?;
        let expected = candidates::feed(table, &golden.weights, shopper, CHECKED_CANDIDATES);
        if rows == expected { Ok(()) } else { Err(BackendReason::SelfCheckCandidates) }
    }

    /// What the platform calls it; may be empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn counters(&self) -> Counters {
        self.counters
    }
}

/// Notes errors that no call returns, and the loss of the device.
fn watch(device: &Device) -> Arc<Mutex<Option<String>>> {
    let fault = Arc::new(Mutex::new(None));
    let note = |fault: &Arc<Mutex<Option<String>>>, detail: String| {
        fault.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(detail);
    };
    let noted = fault.clone();
    device.on_uncaptured_error(Arc::new(move |error: wgpu::Error| note(&noted, error.to_string())));
    let noted = fault.clone();
    device.set_device_lost_callback(move |reason, message| {
        note(&noted, format!("device lost ({reason:?}): {message}"));
    });
    fault
}
