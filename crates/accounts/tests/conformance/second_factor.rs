//! Codes of authenticator apps, and recovery codes.

use totp_rs::Totp;
use vitrine_accounts::{
    AccountId, AccountsError, Actor, FREE_GUESSES, RECOVERY_CODES, Role, SecondFactor, Secret,
    TotpEnrolment,
};

use crate::assert_refused;
use crate::bench::{Bench, NOW, PASSWORD, SYSTEM, presents, wait_of};

/// What the app of an enrolment shows at some moment.
fn code_at(enrolment: &TotpEnrolment, now: i64) -> Secret {
    let app = Totp::from_url(enrolment.uri.expose()).unwrap();
    Secret::new(app.generate(now as u64).to_string())
}

fn with_code(code: &Secret) -> Option<SecondFactor> {
    Some(SecondFactor::Code(code.clone()))
}

/// Somebody with an app; the code of `NOW` is used up.
async fn with_app(bench: &Bench, name: &str) -> (AccountId, TotpEnrolment, Vec<Secret>) {
    let id = bench.person(name, Role::Editor).await;
    let enrolment = bench.store.begin_second_factor(&id, "The Shop").await.unwrap();
    let code = code_at(&enrolment, NOW);
    let recovery = bench.store.confirm_second_factor(&id, &code, NOW).await.unwrap();
    (id, enrolment, recovery)
}

pub async fn a_code_is_needed_and_taken_once(bench: Bench) {
    let store = &bench.store;
    let (id, app, _) = with_app(&bench, "emil").await;
    assert!(store.account(&id).await.unwrap().has_second_factor);
    let presents = |factor| presents("emil", PASSWORD, factor);
    let none = store.sign_in(&presents(None), NOW).await;
    assert_refused!(none, AccountsError::SecondFactorNeeded);
    // That which set the app up is used, and so are those before it.
    for used in [code_at(&app, NOW), code_at(&app, NOW - 30)] {
        let refused = store.sign_in(&presents(with_code(&used)), NOW).await;
        assert_refused!(refused, AccountsError::WrongCredentials);
    }
    let next = code_at(&app, NOW + 30);
    store.sign_in(&presents(with_code(&next)), NOW + 30).await.unwrap();
    let replayed = store.sign_in(&presents(with_code(&next)), NOW + 31).await;
    assert_refused!(replayed, AccountsError::WrongCredentials);
    // A clock that is a step ahead.
    let ahead = code_at(&app, NOW + 90);
    store.sign_in(&presents(with_code(&ahead)), NOW + 60).await.unwrap();
    let between = code_at(&app, NOW + 60);
    let refused = store.sign_in(&presents(with_code(&between)), NOW + 60).await;
    assert_refused!(refused, AccountsError::WrongCredentials);
}

pub async fn one_code_signs_one_of_two_in(bench: Bench) {
    let (_, app, _) = with_app(&bench, "emil").await;
    let code = code_at(&app, NOW + 30);
    let request = presents("emil", PASSWORD, with_code(&code));
    let (one, two) = tokio::join!(
        bench.store.sign_in(&request, NOW + 30),
        bench.store.sign_in(&request, NOW + 30),
    );
    assert_eq!(usize::from(one.is_ok()) + usize::from(two.is_ok()), 1);
}

pub async fn recovery_codes_work_once(bench: Bench) {
    let store = &bench.store;
    let (id, _, codes) = with_app(&bench, "emil").await;
    assert_eq!(codes.len(), RECOVERY_CODES);
    let by = |code: &str| {
        let code = SecondFactor::Recovery(Secret::new(code));
        presents("emil", PASSWORD, Some(code))
    };
    store.sign_in(&by(&codes[0].expose().to_uppercase()), NOW).await.unwrap();
    assert_eq!(store.n_recovery_codes(&id).await.unwrap(), RECOVERY_CODES as i64 - 1);
    let again = store.sign_in(&by(codes[0].expose()), NOW).await;
    assert_refused!(again, AccountsError::WrongCredentials);
    // Another's opens nothing.
    let (_, _, others) = with_app(&bench, "pia").await;
    let refused = store.sign_in(&by(others[0].expose()), NOW).await;
    assert_refused!(refused, AccountsError::WrongCredentials);
    let new = store.renew_recovery_codes(&id, NOW).await.unwrap();
    let old = store.sign_in(&by(codes[1].expose()), NOW).await;
    assert_refused!(old, AccountsError::WrongCredentials);
    store.sign_in(&by(new[0].expose()), NOW).await.unwrap();
    let wrong = SecondFactor::Recovery(new[1].clone());
    let refused = store.sign_in(&presents("emil", "wrong wrong wrong", Some(wrong)), NOW).await;
    assert_refused!(refused, AccountsError::WrongCredentials);
    assert_eq!(store.n_recovery_codes(&id).await.unwrap(), RECOVERY_CODES as i64 - 1);
}

