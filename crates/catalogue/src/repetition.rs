//! Idempotency keys: a request that comes again gets the answer of the first time.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::error::{CatalogueError, ChangeError};
use crate::limits;

/// Bytes of a hash that stands for a key, a body or an order line.
pub(crate) const DIGEST_BYTES: usize = 16;
/// A hash in memory: collisions of 128 bits do not happen by accident.
pub(crate) type Digest = [u8; DIGEST_BYTES];

/// What marks a request as the same as an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    key: Digest,
    body: Digest,
}

impl IdempotencyKey {
    /// A key of the client's with the bytes of the request's body. Keys of several clients
    /// are kept apart when `client` (the name of its API key) differs.
    ///
    /// # Errors
    /// [`ChangeError::KeyLength`] unless the key has 1 to [`limits::KEY_BYTES_MAX`] bytes.
    pub fn new(client: &str, key: &str, body: &[u8]) -> Result<Self, ChangeError> {
        if !(1..=limits::KEY_BYTES_MAX).contains(&key.len()) {
            return Err(ChangeError::KeyLength);
        }
        Ok(Self { key: digest(&[client.as_bytes(), key.as_bytes()]), body: digest(&[body]) })
    }
}

/// A hash of parts that tells where one ends.
pub(crate) fn digest(parts: &[&[u8]]) -> Digest {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
    }
    let mut digest = [0; DIGEST_BYTES];
    digest.copy_from_slice(&hasher.finalize().as_bytes()[..DIGEST_BYTES]);
    digest
}

/// A request with its answer: outcomes in the order of its changes, runs of equal ones
/// together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct AnsweredRequest<O> {
    #[serde(with = "hexadecimal")]
    key: Digest,
    #[serde(with = "hexadecimal")]
    body: Digest,
    at_seconds: i64,
    runs: Vec<(u32, O)>,
}

impl<O: Clone + PartialEq> AnsweredRequest<O> {
    pub(crate) fn new(key: IdempotencyKey, at_seconds: i64, outcomes: &[O]) -> Self {
        let mut runs: Vec<(u32, O)> = Vec::new();
        for outcome in outcomes {
            match runs.last_mut() {
                Some((n, same)) if same == outcome => *n += 1,
                _ => runs.push((1, outcome.clone())),
            }
        }
        Self { key: key.key, body: key.body, at_seconds, runs }
    }

    /// The outcomes of the same request among some.
    ///
    /// # Errors
    /// [`CatalogueError::KeyReused`] when it had another body.
    pub(crate) fn find(
        among: &[Self],
        key: &IdempotencyKey,
    ) -> Result<Option<Vec<O>>, CatalogueError> {
        let same = among.iter().find(|request| request.key == key.key);
        same.map(|request| request.answer(key)).transpose()
    }

    fn answer(&self, key: &IdempotencyKey) -> Result<Vec<O>, CatalogueError> {
        if self.body == key.body { Ok(self.outcomes()) } else { Err(CatalogueError::KeyReused) }
    }

    fn outcomes(&self) -> Vec<O> {
        let run = |(n, outcome): &(u32, O)| std::iter::repeat_n(outcome.clone(), *n as usize);
        self.runs.iter().flat_map(run).collect()
    }
}

/// Requests of the last [`limits::KEY_KEPT_SECONDS`], at most [`limits::KEYS_MAX`].
pub(crate) struct Answered<O> {
    by_key: HashMap<Digest, Arc<AnsweredRequest<O>>>,
    /// In the order in which they came, which is that of their times.
    order: VecDeque<(i64, Digest)>,
}

impl<O> Default for Answered<O> {
    fn default() -> Self {
        Self { by_key: HashMap::new(), order: VecDeque::new() }
    }
}

