//! Splits a log into what models are fitted on and what they are asked.

use vitrine_domain::calendar::DAY_SECONDS;
use vitrine_evaluation::next_item::{Group, NextItemTask, View};
use vitrine_evaluation::poison::{self, Attack, AttackProfile};
use vitrine_evaluation::protocol::Window;
use vitrine_evaluation::{Segment, Targets};
use vitrine_ranking::{PastPurchase, PurchaseLog};

use super::counts::item_counts;
use crate::TrainingError;

/// Whether one chooses or reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// For choosing models, weights and sizes.
    Validation,
    /// For reporting, once.
    Test,
}

/// What a shopper of a time split is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TargetRule {
    /// The items of the first basket in the window.
    NextBasket,
    /// Every distinct item of the window.
    #[default]
    WholeWindow,
}

/// A history to rank after: the head of one shopper's entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Case {
    shopper: usize,
    n_history: usize,
}

/// A split log with its questions.
#[derive(Clone, Debug)]
pub struct Task {
    /// All that a model may be fitted on.
    pub fit: PurchaseLog,
    /// Who is asked.
    pub cases: Vec<Case>,
    /// What is asked.
    pub questions: NextItemTask,
    log: PurchaseLog,
}

/// Upper ends of the groups by length of history; the first are cold.
const HISTORY_ENDS: &[usize] = &[2, 4, 9, 19, 59];
/// Upper ends of the groups by how often the target was taken before.
const SUPPORT_ENDS: &[usize] = &[0, 4, 9, 19, 49];
/// An item first sold less than this before the cut is young.
const YOUNG_SECONDS: i64 = 28 * DAY_SECONDS;

impl Task {
    /// Leave-one-out: the last item of each sequence tests, the last but one
    /// validates. Both have the same `fit`: all items but these two. The input of
    /// a test case ends with the validation item. Sequences of fewer than three
    /// items are fitted on and not asked. Items seen are masked.
    pub fn leave_one_out(log: &PurchaseLog, split: Split) -> Self {
        let held_out = |n: usize| if log.of(n).len() < 3 { 0 } else { 2 };
        let fit = log.heads(|n| log.of(n).len() - held_out(n));
        let back = if split == Split::Test { 1 } else { 2 };
        let cases: Vec<Case> = (0..log.n_shoppers())
            .filter(|n| held_out(*n) > 0)
            .map(|shopper| Case { shopper, n_history: log.of(shopper).len() - back })
            .collect();
        let target = |case: &Case| log.of(case.shopper)[case.n_history].item_idx;
        let targets = cases.iter().map(|case| vec![target(case)]).collect();
        let counts = item_counts(&fit);
        let support: Vec<usize> =
            cases.iter().map(|case| counts[target(case) as usize] as usize).collect();
        let lengths: Vec<usize> = cases.iter().map(|case| case.n_history).collect();
        let mut groups = grouped("history of", &lengths, HISTORY_ENDS);
        groups.extend(grouped("target taken before", &support, SUPPORT_ENDS));
        let view = View { title: "new".to_owned(), masks_seen: true, targets };
        Self::new(log, fit, cases, vec![view], groups)
    }

    /// Time split: models are fitted on what happened before the window, and
    /// everyone who bought in the window is asked for it, also those who never
    /// bought before.
    pub fn time_split(log: &PurchaseLog, window: Window, rule: TargetRule) -> Self {
        let fit = log.truncated(window.start_seconds);
        let cases: Vec<Case> = (0..log.n_shoppers())
            .filter(|n| !log.between(*n, window.start_seconds, window.end_seconds).is_empty())
            .map(|shopper| {
                let n_history = log.before(shopper, window.start_seconds).len();
                Case { shopper, n_history }
            })
            .collect();
        let items = |entries: &[PastPurchase]| -> Vec<u32> {
            entries.iter().map(|entry| entry.item_idx).collect()
        };
        let targets: Vec<Targets> = cases
            .iter()
            .map(|case| {
                let mut bought =
                    log.between(case.shopper, window.start_seconds, window.end_seconds);
                if rule == TargetRule::NextBasket {
                    bought = bought.chunk_by(|a, b| a.basket == b.basket).next().unwrap_or(&[]);
                }
                Targets::split(items(&log.of(case.shopper)[..case.n_history]), items(bought))
            })
            .collect();
        let view = |segment: Segment| View {
            title: segment.title().to_owned(),
            masks_seen: segment == Segment::New,
            targets: targets.iter().map(|targets| targets.of(segment, 0).to_vec()).collect(),
        };
        let mut views: Vec<View> =
            [Segment::All, Segment::Repeat, Segment::New].into_iter().map(view).collect();
        views.push(young(&fit, &targets, window.start_seconds));
        let lengths: Vec<usize> = cases.iter().map(|case| case.n_history).collect();
        let groups = grouped("history of", &lengths, HISTORY_ENDS);
        Self::new(log, fit, cases, views, groups)
    }

