//! The shop's rules as shards of a revision: those of the first tiles, then all others.
//!
//! They are bases, of which each revision that changes rules has its own; no version of the
//! store has any, so that whoever publishes a catalogue knows nothing of rules.

use vitrine_domain::{ShardKind, ShardRef, ShardRole};
use vitrine_rules::{PublicRules, Rule, RuleLevel, Surface};
use vitrine_wire::{Shard, WireError, content_hash, encode_shard};

use super::chain::RevisionShard;
use crate::compression::compress_quickly;

/// Largest part that the first feed waits for, in bytes as they are hashed.
const FIRST_BYTES_MAX: usize = 8 << 10;
/// Cell of the part that the first feed waits for.
const FIRST_CELL: u32 = 0;
/// Cell of all other rules.
const LATER_CELL: u32 = 1;

/// Rules with the shards that they are published as.
#[derive(Debug, Default)]
pub struct PublishedRules {
    /// Sorted by id.
    pub(super) set: PublicRules,
    shards: Vec<RevisionShard>,
}

impl PublishedRules {
    /// Encodes a set; none of no rules. The same set always gives the same shards.
    ///
    /// # Errors
    /// It is not valid, or larger than shards may be.
    pub fn new(mut set: PublicRules) -> Result<Self, WireError> {
        set.validate(&[])?;
        set.rules.sort_by_key(|rule| rule.id);
        let (first, later) = parts(&set)?;
        let parts = [(FIRST_CELL, first), (LATER_CELL, later)].into_iter();
        let parts = parts.filter(|(_, rules)| !rules.is_empty());
        let shards = parts.map(|(cell, rules)| shard(cell, rules)).collect::<Result<_, _>>()?;
        Ok(Self { set, shards })
    }

    /// The rules, sorted by id.
    pub fn set(&self) -> &PublicRules {
        &self.set
    }
}

/// What is published of rules now.
#[derive(Debug, Default)]
pub(super) struct RuleShards {
    set: PublicRules,
    shards: Vec<ShardRef>,
}

impl RuleShards {
    /// What a version came with.
    pub(super) fn of_version(shards: &[(ShardRef, Shard)]) -> Self {
        let mut published = Self::default();
        for (reference, shard) in shards {
            if let Shard::Rules(part) = shard {
                published.shards.push(*reference);
                published.set.rules.extend_from_slice(&part.rules);
            }
        }
        published.set.rules.sort_by_key(|rule| rule.id);
        published
    }

    /// References of the shards.
    pub(super) fn shards(&self) -> impl Iterator<Item = ShardRef> {
        self.shards.iter().copied()
    }

    pub(super) fn set(&self) -> &PublicRules {
        &self.set
    }

    /// Publishes others from now on. Returns the shards that are new.
    pub(super) fn replace(&mut self, rules: PublishedRules) -> Vec<RevisionShard> {
        let before = std::mem::take(&mut self.shards);
        let PublishedRules { set, shards } = rules;
        self.set = set;
        self.shards = shards.iter().map(|shard| shard.reference).collect();
        let is_new = |shard: &RevisionShard| !before.contains(&shard.reference);
        shards.into_iter().filter(is_new).collect()
    }
}

/// The rules that the first tiles may need, as far as they fit, and all others.
fn parts(set: &PublicRules) -> Result<(Vec<Rule>, Vec<Rule>), WireError> {
    let mut in_order: Vec<&Rule> = set.rules.iter().collect();
    in_order.sort_by_key(|rule| rule.precedence());
    let mut n_bytes = 0;
    let mut first = Vec::new();
    for rule in in_order.into_iter().filter(|rule| is_for_first_tiles(rule)) {
        // A little more than it takes beside others.
        n_bytes += encoded(vec![rule.clone()])?.len();
        if n_bytes <= FIRST_BYTES_MAX {
            first.push(rule.id);
        }
    }
    Ok(set.rules.iter().cloned().partition(|rule| first.contains(&rule.id)))
}

/// Whether it may hold in the feed of somebody who has just come.
fn is_for_first_tiles(rule: &Rule) -> bool {
    rule.level() == RuleLevel::Global && rule.when.is_shown_on(Surface::Feed)
}

fn shard(cell: u32, rules: Vec<Rule>) -> Result<RevisionShard, WireError> {
    let n_rows = rules.len() as u32;
    let raw = encoded(rules)?;
    let compressed = compress_quickly(&raw);
    let reference = ShardRef {
        kind: ShardKind::Rules,
        role: ShardRole::Base,
        cell,
        hash: content_hash(&raw),
        bytes: raw.len() as u32,
        bytes_compressed: compressed.len() as u32,
        n_rows,
    };
    Ok(RevisionShard { reference, raw, compressed })
}

/// Some rules as a shard has them.
fn encoded(rules: Vec<Rule>) -> Result<Vec<u8>, WireError> {
    encode_shard(&Shard::Rules(PublicRules { rules }))
}
