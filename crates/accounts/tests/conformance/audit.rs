//! The audit log.

use std::net::IpAddr;

use vitrine_accounts::{
    AUDIT_JSON_BYTES_MAX, AUDIT_SUBJECT_BYTES_MAX, AccountsError, Actor, ApiScope, AuditAction,
    AuditChange, AuditHead, ChainFault, NewApiKey, Role, Secret,
};

use crate::assert_refused;
use crate::bench::{Bench, NOW, PASSWORD, SYSTEM};

fn publish(subject: &str) -> AuditChange<'_> {
    AuditChange {
        actor: &SYSTEM,
        action: AuditAction::RulesPublish,
        subject,
        before: Some(1.into()),
        after: Some(2.into()),
    }
}

async fn with_entries(bench: &Bench, n: i64) -> Vec<AuditHead> {
    let mut heads = Vec::new();
    for n in 0..n {
        heads.push(bench.store.record(publish("rules"), NOW + n).await.unwrap());
    }
    heads
}

pub async fn every_change_writes_an_entry(bench: Bench) {
    let store = &bench.store;
    let anna = bench.person("anna", Role::Admin).await;
    let emil = bench.person("emil", Role::Editor).await;
    let actor = Actor::Account(anna);
    let address = IpAddr::from([192, 0, 2, 1]);
    let password = Secret::new(PASSWORD);
    store.set_role(&actor, &emil, Role::Publisher, NOW).await.unwrap();
    store.set_disabled(&actor, &emil, true, NOW).await.unwrap();
    store.set_disabled(&actor, &emil, false, NOW).await.unwrap();
    store.rename(&actor, &emil, "Emil", NOW).await.unwrap();
    store.password_link(&actor, &emil, NOW).await.unwrap();
    let link = store.open_links(NOW).await.unwrap().remove(0);
    store.revoke_link(&actor, &link.id, NOW).await.unwrap();
    store.change_password(&emil, &password, &password, address, NOW).await.unwrap();
    store.sign_out_everywhere(&actor, &emil, NOW).await.unwrap();
    let key = NewApiKey {
        name: "erp".to_owned(),
        scopes: vec![ApiScope::OrdersWrite],
        requests_per_second: 1,
        expires_seconds: None,
    };
    let secret = store.create_key(&actor, &key, NOW).await.unwrap();
    store.revoke_key(&actor, "erp", NOW).await.unwrap();
    store.record(publish("rules 7"), NOW).await.unwrap();
    store.delete(&actor, &emil, NOW).await.unwrap();
    let entries = store.audit_entries(None, 100).await.unwrap();
    let names: Vec<_> = entries.iter().rev().map(|entry| entry.action.as_str()).collect();
    let expected = [
        "account.invite",
        "account.create",
        "account.invite",
        "account.create",
        "account.role",
        "account.disable",
        "account.disable",
        "account.rename",
        "account.password_link",
        "account.link_revoke",
        "account.password",
        "account.sign_out",
        "key.create",
        "key.revoke",
        "rules.publish",
        "account.delete",
    ];
    assert_eq!(names, expected);
    let role = &entries[entries.len() - 5];
    assert_eq!((role.actor.as_str(), role.subject.as_str()), (&*actor.to_string(), emil.as_str()));
    assert_eq!(role.before.as_deref(), Some(r#"{"role":"editor"}"#));
    assert_eq!(role.after.as_deref(), Some(r#"{"role":"publisher"}"#));
    let all = format!("{entries:?}");
    for hidden in [secret.expose(), PASSWORD, "Emil", "emil", "argon2"] {
        assert!(!all.contains(hidden), "{hidden}");
    }
    let verified = store.verify_audit(None).await.unwrap();
    assert_eq!(verified.n_entries, expected.len() as i64);
    assert_eq!(verified.head, store.audit_head().await.unwrap());
    // A page at a time.
    let page = store.audit_entries(Some(entries[2].sequence), 2).await.unwrap();
    assert_eq!(page, entries[3..5]);
}

pub async fn a_change_that_fails_writes_none(bench: Bench) {
    let store = &bench.store;
    let anna = bench.person("anna", Role::Admin).await;
    let head = store.audit_head().await.unwrap();
    assert!(store.delete(&SYSTEM, &anna, NOW).await.is_err());
    assert!(store.revoke_key(&SYSTEM, "none", NOW).await.is_err());
    assert_eq!(store.audit_head().await.unwrap(), head);
    // And no change is kept whose entry cannot be written.
    bench.raw("ALTER TABLE audit_entries RENAME TO hidden").await;
    assert_refused!(
        store.rename(&SYSTEM, &anna, "Another", NOW).await,
        AccountsError::Database { .. }
    );
    assert!(store.invite(&SYSTEM, Role::Viewer, NOW).await.is_err());
    bench.raw("ALTER TABLE hidden RENAME TO audit_entries").await;
    assert_eq!(store.account(&anna).await.unwrap().display_name, "anna of the shop");
    assert!(store.open_links(NOW).await.unwrap().is_empty());
    store.verify_audit(Some(&head)).await.unwrap();
}

pub async fn tampering_in_the_middle_is_found(bench: Bench) {
    let store = &bench.store;
    with_entries(&bench, 8).await;
    store.verify_audit(None).await.unwrap();
    let changed = |sequence| ChainFault::Changed { sequence };
    let tampered = [
        ("UPDATE audit_entries SET after_json = '3' WHERE sequence = 4", changed(4)),
        ("UPDATE audit_entries SET actor = 'key:erp' WHERE sequence = 3", changed(3)),
        ("UPDATE audit_entries SET hash = hash || '0' WHERE sequence = 2", changed(2)),
        ("DELETE FROM audit_entries WHERE sequence = 2", ChainFault::Missing { sequence: 2 }),
        ("DELETE FROM audit_entries WHERE sequence = 1", ChainFault::Missing { sequence: 1 }),
    ];
    for (statement, expected) in tampered {
        assert_eq!(bench.raw(statement).await, 1);
        let found = store.verify_audit(None).await;
        assert_refused!(found, AccountsError::AuditChain { fault } if fault == expected);
    }
}

pub async fn a_log_written_anew_is_found_by_a_kept_head(bench: Bench) {
    let store = &bench.store;
    let heads = with_entries(&bench, 5).await;
    for head in &heads {
        store.verify_audit(Some(head)).await.unwrap();
    }
    // Somebody who has the program writes another past.
    bench.raw("DELETE FROM audit_entries").await;
    let zeros = "0".repeat(64);
    bench.raw(&format!("UPDATE audit_head SET sequence = 0, hash = '{zeros}'")).await;
    for n in 0..5 {
        store.record(publish("other rules"), NOW + n).await.unwrap();
    }
    store.verify_audit(None).await.expect("it hangs together");
    for head in &heads {
        let expected = ChainFault::Rewritten { sequence: head.sequence };
        let found = store.verify_audit(Some(head)).await;
        assert_refused!(found, AccountsError::AuditChain { fault } if fault == expected);
    }
}

pub async fn a_cut_end_is_found(bench: Bench) {
    let store = &bench.store;
    let heads = with_entries(&bench, 5).await;
    bench.raw("DELETE FROM audit_entries WHERE sequence > 3").await;
    let found = store.verify_audit(None).await;
    assert_refused!(found, AccountsError::AuditChain { fault: ChainFault::End });
    bench.raw(&format!("UPDATE audit_head SET sequence = 3, hash = '{}'", heads[2].hash)).await;
    store.verify_audit(None).await.expect("it hangs together");
    let found = store.verify_audit(Some(&heads[4])).await;
    let missing = ChainFault::Missing { sequence: 5 };
    assert_refused!(found, AccountsError::AuditChain { fault } if fault == missing);
}

pub async fn entries_expire_and_the_rest_is_verified(bench: Bench) {
    let store = &bench.store;
    let heads = with_entries(&bench, 6).await;
    assert_eq!(store.expire_audit(100, NOW).await.unwrap(), 0, "none is old enough");
    // Those of NOW + 0, 1 and 2.
    assert_eq!(store.expire_audit(100, NOW + 103).await.unwrap(), 3);
    let entries = store.audit_entries(None, 100).await.unwrap();
    let sequences: Vec<_> = entries.iter().map(|entry| entry.sequence).collect();
    assert_eq!(sequences, [7, 6, 5, 4]);
    assert_eq!(entries[0].action, "audit.expire");
    assert_eq!(store.verify_audit(None).await.unwrap().n_entries, 4);
    for head in &heads[2..] {
        store.verify_audit(Some(head)).await.unwrap();
    }
    let expired = store.verify_audit(Some(&heads[1])).await;
    let expected = ChainFault::Expired { sequence: 2 };
    assert_refused!(expired, AccountsError::AuditChain { fault } if fault == expected);
    let forged = AuditHead { sequence: 3, hash: "0".repeat(64) };
    let found = store.verify_audit(Some(&forged)).await;
    let expected = ChainFault::Rewritten { sequence: 3 };
    assert_refused!(found, AccountsError::AuditChain { fault } if fault == expected);
    bench.raw("UPDATE audit_entries SET subject = 'x' WHERE sequence = 4").await;
    assert!(store.verify_audit(None).await.is_err());
    bench.raw("UPDATE audit_entries SET subject = 'rules' WHERE sequence = 4").await;
    // All of them, and the log goes on from its anchor.
    assert_eq!(store.expire_audit(0, NOW + 104).await.unwrap(), 4);
    let next = store.record(publish("rules"), NOW + 105).await.unwrap();
    assert_eq!(next.sequence, 9);
    assert_eq!(store.verify_audit(Some(&next)).await.unwrap().n_entries, 2);
}

pub async fn what_is_too_large_is_refused(bench: Bench) {
    let store = &bench.store;
    let long = "x".repeat(AUDIT_SUBJECT_BYTES_MAX + 1);
    let refused = store.record(publish(&long), NOW).await;
    assert_refused!(refused, AccountsError::AuditTooLarge { .. });
    store.record(publish(&long[1..]), NOW).await.unwrap();
    // Two quotes are part of it.
    let state = |n_bytes: usize| AuditChange {
        after: Some("x".repeat(n_bytes - 2).into()),
        ..publish("rules")
    };
    store.record(state(AUDIT_JSON_BYTES_MAX), NOW).await.unwrap();
    let refused = store.record(state(AUDIT_JSON_BYTES_MAX + 1), NOW).await;
    assert_refused!(refused, AccountsError::AuditTooLarge { .. });
    assert_eq!(store.verify_audit(None).await.unwrap().n_entries, 2);
}

pub async fn writers_wait_for_each_other(bench: Bench) {
    let other = vitrine_accounts::AccountStore::open(bench.config.clone()).await.unwrap();
    let tasks: Vec<_> = (0..40)
        .map(|n| {
            let store = if n % 2 == 0 { bench.store.clone() } else { other.clone() };
            tokio::spawn(
                async move { store.record(publish("rules"), NOW + n).await.unwrap().sequence },
            )
        })
        .collect();
    let mut sequences = Vec::new();
    for task in tasks {
        sequences.push(task.await.unwrap());
    }
    sequences.sort_unstable();
    assert_eq!(sequences, (1..=40).collect::<Vec<_>>());
    assert_eq!(bench.store.verify_audit(None).await.unwrap().n_entries, 40);
}
