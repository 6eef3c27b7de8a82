//! Bytes and time of the thumbnails of every picture below the folders that are named.
//!
//! `cargo run --release -p vitrine-pictures --example thumbnail_bytes -- <folder>…`
#![expect(clippy::print_stdout, reason = "it reports to whoever runs it")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use vitrine_pictures::Thumbnails;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for folder in std::env::args_os().skip(1).map(PathBuf::from) {
        let mut files = Vec::new();
        files_below(&folder, &mut files)?;
        let (mut small, mut large, mut n_faults) = (Vec::new(), Vec::new(), 0);
        let mut spent = Duration::ZERO;
        for file in files {
            let bytes = std::fs::read(file)?;
            let start = Instant::now();
            match Thumbnails::make(&bytes) {
                Ok(made) => {
                    small.push(made.small.len());
                    large.push(made.large.len());
                }
                Err(_) => n_faults += 1,
            }
            spent += start.elapsed();
        }
        let n = small.len();
        println!("{}: {n} pictures, {n_faults} not read", folder.display());
        println!("  {:.1} ms a picture", spent.as_secs_f64() * 1e3 / n.max(1) as f64);
        for (name, mut bytes) in [("small", small), ("large", large)] {
            bytes.sort_unstable();
            let mean = bytes.iter().sum::<usize>() / n.max(1);
            let at = |share: f64| bytes.get((n as f64 * share) as usize).or(bytes.last());
            let (median, p95) = (at(0.5).unwrap_or(&0), at(0.95).unwrap_or(&0));
            let most = bytes.last().unwrap_or(&0);
            println!("  {name}: mean {mean} B, median {median}, 95 % {p95}, most {most}");
        }
    }
    Ok(())
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, files)?;
        } else {
            files.push(path);
        }
    }
    files.sort();
    Ok(())
}
