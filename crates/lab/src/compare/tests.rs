//! The command on a small set of sequences of one's own.

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::*;
use crate::cli::{Cli, Command};

/// Sequences that count up by one: `u0 i0 i1 i2 …`, and no texts.
fn write_set(folder: &Path, n_users: usize) {
    let line = |user: usize| {
        let items = (0..6 + user % 5).map(|i| format!(" i{}", (user * 7 + i) % 30));
        format!("u{user}{}\n", items.collect::<String>())
    };
    fs::create_dir_all(folder).expect("created");
    let lines: String = (0..n_users).map(line).collect();
    fs::write(folder.join("sequences.txt"), lines).expect("written");
}

/// The report that the command writes.
fn evaluate(base: &Path, further: &[&str]) -> Value {
    let (data, out, var) = (base.join("set"), base.join("out"), base.join("var"));
    write_set(&data, 150);
    let path = |path: &Path| path.to_str().expect("utf-8").to_owned();
    let mut words = ["vitrine-lab", "compare", "--protocol", "leave-one-out", "--json"]
        .map(str::to_owned)
        .to_vec();
    words.extend(["--data".to_owned(), path(&data), "--out".to_owned(), path(&out)]);
    words.extend(["--data-dir".to_owned(), path(&var)]);
    words.extend(further.iter().map(|word| (*word).to_owned()));
    let cli = Cli::read(words).expect("a valid command line");
    let settings = ServerSettings::load(&cli.overrides()).expect("defaults");
    let Command::Compare(args) = cli.command else { panic!("the command was compare") };
    run(&settings, &args, &Stop::default()).expect("evaluated");
    assert!(out.join("report.md").exists());
    serde_json::from_slice(&fs::read(out.join("report.json")).expect("written")).expect("json")
}

fn ndcg(report: &Value, name: &str) -> f64 {
    let models = report["models"].as_array().expect("models");
    let model = models.iter().find(|model| model["name"] == name).expect("asked for");
    model["views"][0]["ndcg_at_10"]["mean"].as_f64().expect("a number")
}

#[test]
fn any_file_of_sequences_can_be_evaluated() {
    let base = tempfile::tempdir().expect("a folder");
    let models = "pop-rec,item-knn,transition";
    let report = evaluate(base.path(), &["--models", models, "--curves"]);
    assert_eq!((report["n_items"].as_u64(), report["n_cases"].as_u64()), (Some(30), Some(150)));
    assert!(ndcg(&report, "linear transitions") > 0.9, "what follows is always the same");
    assert!(ndcg(&report, "linear transitions") > ndcg(&report, "PopRec"));
    let curves = report["curves"].as_array().expect("curves");
    let point = |n: usize| curves[2]["points"][n]["ndcg_at_10"]["mean"].as_f64().expect("mean");
    assert!(curves.len() == 3 && point(1) > point(0), "one event tells more than none");
}

#[test]
fn a_student_is_distilled_and_asked_on_any_file_of_sequences() {
    let base = tempfile::tempdir().expect("a folder");
    let small = r#"{
        "sequence": {"width": 64, "n_epochs": 4, "batch": 16, "rate": 0.005},
        "student": {"encoder": {"n_epochs": 4, "batch": 16, "rate": 0.005}, "head_epochs": 10}
    }"#;
    let models = "pop-rec,teacher,student";
    let report = evaluate(base.path(), &["--models", models, "--configure", small]);
    let student = ndcg(&report, "student, as served");
    assert!(student > 0.8, "{student} beside the teacher's {}", ndcg(&report, "teacher"));
}

#[test]
fn made_up_sessions_push_items_into_a_model_that_counts_them() {
    let base = tempfile::tempdir().expect("a folder");
    let report = evaluate(base.path(), &["--models", "item-knn,pop-rec", "--poison", "0.6"]);
    assert_eq!((report["n_pushed"].as_u64(), report["n_cases"].as_u64()), (Some(10), Some(150)));
    let model = &report["models"][0];
    let mean = |figure: &str| model[figure]["mean"].as_f64().expect("a number");
    assert_eq!(model["name"], "ItemKNN");
    assert!(mean("pushed_poisoned") > mean("pushed_clean"), "{model}");
    assert!(mean("ndcg_poisoned") <= mean("ndcg_clean"), "{model}");
}
