//! What is learned from small logs, as it was last blessed:
//! `VITRINE_BLESS=1 cargo test -p vitrine-training --test training golden_models`.
//!
//! Matrix products differ between processors in their last bits, and training multiplies
//! the difference: so the bound is wider here than for what is computed once.

#[path = "../../../../tests/golden_numbers.rs"]
mod golden_numbers;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::device::Device;
use crate::run::{finished, run};
use crate::shop::Shop;
use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_ranking::{PastPurchase, PurchaseLog};
use vitrine_training::TrainingError;
use vitrine_training::next::blend::{self, Parts};
use vitrine_training::next::sequence::{self, FitControl, SequenceConfig};
use vitrine_training::next::{
    ItemKnn, ItemKnnConfig, PopRec, RepeatConfig, RepeatModel, Scorer, Split, Task, graph,
};
use vitrine_training::outputs::{Example, Label, N_INPUTS, Outputs};

const LEARNED_DIFFERENCE_MAX: f64 = 5e-3;
/// Of scores that several models make, each learned.
const TEACHER_DIFFERENCE_MAX: f64 = 2e-2;

fn check(name: &str, difference_max: f64, lines: &[String]) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("golden").join(name);
    golden_numbers::check_within(&path, difference_max, lines);
}

#[test]
fn teacher_and_student_of_a_short_run_are_what_they_were() {
    let shop = Shop::new(1);
    let trained = finished(run(&shop, 6, usize::MAX, None).0);
    let teacher = trained.teacher.as_ref().expect("enough data");
    let data = shop.prepared();
    let mut lines = Vec::new();
    for (n, history) in probes(&data.log).into_iter().enumerate() {
        let scores = teacher.score_one(history, trained.until_seconds).expect("shapes fit");
        lines.push(golden_numbers::line(&format!("teacher-{n}"), &scores));
    }
    check("teacher.txt", TEACHER_DIFFERENCE_MAX, &lines);
    lines.clear();
    let device = Device::new(shop.prepared(), &trained);
    for camp in 0..2 {
        lines.push(golden_numbers::line(&format!("camp-{camp}"), device.scores_of_camp(camp)));
    }
    check("student.txt", LEARNED_DIFFERENCE_MAX, &lines);
}

#[test]
fn scores_of_compared_models_are_what_they_were() {
    let shop = Shop::new(2);
    let data = shop.prepared();
    let log = &data.log;
    let (stop, mut progress) = (AtomicBool::new(false), |_| {});
    let mut control = FitControl { stop: &stop, progress: &mut progress, checkpoint: None };
    let task = Task::leave_one_out(log, Split::Validation);
    let small = SequenceConfig {
        width: 16,
        head_dim: 8,
        n_blocks: 1,
        n_negatives: 20,
        batch: 32,
        length_max: 12,
        ..SequenceConfig::default()
    };
    let transformer = sequence::fit_for(2, &task.fit, None, small, &mut control).expect("trains");
    let built = vitrine_graph::Builder::new(data.n_items() as u32).build().expect("small");
    let propagation = graph::Propagation::new(&task.fit, &built, 0.2);
    let config = graph::GraphConfig { width: 8, n_passes: 2, ..graph::GraphConfig::default() };
    let embedded = graph::fit(&task.fit, &propagation, None, config, &mut control).expect("trains");
    let config =
        RepeatConfig { window_seconds: 14 * DAY_SECONDS, n_networks: 1, ..RepeatConfig::default() };
    let repeat: Arc<dyn Scorer> =
        Arc::new(RepeatModel::fit(&task.fit, &config, &stop).expect("much is bought again"));
    let knn: Arc<dyn Scorer> = Arc::new(ItemKnn::fit(&task.fit, ItemKnnConfig::default()));
    let popular: Arc<dyn Scorer> = Arc::new(PopRec::fit(&task.fit));
    let parts = vec![("pop".to_owned(), popular), ("knn".to_owned(), knn)];
    let tasks = std::slice::from_ref(&task);
    let [fusion, mixture] = [None, Some(Arc::clone(&repeat))].map(|repeat| {
        let parts = Parts { fused: parts.clone(), repeat };
        let make = |_, _: &Task| Ok::<_, TrainingError>(parts.clone());
        blend::learn(tasks, (1, &AtomicBool::new(false)), make, |_, _| true)
            .expect("right items are found")
    });

    let models: [(&str, &dyn Scorer); 5] = [
        ("sequence", &transformer),
        ("graph", &embedded),
        ("repeat", &*repeat),
        ("fusion", &fusion),
        ("mixture", &mixture),
    ];
    let histories = probes(log);
    let mut lines = Vec::new();
    for (name, model) in models {
        let scores = model.score(&histories, task.now_seconds()).expect("shapes fit");
        let rows = scores.chunks_exact(data.n_items()).enumerate();
        lines.extend(rows.map(|(n, row)| golden_numbers::line(&format!("{name}-{n}"), row)));
    }
    check("models.txt", LEARNED_DIFFERENCE_MAX, &lines);
}

fn probes(log: &PurchaseLog) -> Vec<&[PastPurchase]> {
    vec![&log.of(0)[..20], &log.of(1)[..3], &log.of(2)[..1], &[]]
}

#[test]
fn probabilities_of_several_answers_are_what_they_were() {
    let example = |n: usize| {
        let inputs = std::array::from_fn(|i| ((n * 7 + i * 13) % 17) as f32 / 17.0);
        let label = |happened| Some(Label { happened, propensity: 0.5 });
        Example { inputs, labels: [label(n.is_multiple_of(3)), None, label(n.is_multiple_of(7))] }
    };
    let examples: Vec<Example> = (0..1_000).map(example).collect();
    let outputs = Outputs::fit(&examples, 3, 1, &AtomicBool::new(false)).expect("learns");
    let inputs: [[f32; N_INPUTS]; 4] = std::array::from_fn(|n| examples[n * 11].inputs);
    let lines: Vec<String> = inputs
        .iter()
        .map(|x| golden_numbers::line("probabilities", outputs.probabilities(x)))
        .collect();
    check("outputs.txt", LEARNED_DIFFERENCE_MAX, &lines);
}
