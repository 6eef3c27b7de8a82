//! Learns a fusion on items whose category is known.

use std::sync::atomic::{AtomicBool, Ordering};

use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use vitrine_optim::{Adam, Epochs, Moments, Schedule, Update};

use super::gate::{
    DIMS, FUSED_DIM, Fused, Gating, ItemSenses, N_SENSES, SenseFusion, SenseWeights,
};
use crate::lanes::dot;

const ADAM: Adam = Adam::new(0.999);
/// Most categories.
const CATEGORIES_MAX: usize = 1 << 14;

/// How a fusion is fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct FusionConfig {
    /// How senses are weighed.
    pub gating: Gating,
    /// Highest learning rate.
    pub rate: f32,
    /// Decay of the weights, in parts of the rate.
    pub decay: f32,
    /// Items of a step.
    pub batch: usize,
    /// Times that each item is seen.
    pub n_passes: usize,
    /// How often one of two senses is hidden, so that each is learned by itself.
    pub hidden: f64,
    /// What cosines are multiplied by in the loss.
    pub sharpness: f32,
    /// Of everything that is drawn.
    pub seed: u64,
}

impl Default for FusionConfig {
    fn default() -> Self {
        Self {
            gating: Gating::Learned,
            rate: 3e-3,
            decay: 0.3,
            batch: 64,
            n_passes: 20,
            hidden: 0.3,
            sharpness: 10.0,
            seed: 7,
        }
    }
}

/// Why a fusion could not be fitted or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FusionError {
    /// Texts and pictures are not of as many items.
    #[error("texts, pictures and categories must be of the same items, at least one")]
    Shape,
    /// More categories than are told apart.
    #[error("category {found} is beyond the {CATEGORIES_MAX} that are told apart")]
    TooManyCategories {
        /// The largest.
        found: u32,
    },
    /// A setting that nothing can be fitted with.
    #[error("the setting {name} of the fusion must be {needed}")]
    Setting {
        /// Its name.
        name: &'static str,
        /// The values that work.
        needed: &'static str,
    },
    /// A vector with a number that is not finite.
    #[error("a vector of an item is not finite; encode the items again")]
    NotFinite,
    /// The caller asked to stop.
    #[error("stopped; nothing is fitted")]
    Cancelled,
}

/// Everything that is learned, side by side: of each sense its projection, trust and bias, then
/// a direction and a bias a category, which are not kept.
struct Learned {
    values: Vec<f32>,
    n_categories: usize,
}

/// Where the parts of a sense begin: projection, trust, bias.
fn places(sense: usize) -> [usize; 3] {
    let before: usize = DIMS[..sense].iter().map(|dim| dim * (FUSED_DIM + 1) + 1).sum();
    [before, before + DIMS[sense] * FUSED_DIM, before + DIMS[sense] * (FUSED_DIM + 1)]
}

/// Where the categories begin.
fn head() -> usize {
    places(N_SENSES - 1)[2] + 1
}

impl Learned {
    fn start(n_categories: usize, rng: &mut SmallRng) -> Self {
        let mut values = vec![0.0; head() + n_categories * (FUSED_DIM + 1)];
        for (sense, dim) in DIMS.iter().enumerate() {
            let reach = (3.0 / *dim as f32).sqrt();
            let projection = &mut values[places(sense)[0]..][..dim * FUSED_DIM];
            projection.iter_mut().for_each(|x| *x = rng.random_range(-reach..reach));
        }
        let reach = (3.0 / FUSED_DIM as f32).sqrt();
        let directions = &mut values[head()..][..n_categories * FUSED_DIM];
        directions.iter_mut().for_each(|x| *x = rng.random_range(-reach..reach));
        Self { values, n_categories }
    }

    fn copy_to(&self, fusion: &mut SenseFusion) {
        for (sense, weights) in fusion.senses.iter_mut().enumerate() {
            let [projection, trust, bias] = places(sense);
            weights.projection.copy_from_slice(&self.values[projection..trust]);
            weights.trust.copy_from_slice(&self.values[trust..bias]);
            weights.bias = self.values[bias];
        }
    }

    fn direction(&self, category: usize) -> &[f32] {
        &self.values[head() + category * FUSED_DIM..][..FUSED_DIM]
    }

    fn bias(&self, category: usize) -> usize {
        head() + self.n_categories * FUSED_DIM + category
    }
}

