//! A software GPU (Mesa's lavapipe), for tests of the kernels outside a browser.

use std::fs;

use super::apt;
use super::step::{Otherwise, Step};
use crate::workspace::Workspace;

const DRIVERS: &[&str] = &["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

/// Whether lavapipe's driver is registered.
pub fn has_lavapipe() -> bool {
    DRIVERS
        .iter()
        .filter_map(|folder| fs::read_dir(folder).ok())
        .flatten()
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().starts_with("lvp_icd"))
}

pub fn step(ws: &Workspace) -> Step {
    Step {
        name: "lavapipe".into(),
        why: "to test the GPU kernels where there is no GPU",
        find: Box::new(|_| has_lavapipe().then(|| "registered with Vulkan".to_owned())),
        ways: apt::way(ws, &["mesa-vulkan-drivers", "libvulkan1"]).into_iter().collect(),
        otherwise: Otherwise::GoOnWithout("tests of the native GPU path are reported as ignored"),
    }
}
