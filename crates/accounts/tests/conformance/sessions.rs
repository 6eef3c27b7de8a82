//! Sessions.

use vitrine_accounts::{
    AccountsError, Actor, Role, SESSION_IDLE_SECONDS, SESSION_SECONDS, SESSIONS_PER_ACCOUNT_MAX,
    Secret,
};

use crate::assert_refused;
use crate::bench::{Bench, NOW, SYSTEM};

pub async fn a_session_ends_by_idleness_and_by_age(bench: Bench) {
    let store = &bench.store;
    let emil = bench.person("emil", Role::Editor).await;
    let token = bench.sign_in("emil", NOW).await.token;
    let session = store.session(&token, NOW + SESSION_IDLE_SECONDS - 1).await.unwrap();
    assert_eq!((&session.account, session.role), (&emil, Role::Editor));
    assert_eq!(session.expires_seconds, NOW + SESSION_SECONDS);
    // Used now and then, it lasts until its end.
    let mut now = NOW;
    while now < NOW + SESSION_SECONDS {
        assert!(store.session(&token, now).await.is_ok(), "{}", now - NOW);
        now += SESSION_IDLE_SECONDS - 1;
    }
    let old = store.session(&token, NOW + SESSION_SECONDS).await;
    assert_refused!(old, AccountsError::SessionEnded);
    let idle = bench.sign_in("emil", NOW).await.token;
    let refused = store.session(&idle, NOW + SESSION_IDLE_SECONDS).await;
    assert_refused!(refused, AccountsError::SessionEnded);
    let unknown = store.session(&Secret::new("x"), NOW).await;
    assert_refused!(unknown, AccountsError::SessionEnded);
}

pub async fn use_is_written_once_a_minute(bench: Bench) {
    bench.person("emil", Role::Editor).await;
    let token = bench.sign_in("emil", NOW).await.token;
    let used = "SELECT used_seconds FROM sessions";
    for (now, written) in [(1, 0), (59, 0), (60, 60), (100, 60), (120, 120), (90, 120)] {
        bench.store.session(&token, NOW + now).await.unwrap();
        assert_eq!(bench.number(used).await, NOW + written, "{now}");
    }
}

pub async fn csrf_tokens_belong_to_their_session(bench: Bench) {
    bench.person("emil", Role::Editor).await;
    let (one, two) = (bench.sign_in("emil", NOW).await, bench.sign_in("emil", NOW).await);
    // A page that is loaded again gets the same one.
    let session = bench.store.session(&one.token, NOW).await.unwrap();
    assert!(session.has_csrf(one.session.csrf.expose()));
    assert!(!session.has_csrf(two.session.csrf.expose()));
    assert!(!session.has_csrf("") && !session.has_csrf(one.token.expose()));
    let shown = format!("{one:?} {session:?}");
    assert!(!shown.contains(one.token.expose()) && !shown.contains(session.csrf.expose()));
}

pub async fn signing_out_ends_one_or_all(bench: Bench) {
    let store = &bench.store;
    let emil = bench.person("emil", Role::Editor).await;
    let other = Actor::Account(bench.person("pia", Role::Publisher).await);
    let tokens = [
        bench.sign_in("emil", NOW).await.token,
        bench.sign_in("emil", NOW).await.token,
        bench.sign_in("emil", NOW).await.token,
    ];
    store.sign_out(&tokens[0]).await.unwrap();
    store.sign_out(&tokens[0]).await.unwrap();
    assert_refused!(store.session(&tokens[0], NOW).await, AccountsError::SessionEnded);
    let session = store.session(&tokens[1], NOW).await.unwrap();
    let refused = store.sign_out_everywhere(&other, &emil, NOW).await;
    assert_refused!(refused, AccountsError::Forbidden { .. });
    store.sign_out_everywhere(&session.actor(), &emil, NOW).await.unwrap();
    for token in &tokens {
        assert_refused!(store.session(token, NOW).await, AccountsError::SessionEnded);
    }
}

pub async fn a_change_of_rights_ends_sessions(bench: Bench) {
    let store = &bench.store;
    bench.person("anna", Role::Admin).await;
    let emil = bench.person("emil", Role::Editor).await;
    let token = bench.sign_in("emil", NOW).await.token;
    store.set_role(&SYSTEM, &emil, Role::Editor, NOW).await.unwrap();
    assert!(store.session(&token, NOW).await.is_ok(), "nothing changed");
    store.set_role(&SYSTEM, &emil, Role::Publisher, NOW).await.unwrap();
    assert_refused!(store.session(&token, NOW).await, AccountsError::SessionEnded);
    let token = bench.sign_in("emil", NOW).await.token;
    store.set_disabled(&SYSTEM, &emil, true, NOW).await.unwrap();
    assert_refused!(store.session(&token, NOW).await, AccountsError::SessionEnded);
    store.set_disabled(&SYSTEM, &emil, false, NOW).await.unwrap();
    assert_refused!(store.session(&token, NOW).await, AccountsError::SessionEnded);
    // Also where somebody wrote past the store.
    let token = bench.sign_in("emil", NOW).await.token;
    bench.raw("UPDATE accounts SET is_disabled = 1 WHERE login = 'emil'").await;
    assert_refused!(store.session(&token, NOW).await, AccountsError::SessionEnded);
}

pub async fn the_oldest_of_too_many_sessions_ends(bench: Bench) {
    bench.person("emil", Role::Editor).await;
    let first = bench.sign_in("emil", NOW).await.token;
    let second = bench.sign_in("emil", NOW + 1).await.token;
    for n in 0..SESSIONS_PER_ACCOUNT_MAX - 1 {
        bench.sign_in("emil", NOW + 2 + n).await;
    }
    let now = NOW + 100;
    assert_refused!(bench.store.session(&first, now).await, AccountsError::SessionEnded);
    assert!(bench.store.session(&second, now).await.is_ok());
    assert_eq!(bench.number("SELECT count(*) FROM sessions").await, SESSIONS_PER_ACCOUNT_MAX);
}

pub async fn what_has_expired_is_swept(bench: Bench) {
    bench.person("emil", Role::Editor).await;
    bench.sign_in("emil", NOW).await;
    let young = bench.sign_in("emil", NOW + SESSION_IDLE_SECONDS - 1).await.token;
    bench.store.sweep(NOW + SESSION_IDLE_SECONDS).await.unwrap();
    assert_eq!(bench.number("SELECT count(*) FROM sessions").await, 1);
    assert!(bench.store.session(&young, NOW + SESSION_IDLE_SECONDS).await.is_ok());
    assert_eq!(bench.number("SELECT count(*) FROM links").await, 1, "it says that it was used");
    bench.store.sweep(NOW + 30 * 86_400).await.unwrap();
    assert_eq!(bench.number("SELECT count(*) FROM links").await, 0);
}
