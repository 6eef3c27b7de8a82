//! Runs the command.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::sync::atomic::Ordering;

use anyhow::{Context as _, Result, ensure};
use rand::SeedableRng as _;
use rand::rngs::SmallRng;
use vitrine_server::progress::WorkProgress;
use vitrine_server::signals::Stop;

use crate::cli::QuestionsArgs;

use super::data::{WrittenProduct, read};
use super::made::{MadeQuestion, QuestionSource};
use super::report::QuestionsReport;
use super::score::{AnsweringShop, QuestionOutcome};

/// Runs the command.
///
/// # Errors
/// A data set or a file of questions cannot be read, a question is about no product, or stopped.
pub fn run(args: &QuestionsArgs, stop: &Stop) -> Result<ExitCode> {
    let mut sets: Vec<(String, Vec<WrittenProduct>)> = Vec::new();
    for name in &args.sets {
        sets.push((name.clone(), read(&args.folder, name)?));
    }
    let questions = match &args.questions {
        Some(file) => read_questions(file)?,
        None => {
            let made = sets.iter().map(|(name, products)| {
                let mut random = SmallRng::seed_from_u64(args.report.seed);
                QuestionSource::new(name, products).questions(args.n_questions, &mut random)
            });
            made.collect::<Vec<_>>().concat()
        }
    };
    if let Some(file) = &args.write {
        write_questions(file, &questions)?;
    }
    let shop = AnsweringShop::new(&sets);
    let mut outcomes: Vec<QuestionOutcome> = Vec::new();
    let mut bar = WorkProgress::start("questions", questions.len() as u64);
    for question in &questions {
        ensure!(!stop.load(Ordering::Relaxed), "stopped");
        let outcome = shop.ask(question);
        outcomes.push(outcome.with_context(|| {
            format!("{}: no product {} in {}", question.id, question.product, question.set)
        })?);
        bar.at(outcomes.len() as u64, "");
    }
    bar.finish();
    let report = QuestionsReport::new(&outcomes, args.report.seed)?;
    let mut out = std::io::stdout().lock();
    match args.report.json {
        true => writeln!(out, "{}", serde_json::to_string_pretty(&report)?)?,
        false => write!(out, "{}", report.table())?,
    }
    if args.wrong {
        for outcome in outcomes.iter().filter(|outcome| !outcome.is_right) {
            writeln!(out, "{}", serde_json::to_string(outcome)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn read_questions(path: &Path) -> Result<Vec<MadeQuestion>> {
    let file = File::open(path).with_context(|| path.display().to_string())?;
    let mut out = Vec::new();
    for (line, text) in (1..).zip(BufReader::new(file).lines()) {
        let text = text.with_context(|| path.display().to_string())?;
        let question = serde_json::from_str(&text);
        out.push(question.with_context(|| format!("{}, line {line}", path.display()))?);
    }
    ensure!(!out.is_empty(), "{} has no questions", path.display());
    Ok(out)
}

fn write_questions(path: &Path, questions: &[MadeQuestion]) -> Result<()> {
    let mut text = String::new();
    for question in questions {
        text += &serde_json::to_string(question)?;
        text.push('\n');
    }
    std::fs::write(path, text).with_context(|| path.display().to_string())
}
