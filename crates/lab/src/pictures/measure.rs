//! All measurements on pictures, and their tables.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use anyhow::Result;
use serde::Serialize;
use vitrine_encoder::VectorCache;
use vitrine_encoder::image::{ImageEncoder, PICTURE_DIM};
use vitrine_evaluation::Interval;

use super::device::{self, DeviceReport};
use super::fused::{Fusing, FusionReport, careless, text_rows};
use super::linear::{LinearReport, NearestReport, linear, nearest};
use super::sets::PictureSet;
use super::wrong::{TwiceLine, WrongLine, twice, wrong};

/// What is measured with.
pub(super) struct Sources {
    pub clothing: PathBuf,
    pub grocery: PathBuf,
    /// Folder of the picture weights.
    pub weights: PathBuf,
    /// Cache of picture vectors.
    pub cache: PathBuf,
    pub seed: u64,
}

/// Everything that was measured.
#[derive(Serialize)]
pub struct PicturesReport {
    pub clothing: LinearReport,
    pub grocery: NearestReport,
    pub device: DeviceReport,
    pub fused_clothing: FusionReport,
    pub fused_grocery: FusionReport,
    pub wrong: Vec<WrongLine>,
    pub twice: Vec<TwiceLine>,
    /// Mean cosine of a picture to its copy of 320 pixels, compressed anew.
    pub copy_cosine: f64,
}

/// Measures everything.
///
/// # Errors
/// A set or the weights cannot be read, or stopped.
pub fn measure(
    sources: &Sources,
    encode: &mut dyn FnMut(&[String]) -> Result<Vec<f32>>,
    note: &mut dyn FnMut(usize, &str),
    stop: &AtomicBool,
) -> Result<PicturesReport> {
    let seed = sources.seed;
    let encoder = ImageEncoder::load(&sources.weights)?;
    let mut cache = VectorCache::open_of(&sources.cache, PICTURE_DIM)?;
    let mut clothing = PictureSet::clothing(&sources.clothing)?;
    let mut grocery = PictureSet::grocery(&sources.grocery)?;
    for set in [&mut clothing, &mut grocery] {
        set.encode(&encoder, &mut cache, &mut |at| note(at.n_done, "encoded"), stop)?;
    }
    let mut fuse = |set: &PictureSet| -> Result<FusionReport> {
        let titles: Vec<&str> = set.items.iter().map(|item| item.title.as_str()).collect();
        let (texts, states) = careless(&titles, seed);
        let texts = text_rows(&texts, encode)?;
        Fusing { set, texts: &texts, states: &states, seed }.compare(stop)
    };
    let (fused_clothing, fused_grocery) = (fuse(&clothing)?, fuse(&grocery)?);
    note(0, "fused");
    let (twice, copy_cosine) = twice(&clothing, &encoder, seed, stop)?;
    let wrong = wrong(&clothing, seed, stop)?;
    note(0, "faults found");
    Ok(PicturesReport {
        grocery: nearest(&grocery, seed)?,
        device: device::measure(&clothing, &sources.weights, seed)?,
        clothing: linear(&clothing, seed, stop)?,
        fused_clothing,
        fused_grocery,
        wrong,
        twice,
        copy_cosine,
    })
}

fn of(interval: &Interval) -> String {
    format!("{:.3} [{:.3}, {:.3}]", interval.mean, interval.lower, interval.upper)
}

impl PicturesReport {
    /// As Markdown.
    pub fn tables(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let (clothing, grocery) = (&self.clothing, &self.grocery);
        writeln!(
            out,
            "clothing: {} pictures to learn from, {} told, {} categories\n\n\
             | linear top-1 | P@10 |\n|---|---|\n| {} | {} |\n\n\
             grocery: {} of {} pictures have another of their {} categories; MRR {}\n",
            clothing.n_train,
            clothing.n_asked,
            clothing.n_categories,
            of(&clothing.top_1),
            of(&clothing.precision_at_10),
            grocery.n_asked,
            grocery.n_items,
            grocery.n_categories,
            of(&grocery.reciprocal_rank),
        )?;
        self.write_device(out)?;
        write_fused(out, "clothing", &self.fused_clothing)?;
        write_fused(out, "grocery", &self.fused_grocery)?;
        self.write_faults(out)
    }

    fn write_device(&self, out: &mut String) -> std::fmt::Result {
        let device = &self.device;
        writeln!(
            out,
            "eight bits: {} bytes; cosine to 32 bits on {} pictures: mean {:.4}, least {:.4}\n\n\
             | | bytes a picture | P@10 |\n|---|---|---|\n\
             | vectors | {} | {} |\n| of the network in eight bits | {} | {} |\n\
             | codes | {} | {} |\n\n\
             codes less vectors: {}; projection {} bytes\n",
            device.file_bytes,
            device.n_pictures,
            device.cosine_mean,
            device.cosine_min,
            PICTURE_DIM * size_of::<f32>(),
            of(&device.vectors),
            PICTURE_DIM * size_of::<f32>(),
            of(&device.quantised),
            device.code_bytes,
            of(&device.codes),
            of(&device.codes_minus_vectors),
            device.projection_bytes,
        )
    }

    fn write_faults(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "wrong pictures\n\n| planted | precision above the margin | recall | precision at \
             recall .5 | recall at precision .9 | average precision |\n|---|---|---|---|---|---|"
        )?;
        for line in &self.wrong {
            writeln!(
                out,
                "| {} ({:.0} %) | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} |",
                line.n_planted,
                line.share * 100.0,
                line.precision,
                line.recall,
                line.precision_at_half,
                line.recall_at_nine_tenths,
                line.average_precision
            )?;
        }
        writeln!(
            out,
            "\nthe same picture twice (copies of 320 pixels, mean cosine {:.4})\n\n\
             | cosine | copies found | other pairs |\n|---|---|---|",
            self.copy_cosine
        )?;
        for line in &self.twice {
            writeln!(out, "| {} | {:.2} | {} |", line.cosine_min, line.recall, line.n_others)?;
        }
        Ok(())
    }
}

fn write_fused(out: &mut String, name: &str, report: &FusionReport) -> std::fmt::Result {
    write!(
        out,
        "fusion on {name}: {} of {} items, by what became of the text\n\n\
         | | {} | gated less this |",
        report.measure, report.n_queries, report.measure
    )?;
    for state in &report.states {
        write!(out, " {state} |")?;
    }
    writeln!(out, "\n|---|---|---|{}", "---|".repeat(report.states.len()))?;
    for line in &report.lines {
        write!(out, "| {} | {} | {} |", line.name, of(&line.found), of(&line.gated_minus_this))?;
        for mean in &line.by_state {
            write!(out, " {mean:.3} |")?;
        }
        writeln!(out)?;
    }
    write!(out, "| share of the text in the gates | | |")?;
    for gate in &report.text_gates {
        write!(out, " {gate:.3} |")?;
    }
    writeln!(out, "\n")
}
