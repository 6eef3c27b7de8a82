//! Writes the student for a page that times it, in both of its forms:
//! `ranker-onnx FOLDER` writes `student.bin` (as shipped), `plain.onnx` and
//! `rewritten.onnx` (the whole network) and `scorer.onnx` (its part after the
//! shopper's state).

mod onnx;

use std::env;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use onnx::Form;
use vitrine_ranker_bench::workload;
use vitrine_student::PackedStudent;

fn main() -> Result<()> {
    let folder = PathBuf::from(env::args().nth(1).context("usage: ranker-onnx FOLDER")?);
    let student = PackedStudent::pack(&workload::weights())?;
    // The very values that the shipped bytes stand for.
    let weights = student.weights();
    fs::create_dir_all(&folder)?;
    for (name, bytes) in [
        ("student.bin", student.to_bytes()),
        ("plain.onnx", onnx::ranker(&weights, Form::Plain)),
        ("rewritten.onnx", onnx::ranker(&weights, Form::Rewritten)),
        ("scorer.onnx", onnx::scorer(&weights)),
    ] {
        let path = folder.join(name);
        fs::write(&path, bytes).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}
