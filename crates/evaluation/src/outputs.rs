//! A ranker's output read as a yes or no: AUC, log loss, accuracy, precision, recall, F1.
//!
//! Scores order and have no unit; a [`Calibration`] learned on other shoppers makes
//! probabilities of them, and the threshold is the one that was best there.

use std::fmt;

use serde::{Deserialize, Serialize};
use vitrine_optim::{Derivatives, NewtonConfig, newton};

use crate::EvaluationError;

/// Scores with what happened.
#[derive(Clone, Debug, Default)]
pub struct Labelled {
    /// Scores, \[n\].
    pub scores: Vec<f32>,
    /// Whether it happened, \[n\].
    pub labels: Vec<bool>,
}

/// Figures of one output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputReport {
    /// Name of the output.
    pub output: String,
    /// Pairs that were judged.
    pub n: usize,
    /// Share of them that happened.
    pub base_rate: f64,
    /// Probability that what happened scores higher than what did not.
    pub auc: f64,
    /// Mean −ln of the probability of what was, in nats.
    pub log_loss: f64,
    /// Log loss of a predictor that always says the base rate, in nats.
    pub log_loss_of_base_rate: f64,
    /// Probability at and above which the answer is yes: the one of the best F1 on other shoppers.
    pub threshold: f64,
    /// Share of right answers.
    pub accuracy: f64,
    /// Share of the yeses that are right.
    pub precision: f64,
    /// Share of what happened that was answered yes.
    pub recall: f64,
    /// Harmonic mean of precision and recall.
    pub f1: f64,
}

impl fmt::Display for OutputReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "output {}: AUC {:.4}, log loss {:.4} (base rate {:.4}: {:.4}), accuracy {:.4}, \
             precision {:.3}, recall {:.3}, F1 {:.3} from {:.3}; {} candidates",
            self.output,
            self.auc,
            self.log_loss,
            self.base_rate,
            self.log_loss_of_base_rate,
            self.accuracy,
            self.precision,
            self.recall,
            self.f1,
            self.threshold,
            self.n
        )
    }
}

impl OutputReport {
    /// Calibrates on some pairs and judges others.
    ///
    /// # Errors
    /// [`EvaluationError::Empty`] when either side lacks what happened or what did not.
    pub fn new(output: &str, other: &Labelled, judged: &Labelled) -> Result<Self, EvaluationError> {
        let calibration = Calibration::fit(other)?;
        let threshold = best_threshold(&calibration.all(other), &other.labels);
        let probabilities = calibration.all(judged);
        let auc = auc(judged).ok_or(EvaluationError::Empty)?;
        let (n, n_yes) = (judged.labels.len(), count(&judged.labels));
        let base_rate = n_yes as f64 / n as f64;
        let verdicts: Vec<bool> = probabilities.iter().map(|p| *p >= threshold).collect();
        let right = verdicts.iter().zip(&judged.labels).filter(|(v, l)| v == l).count();
        let hits = verdicts.iter().zip(&judged.labels).filter(|(v, l)| **v && **l).count();
        let (precision, recall) = (ratio(hits, count(&verdicts)), ratio(hits, n_yes));
        Ok(Self {
            output: output.to_owned(),
            n,
            base_rate,
            auc,
            log_loss: log_loss(&probabilities, &judged.labels),
            log_loss_of_base_rate: log_loss(&vec![base_rate; n], &judged.labels),
            threshold,
            accuracy: ratio(right, n),
            precision,
            recall,
            f1: f1(precision, recall),
        })
    }
}

fn count(flags: &[bool]) -> usize {
    flags.iter().filter(|flag| **flag).count()
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall == 0.0 { 0.0 } else { 2.0 * precision * recall / (precision + recall) }
}

