//! The buffers of one uploaded catalogue.

use bytemuck::Zeroable;
use vitrine_student::layout::N_SCALARS;
use vitrine_student::{ItemTable, Weights, features};
use wgpu::{BindGroup, BindGroupLayout, Buffer, BufferUsages, Device, Queue};

use super::Job;
use super::layout::{FoldedBlock, Params, RankingBlock, WeightBlock};

pub struct Buffers {
    n_items: usize,
    params: Buffer,
    excluded: Buffer,
    scalars: Buffer,
    weights: Buffer,
    /// Candidates and scores, written by the kernels.
    pub ranking: Buffer,
    /// A copy of them that the CPU can read.
    pub staging: Buffer,
    /// Scan scores; read back by tests alone.
    #[cfg_attr(not(test), expect(dead_code, reason = "kept alive by the bind group too"))]
    pub scan_scores: Buffer,
    pub bind_group: BindGroup,
    host: Host,
}

/// Memory that rankings reuse.
#[derive(Default)]
struct Host {
    excluded: Vec<u32>,
    scalars: Vec<f32>,
    all_rows: Vec<u32>,
}

impl Buffers {
    /// Creates them and uploads what no shopper changes.
    pub fn new(
        device: &Device,
        queue: &Queue,
        layout: &BindGroupLayout,
        weights: &Weights,
        table: &ItemTable,
    ) -> Self {
        let n_items = table.n_items();
        let create = |label, bytes: usize, usage| {
            let size = bytes as u64;
            let usage = usage | BufferUsages::COPY_DST;
            let label = Some(label);
            device.create_buffer(&wgpu::BufferDescriptor {
                label,
                size,
                usage,
                mapped_at_creation: false,
            })
        };
        let storage = BufferUsages::STORAGE;
        let read_back = storage | BufferUsages::COPY_SRC;
        let params = create("params", size_of::<Params>(), BufferUsages::UNIFORM);
        let codes = create("codes", table.codes().len(), storage);
        let excluded = create("excluded", n_items.div_ceil(32) * 4, storage);
        let scan_scores = create("scan_scores", n_items * 4, read_back);
        let pre = create("pre", size_of_val(table.pre()), storage);
        let scalars = create("scalars", n_items * N_SCALARS * 4, storage);
        let weight_block = create("weights", size_of::<WeightBlock>(), storage);
        let ranking = create("ranking", size_of::<RankingBlock>(), read_back);
        let staging = create("staging", size_of::<RankingBlock>(), BufferUsages::MAP_READ);
        queue.write_buffer(&codes, 0, bytemuck::cast_slice(table.codes()));
        queue.write_buffer(&pre, 0, bytemuck::cast_slice(table.pre()));
        queue.write_buffer(&weight_block, 0, bytemuck::bytes_of(&WeightBlock::new(weights)));
        let bound =
            [&params, &codes, &excluded, &scan_scores, &pre, &scalars, &weight_block, &ranking];
        let entries: Vec<wgpu::BindGroupEntry<'_>> = (0..)
            .zip(bound)
            .map(|(binding, buffer)| {
                let resource = buffer.as_entire_binding();
                wgpu::BindGroupEntry { binding, resource }
            })
            .collect();
        let label = Some("ranking");
        let descriptor = wgpu::BindGroupDescriptor { label, layout, entries: &entries };
        let bind_group = device.create_bind_group(&descriptor);
        let weights = weight_block;
        let host = Host { all_rows: (0..n_items as u32).collect(), ..Host::default() };
        Self {
            n_items,
            params,
            excluded,
            scalars,
            weights,
            ranking,
            staging,
            scan_scores,
            bind_group,
            host,
        }
    }

    pub fn n_items(&self) -> usize {
        self.n_items
    }

    /// Uploads what depends on the shopper.
    pub fn write(&mut self, queue: &Queue, job: Job<'_>, u: &[f32; vitrine_student::CODE_DIM]) {
        let counts = [self.n_items, job.fixed.len(), job.n_scanned];
        let params = Params::new(job.weights, u, counts);
        queue.write_buffer(&self.params, 0, bytemuck::bytes_of(&params));
        let folded = FoldedBlock::new(job.weights, u);
        queue.write_buffer(&self.weights, 0, bytemuck::bytes_of(&folded));
        let Host { excluded, scalars, all_rows } = &mut self.host;
        excluded.clear();
        excluded.resize(self.n_items.div_ceil(32), 0);
        for row in job.fixed {
            excluded[*row as usize / 32] |= 1 << (row % 32);
        }
        queue.write_buffer(&self.excluded, 0, bytemuck::cast_slice(excluded));
        scalars.resize(self.n_items * N_SCALARS, 0.0);
        features::dynamic(job.table, job.shopper, job.now_ms, all_rows, None, scalars);
        queue.write_buffer(&self.scalars, 0, bytemuck::cast_slice(scalars));
        let mut ranking = RankingBlock::zeroed();
        ranking.rows[..job.fixed.len()].copy_from_slice(job.fixed);
        queue.write_buffer(&self.ranking, 0, bytemuck::bytes_of(&ranking));
    }
}
