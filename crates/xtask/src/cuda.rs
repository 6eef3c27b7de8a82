//! `vitrine-cuda` with a GPU's driver linked in: what compiles and links it, with the toolkit of
//! this machine or, for `cargo xtask check-cuda`, with wheels of PyPI and no GPU at all.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::process::Cmd;
use crate::workspace::Workspace;

/// The program, and the package that it is in.
pub const PROGRAM: &str = "vitrine-cuda";

const WHEELS: &[&str] = &[
    "nvidia-cuda-nvcc==13.0.*",
    "nvidia-cuda-runtime==13.0.*",
    "nvidia-cuda-crt==13.0.*",
    "nvidia-nvvm==13.0.*",
    "nvidia-cuda-cccl==13.0.*",
    "nvidia-cuda-nvrtc==13.0.*",
    "nvidia-curand",
    "nvidia-cublas==13.*",
];

/// GPUs of this capability and newer ones can take the kernels: their intermediate code is
/// compiled by the driver.
const COMPUTE_CAPABILITY: &str = "80";

/// Where installers put a toolkit.
const DEFAULT_HOME: &str = "/usr/local/cuda";
/// Libraries that the program is linked with; those of wheels have their version in the name.
const LIBRARIES: [&str; 5] = ["cublas", "cublasLt", "curand", "nvrtc", "cudart"];
/// The driver's library.
const DRIVER: &str = "libcuda.so.1";
/// A library of that name without what is in it: the driver is there when the program runs.
const STUB: &str = "void vitrine_no_driver(void) {}\n";

/// An nvcc, and the folder that it belongs to.
pub struct Toolkit {
    home: PathBuf,
}

impl Toolkit {
    /// That of this machine: of `CUDA_HOME`, on the `PATH`, or where installers put it.
    pub fn find(ws: &Workspace) -> Option<Self> {
        let named = ["CUDA_HOME", "CUDA_PATH"].into_iter().filter_map(env::var_os);
        let on_path = ws.which("nvcc").and_then(|nvcc| fs::canonicalize(nvcc).ok());
        let on_path = on_path.and_then(|nvcc| Some(nvcc.parent()?.parent()?.to_owned()));
        let homes = named.map(PathBuf::from).chain(on_path).chain([DEFAULT_HOME.into()]);
        homes.map(|home| Self { home }).find(Self::has_nvcc)
    }

    fn has_nvcc(&self) -> bool {
        self.home.join("bin/nvcc").is_file()
    }

    /// That of wheels, installed where they are not.
    fn of_wheels(ws: &Workspace) -> Result<Self> {
        let venv = ws.tools.join("cuda");
        if let Some(toolkit) = Self::in_venv(&venv) {
            return Ok(toolkit);
        }
        eprintln!(" … CUDA toolkit is missing; needed for nvcc, which compiles candle's kernels");
        ws.cmd("python3").args(["-m", "venv"]).arg(&venv).run()?;
        ws.cmd(venv.join("bin/python"))
            .args(["-m", "pip", "install", "--disable-pip-version-check"])
            .args(WHEELS)
            .log_to(ws.tools.join("log/cuda"))
            .run()?;
        Self::in_venv(&venv).context("the wheels hold no nvcc where it is expected")
    }

    /// The folder that the wheels share, when nvcc is in it, and the last of them.
    fn in_venv(venv: &Path) -> Option<Self> {
        let versions = fs::read_dir(venv.join("lib")).ok()?.flatten();
        let mut homes = versions.map(|python| python.path().join("site-packages/nvidia/cu13"));
        let home = homes.find(|home| home.join("lib/libcublas.so.13").is_file())?;
        Some(Self { home }).filter(Self::has_nvcc)
    }

