//! Passes over examples in mini-batches, in an order that a seed decides.

use rand::Rng;
use rand::seq::SliceRandom;

/// The seed of one pass (or of anything else that is numbered) of a run.
pub fn pass_seed(seed: u64, pass: u64) -> u64 {
    seed ^ pass.wrapping_add(1).wrapping_mul(0x2545_f491_4f6c_dd1d)
}

/// The numbers below `n` in a random order.
pub fn shuffled(n: usize, rng: &mut impl Rng) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    order.shuffle(rng);
    order
}

/// How often examples are seen, and how many at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Epochs {
    /// Examples.
    pub n_examples: usize,
    /// Examples of a step; at least 1.
    pub batch: usize,
    /// Times that each is seen.
    pub n_passes: usize,
}

/// Examples of one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MiniBatch<'a> {
    /// Which step of the run, from 0.
    pub step: usize,
    /// Their numbers.
    pub examples: &'a [usize],
}

impl Epochs {
    /// Steps of the whole run.
    pub fn n_steps(&self) -> usize {
        self.n_passes * self.n_examples.div_ceil(self.batch)
    }

    /// Calls `step` for every mini-batch; each pass shuffles the order of the one before
    /// it. Stops at the first error and returns it.
    ///
    /// # Errors
    /// What `step` says.
    pub fn run<R: Rng, E>(
        &self,
        rng: &mut R,
        mut step: impl FnMut(MiniBatch<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut order: Vec<usize> = (0..self.n_examples).collect();
        let mut n = 0;
        for _ in 0..self.n_passes {
            order.shuffle(rng);
            for examples in order.chunks(self.batch) {
                step(MiniBatch { step: n, examples })?;
                n += 1;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::SmallRng;

    use super::*;

    const PASSES: Epochs = Epochs { n_examples: 10, batch: 4, n_passes: 3 };

    fn seen(seed: u64) -> Vec<Vec<usize>> {
        let mut steps = Vec::new();
        let mut rng = SmallRng::seed_from_u64(seed);
        let run = PASSES.run(&mut rng, |batch| {
            assert_eq!(batch.step, steps.len());
            steps.push(batch.examples.to_vec());
            Ok::<(), ()>(())
        });
        run.expect("no step fails");
        steps
    }

    #[test]
    fn each_pass_sees_every_example_once_in_an_order_of_its_own() {
        let steps = seen(1);
        assert_eq!(steps.len(), PASSES.n_steps());
        let passes: Vec<Vec<usize>> = steps.chunks(3).map(|steps| steps.concat()).collect();
        for pass in &passes {
            let mut sorted = pass.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..10).collect::<Vec<_>>());
        }
        assert!(passes[0] != passes[1] && passes[1] != passes[2]);
        assert_eq!(seen(1), steps, "a seed decides");
        assert_ne!(seen(2), steps);
    }

    #[test]
    fn an_error_ends_the_run() {
        let mut n = 0;
        let mut rng = SmallRng::seed_from_u64(1);
        let run = PASSES.run(&mut rng, |batch| {
            n += 1;
            if batch.step == 4 { Err(batch.step) } else { Ok(()) }
        });
        assert_eq!((run, n), (Err(4), 5));
    }

    #[test]
    fn numbered_seeds_differ() {
        let seeds: std::collections::HashSet<u64> = (0..100).map(|n| pass_seed(7, n)).collect();
        assert_eq!(seeds.len(), 100);
    }
}
