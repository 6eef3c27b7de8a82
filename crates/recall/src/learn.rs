//! Learns relevance from judged queries.

use vitrine_optim::{Adam, Moments, Update};

use crate::{N_SIGNALS, Relevance, Signal, Signals};

/// A query's candidates: their signals, and their grade where somebody judged them.
pub type JudgedList = Vec<(Signals, Option<u8>)>;

/// What an unjudged candidate counts for beside one judged irrelevant: nobody
/// saw it, and most are.
const UNJUDGED_WEIGHT: f64 = 0.2;
/// Pull of the (standardised) weights towards zero.
const RIDGE: f64 = 0.005;
const N_STEPS: u32 = 400;
const RATE: f32 = 0.05;
const ADAM: Adam = Adam::new(0.99);

/// The weights under which the relevant candidates of each list are the likeliest
/// to be chosen from it, each by its gain 2^grade − 1. `learned` says which
/// signals' weights are; the others count with the weight they have in `start`.
///
/// # Source
/// Cao et al., "Learning to rank: from pairwise approach to listwise approach"
/// (ListNet, top one), ICML 2007.
pub fn learn(lists: &[JudgedList], start: &Relevance, learned: &[Signal]) -> Relevance {
    let (mean, deviation) = moments(lists);
    let lists: Vec<Standardised> = lists
        .iter()
        .filter_map(|list| standardise(list, start, learned, &mean, &deviation))
        .collect();
    let mut weights = vec![0.0f32; learned.len()];
    let (mut first, mut second) = (weights.clone(), weights.clone());
    for number in 1..=N_STEPS {
        let at: Vec<f64> = weights.iter().map(|weight| f64::from(*weight)).collect();
        let mut gradient: Vec<f64> = at.iter().map(|weight| RIDGE * weight).collect();
        for list in &lists {
            list.add_gradient(&at, 1.0 / lists.len() as f64, &mut gradient);
        }
        let gradient: Vec<f32> = gradient.into_iter().map(|g| g as f32).collect();
        let moments = Moments { first: &mut first, second: &mut second };
        let update = Update { number, rate: RATE, decay: 0.0 };
        ADAM.update(update, &mut weights, &gradient, moments);
    }
    let mut all = start.weights();
    for (signal, weight) in learned.iter().zip(weights) {
        all[*signal as usize] = (f64::from(weight) / deviation[*signal as usize]) as f32;
    }
    Relevance::new(all)
}

/// One list with standardised signals, row-major.
struct Standardised {
    rows: Vec<Vec<f64>>,
    /// What the signals with given weights add to each score. \[n\]
    given: Vec<f64>,
    /// Share of the list's gain. \[n\]
    target: Vec<f64>,
    /// What each counts for in the softmax. \[n\]
    mass: Vec<f64>,
}

impl Standardised {
    /// Adds the gradient of the cross entropy between target and softmax.
    fn add_gradient(&self, weights: &[f64], scale: f64, gradient: &mut [f64]) {
        let score = |(row, given): (&Vec<f64>, &f64)| {
            given + row.iter().zip(weights).map(|(x, w)| x * w).sum::<f64>()
        };
        let scores: Vec<f64> = self.rows.iter().zip(&self.given).map(score).collect();
        let most = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let probabilities: Vec<f64> = scores
            .iter()
            .zip(&self.mass)
            .map(|(score, mass)| mass * (score - most).exp())
            .collect();
        let sum: f64 = probabilities.iter().sum();
        for ((row, probability), target) in self.rows.iter().zip(probabilities).zip(&self.target) {
            let error = (probability / sum - target) * scale;
            gradient.iter_mut().zip(row).for_each(|(gradient, x)| *gradient += error * x);
        }
    }
}

