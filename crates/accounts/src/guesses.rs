//! Limits on guessing passwords and codes, in memory.
//!
//! Wrong attempts are counted by account and by address. After a few free ones each makes
//! the next wait twice as long, up to a bound. An attempt counts as wrong from the moment it
//! is let in until it turns out right, so that many at once gain nothing.
//!
//! Nobody can keep an account's owner out from other addresses: an address that is told to
//! wait for an account is promised an attempt at the end of that wait, whatever others did
//! meanwhile. Who shares the owner's address shares its waits.
//!
//! Addresses are kept as hashes under a key that this process drew and never writes.

use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, MutexGuard, PoisonError};

use lru::LruCache;

use crate::AccountsError;
use crate::secret::random_bytes;

/// Wrong attempts at an account that cost no wait.
pub const FREE_GUESSES: u32 = 5;
/// The same of an address: many people may share one.
const FREE_GUESSES_OF_ADDRESS: u32 = 20;
/// Longest wait for an account, in seconds.
pub const ACCOUNT_WAIT_SECONDS_MAX: u64 = 60;
/// Longest wait of an address, in seconds.
pub const ADDRESS_WAIT_SECONDS_MAX: u64 = 900;
/// Accounts, addresses, and promises that are remembered: of each at most so many, the
/// latest.
pub const GUESSERS_MAX: usize = 10_000;
/// After so long without an attempt, wrong ones are forgotten, in seconds; a promise, too.
const REMEMBERED_SECONDS: i64 = 60 * 60;
/// Addresses of one customer begin with the same bits.
const IPV6_PREFIX_BYTES: usize = 7;

type GuesserKey = [u8; 32];

/// Counts wrong attempts.
pub(crate) struct GuessLimiter {
    /// Addresses and login names are hashed under it.
    key: [u8; 32],
    state: Mutex<Guesses>,
}

struct Guesses {
    accounts: LruCache<GuesserKey, WrongAttempts>,
    addresses: LruCache<GuesserKey, WrongAttempts>,
    /// From when an address is let in to an account, in seconds since 1970-01-01 UTC.
    promises: LruCache<GuesserKey, i64>,
}

#[derive(Clone, Copy, Default)]
struct WrongAttempts {
    n: u32,
    blocked_until: i64,
    last: i64,
}

impl WrongAttempts {
    fn count(&mut self, limit: Limit, now: i64) {
        self.n = self.n.saturating_add(1);
        self.last = now;
        if self.n > limit.free {
            let doublings = (self.n - limit.free - 1).min(30);
            let wait = (1_i64 << doublings).min(limit.wait_max);
            self.blocked_until = self.blocked_until.max(now.saturating_add(wait));
        }
    }

    /// Seconds from now.
    fn wait(&self, now: i64) -> i64 {
        self.blocked_until.saturating_sub(now).max(0)
    }
}

#[derive(Clone, Copy)]
struct Limit {
    free: u32,
    wait_max: i64,
}

const OF_ACCOUNT: Limit = Limit { free: FREE_GUESSES, wait_max: ACCOUNT_WAIT_SECONDS_MAX as i64 };
const OF_ADDRESS: Limit =
    Limit { free: FREE_GUESSES_OF_ADDRESS, wait_max: ADDRESS_WAIT_SECONDS_MAX as i64 };

/// An attempt that was let in: wrong unless it is said to be something else.
#[must_use]
pub(crate) struct Attempt<'a> {
    limiter: &'a GuessLimiter,
    account: GuesserKey,
    address: GuesserKey,
    account_blocked_until: i64,
    address_blocked_until: i64,
}

impl GuessLimiter {
    pub fn new() -> Result<Self, AccountsError> {
        let n_max = const { NonZeroUsize::new(GUESSERS_MAX).expect("more than none") };
        let state = Guesses {
            accounts: LruCache::new(n_max),
            addresses: LruCache::new(n_max),
            promises: LruCache::new(n_max),
        };
        Ok(Self { key: random_bytes()?, state: Mutex::new(state) })
    }