/// Fits projections and gates so that fused vectors of a category lie together: logistic
/// regression on the fused vectors. The same items and seed give the same bits.
///
/// # Shapes
/// `categories` \[n\]: numbers from 0, of each item of `items`.
///
/// # Errors
/// Any [`FusionError`].
pub fn fit_fusion(
    items: ItemSenses<'_>,
    categories: &[u32],
    config: &FusionConfig,
    cancel: &AtomicBool,
) -> Result<SenseFusion, FusionError> {
    check(items, categories, config)?;
    let n_categories = categories.iter().max().map_or(0, |most| *most as usize + 1);
    let mut rng = SmallRng::seed_from_u64(config.seed);
    let mut learned = Learned::start(n_categories, &mut rng);
    let of_sense = |sense: usize| SenseWeights {
        mean: mean(items.of(sense), DIMS[sense]),
        projection: vec![0.0; DIMS[sense] * FUSED_DIM],
        trust: vec![0.0; DIMS[sense]],
        bias: 0.0,
    };
    let mut fusion = SenseFusion { senses: [of_sense(0), of_sense(1)], gating: config.gating };
    learned.copy_to(&mut fusion);
    let n = learned.values.len();
    let (mut first, mut second) = (vec![0.0; n], vec![0.0; n]);
    let epochs =
        Epochs { n_examples: categories.len(), batch: config.batch, n_passes: config.n_passes };
    let schedule = Schedule::linear(config.rate, epochs.n_steps());
    let mut draw = SmallRng::seed_from_u64(config.seed ^ 1);
    epochs.run(&mut rng, |batch| {
        if cancel.load(Ordering::Relaxed) {
            return Err(FusionError::Cancelled);
        }
        let mut gradient = vec![0.0; n];
        let share = 1.0 / batch.examples.len() as f32;
        for &item in batch.examples {
            let hides = draw.random_bool(config.hidden);
            let hidden = draw.random_range(0..N_SENSES);
            let mut fused = fusion.item(items, item, [true; N_SENSES]);
            if hides && fused.inputs.iter().all(Option::is_some) {
                let shown = std::array::from_fn(|sense| sense != hidden);
                fused = fusion.item(items, item, shown);
            }
            if fused.norm > 0.0 {
                let category = categories[item] as usize;
                add_gradient(&learned, &fused, category, (config, share), &mut gradient);
            }
        }
        let rate = schedule.rate(batch.step);
        let update = Update { number: batch.step as u32 + 1, rate, decay: rate * config.decay };
        let moments = Moments { first: &mut first, second: &mut second };
        ADAM.update(update, &mut learned.values, &gradient, moments);
        learned.copy_to(&mut fusion);
        Ok(())
    })?;
    Ok(fusion)
}

fn check(
    items: ItemSenses<'_>,
    categories: &[u32],
    config: &FusionConfig,
) -> Result<(), FusionError> {
    if items.n_items() != Some(categories.len()) || categories.is_empty() {
        return Err(FusionError::Shape);
    }
    let found = categories.iter().copied().max().unwrap_or(0);
    if found as usize >= CATEGORIES_MAX {
        return Err(FusionError::TooManyCategories { found });
    }
    if !items.texts.iter().chain(items.pictures).all(|x| x.is_finite()) {
        return Err(FusionError::NotFinite);
    }
    let positive = |x: f32| x > 0.0 && x.is_finite();
    for (name, is_good, needed) in [
        ("rate", positive(config.rate), "above 0"),
        ("decay", config.decay >= 0.0 && config.decay.is_finite(), "0 or more"),
        ("batch", config.batch > 0, "1 or more"),
        ("n_passes", config.n_passes > 0, "1 or more"),
        ("hidden", (0.0..=1.0).contains(&config.hidden), "0 to 1"),
        ("sharpness", positive(config.sharpness), "above 0"),
    ] {
        if !is_good {
            return Err(FusionError::Setting { name, needed });
        }
    }
    Ok(())
}

/// Middle of the rows that are not zero.
fn mean(rows: &[f32], dim: usize) -> Vec<f32> {
    let mut sums = vec![0.0f64; dim];
    let mut n = 0.0;
    for row in rows.chunks_exact(dim).filter(|row| row.iter().any(|x| *x != 0.0)) {
        n += 1.0;
        sums.iter_mut().zip(row).for_each(|(sum, x)| *sum += f64::from(*x));
    }
    sums.iter().map(|sum| (sum / f64::max(n, 1.0)) as f32).collect()
}

