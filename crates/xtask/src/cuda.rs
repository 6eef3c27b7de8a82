//! `cargo xtask check-cuda`: does the `cuda` feature compile? nvcc comes from
//! PyPI, so no GPU, driver or CUDA installation is needed.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::workspace::Workspace;

const WHEELS: &[&str] = &[
    "nvidia-cuda-nvcc==13.0.*",
    "nvidia-cuda-runtime==13.0.*",
    "nvidia-cuda-crt==13.0.*",
    "nvidia-nvvm==13.0.*",
    "nvidia-cuda-cccl==13.0.*",
    "nvidia-cuda-nvrtc==13.0.*",
    "nvidia-curand",
];

/// Any that candle's kernels support will do: the check runs nothing.
const COMPUTE_CAPABILITY: &str = "90";

/// # Errors
/// When nvcc can't be installed or the feature does not compile.
pub fn run(ws: &Workspace) -> Result<()> {
    let venv = ws.tools.join("cuda");
    let toolkit = match toolkit(&venv) {
        Some(toolkit) => toolkit,
        None => install(ws, &venv)?,
    };
    eprintln!(" ✓ CUDA toolkit: {}", toolkit.display());
    let path =
        env::join_paths([toolkit.join("bin")].into_iter().chain(env::split_paths(&ws.path())))?;
    // A binary would still fail to link, for want of the driver's library.
    ws.cmd("cargo")
        .env("CUDA_HOME", &toolkit)
        .env("CUDA_PATH", &toolkit)
        .env("CUDA_TOOLKIT_ROOT_DIR", &toolkit)
        .env(
            "CUDA_COMPUTE_CAP",
            env::var("CUDA_COMPUTE_CAP").as_deref().unwrap_or(COMPUTE_CAPABILITY),
        )
        .env("PATH", path)
        .args(["check", "-p", "vitrine-encoder", "--features", "cuda"])
        .run()
}

fn install(ws: &Workspace, venv: &Path) -> Result<PathBuf> {
    eprintln!(" … CUDA toolkit is missing; needed for nvcc, which compiles candle's kernels");
    ws.cmd("python3").args(["-m", "venv"]).arg(venv).run()?;
    ws.cmd(venv.join("bin/python"))
        .args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(WHEELS)
        .log_to(ws.tools.join("log/cuda"))
        .run()?;
    toolkit(venv).context("the wheels hold no nvcc where it is expected")
}

/// The folder that the wheels share, when nvcc is in it.
fn toolkit(venv: &Path) -> Option<PathBuf> {
    let versions = fs::read_dir(venv.join("lib")).ok()?.flatten();
    let mut folders = versions.map(|python| python.path().join("site-packages/nvidia/cu13"));
    folders.find(|folder| folder.join("bin/nvcc").is_file())
}
