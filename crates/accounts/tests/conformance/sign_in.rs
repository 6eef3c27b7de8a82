//! Signing in, and guessing.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use vitrine_accounts::{
    ACCOUNT_WAIT_SECONDS_MAX, AccountStore, AccountsConfig, AccountsError, FREE_GUESSES,
    HashingCost, Role, Secret, SignIn,
};

use crate::assert_refused;
use crate::bench::{Bench, NOW, PASSWORD, SYSTEM, presents, wait_of};

pub async fn what_is_wrong_is_not_said(bench: Bench) {
    let store = &bench.store;
    bench.person("emil", Role::Editor).await;
    let too_long = "long ".repeat(100);
    for (login, password) in
        [("emil", "four quiet grey mic"), ("emil", &too_long), ("nobody", PASSWORD), ("a b", "x")]
    {
        let refused = store.sign_in(&presents(login, password, None), NOW).await;
        assert_refused!(refused, AccountsError::WrongCredentials);
    }
    let signed_in = bench.sign_in("Emil", NOW).await;
    assert_eq!(signed_in.session.display_name, "emil of the shop");
}

pub async fn guesses_are_limited_and_the_owner_comes_in(bench: Bench) {
    let store = &bench.store;
    bench.person("emil", Role::Editor).await;
    for login in ["emil", "nobody"] {
        let from = |n: u8| SignIn {
            address: IpAddr::from([198, 51, 100, n]),
            ..presents(login, "wrong wrong wrong", None)
        };
        for n in 0..=FREE_GUESSES as u8 {
            let refused = store.sign_in(&from(n), NOW).await;
            assert_refused!(refused, AccountsError::WrongCredentials);
        }
        assert_eq!(wait_of(store.sign_in(&from(100), NOW).await), 1, "{login}");
    }
    // Others go on; the owner waits once, and comes in with the right password.
    let mut now = NOW;
    for n in 0..12 {
        now += ACCOUNT_WAIT_SECONDS_MAX as i64;
        let attack =
            SignIn { address: IpAddr::from([203, 0, 113, n]), ..presents("emil", "wrong", None) };
        let _ = store.sign_in(&attack, now).await;
    }
    let wait = wait_of(store.sign_in(&presents("emil", PASSWORD, None), now).await);
    assert!(wait <= ACCOUNT_WAIT_SECONDS_MAX as i64);
    let attack =
        SignIn { address: IpAddr::from([203, 0, 113, 99]), ..presents("emil", "wrong", None) };
    assert!(wait_of(store.sign_in(&attack, now).await) <= wait);
    let _ = store.sign_in(&attack, now + wait).await;
    bench.sign_in("emil", now + wait).await;
    // A right password forgives the account what others did.
    let other = SignIn { address: IpAddr::from([203, 0, 113, 100]), ..attack };
    let refused = store.sign_in(&other, now + wait).await;
    assert_refused!(refused, AccountsError::WrongCredentials);
}

pub async fn an_unknown_account_takes_as_long(bench: Bench) {
    bench.person("emil", Role::Editor).await;
    let hashing = HashingCost { memory_kib: 4 * 1024, passes: 2, lanes: 1 };
    let store =
        AccountStore::open(AccountsConfig { hashing, ..bench.config.clone() }).await.unwrap();
    bench.raw("DELETE FROM sessions").await;
    // Hashed anew at the cost that is timed.
    store.sign_in(&presents("emil", PASSWORD, None), NOW).await.unwrap();
    let mut fastest = [Duration::MAX; 2];
    for n in 0..10_i64 {
        for (fastest, login) in fastest.iter_mut().zip(["emil", "nobody"]) {
            let begun = Instant::now();
            let now = NOW + n * 3_600;
            let refused = store.sign_in(&presents(login, "wrong wrong wrong", None), now).await;
            *fastest = begun.elapsed().min(*fastest);
            assert_refused!(refused, AccountsError::WrongCredentials);
        }
    }
    assert!(fastest[1] > fastest[0] / 2 && fastest[0] > fastest[1] / 2, "{fastest:?}");
}

pub async fn hashes_rise_with_their_cost(bench: Bench) {
    bench.person("emil", Role::Editor).await;
    let at_cost =
        "SELECT count(*) FROM accounts WHERE password LIKE '$argon2id$v=19$m=16,t=2,p=1$%'";
    bench.sign_in("emil", NOW).await;
    assert_eq!(bench.number(at_cost).await, 0);
    let hashing = HashingCost { memory_kib: 16, passes: 2, lanes: 1 };
    let store =
        AccountStore::open(AccountsConfig { hashing, ..bench.config.clone() }).await.unwrap();
    let kept = bench.sign_in("emil", NOW).await.token;
    let wrong = store.sign_in(&presents("emil", "wrong wrong wrong", None), NOW).await;
    assert_refused!(wrong, AccountsError::WrongCredentials);
    assert_eq!(bench.number(at_cost).await, 0);
    store.sign_in(&presents("emil", PASSWORD, None), NOW).await.unwrap();
    assert_eq!(bench.number(at_cost).await, 1);
    // It is the same password: nothing ends, and it does not fall again.
    assert!(store.session(&kept, NOW).await.is_ok());
    bench.sign_in("emil", NOW).await;
    assert_eq!(bench.number(at_cost).await, 1);
}

pub async fn ones_own_password_is_changed_by_who_knows_it(bench: Bench) {
    let store = &bench.store;
    let emil = bench.person("emil", Role::Editor).await;
    let session = bench.sign_in("emil", NOW).await;
    let address = presents("emil", "", None).address;
    let (old, new) = (Secret::new(PASSWORD), Secret::new("seven loud red trams"));
    let wrong = store.change_password(&emil, &new, &new, address, NOW).await;
    assert_refused!(wrong, AccountsError::WrongCredentials);
    let weak = store.change_password(&emil, &old, &Secret::new("short"), address, NOW).await;
    assert_refused!(weak, AccountsError::Password(_));
    assert!(store.session(&session.token, NOW).await.is_ok());
    store.confirm_password(&emil, &old, address, NOW).await.unwrap();
    let link = store.password_link(&SYSTEM, &emil, NOW).await.unwrap();
    let fresh = store.change_password(&emil, &old, &new, address, NOW).await.unwrap();
    assert_refused!(store.session(&session.token, NOW).await, AccountsError::SessionEnded);
    assert!(store.session(&fresh.token, NOW).await.is_ok());
    assert!(store.open_link(&link.token, NOW).await.is_err());
    let refused = store.confirm_password(&emil, &old, address, NOW).await;
    assert_refused!(refused, AccountsError::WrongCredentials);
    // A borrowed browser does not guess for free either.
    for _ in 0..FREE_GUESSES {
        let _ = store.confirm_password(&emil, &old, address, NOW).await;
    }
    wait_of(store.confirm_password(&emil, &new, address, NOW).await);
}

pub async fn a_disabled_account_is_told_so(bench: Bench) {
    let store = &bench.store;
    bench.person("anna", Role::Admin).await;
    let emil = bench.person("emil", Role::Editor).await;
    store.set_disabled(&SYSTEM, &emil, true, NOW).await.unwrap();
    let right = store.sign_in(&presents("emil", PASSWORD, None), NOW).await;
    assert_refused!(right, AccountsError::AccountDisabled);
    let wrong = store.sign_in(&presents("emil", "wrong wrong wrong", None), NOW).await;
    assert_refused!(wrong, AccountsError::WrongCredentials);
    store.set_disabled(&SYSTEM, &emil, false, NOW).await.unwrap();
    bench.sign_in("emil", NOW).await;
}
