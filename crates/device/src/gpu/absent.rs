//! Stands in for the GPU where none is built in: it cannot exist.

use vitrine_student::{ItemTable, Weights};

use super::{Counters, Job};
use crate::BackendReason;

pub(crate) enum Gpu {}

impl Gpu {
    pub async fn request() -> Result<Self, BackendReason> {
        Err(BackendReason::NotBuilt)
    }

    pub async fn self_check(&mut self) -> Result<(), BackendReason> {
        match *self {}
    }

    pub fn upload(&mut self, _: &Weights, _: &ItemTable) {
        match *self {}
    }

    pub async fn rank(&mut self, _: Job<'_>) -> Result<(Vec<u32>, Vec<f32>), BackendReason> {
        match *self {}
    }

    pub fn name(&self) -> &str {
        match *self {}
    }

    pub fn counters(&self) -> Counters {
        match *self {}
    }
}