    /// Lets an attempt in, or says how long to wait.
    pub fn admit(
        &self,
        login: &str,
        address: IpAddr,
        now_seconds: i64,
    ) -> Result<Attempt<'_>, AccountsError> {
        let account = self.keyed("account", login.as_bytes());
        let address = self.keyed("address", &network_of(address));
        let pair = self.keyed("pair", &[account, address].concat());
        let state = &mut *self.state();
        let by_account = remembered(&mut state.accounts, account, OF_ACCOUNT, now_seconds);
        let by_address = remembered(&mut state.addresses, address, OF_ADDRESS, now_seconds);
        let for_address = by_address.wait(now_seconds);
        let mut for_account = by_account.wait(now_seconds);
        if for_account > 0 {
            let from = promised(&state.promises, pair, now_seconds);
            let from = from.unwrap_or(now_seconds + for_account);
            for_account = from.saturating_sub(now_seconds).clamp(0, for_account);
            state.promises.put(pair, from);
        }
        let wait_seconds = for_account.max(for_address);
        if wait_seconds > 0 {
            return Err(AccountsError::TooManyGuesses { wait_seconds: wait_seconds as u64 });
        }
        // A promise is one attempt, whether it was needed or not.
        state.promises.pop(&pair);
        let before = (by_account.blocked_until, by_address.blocked_until);
        by_account.count(OF_ACCOUNT, now_seconds);
        by_address.count(OF_ADDRESS, now_seconds);
        let (account_blocked_until, address_blocked_until) = before;
        Ok(Attempt {
            limiter: self,
            account,
            address,
            account_blocked_until,
            address_blocked_until,
        })
    }

    fn keyed(&self, kind: &str, bytes: &[u8]) -> GuesserKey {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(kind.as_bytes()).update(&[0]).update(bytes);
        *hasher.finalize().as_bytes()
    }

    fn state(&self) -> MutexGuard<'_, Guesses> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for GuessLimiter {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("GuessLimiter(…)")
    }
}

impl Attempt<'_> {
    /// It was right: the account begins anew. The address does not, or who has an account
    /// could guess at others between their own sign-ins.
    pub fn right(self) {
        let mut state = self.limiter.state();
        state.accounts.pop(&self.account);
        self.take_back_of_address(&mut state);
    }

    /// It was no guess, such as a right password without its code: as if it had not been.
    pub fn no_guess(self) {
        let mut state = self.limiter.state();
        if let Some(wrong) = state.accounts.get_mut(&self.account) {
            wrong.n = wrong.n.saturating_sub(1);
            wrong.blocked_until = self.account_blocked_until;
        }
        self.take_back_of_address(&mut state);
    }

    fn take_back_of_address(&self, state: &mut Guesses) {
        if let Some(wrong) = state.addresses.get_mut(&self.address) {
            wrong.n = wrong.n.saturating_sub(1);
            wrong.blocked_until = self.address_blocked_until;
        }
    }
}

/// What is known of a guesser; nothing after a long quiet. A clock that went back makes no
/// wait longer.
fn remembered(
    all: &mut LruCache<GuesserKey, WrongAttempts>,
    key: GuesserKey,
    limit: Limit,
    now: i64,
) -> &mut WrongAttempts {
    let wrong = all.get_or_insert_mut(key, WrongAttempts::default);
    if now.saturating_sub(wrong.last) >= REMEMBERED_SECONDS {
        *wrong = WrongAttempts::default();
    }
    wrong.last = wrong.last.min(now);
    wrong.blocked_until = wrong.blocked_until.min(now.saturating_add(limit.wait_max));
    wrong
}

/// From when an address was promised an attempt, unless that was long ago or the clock went
/// back since.
fn promised(all: &LruCache<GuesserKey, i64>, key: GuesserKey, now: i64) -> Option<i64> {
    let from = *all.peek(&key)?;
    let is_near = now.saturating_sub(from) < REMEMBERED_SECONDS
        && from.saturating_sub(now) <= OF_ACCOUNT.wait_max;
    is_near.then_some(from)
}