    fn new(
        log: &PurchaseLog,
        fit: PurchaseLog,
        cases: Vec<Case>,
        views: Vec<View>,
        groups: Vec<Group>,
    ) -> Self {
        let seen = cases
            .iter()
            .map(|case| {
                let history = &log.of(case.shopper)[..case.n_history];
                let mut items: Vec<u32> = history.iter().map(|entry| entry.item_idx).collect();
                items.sort_unstable();
                items.dedup();
                items
            })
            .collect();
        let counts = item_counts(&fit);
        let questions = NextItemTask { n_items: log.n_items(), seen, views, groups, counts };
        Self { fit, cases, questions, log: log.clone() }
    }

    /// Fits on made-up sessions, too, that push some items: the log that may be fitted on
    /// grows by them, and nothing else changes. The pushed items, ascending.
    ///
    /// # Errors
    /// [`TrainingError::Evaluation`] when there is nothing to be pushed.
    pub fn poison(&mut self, attack: Attack) -> Result<Vec<u32>, TrainingError> {
        let lengths: Vec<usize> =
            (0..self.fit.n_shoppers()).map(|n| self.fit.of(n).len()).collect();
        let (pushed, sessions) = poison::sessions(attack, &item_counts(&self.fit), &lengths)?;
        let shopper = |session: &AttackProfile| -> Vec<PastPurchase> {
            let entries = self.fit.of(session.like).iter().zip(&session.items);
            entries.map(|(entry, item)| PastPurchase { item_idx: *item, ..*entry }).collect()
        };
        let made_up: Vec<Vec<PastPurchase>> = sessions.iter().map(shopper).collect();
        self.fit = self.fit.clone().with_shoppers(&made_up)?;
        Ok(pushed)
    }

    /// Asks only some of the cases, for weights that were learned on the others.
    pub fn ask_only(&mut self, is_asked: impl Fn(usize) -> bool) {
        for view in &mut self.questions.views {
            for (case, targets) in view.targets.iter_mut().enumerate() {
                if !is_asked(case) {
                    targets.clear();
                }
            }
        }
    }

    /// The moment at which all cases are asked: the first second after everything that may
    /// be fitted on.
    pub fn now_seconds(&self) -> i64 {
        self.fit.last_seconds().map_or(0, |last| last + 1)
    }

    /// What a case's shopper did before, oldest first.
    pub fn history(&self, case: Case) -> &[PastPurchase] {
        &self.log.of(case.shopper)[..case.n_history]
    }
}

/// The targets that were first sold shortly before the cut, or never.
fn young(fit: &PurchaseLog, targets: &[Targets], cut_seconds: i64) -> View {
    let mut first_seconds = vec![i64::MAX; fit.n_items()];
    for entry in fit.entries() {
        let first = &mut first_seconds[entry.item_idx as usize];
        *first = entry.at_seconds.min(*first);
    }
    let is_young = |item: &u32| first_seconds[*item as usize] > cut_seconds - YOUNG_SECONDS;
    let targets =
        targets.iter().map(|targets| targets.all.iter().copied().filter(is_young).collect());
    View { title: "young items".to_owned(), masks_seen: false, targets: targets.collect() }
}

