//! Who there is, and what they may do to each other.

use vitrine_accounts::{AccountsError, Actor, Permission, Role};

use crate::assert_refused;
use crate::bench::{Bench, NOW, PASSWORD, SYSTEM, presents};

pub async fn the_last_admin_stays(bench: Bench) {
    let store = &bench.store;
    let admin = bench.person("anna", Role::Admin).await;
    let actor = Actor::Account(admin.clone());
    bench.person("pia", Role::Publisher).await;
    for by in [&actor, &SYSTEM] {
        assert_refused!(store.set_disabled(by, &admin, true, NOW).await, AccountsError::LastAdmin);
        let demoted = store.set_role(by, &admin, Role::Publisher, NOW).await;
        assert_refused!(demoted, AccountsError::LastAdmin);
        assert_refused!(store.delete(by, &admin, NOW).await, AccountsError::LastAdmin);
    }
    // A disabled admin manages nobody, so does not count.
    let other = bench.person("otto", Role::Admin).await;
    store.set_disabled(&actor, &other, true, NOW).await.unwrap();
    assert_refused!(store.delete(&actor, &admin, NOW).await, AccountsError::LastAdmin);
    store.set_disabled(&actor, &other, false, NOW).await.unwrap();
    store.set_role(&actor, &admin, Role::Viewer, NOW + 1).await.unwrap();
    let demoted = store.account(&admin).await.unwrap();
    assert_eq!((demoted.role, demoted.changed_seconds), (Role::Viewer, NOW + 1));
    let last = store.set_disabled(&SYSTEM, &other, true, NOW).await;
    assert_refused!(last, AccountsError::LastAdmin);
}

pub async fn two_admins_cannot_remove_each_other_at_once(bench: Bench) {
    let (anna, otto) =
        (bench.person("anna", Role::Admin).await, bench.person("otto", Role::Admin).await);
    let (a, b) = (Actor::Account(anna.clone()), Actor::Account(otto.clone()));
    let (first, second) = tokio::join!(
        bench.store.set_role(&a, &otto, Role::Viewer, NOW),
        bench.store.set_role(&b, &anna, Role::Viewer, NOW),
    );
    assert_eq!(usize::from(first.is_ok()) + usize::from(second.is_ok()), 1);
    let accounts = bench.store.accounts().await.unwrap();
    assert_eq!(accounts.iter().filter(|account| account.role == Role::Admin).count(), 1);
}

pub async fn who_may_not_manage_changes_nothing(bench: Bench) {
    let store = &bench.store;
    bench.person("anna", Role::Admin).await;
    let target = bench.person("victor", Role::Viewer).await;
    let publisher = bench.person("pia", Role::Publisher).await;
    let disabled = bench.person("otto", Role::Admin).await;
    store.set_disabled(&SYSTEM, &disabled, true, NOW).await.unwrap();
    let gone = bench.person("gerd", Role::Admin).await;
    store.delete(&SYSTEM, &gone, NOW).await.unwrap();
    let before = store.audit_head().await.unwrap();
    let actors = [
        Actor::Account(publisher),
        Actor::Account(target.clone()),
        Actor::Account(disabled),
        Actor::Account(gone),
        Actor::Key("erp".to_owned()),
    ];
    for actor in actors {
        use AccountsError::Forbidden;
        use Permission::ManageAccounts as Needed;
        let invited = store.invite(&actor, Role::Viewer, NOW).await;
        assert_refused!(invited, Forbidden { needed: Needed });
        let promoted = store.set_role(&actor, &target, Role::Admin, NOW).await;
        assert_refused!(promoted, Forbidden { needed: Needed });
        let disabled = store.set_disabled(&actor, &target, true, NOW).await;
        assert_refused!(disabled, Forbidden { needed: Needed });
        assert_refused!(store.delete(&actor, &target, NOW).await, Forbidden { needed: Needed });
        let link = store.password_link(&actor, &target, NOW).await;
        assert_refused!(link, Forbidden { needed: Needed });
    }
    assert_eq!(store.audit_head().await.unwrap(), before);
    let target = store.account(&target).await.unwrap();
    assert_eq!((target.role, target.is_disabled), (Role::Viewer, false));
}

pub async fn a_deleted_account_is_gone_with_what_was_its(bench: Bench) {
    let store = &bench.store;
    let admin = bench.person("anna", Role::Admin).await;
    let editor = bench.person("emil", Role::Editor).await;
    let signed_in = bench.sign_in("emil", NOW).await;
    let link = store.password_link(&SYSTEM, &editor, NOW).await.unwrap();
    store.delete(&Actor::Account(admin), &editor, NOW).await.unwrap();
    assert_refused!(store.account(&editor).await, AccountsError::NoSuchAccount);
    assert_refused!(store.session(&signed_in.token, NOW).await, AccountsError::SessionEnded);
    assert!(store.open_link(&link.token, NOW).await.is_err());
    let again = store.sign_in(&presents("emil", PASSWORD, None), NOW).await;
    assert_refused!(again, AccountsError::WrongCredentials);
    // The name is free again, and is another account.
    let other = bench.person("emil", Role::Viewer).await;
    assert_ne!(other, editor);
    let entries = store.audit_entries(None, 100).await.unwrap();
    let of_the_deleted = |entry: &&vitrine_accounts::AuditEntry| entry.subject == editor.as_str();
    assert_eq!(entries.iter().filter(of_the_deleted).count(), 3, "created, link, deleted");
    assert!(!entries.iter().any(|entry| format!("{entry:?}").contains("emil")), "no names");
}

pub async fn names_are_changed_by_oneself_or_an_admin(bench: Bench) {
    let store = &bench.store;
    let admin = Actor::Account(bench.person("anna", Role::Admin).await);
    let viewer = bench.person("victor", Role::Viewer).await;
    let other = Actor::Account(bench.person("pia", Role::Publisher).await);
    let actor = Actor::Account(viewer.clone());
    store.rename(&actor, &viewer, " Victor V. ", NOW).await.unwrap();
    assert_eq!(store.account(&viewer).await.unwrap().display_name, "Victor V.");
    store.rename(&admin, &viewer, "Victor", NOW).await.unwrap();
    let refused = store.rename(&other, &viewer, "Nobody", NOW).await;
    assert_refused!(refused, AccountsError::Forbidden { .. });
    let empty = store.rename(&actor, &viewer, "\u{7}", NOW).await;
    assert_refused!(empty, AccountsError::DisplayName);
    assert_eq!(store.account(&viewer).await.unwrap().display_name, "Victor");
}
