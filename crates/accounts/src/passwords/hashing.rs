//! How passwords are kept: hashed by argon2id, a few at once.

use std::sync::Arc;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};
use tokio::sync::Semaphore;

use crate::AccountsError;
use crate::secret::{Secret, random_bytes};

/// Passwords that are hashed at the same time; each takes the memory of [`HashingCost`].
pub const HASHES_AT_ONCE: usize = 4;
/// Most that wait for that; more are refused with [`AccountsError::Busy`].
pub const HASHES_WAITING_MAX: usize = 64;
const SALT_BYTES: usize = 16;

/// What one hash costs an attacker, and us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingCost {
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
    /// Lanes that could be computed at once.
    pub lanes: u32,
}

impl HashingCost {
    /// The first of OWASP's recommendations for argon2id with little memory: 19 MiB, two
    /// passes, one lane.
    pub const OWASP: Self = Self { memory_kib: 19 * 1024, passes: 2, lanes: 1 };

    fn params(self) -> Result<Params, AccountsError> {
        Params::new(self.memory_kib, self.passes, self.lanes, None)
            .map_err(|_| AccountsError::HashingCost)
    }

    /// Whether `other` asks for less of anything.
    fn is_more_than(self, other: &Params) -> bool {
        self.memory_kib > other.m_cost()
            || self.passes > other.t_cost()
            || self.lanes > other.p_cost()
    }
}

/// What a password is to a hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Wrong,
    Right,
    /// Right, and hashed at a lower cost than today's.
    RightButCheap,
}

/// Hashes and verifies, off the threads that answer requests.
#[derive(Clone, Debug)]
pub(crate) struct PasswordHashes {
    cost: HashingCost,
    /// Of a password that nobody has: verified where there is no account, so that this
    /// takes as long as a wrong password.
    nobodys: Arc<str>,
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl PasswordHashes {
    pub fn new(cost: HashingCost) -> Result<Self, AccountsError> {
        let nobodys = hash(Secret::random("")?.expose(), cost)?;
        Ok(Self {
            cost,
            nobodys: nobodys.into(),
            places: Arc::new(Semaphore::new(HASHES_AT_ONCE)),
            queue: Arc::new(Semaphore::new(HASHES_AT_ONCE + HASHES_WAITING_MAX)),
        })
    }

    /// The PHC string to keep of a password.
    pub async fn hash(&self, password: &Secret) -> Result<String, AccountsError> {
        let (password, cost) = (password.clone(), self.cost);
        self.in_place(move || hash(password.expose(), cost)).await
    }

    /// Whether a password is the one of a PHC string; without one it is wrong, after the
    /// same work.
    pub async fn verify(
        &self,
        password: &Secret,
        phc: Option<&str>,
    ) -> Result<Verdict, AccountsError> {
        let (password, cost) = (password.clone(), self.cost);
        let is_somebodys = phc.is_some();
        let phc = phc.unwrap_or(&self.nobodys).to_owned();
        let verdict = self.in_place(move || verify(password.expose(), &phc, cost)).await?;
        Ok(if is_somebodys { verdict } else { Verdict::Wrong })
    }

    async fn in_place<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, AccountsError> + Send + 'static,
    ) -> Result<T, AccountsError> {
        let queued = Arc::clone(&self.queue).try_acquire_owned();
        let queued = queued.map_err(|_| AccountsError::Busy)?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| AccountsError::Busy)?;
        // The places go with the work: who stops waiting does not stop it.
        let done = tokio::task::spawn_blocking(move || {
            let _held = (queued, place);
            work()
        });
        done.await.map_err(|_| AccountsError::Busy)?
    }
}

fn hash(password: &str, cost: HashingCost) -> Result<String, AccountsError> {
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, cost.params()?);
    let salt = random_bytes::<SALT_BYTES>()?;
    let phc = argon2
        .hash_password_with_salt(password.as_bytes(), &salt)
        .map_err(|source| AccountsError::Hashing { source })?;
    Ok(phc.to_string())
}

fn verify(password: &str, phc: &str, cost: HashingCost) -> Result<Verdict, AccountsError> {
    let damaged = || AccountsError::Damaged { what: "a password" };
    let phc = PasswordHash::new(phc).map_err(|_| damaged())?;
    let params = Params::try_from(&phc).map_err(|_| damaged())?;
    // The cost is the one that the string was made at; bytes are compared in constant time.
    if Argon2::default().verify_password(password.as_bytes(), &phc).is_err() {
        return Ok(Verdict::Wrong);
    }
    Ok(if cost.is_more_than(&params) { Verdict::RightButCheap } else { Verdict::Right })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHEAP: HashingCost = HashingCost { memory_kib: 8, passes: 1, lanes: 1 };
    const DEARER: HashingCost = HashingCost { memory_kib: 16, passes: 1, lanes: 1 };

    #[tokio::test]
    async fn a_password_is_verified_and_a_cheap_hash_noticed() {
        let hashes = PasswordHashes::new(CHEAP).unwrap();
        let password = Secret::new("four quiet grey mice");
        let phc = hashes.hash(&password).await.unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=8,t=1,p=1$"), "{phc}");
        assert_ne!(hashes.hash(&password).await.unwrap(), phc, "salted");
        let verify = |hashes: PasswordHashes, password: &'static str, phc: Option<String>| async move {
            hashes.verify(&Secret::new(password), phc.as_deref()).await.unwrap()
        };
        let right = "four quiet grey mice";
        let some = Some(phc.clone());
        assert_eq!(verify(hashes.clone(), right, some.clone()).await, Verdict::Right);
        assert_eq!(
            verify(hashes.clone(), "four quiet grey mic", some.clone()).await,
            Verdict::Wrong
        );
        assert_eq!(verify(hashes.clone(), right, None).await, Verdict::Wrong);
        let dearer = PasswordHashes::new(DEARER).unwrap();
        assert_eq!(verify(dearer, right, some).await, Verdict::RightButCheap);
        let damaged = hashes.verify(&password, Some("md5")).await;
        assert!(matches!(damaged, Err(AccountsError::Damaged { .. })));
    }

    #[tokio::test]
    async fn more_than_may_wait_are_refused() {
        let hashes = PasswordHashes::new(CHEAP).unwrap();
        let held = Arc::clone(&hashes.queue);
        let all = held.try_acquire_many((HASHES_AT_ONCE + HASHES_WAITING_MAX) as u32).unwrap();
        let password = Secret::new("four quiet grey mice");
        assert!(matches!(hashes.hash(&password).await, Err(AccountsError::Busy)));
        drop(all);
        assert!(hashes.hash(&password).await.is_ok());
    }

    #[test]
    fn the_cost_of_production_is_owasp_s() {
        let phc = hash("four quiet grey mice", HashingCost::OWASP).unwrap();
        assert!(phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{phc}");
        let wrong = HashingCost { memory_kib: 1, passes: 0, lanes: 0 };
        assert!(matches!(PasswordHashes::new(wrong), Err(AccountsError::HashingCost)));
    }
}