/// Groups of cases by the range that a number falls into.
fn grouped(what: &str, values: &[usize], ends: &[usize]) -> Vec<Group> {
    let starts = std::iter::once(0).chain(ends.iter().map(|end| end + 1));
    let ends = ends.iter().copied().map(Some).chain([None]);
    starts
        .zip(ends)
        .map(|(from, to)| {
            let title = match to {
                Some(to) if to == from => format!("{what} {from}"),
                Some(to) => format!("{what} {from}–{to}"),
                None => format!("{what} {from}+"),
            };
            let is_in = |value: usize| value >= from && to.is_none_or(|to| value <= to);
            let members = (0..values.len() as u32).filter(|i| is_in(values[*i as usize])).collect();
            Group { title, members }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use vitrine_domain::{EventKind, Interaction, ItemId, ShopperId};

    use super::*;

    fn log() -> PurchaseLog {
        PurchaseLog::of_sequences(9, &[vec![0, 1, 2, 3, 4], vec![5, 6], vec![7, 8, 0]])
            .expect("in range")
    }

    fn items(entries: &[PastPurchase]) -> Vec<u32> {
        entries.iter().map(|entry| entry.item_idx).collect()
    }

    #[test]
    fn leave_one_out_asks_for_the_last_items_and_fits_on_the_rest() {
        let (validation, test) = (
            Task::leave_one_out(&log(), Split::Validation),
            Task::leave_one_out(&log(), Split::Test),
        );
        assert_eq!(items(validation.fit.entries()), [0, 1, 2, 5, 6, 7]);
        assert_eq!(validation.fit.entries(), test.fit.entries());
        assert_eq!(validation.questions.views[0].targets, [[3], [8]]);
        assert_eq!(test.questions.views[0].targets, [[4], [0]]);
        assert_eq!(items(test.history(test.cases[0])), [0, 1, 2, 3]);
        assert_eq!(test.questions.seen[1], [7, 8]);
        let cold = &test.questions.groups[0];
        assert_eq!((cold.title.as_str(), &cold.members[..]), ("history of 0–2", &[1u32][..]));
        let n: usize = test.questions.groups.iter().map(|group| group.members.len()).sum();
        assert_eq!(n, 4, "every case is in one group of each kind");
        let mut poisoned = test.clone();
        let attack = Attack { share: 0.67, filler: poison::Filler::Random, seed: 1 };
        let pushed = poisoned.poison(attack).expect("something was taken");
        assert_eq!(poisoned.fit.n_shoppers(), 5, "two of three more");
        for n in 3..5 {
            let items = items(poisoned.fit.of(n));
            assert!(items.iter().any(|item| pushed.binary_search(item).is_ok()));
        }
        assert_eq!(poisoned.cases, test.cases, "nobody made up is asked");
        let mut half = test;
        half.ask_only(|case| case == 1);
        assert_eq!(half.questions.views[0].targets, [vec![], vec![0]]);
    }

    #[test]
    fn a_time_split_asks_for_the_next_basket_of_everyone_who_bought() {
        let day = DAY_SECONDS;
        let lines: Vec<Interaction> = [
            (1, 1, 1, 0),
            (1, 2, 2, 50),
            (1, 1, 3, 100),
            (1, 3, 3, 100),
            (1, 2, 4, 110),
            (2, 3, 5, 101),
        ]
        .map(|(shopper, item, basket, at)| Interaction {
            shopper: ShopperId(shopper),
            item: ItemId(item),
            kind: EventKind::Purchase,
            at_seconds: at * day,
            basket,
            quantity: 1,
            price_minor: 1,
        })
        .to_vec();
        let log = PurchaseLog::new(&[1, 2, 3].map(ItemId), &lines).expect("distinct");
        let window = Window { start_seconds: 60 * day, end_seconds: 120 * day };
        let task = Task::time_split(&log, window, TargetRule::NextBasket);
        let of = |view: usize| task.questions.views[view].targets.clone();
        assert_eq!(items(task.fit.entries()), [0, 1]);
        assert_eq!(of(0), [vec![0, 2], vec![2]]);
        assert_eq!((of(1), of(2)), (vec![vec![0], vec![]], vec![vec![2], vec![2]]));
        assert_eq!(of(3), [vec![2], vec![2]], "item 3 was never sold before");
        assert!(task.history(task.cases[1]).is_empty());
        let whole = Task::time_split(&log, window, TargetRule::WholeWindow);
        assert_eq!(whole.questions.views[0].targets, [vec![0, 1, 2], vec![2]]);
    }
}