/// Area under the ROC curve; ties count half. `None` when all labels are alike.
///
/// # Source
/// Mann and Whitney, On a test of whether one of two random variables is
/// stochastically larger than the other (1947).
pub fn auc(labelled: &Labelled) -> Option<f64> {
    let mut pairs: Vec<(f32, bool)> =
        labelled.scores.iter().copied().zip(labelled.labels.iter().copied()).collect();
    pairs.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n_yes = count(&labelled.labels) as f64;
    let n_no = pairs.len() as f64 - n_yes;
    let (mut below, mut wins) = (0.0, 0.0);
    for tied in pairs.chunk_by(|a, b| a.0 == b.0) {
        let yes = tied.iter().filter(|(_, label)| *label).count() as f64;
        let no = tied.len() as f64 - yes;
        wins += yes * (below + no / 2.0);
        below += no;
    }
    (n_yes > 0.0 && n_no > 0.0).then(|| wins / (n_yes * n_no))
}

/// Mean −ln of the probability of what was, in nats.
///
/// # Shapes
/// Both \[n\]; 0 without values.
pub fn log_loss(probabilities: &[f64], labels: &[bool]) -> f64 {
    let loss = |(p, label): (&f64, &bool)| {
        let p = p.clamp(1e-12, 1.0 - 1e-12);
        -(if *label { p } else { 1.0 - p }).ln()
    };
    let sum: f64 = probabilities.iter().zip(labels).map(loss).sum();
    sum / labels.len().max(1) as f64
}

/// The smallest probability to say yes from, of the best F1.
fn best_threshold(probabilities: &[f64], labels: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by(|a, b| probabilities[*b].total_cmp(&probabilities[*a]));
    let n_yes = count(labels);
    let (mut hits, mut best) = (0, (0.0, 1.0));
    for (n, i) in order.iter().enumerate() {
        hits += usize::from(labels[*i]);
        let f1 = f1(ratio(hits, n + 1), ratio(hits, n_yes));
        if f1 > best.0 {
            best = (f1, probabilities[*i]);
        }
    }
    best.1
}

/// Probability = 1 / (1 + e^−(slope · score + intercept)).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Calibration {
    slope: f64,
    intercept: f64,
}

const NEWTON: NewtonConfig = NewtonConfig { n_steps_max: 50, gain_min: 0.0, step_min: 1e-10 };
/// So little that it is felt only where scores part the labels, and the slope would grow
/// without end.
const RIDGE: f64 = 1e-6;

impl Calibration {
    /// The most likely slope and intercept, by Newton's method.
    ///
    /// # Errors
    /// [`EvaluationError::Empty`] when all labels are alike;
    /// [`EvaluationError::NotFinite`] for scores that are no numbers.
    ///
    /// # Source
    /// Platt, Probabilistic outputs for support vector machines (1999).
    pub fn fit(labelled: &Labelled) -> Result<Self, EvaluationError> {
        let (n, n_yes) = (labelled.labels.len(), count(&labelled.labels));
        if n_yes == 0 || n_yes == n {
            return Err(EvaluationError::Empty);
        }
        let base = n_yes as f64 / n as f64;
        let at = |point: &[f64]| {
            let here = Self { slope: point[0], intercept: point[1] };
            let mut sum = Derivatives::zeros(2);
            for (score, label) in labelled.scores.iter().zip(&labelled.labels) {
                let (x, p) = (f64::from(*score), here.probability(*score));
                let truth = f64::from(u8::from(*label));
                let logit = here.logit(*score);
                sum.value += logit.max(0.0) + (-logit.abs()).exp().ln_1p() - truth * logit;
                let (error, weight) = (p - truth, p * (1.0 - p));
                sum.gradient[0] += error * x;
                sum.gradient[1] += error;
                sum.hessian[0] += weight * x * x;
                sum.hessian[1] += weight * x;
                sum.hessian[3] += weight;
            }
            sum.hessian[2] = sum.hessian[1];
            sum.add_ridge(RIDGE, point, &[0.0; 2]);
            sum
        };
        let start = vec![0.0, (base / (1.0 - base)).ln()];
        let found = newton(start, NEWTON, at).map_err(|_| EvaluationError::NotFinite)?;
        Ok(Self { slope: found[0], intercept: found[1] })
    }