    /// Builds the program; where it is. `profile` is cargo's word for it.
    ///
    /// # Errors
    /// A tool is missing, or cargo fails.
    pub fn build(&self, ws: &Workspace, profile: &str) -> Result<PathBuf> {
        ensure!(ws.which("cc").is_some(), "cc is missing: install gcc");
        let libraries = self.libraries(ws)?;
        let search = format!("native={}", libraries.display());
        let path = [self.home.join("bin")];
        let path = env::join_paths(path.into_iter().chain(env::split_paths(&ws.path())))?;
        let capability = env::var_os("CUDA_COMPUTE_CAP");
        let mut cmd = ws.cmd("cargo").env("PATH", path).env(
            "CUDA_COMPUTE_CAP",
            capability.unwrap_or_else(|| OsString::from(COMPUTE_CAPABILITY)),
        );
        for name in ["CUDA_HOME", "CUDA_PATH", "CUDA_TOOLKIT_ROOT_DIR"] {
            cmd = cmd.env(name, &self.home);
        }
        cmd.args(["rustc", "--locked", "--profile", profile, "--package", PROGRAM])
            .args(["--bin", PROGRAM, "--features", "cuda", "--"])
            .args(["-L", &search])
            // Nothing of the stub is used, and yet the driver is to be loaded: its functions are
            // looked up when the program starts.
            .args(["-C", "link-arg=-Wl,--push-state,--no-as-needed,-lcuda,--pop-state"])
            .args(["-C", "link-arg=-Wl,--unresolved-symbols=ignore-all"])
            .args(["-C", "link-arg=-Wl,--allow-shlib-undefined"])
            .run()?;
        let folder = if profile == "dev" { "debug" } else { profile };
        let program = ws.target.join(folder).join(PROGRAM);
        let wanted = Cmd::new("ldd").arg(&program).capture()?;
        ensure!(wanted.contains(DRIVER), "{} does not load {DRIVER}", program.display());
        Ok(program)
    }

    /// A folder with all that the program is linked with: the toolkit's libraries under the
    /// names that a linker asks for, and a stub of the driver.
    fn libraries(&self, ws: &Workspace) -> Result<PathBuf> {
        let folder = ws.target.join("cuda-libraries");
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
        }
        fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
        for name in LIBRARIES {
            let found = self.library(name);
            let found = found.with_context(|| {
                format!("{} has no lib{name}.so: install all of the toolkit", self.home.display())
            })?;
            link(&found, &folder.join(format!("lib{name}.so")))?;
        }
        fs::write(folder.join("stub.c"), STUB)?;
        Cmd::new("cc")
            .args(["-shared", "-fPIC", &format!("-Wl,-soname,{DRIVER}"), "-o"])
            .args([folder.join("libcuda.so"), folder.join("stub.c")])
            .run()?;
        Ok(folder)
    }

    /// `libcublas.so`, or `libcublas.so.13`.
    fn library(&self, name: &str) -> Option<PathBuf> {
        let folders = ["lib64", "lib", "targets/x86_64-linux/lib"];
        let files = folders.map(|folder| fs::read_dir(self.home.join(folder)));
        let start = format!("lib{name}.so");
        let mut found: Vec<PathBuf> = files
            .into_iter()
            .flatten()
            .flatten()
            .flatten()
            .map(|file| file.path())
            .filter(|path| {
                path.file_name().unwrap_or_default().to_string_lossy().starts_with(&start)
            })
            .collect();
        // The shortest name comes first.
        found.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
        found.into_iter().next()
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    std::os::unix::fs::symlink(from, to).with_context(|| to.display().to_string())
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> Result<()> {
    fs::copy(from, to).map(drop).with_context(|| to.display().to_string())
}

/// Whether the feature compiles and the program links; needs no GPU and no driver.
///
/// # Errors
/// When nvcc can't be installed, the feature does not compile, or the program does not link.
pub fn check(ws: &Workspace) -> Result<()> {
    let toolkit = match Toolkit::find(ws) {
        Some(toolkit) => toolkit,
        None => Toolkit::of_wheels(ws)?,
    };
    eprintln!(" ✓ CUDA toolkit: {}", toolkit.home.display());
    let program = toolkit.build(ws, "dev")?;
    eprintln!(" ✓ {}", program.display());
    match Cmd::new(&program).arg("--check").capture() {
        Ok(_) => eprintln!(" ✓ a GPU answers it"),
        Err(error) => eprintln!("   no GPU answers it here, so nothing was computed: {error:#}"),
    }
    Ok(())
}
