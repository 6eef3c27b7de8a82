//! Made-up shoppers who push items: how far a model follows them.
//!
//! A shilling attack knows the catalogue and, for a bandwagon, what sells: each of its
//! sessions has the length of a real one, some of the pushed items, and fillers that make
//! it look like others.

use rand::rngs::SmallRng;
use rand::seq::{SliceRandom, index};
use rand::{Rng, SeedableRng};

use crate::{EvaluationError, Interval, NextItemRun, NextItemTask, mean_interval};

/// What the sessions are filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filler {
    /// Any items, all equally likely.
    Random,
    /// Items in proportion to their interactions.
    Bandwagon,
}

/// An attack.
#[derive(Clone, Copy, Debug)]
pub struct Attack {
    /// Made-up sessions, as a part of the real ones.
    pub share: f64,
    /// What they are filled with.
    pub filler: Filler,
    /// Seed of all that is drawn.
    pub seed: u64,
}

/// Items that are pushed.
pub const PUSHED: usize = 10;
/// One in so many items of a session is pushed, and one at least.
const FILLERS_PER_PUSHED: usize = 4;

/// One made-up shopper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttackProfile {
    /// The real shopper whose length, times and baskets it has.
    pub like: usize,
    /// Items, as many as that shopper has entries.
    pub items: Vec<u32>,
}

/// The items that are pushed, ascending, and the sessions that push them. Pushed are items
/// of the less popular half that have an interaction.
///
/// # Shapes
/// `counts` \[n_items\], interactions with each item; `lengths` \[shoppers\].
///
/// # Errors
/// [`EvaluationError::Empty`] when there are no interactions.
///
/// # Source
/// Mobasher et al., Toward trustworthy recommender systems: an analysis of attack models
/// (2007), random and bandwagon attack.
pub fn sessions(
    attack: Attack,
    counts: &[u32],
    lengths: &[usize],
) -> Result<(Vec<u32>, Vec<AttackProfile>), EvaluationError> {
    let mut rng = SmallRng::seed_from_u64(attack.seed);
    let mut taken: Vec<u32> =
        (0..counts.len() as u32).filter(|item| counts[*item as usize] > 0).collect();
    taken.sort_by_key(|item| (counts[*item as usize], *item));
    let rare = &taken[..taken.len().div_ceil(2)];
    if rare.is_empty() || lengths.is_empty() {
        return Err(EvaluationError::Empty);
    }
    let mut pushed: Vec<u32> = index::sample(&mut rng, rare.len(), PUSHED.min(rare.len()))
        .into_iter()
        .map(|n| rare[n])
        .collect();
    pushed.sort_unstable();
    // An item of the log drawn at random is one drawn as it sells.
    let sold: Vec<u32> = (0..counts.len() as u32)
        .flat_map(|item| std::iter::repeat_n(item, counts[item as usize] as usize))
        .collect();
    let filler = |rng: &mut SmallRng| match attack.filler {
        Filler::Random => rng.random_range(0..counts.len() as u32),
        Filler::Bandwagon => sold[rng.random_range(0..sold.len())],
    };
    let n_sessions = (lengths.len() as f64 * attack.share).round() as usize;
    let made_up = (0..n_sessions)
        .map(|_| {
            let like = rng.random_range(0..lengths.len());
            let n_pushed = (lengths[like] / FILLERS_PER_PUSHED).clamp(1, pushed.len());
            let mut items: Vec<u32> = index::sample(&mut rng, pushed.len(), n_pushed)
                .into_iter()
                .map(|n| pushed[n])
                .take(lengths[like])
                .collect();
            while items.len() < lengths[like] {
                items.push(filler(&mut rng));
            }
            items.shuffle(&mut rng);
            AttackProfile { like, items }
        })
        .collect();
    Ok((pushed, made_up))
}

/// In how many of the asked cases the first ten have a pushed item.
///
/// # Errors
/// [`EvaluationError::Empty`] when nothing is asked.
pub fn hit_rate(
    task: &NextItemTask,
    run: &NextItemRun,
    pushed: &[u32],
    seed: u64,
) -> Result<Interval, EvaluationError> {
    let has_one = |shown: &[u32]| shown.iter().any(|item| pushed.binary_search(item).is_ok());
    let hits: Vec<f64> = (0..task.n_cases())
        .filter(|case| task.is_asked(*case))
        .map(|case| f64::from(u8::from(has_one(&run.answers[case].shown))))
        .collect();
    mean_interval(&hits, seed, crate::report::N_RESAMPLES)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attack(filler: Filler) -> (Vec<u32>, Vec<AttackProfile>) {
        // Items 0 to 49 sell often, 50 to 99 seldom, 100 to 119 never.
        let counts: Vec<u32> = (0..120).map(|i| [200, 2, 0][i / 50]).collect();
        let lengths: Vec<usize> = (0..400).map(|n| 2 + n % 30).collect();
        let attack = Attack { share: 0.05, filler, seed: 3 };
        sessions(attack, &counts, &lengths).expect("some are taken")
    }

    #[test]
    fn sessions_look_like_real_ones_and_push_rare_items() {
        for filler in [Filler::Random, Filler::Bandwagon] {
            let (pushed, sessions) = attack(filler);
            assert_eq!((pushed.len(), sessions.len()), (PUSHED, 20));
            assert!(pushed.iter().all(|item| (50..100).contains(item)));
            for session in &sessions {
                assert_eq!(session.items.len(), 2 + session.like % 30);
                let n = session.items.iter().filter(|item| pushed.contains(item)).count();
                assert!(n >= 1, "every session pushes");
            }
            let all: Vec<u32> =
                sessions.iter().flat_map(|session| &session.items).copied().collect();
            let popular = all.iter().filter(|item| **item < 50).count() as f64 / all.len() as f64;
            match filler {
                Filler::Random => assert!(popular < 0.45, "{popular}"),
                Filler::Bandwagon => assert!(popular > 0.6, "{popular}"),
            }
        }
        assert_eq!(attack(Filler::Random), attack(Filler::Random));
    }

    #[test]
    fn an_attack_on_nothing_is_refused() {
        let attack = Attack { share: 0.05, filler: Filler::Random, seed: 1 };
        assert_eq!(sessions(attack, &[0, 0], &[3]), Err(EvaluationError::Empty));
    }
}