    fn logit(&self, score: f32) -> f64 {
        self.slope * f64::from(score) + self.intercept
    }

    /// Of one score.
    pub fn probability(&self, score: f32) -> f64 {
        1.0 / (1.0 + (-self.logit(score)).exp())
    }

    fn all(&self, labelled: &Labelled) -> Vec<f64> {
        labelled.scores.iter().map(|score| self.probability(*score)).collect()
    }
}

#[cfg(test)]
mod tests {
    use rand::rngs::SmallRng;
    use rand::{Rng, SeedableRng};

    use super::*;

    /// Happens with probability 1 / (1 + e^−(2x − 1)).
    fn drawn(seed: u64) -> Labelled {
        let mut rng = SmallRng::seed_from_u64(seed);
        let mut labelled = Labelled::default();
        for _ in 0..20_000 {
            let x = rng.random::<f32>() * 6.0 - 3.0;
            labelled.scores.push(x);
            labelled.labels.push(rng.random::<f32>() < 1.0 / (1.0 + (1.0 - 2.0 * x).exp()));
        }
        labelled
    }

    #[test]
    fn a_calibration_finds_the_slope_and_the_intercept() {
        let found = Calibration::fit(&drawn(1)).expect("both labels");
        assert!((found.slope - 2.0).abs() < 0.1, "{found:?}");
        assert!((found.intercept + 1.0).abs() < 0.1, "{found:?}");
        let alike = Labelled { scores: vec![1.0, 2.0], labels: vec![true, true] };
        assert_eq!(Calibration::fit(&alike), Err(EvaluationError::Empty));
        // Scores that part the labels want a slope without end; they get a steep one.
        let parted = Labelled { scores: vec![1.0, 2.0, 3.0], labels: vec![false, false, true] };
        let found = Calibration::fit(&parted).expect("both labels");
        assert!(found.slope.is_finite() && found.probability(3.0) > 0.99, "{found:?}");
        assert!(found.probability(2.0) < 0.01, "{found:?}");
        let broken = Labelled { scores: vec![f32::NAN, 2.0], labels: vec![true, false] };
        assert_eq!(Calibration::fit(&broken), Err(EvaluationError::NotFinite));
    }

    #[test]
    fn the_area_of_a_hand_worked_list() {
        let labelled = |scores: &[f32], labels: &[bool]| Labelled {
            scores: scores.to_vec(),
            labels: labels.to_vec(),
        };
        // Of four pairs three are right and one is tied.
        let list = labelled(&[0.9, 0.5, 0.5, 0.1], &[true, false, true, false]);
        assert_eq!(auc(&list), Some(0.875));
        let list = labelled(&[0.9, 0.2, 0.4, 0.1], &[false, true, false, true]);
        assert_eq!(auc(&list), Some(0.0));
        assert_eq!(auc(&labelled(&[1.0], &[true])), None);
        assert!((log_loss(&[0.5, 0.25], &[true, false]) - (4.0 / 1.5f64).ln() / 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_report_judges_others_than_it_was_calibrated_on() {
        let report = OutputReport::new("purchase", &drawn(1), &drawn(2)).expect("both labels");
        assert!(report.log_loss < report.log_loss_of_base_rate);
        assert!(report.auc > 0.9 && report.f1 > 0.75, "{report:?}");
        let expected = 2.0 * report.precision * report.recall / (report.precision + report.recall);
        assert!((report.f1 - expected).abs() < 1e-12);
        // Scores that say nothing are as good as the base rate.
        let mut noise = drawn(3);
        noise.scores.reverse();
        let report = OutputReport::new("noise", &noise, &noise).expect("both labels");
        assert!((report.auc - 0.5).abs() < 0.02);
        assert!((report.log_loss - report.log_loss_of_base_rate).abs() < 1e-3);
    }
}
