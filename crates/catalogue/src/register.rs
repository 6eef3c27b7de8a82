//! A register: a value with the revision that set it, where the highest revision wins.

use serde::{Deserialize, Serialize};

/// A value with the revision that set it; revision 0 = never set. Two are equal when
/// revision and value are: in which record it came is no part of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// Revision of the change that set it.
    pub revision: u64,
    /// Number of the record that set it; 0 while that is not known.
    #[serde(default)]
    pub number: u64,
    /// What was set.
    pub value: T,
}

impl<T: PartialEq> PartialEq for Stamped<T> {
    fn eq(&self, other: &Self) -> bool {
        self.revision == other.revision && self.value == other.value
    }
}

impl<T> Stamped<T> {
    pub(crate) fn is_unset(&self) -> bool {
        self.revision == 0
    }

    /// What was set and has no number yet was set by this record.
    pub(crate) fn note(&mut self, number: u64) {
        if self.revision > 0 && self.number == 0 {
            self.number = number;
        }
    }
}

/// How the registers of a product took a change.
#[derive(Default)]
pub(crate) struct RegisterTally {
    pub(crate) n_set: usize,
    pub(crate) n_same: usize,
    pub(crate) n_conflicts: usize,
}

impl RegisterTally {
    pub(crate) fn offer<T: PartialEq>(
        &mut self,
        register: &mut Stamped<T>,
        revision: u64,
        value: T,
    ) {
        if revision > register.revision {
            *register = Stamped { revision, number: 0, value };
            self.n_set += 1;
        } else if revision == register.revision {
            if register.value == value {
                self.n_same += 1;
            } else {
                self.n_conflicts += 1;
            }
        }
    }
}
