//! One-time links.

use vitrine_accounts::{
    AccountsError, Actor, LINK_SECONDS, LinkFault, LinkPurpose, PasswordFault, Role, Secret,
};

use crate::assert_refused;
use crate::bench::{Bench, NOW, PASSWORD, SYSTEM, new_account, presents};

pub async fn the_first_admin_comes_by_the_newest_link_alone(bench: Bench) {
    let store = &bench.store;
    let first = store.first_admin_link(NOW).await.unwrap();
    let second = store.first_admin_link(NOW + 1).await.unwrap();
    let anna = new_account("anna", PASSWORD);
    let old = store.accept_invitation(&first.token, &anna, NOW + 2).await;
    assert_refused!(old, AccountsError::Link(LinkFault::Unknown));
    let admin = store.accept_invitation(&second.token, &anna, NOW + 2).await.unwrap();
    assert_eq!((admin.role, admin.created_seconds), (Role::Admin, NOW + 2));
    assert_refused!(store.first_admin_link(NOW + 3).await, AccountsError::AlreadySetUp);
    let otto = new_account("otto", PASSWORD);
    let again = store.accept_invitation(&second.token, &otto, NOW + 3).await;
    assert_refused!(again, AccountsError::Link(LinkFault::Used));
}

pub async fn an_invitation_makes_one_account(bench: Bench) {
    let store = &bench.store;
    let admin = bench.person("anna", Role::Admin).await;
    let link = store.invite(&Actor::Account(admin.clone()), Role::Editor, NOW).await.unwrap();
    assert_eq!(link.expires_seconds, NOW + LINK_SECONDS);
    let (purpose, _) = store.open_link(&link.token, NOW).await.unwrap();
    assert_eq!(purpose, LinkPurpose::Invite { role: Role::Editor });
    let [open] = &store.open_links(NOW).await.unwrap()[..] else { panic!("one") };
    assert_eq!((&open.purpose, &open.maker), (&purpose, &Some(admin)));
    let emil = new_account(" Emil@Shop.Example", PASSWORD);
    let account = store.accept_invitation(&link.token, &emil, NOW).await.unwrap();
    assert_eq!((account.login.as_str(), account.role), ("emil@shop.example", Role::Editor));
    assert!(store.open_links(NOW).await.unwrap().is_empty());
    let refused = store.open_link(&link.token, NOW).await;
    assert_refused!(refused, AccountsError::Link(LinkFault::Used));
    let signed_in = bench.sign_in("EMIL@shop.example", NOW).await;
    assert_eq!(signed_in.session.role, Role::Editor);
    // What is stored opens nothing.
    assert_eq!(bench.number("SELECT count(*) FROM links WHERE token_sha256 = id").await, 0);
    let token = link.token.expose();
    let stored = format!("UPDATE links SET id = id WHERE token_sha256 = '{token}'");
    assert_eq!(bench.raw(&stored).await, 0);
}

pub async fn a_refused_account_leaves_the_link_open(bench: Bench) {
    let store = &bench.store;
    bench.person("anna", Role::Admin).await;
    let link = store.invite(&SYSTEM, Role::Viewer, NOW).await.unwrap();
    let taken = store.accept_invitation(&link.token, &new_account("ANNA", PASSWORD), NOW).await;
    assert_refused!(taken, AccountsError::LoginTaken);
    let short = store.accept_invitation(&link.token, &new_account("otto", "too short"), NOW).await;
    assert_refused!(short, AccountsError::Password(PasswordFault::TooShort));
    let named = new_account("otto.wald", "this is otto.wald");
    let named = store.accept_invitation(&link.token, &named, NOW).await;
    assert_refused!(named, AccountsError::Password(PasswordFault::HasLogin));
    let login = store.accept_invitation(&link.token, &new_account("o tto", PASSWORD), NOW).await;
    assert_refused!(login, AccountsError::Login);
    let reset = store.reset_password(&link.token, &Secret::new(PASSWORD), NOW).await;
    assert_refused!(reset, AccountsError::Link(LinkFault::OtherPurpose));
    store.accept_invitation(&link.token, &new_account("otto", PASSWORD), NOW).await.unwrap();
}