/// Adds `share` times the gradient of one item's log loss.
fn add_gradient(
    learned: &Learned,
    fused: &Fused,
    category: usize,
    (config, share): (&FusionConfig, f32),
    gradient: &mut [f32],
) {
    let logit = |of: usize| {
        config.sharpness * dot(learned.direction(of), &fused.unit)
            + learned.values[learned.bias(of)]
    };
    let mut wrong: Vec<f32> = (0..learned.n_categories).map(logit).collect();
    let most = wrong.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    wrong.iter_mut().for_each(|x| *x = (*x - most).exp());
    let sum: f32 = wrong.iter().sum();
    wrong.iter_mut().for_each(|x| *x *= share / sum);
    wrong[category] -= share;

    let mut of_unit = vec![0.0; FUSED_DIM];
    for (at, wrong) in wrong.iter().enumerate() {
        let by = wrong * config.sharpness;
        add(&mut of_unit, by, learned.direction(at));
        add(&mut gradient[head() + at * FUSED_DIM..][..FUSED_DIM], by, &fused.unit);
        gradient[learned.bias(at)] += wrong;
    }
    // Through the scaling to norm 1.
    let along = dot(&of_unit, &fused.unit);
    let of_fused: Vec<f32> = of_unit
        .iter()
        .zip(&fused.unit)
        .map(|(gradient, unit)| (gradient - along * unit) / fused.norm)
        .collect();
    let of_gates: [f32; N_SENSES] =
        std::array::from_fn(|sense| dot(&of_fused, &fused.projected[sense]));
    let mean: f32 = of_gates.iter().zip(fused.gates).map(|(gradient, gate)| gradient * gate).sum();
    for (sense, input) in fused.inputs.iter().enumerate() {
        let Some(input) = input else { continue };
        let gate = fused.gates[sense];
        let [projection, trust, bias] = places(sense);
        let rows = gradient[projection..trust].chunks_exact_mut(DIMS[sense]);
        for (row, of_fused) in rows.zip(&of_fused) {
            add(row, gate * of_fused, input);
        }
        if config.gating == Gating::Learned {
            let of_score = gate * (of_gates[sense] - mean);
            add(&mut gradient[trust..bias], of_score, input);
            gradient[bias] += of_score;
        }
    }
}

fn add(to: &mut [f32], by: f32, what: &[f32]) {
    to.iter_mut().zip(what).for_each(|(to, x)| *to += by * x);
}

#[cfg(test)]
mod tests {
    use vitrine_vision::PICTURE_DIM;

    use super::*;
    use crate::TEXT_DIM;

    static NEVER: AtomicBool = AtomicBool::new(false);

    /// Items of three categories whose picture always tells which, and whose text tells it where
    /// its last number is positive; it is noise elsewhere.
    fn items(n: usize, seed: u64) -> (Vec<f32>, Vec<f32>, Vec<u32>) {
        let mut rng = SmallRng::seed_from_u64(seed);
        let (mut texts, mut pictures, mut categories) = (Vec::new(), Vec::new(), Vec::new());
        for item in 0..n {
            let category = item % 3;
            let mut row = |dim: usize, tells: bool, strength: f32| {
                let mut row: Vec<f32> = (0..dim).map(|_| rng.random_range(-0.03..0.03)).collect();
                row[category] += if tells { strength } else { 0.0 };
                row[dim - 1] = if tells { 1.0 } else { -1.0 };
                row
            };
            texts.extend(row(TEXT_DIM, item % 2 == 0, 1.0));
            pictures.extend(row(PICTURE_DIM, true, 0.6));
            categories.push(category as u32);
        }
        (texts, pictures, categories)
    }

    fn nearest_is_of_the_category(fused: &[f32], categories: &[u32]) -> f64 {
        let row = |at: usize| &fused[at * FUSED_DIM..][..FUSED_DIM];
        let n = categories.len();
        let hits = (0..n).filter(|&at| {
            let others = (0..n).filter(|&other| other != at);
            let best =
                others.max_by(|a, b| dot(row(at), row(*a)).total_cmp(&dot(row(at), row(*b))));
            best.is_some_and(|best| categories[best] == categories[at])
        });
        hits.count() as f64 / n as f64
    }

    #[test]
    fn a_text_is_trusted_where_it_tells_and_each_sense_works_alone() {
        let (texts, pictures, categories) = items(240, 1);
        let config = FusionConfig { n_passes: 60, ..FusionConfig::default() };
        let train = ItemSenses { texts: &texts, pictures: &pictures };
        let fusion = fit_fusion(train, &categories, &config, &NEVER).unwrap();
        let (mut texts, mut pictures, categories) = items(60, 2);
        let fresh = ItemSenses { texts: &texts, pictures: &pictures };
        let gates = fusion.gates(fresh).unwrap();
        let mean = |from: usize| {
            gates.iter().skip(from).step_by(2).map(|gates| gates[0]).sum::<f32>() / 30.0
        };
        assert!(mean(0) > mean(1) + 0.1, "{} {}", mean(0), mean(1));
        assert!(gates.iter().all(|gates| (gates[0] + gates[1] - 1.0).abs() < 1e-5));
        let fused = fusion.fuse(fresh).unwrap();
        assert!(nearest_is_of_the_category(&fused, &categories) > 0.95);
        // A third without picture, a third without text, one with neither.
        for at in (0..60).step_by(3) {
            texts[at * TEXT_DIM..][..TEXT_DIM].fill(0.0);
        }
        for at in (2..60).step_by(6) {
            pictures[at * PICTURE_DIM..][..PICTURE_DIM].fill(0.0);
        }
        pictures[..PICTURE_DIM].fill(0.0);
        let fused = fusion.fuse(ItemSenses { texts: &texts, pictures: &pictures }).unwrap();
        assert!(fused.iter().all(|x| x.is_finite()));
        assert_eq!(fused[..FUSED_DIM], [0.0; FUSED_DIM]);
        assert!(nearest_is_of_the_category(&fused, &categories) > 0.9);
    }

