//! Rules of a shop as they are read, and as shards of them are put together.

use serde::Deserialize;
use vitrine_domain::ShardRole;
use vitrine_domain::sorting::sort_by_key;
use vitrine_rules::{PublicRules, RULES_MAX, Rule};

use crate::{WireError, bounded};

/// The same as [`PublicRules`], read within bounds.
#[derive(Deserialize)]
pub(crate) struct RuleRows {
    #[serde(deserialize_with = "bounded::list::<RULES_MAX, _, _>")]
    rules: Vec<Rule>,
}

impl From<RuleRows> for PublicRules {
    fn from(RuleRows { rules }: RuleRows) -> Self {
        Self { rules }
    }
}

/// Shards of rules, before they are put together: bases are parts of one set, a delta is a whole
/// set, and the one of the highest cell counts alone. So what a revision says of rules does not
/// depend on which of them it changed.
#[derive(Default)]
pub(crate) struct RuleLayers {
    bases: Vec<Rule>,
    /// The cells of deltas, and the rules of the last of them.
    cells: Vec<u32>,
    newest: Option<(u32, PublicRules)>,
}

impl RuleLayers {
    pub fn add(
        &mut self,
        (role, cell): (ShardRole, u32),
        rules: PublicRules,
    ) -> Result<(), WireError> {
        if role == ShardRole::Base {
            self.bases.extend(rules.rules);
            return Ok(());
        }
        if self.cells.contains(&cell) {
            let kind = vitrine_domain::ShardKind::Rules;
            return Err(WireError::ShardTwice { kind, role, cell });
        }
        self.cells.push(cell);
        if self.newest.as_ref().is_none_or(|(of, _)| *of < cell) {
            self.newest = Some((cell, rules));
        }
        Ok(())
    }

    /// One set, sorted by id.
    ///
    /// # Errors
    /// Parts that are no valid set together: a rule in two of them, or too many rules.
    pub fn merge(self) -> Result<PublicRules, WireError> {
        let mut rules = match self.newest {
            Some((_, rules)) => rules,
            None => PublicRules { rules: self.bases },
        };
        rules.validate(&[])?;
        sort_by_key(&mut rules.rules, |rule| rule.id);
        Ok(rules)
    }
}