pub async fn an_app_is_confirmed_before_it_counts(bench: Bench) {
    let store = &bench.store;
    let id = bench.person("emil", Role::Editor).await;
    let early = store.confirm_second_factor(&id, &Secret::new("000000"), NOW).await;
    assert_refused!(early, AccountsError::NoSecondFactor);
    let abandoned = store.begin_second_factor(&id, "The Shop").await.unwrap();
    bench.sign_in("emil", NOW).await;
    let app = store.begin_second_factor(&id, "The Shop").await.unwrap();
    assert!(app.uri.expose().starts_with("otpauth://totp/The%20Shop"), "{}", app.uri.expose());
    assert!(app.uri.expose().contains(app.typed.expose()));
    let other = store.confirm_second_factor(&id, &code_at(&abandoned, NOW), NOW).await;
    assert_refused!(other, AccountsError::WrongCode);
    store.confirm_second_factor(&id, &code_at(&app, NOW), NOW).await.unwrap();
    let twice = store.confirm_second_factor(&id, &code_at(&app, NOW + 30), NOW + 30).await;
    assert_refused!(twice, AccountsError::SecondFactorInUse);
    let anew = store.begin_second_factor(&id, "The Shop").await;
    assert_refused!(anew, AccountsError::SecondFactorInUse);
}

pub async fn an_admin_removes_a_lost_app(bench: Bench) {
    let store = &bench.store;
    let admin = Actor::Account(bench.person("anna", Role::Admin).await);
    let other = Actor::Account(bench.person("pia", Role::Publisher).await);
    let (id, _, _) = with_app(&bench, "emil").await;
    let refused = store.remove_second_factor(&other, &id, NOW).await;
    assert_refused!(refused, AccountsError::Forbidden { .. });
    // A new password does not do it.
    let link = store.password_link(&SYSTEM, &id, NOW).await.unwrap();
    store.reset_password(&link.token, &Secret::new(PASSWORD), NOW).await.unwrap();
    let needed = store.sign_in(&presents("emil", PASSWORD, None), NOW).await;
    assert_refused!(needed, AccountsError::SecondFactorNeeded);
    store.remove_second_factor(&admin, &id, NOW).await.unwrap();
    bench.sign_in("emil", NOW).await;
    assert_eq!(store.n_recovery_codes(&id).await.unwrap(), 0);
    let none = store.remove_second_factor(&admin, &id, NOW).await;
    assert_refused!(none, AccountsError::NoSecondFactor);
    let none = store.renew_recovery_codes(&id, NOW).await;
    assert_refused!(none, AccountsError::NoSecondFactor);
}

pub async fn wrong_codes_are_guesses(bench: Bench) {
    let (_, app, _) = with_app(&bench, "emil").await;
    let mut n_looked_at = 0;
    for _ in 0..30 {
        // The right password between the guesses does not make them free.
        let _ = bench.store.sign_in(&presents("emil", PASSWORD, None), NOW).await;
        let wrong = with_code(&Secret::new("12345"));
        let refused = bench.store.sign_in(&presents("emil", PASSWORD, wrong), NOW).await;
        n_looked_at += u32::from(matches!(refused, Err(AccountsError::WrongCredentials)));
    }
    assert_eq!(n_looked_at, FREE_GUESSES + 1);
    let right = presents("emil", PASSWORD, with_code(&code_at(&app, NOW + 60)));
    let wait = wait_of(bench.store.sign_in(&right, NOW).await);
    bench.store.sign_in(&right, NOW + 60).await.unwrap();
    assert!(wait <= 60);
}