    #[test]
    fn the_gradient_is_that_of_the_loss() {
        let (texts, pictures, categories) = items(6, 3);
        let items = ItemSenses { texts: &texts, pictures: &pictures };
        let config = FusionConfig::default();
        let mut learned = Learned::start(3, &mut SmallRng::seed_from_u64(5));
        let mut rng = SmallRng::seed_from_u64(6);
        for sense in 0..N_SENSES {
            let [_, trust, bias] = places(sense);
            let values = &mut learned.values[trust..=bias];
            values.iter_mut().for_each(|x| *x = rng.random_range(-0.3..0.3));
        }
        let of_sense = |sense: usize| SenseWeights {
            mean: vec![0.01; DIMS[sense]],
            projection: vec![0.0; DIMS[sense] * FUSED_DIM],
            trust: vec![0.0; DIMS[sense]],
            bias: 0.0,
        };
        let mut fusion =
            SenseFusion { senses: [of_sense(0), of_sense(1)], gating: Gating::Learned };
        let mut loss = |learned: &Learned| -> f64 {
            learned.copy_to(&mut fusion);
            let of = |item: usize| {
                let fused = fusion.item(items, item, [true; N_SENSES]);
                let logit = |of: usize| {
                    f64::from(config.sharpness) * f64::from(dot(learned.direction(of), &fused.unit))
                        + f64::from(learned.values[learned.bias(of)])
                };
                let sum: f64 = (0..3).map(|of| logit(of).exp()).sum();
                sum.ln() - logit(categories[item] as usize)
            };
            (0..6).map(of).sum()
        };
        loss(&learned);
        let mut gradient = vec![0.0; learned.values.len()];
        let mut fitted =
            SenseFusion { senses: [of_sense(0), of_sense(1)], gating: Gating::Learned };
        learned.copy_to(&mut fitted);
        for (item, category) in categories.iter().enumerate() {
            let fused = fitted.item(items, item, [true; N_SENSES]);
            add_gradient(&learned, &fused, *category as usize, (&config, 1.0), &mut gradient);
        }
        // Along the gradient, where rounding matters least.
        let square: f64 = gradient.iter().map(|x| f64::from(*x) * f64::from(*x)).sum();
        let step = 1e-3 / square.sqrt();
        let mut moved = |by: f64| {
            let values = learned.values.iter().zip(&gradient);
            let values = values.map(|(x, g)| (f64::from(*x) + by * f64::from(*g)) as f32).collect();
            loss(&Learned { values, n_categories: 3 })
        };
        let slope = (moved(step) - moved(-step)) / (2.0 * step);
        assert!((slope / square - 1.0).abs() < 0.02, "{slope} {square}");
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let (texts, pictures, categories) = items(6, 3);
        let items = ItemSenses { texts: &texts, pictures: &pictures };
        let config = FusionConfig::default();
        let fit = |items, categories: &[u32], config: &FusionConfig| {
            fit_fusion(items, categories, config, &NEVER).unwrap_err()
        };
        assert_eq!(fit(items, &categories[1..], &config), FusionError::Shape);
        let short = ItemSenses { texts: &texts[1..], pictures: &pictures };
        assert_eq!(fit(short, &categories, &config), FusionError::Shape);
        let many = [0, 0, 0, 0, 0, u32::MAX];
        assert_eq!(fit(items, &many, &config), FusionError::TooManyCategories { found: u32::MAX });
        let none = FusionConfig { batch: 0, ..config.clone() };
        assert!(matches!(
            fit(items, &categories, &none),
            FusionError::Setting { name: "batch", .. }
        ));
        let stop = AtomicBool::new(true);
        let stopped = fit_fusion(items, &categories, &config, &stop);
        assert_eq!(stopped, Err(FusionError::Cancelled));
    }
}
