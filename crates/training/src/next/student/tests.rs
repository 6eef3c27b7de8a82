//! A student of a teacher that counts up by one.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use rand::rngs::SmallRng;
use rand::{Rng, SeedableRng};

use vitrine_domain::ItemId;
use vitrine_evaluation::top_k;
use vitrine_ranking::PurchaseLog;

use super::*;
use crate::next::leak_tests::{SMALL, control};
use crate::next::{PopRec, Split};

const N_ITEMS: usize = 40;
/// Taken by nobody but two shoppers.
const RARE: u32 = 39;

/// Knows that each item is followed by the next.
struct Counting;

impl Scorer for Counting {
    fn score(
        &self,
        histories: &[&[PastPurchase]],
        _now_seconds: i64,
    ) -> Result<Vec<f32>, TrainingError> {
        let score = |history: &&[PastPurchase]| -> Vec<f32> {
            let last = history.last().map_or(0, |entry| entry.item_idx as usize);
            let next = (last + 1) % N_ITEMS;
            (0..N_ITEMS).map(|item| if item == next { 6.0 } else { 0.0 }).collect()
        };
        Ok(histories.iter().flat_map(score).collect())
    }
}

fn sequences() -> Vec<Vec<u32>> {
    let mut rng = SmallRng::seed_from_u64(5);
    let count = |first: u32, n: u32| (0..n).map(|i| (first + i) % (N_ITEMS as u32 - 1)).collect();
    let mut sequences: Vec<Vec<u32>> = (0..300)
        .map(|_| count(rng.random_range(0..N_ITEMS as u32), rng.random_range(4..14)))
        .collect();
    sequences.extend([vec![37, 38, RARE, 0, 1, 2], vec![36, 37, 38, RARE, 0, 1, 2]]);
    sequences
}

fn config() -> StudentConfig {
    let encoder = SequenceConfig { n_epochs: 12, patience: 12, ..SMALL };
    StudentConfig { encoder, head_epochs: 20, ..StudentConfig::default() }
}

fn distil(sequences: &[Vec<u32>], teacher: &dyn Scorer, config: &StudentConfig) -> Student {
    let log = PurchaseLog::of_sequences(N_ITEMS, sequences).expect("in range");
    let task = Task::leave_one_out(&log, Split::Validation);
    let shelf = Shelf::new(&[""; N_ITEMS], &[""; N_ITEMS], 86_400_000);
    let (text, transformer) = (None, None);
    let (task, shelf, lists_of) = (&task, &shelf, teacher);
    let from = Distillation { task, shelf, text, lists_of, teacher, transformer };
    let (stop, mut progress) = (AtomicBool::new(false), |_| {});
    Student::fit(from, config, |_| true, &mut control(&stop, &mut progress)).expect("distilled")
}

fn scores(student: &Student, history: &[u32]) -> Vec<f32> {
    let log = PurchaseLog::of_sequences(N_ITEMS, &[history.to_vec()]).expect("in range");
    student.score(&[log.of(0)], 0).expect("scores")
}

#[test]
fn it_ranks_as_its_teacher_among_its_own_candidates() {
    let mut student = distil(&sequences(), &Counting, &config());
    let found = (5..30).filter(|last| {
        let scores = scores(&student, &[last - 2, last - 1, *last]);
        assert_eq!(scores[*last as usize], f32::NEG_INFINITY, "seen items are masked");
        top_k(&scores, 1) == [last + 1]
    });
    let n_found = found.count();
    assert!(n_found >= 20, "the next item is first after {n_found} of 25 histories");
    student.n_candidates = 7;
    let n_ranked = scores(&student, &[3, 4, 5]).iter().filter(|score| score.is_finite()).count();
    assert!((1..=7).contains(&n_ranked), "what is no candidate is not ranked: {n_ranked}");
}

#[test]
fn nothing_of_few_buyers_is_published() {
    let related = |student: &Student, item: u64| -> Vec<u32> {
        let row = student.table.index_of(ItemId(item)).expect("listed");
        student.table.related(row).iter().map(|(other, _)| *other).collect()
    };
    let short = StudentConfig {
        encoder: SequenceConfig { n_epochs: 1, ..config().encoder },
        head_epochs: 1,
        ..config()
    };
    let student = distil(&sequences(), &Counting, &short);
    assert_eq!(related(&student, 10)[0], 11, "many went on to the next");
    assert!(related(&student, u64::from(RARE)).is_empty());
    assert!(!related(&student, 38).contains(&RARE), "nobody is told what two took");
    // Without texts the code is the residual, and that of two buyers is not there.
    assert!(student.table.code(RARE).iter().all(|q| *q == 0));
    assert_eq!(student.table.n_buyers()[RARE as usize], 0);
    let all = distil(
        &sequences(),
        &Counting,
        &StudentConfig { buyers_min: 1, pair_buyers_min: 1, ..short },
    );
    assert_eq!(related(&all, 38)[0], RARE, "the rule is what leaves it out");
    assert!(all.table.code(RARE).iter().any(|q| *q != 0));
    assert_eq!(all.table.n_buyers()[RARE as usize], 2);
}

#[test]
fn it_does_not_know_the_test_items() {
    let original = sequences();
    let mut altered = original.clone();
    for sequence in &mut altered {
        let last = sequence.len() - 1;
        sequence[last] = (sequence[last] + 7) % (N_ITEMS as u32 - 1);
    }
    let short = StudentConfig {
        encoder: SequenceConfig { n_epochs: 2, ..config().encoder },
        head_epochs: 2,
        ..config()
    };
    let of = |sequences: &[Vec<u32>]| {
        let log = PurchaseLog::of_sequences(N_ITEMS, sequences).expect("in range");
        let fit = Task::leave_one_out(&log, Split::Test).fit;
        let teacher: Arc<dyn Scorer> = Arc::new(PopRec::fit(&fit));
        scores(&distil(sequences, &*teacher, &short), &[3, 4, 5])
    };
    assert_eq!(of(&original), of(&altered));
}