/// `None` for a list without a relevant candidate: it teaches nothing.
fn standardise(
    list: &JudgedList,
    start: &Relevance,
    learned: &[Signal],
    mean: &[f64; N_SIGNALS],
    deviation: &[f64; N_SIGNALS],
) -> Option<Standardised> {
    let gain = |grade: &Option<u8>| grade.map_or(0.0, |grade| f64::from(grade).exp2() - 1.0);
    let total: f64 = list.iter().map(|(_, grade)| gain(grade)).sum();
    let value = |signals: &Signals, signal: Signal| {
        let i = signal as usize;
        (f64::from(signals[signal]) - mean[i]) / deviation[i]
    };
    let given = |signals: &Signals| {
        let others = Signal::ALL.into_iter().filter(|signal| !learned.contains(signal));
        others.map(|signal| f64::from(start.contribution(signals, signal))).sum::<f64>()
    };
    (total > 0.0).then(|| Standardised {
        given: list.iter().map(|(x, _)| given(x)).collect(),
        rows: list.iter().map(|(x, _)| learned.iter().map(|s| value(x, *s)).collect()).collect(),
        target: list.iter().map(|(_, grade)| gain(grade) / total).collect(),
        mass: list.iter().map(|(_, g)| if g.is_some() { 1.0 } else { UNJUDGED_WEIGHT }).collect(),
    })
}

/// Mean and standard deviation of each signal over all candidates.
fn moments(lists: &[JudgedList]) -> ([f64; N_SIGNALS], [f64; N_SIGNALS]) {
    let n = lists.iter().map(Vec::len).sum::<usize>().max(1) as f64;
    let all = || lists.iter().flatten().map(|(signals, _)| signals);
    let mean = Signal::ALL.map(|s| all().map(|x| f64::from(x[s])).sum::<f64>() / n);
    let deviation = Signal::ALL.map(|s| {
        let square = |x: &Signals| (f64::from(x[s]) - mean[s as usize]).powi(2);
        (all().map(square).sum::<f64>() / n).sqrt().max(1e-6)
    });
    (mean, deviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(title: f32, cosine: f32) -> Signals {
        let mut signals = Signals::default();
        signals[Signal::Title] = title;
        signals[Signal::Cosine] = cosine;
        signals
    }

    #[test]
    fn what_tells_relevant_items_apart_gets_the_weight() {
        let list = |shift: f32| -> JudgedList {
            (0..40u16)
                .map(|i| {
                    let noise = f32::from(i * 7 % 40) / 40.0;
                    let grade = (i < 30).then_some(if i < 5 { 3 } else { 0 });
                    (candidate(noise, if i < 5 { 0.6 } else { 0.3 + shift }), grade)
                })
                .collect()
        };
        let lists = vec![list(0.0), list(0.1), vec![(candidate(1.0, 1.0), Some(0))]];
        let signals = [Signal::Title, Signal::Cosine];
        let learned = learn(&lists, &Relevance::new([0.25; N_SIGNALS]), &signals);
        assert_eq!(learned, learn(&lists, &Relevance::new([0.25; N_SIGNALS]), &signals));
        assert!(learned.score(&candidate(0.0, 0.6)) > learned.score(&candidate(1.0, 0.35)));
        let weights = learned.weights();
        assert_eq!(weights[Signal::Popularity as usize], 0.25, "not learned, so as given");
    }

    #[test]
    fn what_a_given_weight_explains_is_not_learned_again() {
        let list: JudgedList = (0..40u16)
            .map(|i| {
                let is_relevant = i % 2 == 0;
                let value = if is_relevant { 1.0 } else { 0.0 };
                (candidate(value, value), Some(u8::from(is_relevant)))
            })
            .collect();
        let weight = |title: f32| {
            let mut given = [0.0; N_SIGNALS];
            given[Signal::Title as usize] = title;
            let learned =
                learn(std::slice::from_ref(&list), &Relevance::new(given), &[Signal::Cosine]);
            learned.weights()[Signal::Cosine as usize]
        };
        assert!(weight(0.0) > 1.0, "{}", weight(0.0));
        assert!(weight(12.0) < 0.2 * weight(0.0), "{}", weight(12.0));
    }
}