impl<O: Clone + PartialEq> Answered<O> {
    /// The outcomes of a request that came before.
    ///
    /// # Errors
    /// [`CatalogueError::KeyReused`] when it had another body.
    pub(crate) fn find(
        &self,
        key: &IdempotencyKey,
        now_seconds: i64,
    ) -> Result<Option<Vec<O>>, CatalogueError> {
        match self.by_key.get(&key.key) {
            Some(known) if !is_over(known.at_seconds, now_seconds) => known.answer(key).map(Some),
            _ => Ok(None),
        }
    }

    /// Remembers a request that was remembered before.
    pub(crate) fn restore(&mut self, request: AnsweredRequest<O>) {
        let at_seconds = request.at_seconds;
        self.remember(request, at_seconds);
    }

    /// Remembers a request, and forgets those whose time is over.
    pub(crate) fn remember(&mut self, request: AnsweredRequest<O>, now_seconds: i64) {
        self.order.push_back((request.at_seconds, request.key));
        self.by_key.insert(request.key, Arc::new(request));
        while let Some(&(at_seconds, key)) = self.order.front()
            && (is_over(at_seconds, now_seconds) || self.order.len() > limits::KEYS_MAX)
        {
            self.order.pop_front();
            // It may have come again since.
            if self.by_key.get(&key).is_some_and(|known| known.at_seconds == at_seconds) {
                self.by_key.remove(&key);
            }
        }
    }

    /// The requests that are remembered, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<AnsweredRequest<O>>> {
        let current = |(at_seconds, key): &(i64, Digest)| {
            self.by_key.get(key).filter(|known| known.at_seconds == *at_seconds)
        };
        self.order.iter().filter_map(current)
    }
}

fn is_over(at_seconds: i64, now_seconds: i64) -> bool {
    now_seconds.saturating_sub(at_seconds) >= limits::KEY_KEPT_SECONDS
}

mod hexadecimal {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::{DIGEST_BYTES, Digest};

    pub(crate) fn serialize<S: Serializer>(digest: &Digest, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&format!("{:032x}", u128::from_be_bytes(*digest)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(from)?;
        if text.len() != 2 * DIGEST_BYTES {
            return Err(D::Error::custom("a digest has 32 hexadecimal digits"));
        }
        u128::from_str_radix(&text, 16).map(u128::to_be_bytes).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_remembered_for_a_day_with_its_body() {
        let mut answered = Answered::default();
        let key = IdempotencyKey::new("erp", "k1", b"body").unwrap();
        answered.remember(AnsweredRequest::new(key, 100, &[1, 1, 2]), 100);
        assert_eq!(answered.find(&key, 101).unwrap(), Some(vec![1, 1, 2]));
        let other = IdempotencyKey::new("erp", "k1", b"other").unwrap();
        assert!(matches!(answered.find(&other, 101), Err(CatalogueError::KeyReused)));
        let client = IdempotencyKey::new("till", "k1", b"other").unwrap();
        assert_eq!(answered.find(&client, 101).unwrap(), None);
        let later = 100 + limits::KEY_KEPT_SECONDS;
        assert_eq!(answered.find(&other, later).unwrap(), None);
        answered.remember(AnsweredRequest::new(other, later, &[3]), later);
        assert_eq!(answered.find(&other, later).unwrap(), Some(vec![3]));
        assert_eq!(answered.iter().count(), 1);
    }

    #[test]
    fn a_key_has_1_to_128_bytes() {
        for (n_bytes, is_good) in [(0, false), (1, true), (128, true), (129, false)] {
            assert_eq!(IdempotencyKey::new("c", &"k".repeat(n_bytes), b"").is_ok(), is_good);
        }
    }

    #[test]
    fn digests_survive_json() {
        let key = IdempotencyKey::new("erp", "k1", b"body").unwrap();
        let request = AnsweredRequest::new(key, 7, &["a".to_owned()]);
        let json = serde_json::to_string(&request).unwrap();
        assert_eq!(serde_json::from_str::<AnsweredRequest<String>>(&json).unwrap(), request);
    }
}