/// What stands for an address: of IPv6, the part that one customer has.
fn network_of(address: IpAddr) -> Vec<u8> {
    match address.to_canonical() {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets()[..IPV6_PREFIX_BYTES].to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWNER: &str = "2001:db8:1:100::7";
    const NOW: i64 = 1_000_000;

    fn attempt(limiter: &GuessLimiter, account: &str, address: &str, now: i64) -> Result<(), u64> {
        match limiter.admit(account, address.parse().unwrap(), now) {
            Ok(_) => Ok(()),
            Err(AccountsError::TooManyGuesses { wait_seconds }) => Err(wait_seconds),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn waits_double_up_to_their_bound() {
        let limiter = GuessLimiter::new().unwrap();
        for _ in 0..FREE_GUESSES {
            assert_eq!(attempt(&limiter, "anna", OWNER, NOW), Ok(()));
        }
        let mut now = NOW;
        let mut waits = Vec::new();
        for _ in 0..10 {
            assert_eq!(attempt(&limiter, "anna", OWNER, now), Ok(()));
            let wait = attempt(&limiter, "anna", OWNER, now).unwrap_err();
            assert_eq!(attempt(&limiter, "anna", OWNER, now + wait as i64 - 1), Err(1));
            now += wait as i64;
            waits.push(wait);
        }
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
        // A quiet hour, and the free ones are back.
        now += REMEMBERED_SECONDS;
        for _ in 0..FREE_GUESSES {
            assert_eq!(attempt(&limiter, "anna", OWNER, now), Ok(()));
        }
    }

    #[test]
    fn an_attempt_counts_while_it_is_under_way() {
        let limiter = GuessLimiter::new().unwrap();
        let address = OWNER.parse().unwrap();
        let under_way: Vec<_> =
            (0..50).filter_map(|_| limiter.admit("anna", address, NOW).ok()).collect();
        assert_eq!(under_way.len() as u32, FREE_GUESSES + 1);
    }

    #[test]
    fn an_address_is_counted_over_all_accounts_and_its_own_right_ones_change_nothing() {
        let limiter = GuessLimiter::new().unwrap();
        let address = "192.0.2.1".parse().unwrap();
        let mut n_let_in = 0;
        for n in 0..200 {
            if limiter.admit("own", address, NOW).map(Attempt::right).is_ok() {
                n_let_in += u32::from(attempt(&limiter, &format!("{n}"), "192.0.2.1", NOW).is_ok());
            }
        }
        assert_eq!(n_let_in, FREE_GUESSES_OF_ADDRESS + 1);
        assert_eq!(attempt(&limiter, "anna", "192.0.2.2", NOW), Ok(()), "another address");
    }

    #[test]
    fn others_keep_the_owner_out_for_one_wait_at_most() {
        let limiter = GuessLimiter::new().unwrap();
        let attack = |n: u32, now| {
            let address = format!("198.51.{}.{}", n / 256, n % 256);
            attempt(&limiter, "anna", &address, now)
        };
        let mut n = 0;
        for now in NOW..NOW + 300 {
            n += 1;
            let _ = attack(n, now);
        }
        let now = NOW + 300;
        let _ = attack(n + 1, now);
        let wait = attempt(&limiter, "anna", OWNER, now).unwrap_err() as i64;
        assert!((1..=ACCOUNT_WAIT_SECONDS_MAX as i64).contains(&wait), "{wait}");
        // The attack goes on, with a fresh address each second.
        for second in 0..=wait {
            let _ = attack(n + 2 + second as u32, now + second);
        }
        assert_eq!(attempt(&limiter, "anna", OWNER, now + wait), Ok(()));
        let again = attempt(&limiter, "anna", OWNER, now + wait);
        assert!(again.is_err(), "one promise is one attempt");
    }

    #[test]
    fn a_right_password_without_its_code_is_no_guess_and_hides_none() {
        let limiter = GuessLimiter::new().unwrap();
        let address = OWNER.parse().unwrap();
        let mut n_codes = 0;
        for _ in 0..100 {
            if let Ok(attempt) = limiter.admit("anna", address, NOW) {
                attempt.no_guess();
            }
            n_codes += u32::from(attempt(&limiter, "anna", OWNER, NOW).is_ok());
        }
        assert_eq!(n_codes, FREE_GUESSES + 1);
    }

    #[test]
    fn a_clock_that_goes_back_keeps_nobody_out_for_longer() {
        let limiter = GuessLimiter::new().unwrap();
        while attempt(&limiter, "anna", OWNER, NOW).is_ok() {}
        let wait = attempt(&limiter, "anna", OWNER, 0).unwrap_err();
        assert!(wait <= ACCOUNT_WAIT_SECONDS_MAX, "{wait}");
        assert_eq!(attempt(&limiter, "anna", OWNER, wait as i64), Ok(()));
    }

    #[test]
    fn memory_is_bounded_and_addresses_of_a_customer_are_one() {
        let limiter = GuessLimiter::new().unwrap();
        for n in 0..GUESSERS_MAX as u32 + 500 {
            let address = IpAddr::from(std::net::Ipv4Addr::from(n));
            let _ = limiter.admit(&n.to_string(), address, NOW);
        }
        let state = limiter.state();
        assert_eq!((state.accounts.len(), state.addresses.len()), (GUESSERS_MAX, GUESSERS_MAX));
        drop(state);
        let network = |text: &str| network_of(text.parse().unwrap());
        assert_eq!(network("2001:db8:1:1ff::1"), network(OWNER));
        assert_ne!(network("2001:db8:1:200::1"), network(OWNER));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }
}