pub async fn two_tasks_with_one_link_make_one_account(bench: Bench) {
    let link = bench.store.invite(&SYSTEM, Role::Editor, NOW).await.unwrap();
    let tasks: Vec<_> = (0..6)
        .map(|n| {
            let (store, token) = (bench.store.clone(), link.token.clone());
            tokio::spawn(async move {
                let account = new_account(&format!("emil{n}"), PASSWORD);
                store.accept_invitation(&token, &account, NOW).await
            })
        })
        .collect();
    let mut n_made = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => n_made += 1,
            Err(error) => assert!(matches!(error, AccountsError::Link(LinkFault::Used)), "{error}"),
        }
    }
    assert_eq!(n_made, 1);
    assert_eq!(bench.store.accounts().await.unwrap().len(), 1);
}

pub async fn a_link_ends_with_time_and_by_being_taken_back(bench: Bench) {
    let store = &bench.store;
    let link = store.invite(&SYSTEM, Role::Viewer, NOW).await.unwrap();
    let emil = new_account("emil", PASSWORD);
    let end = NOW + LINK_SECONDS;
    assert!(store.open_link(&link.token, end - 1).await.is_ok());
    let late = store.accept_invitation(&link.token, &emil, end).await;
    assert_refused!(late, AccountsError::Link(LinkFault::Expired));
    let unknown = store.open_link(&Secret::new("0".repeat(64)), NOW).await;
    assert_refused!(unknown, AccountsError::Link(LinkFault::Unknown));

    let other = store.invite(&SYSTEM, Role::Viewer, NOW).await.unwrap();
    let viewer = Actor::Account(bench.person("victor", Role::Viewer).await);
    let id = store.open_links(NOW).await.unwrap()[1].id.clone();
    let refused = store.revoke_link(&viewer, &id, NOW).await;
    assert_refused!(refused, AccountsError::Forbidden { .. });
    for open in store.open_links(NOW).await.unwrap() {
        store.revoke_link(&SYSTEM, &open.id, NOW).await.unwrap();
    }
    let gone = store.accept_invitation(&other.token, &emil, NOW).await;
    assert_refused!(gone, AccountsError::Link(LinkFault::Unknown));
    let again = store.revoke_link(&SYSTEM, &id, NOW).await;
    assert_refused!(again, AccountsError::Link(LinkFault::Unknown));
}

pub async fn a_new_password_ends_what_was_open(bench: Bench) {
    let store = &bench.store;
    let emil = bench.person("emil", Role::Editor).await;
    let session = bench.sign_in("emil", NOW).await;
    let link = store.password_link(&SYSTEM, &emil, NOW).await.unwrap();
    let other = store.password_link(&SYSTEM, &emil, NOW).await.unwrap();
    assert!(store.session(&session.token, NOW).await.is_ok(), "the old password is still good");
    let weak = store.reset_password(&link.token, &Secret::new("password1234"), NOW).await;
    assert_refused!(weak, AccountsError::Password(PasswordFault::Common));
    let new = Secret::new("seven loud red trams");
    assert_eq!(store.reset_password(&link.token, &new, NOW).await.unwrap(), emil);
    assert_refused!(store.session(&session.token, NOW).await, AccountsError::SessionEnded);
    let again = store.reset_password(&link.token, &new, NOW).await;
    assert_refused!(again, AccountsError::Link(LinkFault::Used));
    let second = store.reset_password(&other.token, &new, NOW).await;
    assert_refused!(second, AccountsError::Link(LinkFault::Unknown));
    let old = store.sign_in(&presents("emil", PASSWORD, None), NOW).await;
    assert_refused!(old, AccountsError::WrongCredentials);
    assert!(store.sign_in(&presents("emil", new.expose(), None), NOW).await.is_ok());
}

pub async fn links_of_who_lost_the_right_are_void(bench: Bench) {
    let store = &bench.store;
    bench.person("anna", Role::Admin).await;
    let otto = bench.person("otto", Role::Admin).await;
    let by_otto = Actor::Account(otto.clone());
    let link = store.invite(&by_otto, Role::Admin, NOW).await.unwrap();
    store.set_role(&SYSTEM, &otto, Role::Viewer, NOW).await.unwrap();
    let refused = store.open_link(&link.token, NOW).await;
    assert_refused!(refused, AccountsError::Link(LinkFault::Unknown));
    let reset = store.password_link(&SYSTEM, &otto, NOW).await.unwrap();
    store.set_disabled(&SYSTEM, &otto, true, NOW).await.unwrap();
    assert!(store.reset_password(&reset.token, &Secret::new(PASSWORD), NOW).await.is_err());
    let refused = store.password_link(&SYSTEM, &otto, NOW).await;
    assert_refused!(refused, AccountsError::AccountDisabled);
}
