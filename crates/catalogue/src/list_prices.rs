//! Prices of a product in the shop's price lists, as registers.
//!
//! A change that names lists sets theirs alone; an upsert and a deletion say something of all
//! lists at once, also of those that no change has named yet: the revision of the newest one
//! stands for every list that it does not name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::named_prices::NamedPrices;
use crate::price::Price;
use crate::register::{RegisterTally, Stamped};

/// The registers of all lists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ListPrices {
    /// What holds of lists that are not in `of`: no price, since this revision.
    #[serde(default, skip_serializing_if = "Stamped::is_unset")]
    others: Stamped<()>,
    /// Those that changes have named since, by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    of: BTreeMap<String, Stamped<Option<Price>>>,
}

impl ListPrices {
    pub(crate) fn is_unset(&self) -> bool {
        *self == Self::default()
    }

    /// What is known of the price in a list; revision 0 = nothing.
    pub fn get(&self, key: &str) -> Stamped<Option<Price>> {
        let Stamped { revision, number, .. } = self.others;
        let other = Stamped { revision, number, value: None };
        self.of.get(key).cloned().unwrap_or(other)
    }

    /// Keys of the lists that have a register of their own, with what is known.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Stamped<Option<Price>>)> {
        self.of.iter().map(|(key, price)| (key.as_str(), price))
    }

    /// The highest revision that set anything.
    pub(crate) fn revision(&self) -> u64 {
        let of = self.of.values().map(|price| price.revision);
        of.fold(self.others.revision, u64::max)
    }

    /// Registers that have no number yet were set by this record.
    pub(crate) fn note(&mut self, number: u64) {
        self.others.note(number);
        self.of.values_mut().for_each(|price| price.note(number));
    }

    /// A change that names some lists.
    pub(crate) fn take(&mut self, prices: &NamedPrices, revision: u64, tally: &mut RegisterTally) {
        for (key, price) in prices {
            let mut register = self.get(key);
            let is_newer = revision > register.revision;
            tally.offer(&mut register, revision, *price);
            if is_newer {
                self.of.insert(key.clone(), register);
            }
        }
    }

    /// A change that says something of all lists: those that it does not name have no price.
    pub(crate) fn take_all(
        &mut self,
        prices: &NamedPrices,
        revision: u64,
        tally: &mut RegisterTally,
    ) {
        let unnamed: Vec<String> =
            self.of.keys().filter(|key| !prices.contains_key(*key)).cloned().collect();
        let unnamed: NamedPrices = unnamed.into_iter().map(|key| (key, None)).collect();
        self.take(prices, revision, tally);
        self.take(&unnamed, revision, tally);
        tally.offer(&mut self.others, revision, ());
        // What the newest statement about all lists says need not be said of each.
        let others = self.others.revision;
        self.of.retain(|_, price| price.revision > others || price.value.is_some());
    }
}
