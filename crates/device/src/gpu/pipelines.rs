//! The three kernels, compiled against one bind group layout.

use std::borrow::Cow;

use wgpu::{BindGroupLayout, ComputePipeline, Device};

use crate::BackendReason;

/// How each binding of `shaders/shared/bindings.wgsl` is bound, in order.
const BINDINGS: [wgpu::BufferBindingType; 8] = {
    const READ: wgpu::BufferBindingType = wgpu::BufferBindingType::Storage { read_only: true };
    const WRITE: wgpu::BufferBindingType = wgpu::BufferBindingType::Storage { read_only: false };
    [wgpu::BufferBindingType::Uniform, READ, READ, WRITE, READ, READ, READ, WRITE]
};

macro_rules! kernel {
    ($stem:literal) => {
        ($stem, include_str!(concat!(env!("OUT_DIR"), "/", $stem, ".wgsl")))
    };
}

pub struct Pipelines {
    pub layout: BindGroupLayout,
    pub catalogue_scan: ComputePipeline,
    pub top_k: ComputePipeline,
    pub candidate_score: ComputePipeline,
}

impl Pipelines {
    /// Compiles the kernels.
    ///
    /// # Errors
    /// When the platform refuses one of them.
    pub async fn new(device: &Device) -> Result<Self, BackendReason> {
        let scope = device.push_error_scope(wgpu::ErrorFilter::Validation);
        let layout = bind_group_layout(device);
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("ranking"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let compile = |(stem, source): (&'static str, &'static str)| {
            let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
                label: Some(stem),
                source: wgpu::ShaderSource::Wgsl(Cow::Borrowed(source)),
            });
            device.create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                label: Some(stem),
                layout: Some(&pipeline_layout),
                module: &module,
                entry_point: Some(stem),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                cache: None,
            })
        };
        let pipelines = Self {
            catalogue_scan: compile(kernel!("catalogue_scan")),
            top_k: compile(kernel!("top_k")),
            candidate_score: compile(kernel!("candidate_score")),
            layout,
        };
        match scope.pop().await {
            Some(error) => Err(BackendReason::Unavailable { detail: error.to_string() }),
            None => Ok(pipelines),
        }
    }
}

fn bind_group_layout(device: &Device) -> BindGroupLayout {
    let entries: Vec<wgpu::BindGroupLayoutEntry> = (0..)
        .zip(BINDINGS)
        .map(|(binding, ty)| wgpu::BindGroupLayoutEntry {
            binding,
            visibility: wgpu::ShaderStages::COMPUTE,
            ty: wgpu::BindingType::Buffer { ty, has_dynamic_offset: false, min_binding_size: None },
            count: None,
        })
        .collect();
    let label = Some("ranking");
    device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor { label, entries: &entries })
}
