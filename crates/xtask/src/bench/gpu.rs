//! `cargo xtask bench gpu`: the encoder on a GPU, beside the oracle and beside
//! sentence-transformers.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use crate::cuda::Toolkit;
use crate::process::Cmd;
use crate::stopwatch::Stopwatch;
use crate::workspace::{self, Workspace};

/// Texts whose vectors are known, from another implementation.
const ORACLE: &str = "crates/encoder/tests/golden";
const TEXT_DIM: usize = 384;
const COSINE_MIN: f64 = 0.9999;
/// Distinct texts for the rates, made of those of the oracle.
const N_TEXTS: usize = 100_000;
/// Of them for the CPU, which would take long for all.
const N_TEXTS_CPU: usize = 2_000;
const NEEDS: &str = "`cargo xtask bench gpu` needs a machine with an NVIDIA GPU and its driver \
                     (`nvidia-smi` lists it), a CUDA toolkit (nvcc), and the encoder's weights \
                     (`vitrine fetch --weights`)";

/// # Errors
/// There is no GPU or no toolkit, a step fails, or a cosine is below .9999.
pub fn run(ws: &Workspace, watch: &mut Stopwatch) -> Result<()> {
    let gpus = Cmd::new("nvidia-smi").arg("-L").capture();
    let gpus = gpus.with_context(|| format!("no GPU answers here: {NEEDS}"))?;
    ensure!(gpus.contains("GPU "), "nvidia-smi lists no GPU: {NEEDS}");
    eprint!("{gpus}");
    let toolkit = Toolkit::find(ws).with_context(|| format!("there is no nvcc here: {NEEDS}"))?;
    let program = watch.lap("vitrine-cuda", || toolkit.build(ws, "release"))?;
    let example = ["--package", "vitrine-encoder", "--example", "encode_rate"];
    watch
        .lap("encode_rate", || ws.cmd("cargo").args(["build", "--release"]).args(example).run())?;
    let folder = ws.target.join("bench/gpu");
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let encode = |texts: &Path, vectors: &Path, device: &str| {
        ws.cmd(ws.target.join("release/examples/encode_rate"))
            .args([texts, vectors])
            .arg(device)
            .env("VITRINE_CUDA", &program)
            .run()
    };
    let oracle = ws.root.join(ORACLE);
    let vectors = folder.join("vectors.f32");
    watch.lap("the oracle's texts", || encode(&oracle.join("texts.txt"), &vectors, "cuda"))?;
    agree(&vectors, &oracle.join("vectors.f32"))?;

    let (all, some) = (folder.join("texts.txt"), folder.join("texts-cpu.txt"));
    let texts = fs::read_to_string(oracle.join("texts.txt")).context("the oracle's texts")?;
    fs::write(&all, made_of(&texts, N_TEXTS))?;
    fs::write(&some, made_of(&texts, N_TEXTS_CPU))?;
    watch.lap("vitrine on the GPU", || encode(&all, &vectors, "cuda"))?;
    watch.lap("vitrine on the CPU", || encode(&some, &vectors, "cpu"))?;
    watch.lap("sentence-transformers", || beside(ws, &all))?;
    watch.report();
    Ok(())
}

fn beside(ws: &Workspace, texts: &Path) -> Result<()> {
    if Cmd::new("python3").args(["-c", "import sentence_transformers"]).capture().is_err() {
        eprintln!("   SKIPPED: python3 has no sentence_transformers");
        return Ok(());
    }
    let weights = workspace::cache_folder()?.join("vitrine/weights/all-MiniLM-L6-v2");
    let weights = std::env::var_os("VITRINE_WEIGHTS").map_or(weights, PathBuf::from);
    ws.cmd("python3").arg(ws.root.join("tests/bench/gpu.py")).args([&weights, texts]).run()
}

/// The least cosine of two files of vectors, which has to be large.
fn agree(found: &Path, expected: &Path) -> Result<()> {
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    let (found, expected) = (numbers(&read(found)?), numbers(&read(expected)?));
    ensure!(found.len() == expected.len(), "another number of vectors than the oracle has");
    let least = least_cosine(&found, &expected);
    eprintln!("   least cosine with the oracle: {least:.6}");
    ensure!(least >= COSINE_MIN, "the vectors are not those of the oracle");
    Ok(())
}

fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

fn least_cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let rows = a.chunks_exact(TEXT_DIM).zip(b.chunks_exact(TEXT_DIM));
    // A cosine that is no number is below all others.
    let cosine = |(a, b)| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt();
    rows.map(cosine).map(|x| if x.is_nan() { -1.0 } else { x }).fold(1.0, f64::min)
}

/// Distinct lines: those of a text again and again, numbered from the second time on.
fn made_of(text: &str, n_lines: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let line = |at: usize| match at / lines.len() {
        0 => format!("{}\n", lines[at]),
        time => format!("{} {time}\n", lines[at % lines.len()]),
    };
    if lines.is_empty() { String::new() } else { (0..n_lines).map(line).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_many_as_asked_for_and_distinct() {
        let made = made_of("tea\n\nmilk\n", 5);
        assert_eq!(made, "tea\nmilk\ntea 1\nmilk 1\ntea 2\n");
        assert_eq!(made_of("\n", 5), "");
    }

    #[test]
    fn the_least_cosine_is_that_of_the_worst_vector() {
        let unit = |at: usize| (0..TEXT_DIM).map(|i| f32::from(u8::from(i == at))).collect();
        let (x, y): (Vec<f32>, Vec<f32>) = (unit(0), unit(1));
        let both = [&x[..], &y].concat();
        assert_eq!(least_cosine(&both, &both), 1.0);
        assert_eq!(least_cosine(&both, &[&x[..], &x].concat()), 0.0);
        assert_eq!(least_cosine(&x, &[f32::NAN; TEXT_DIM]), -1.0);
    }
}
