//! The store as a whole.

use vitrine_accounts::{AccountStore, AccountsError};

use crate::assert_refused;
use crate::bench::{Bench, NOW};

pub async fn opened_by_many_at_once_it_is_set_up_once(bench: Bench) {
    let tables = [
        "recovery_codes",
        "totp_secrets",
        "api_keys",
        "audit_head",
        "audit_entries",
        "sessions",
        "links",
        "accounts",
        "schema_version",
    ];
    for table in tables {
        bench.raw(&format!("DROP TABLE {table}")).await;
    }
    let open = || AccountStore::open(bench.config.clone());
    let (one, two, three) = tokio::join!(open(), open(), open());
    for store in [one.unwrap(), two.unwrap(), three.unwrap()] {
        assert!(store.accounts().await.unwrap().is_empty());
        store.first_admin_link(NOW).await.unwrap();
        store.verify_audit(None).await.unwrap();
    }
    assert_eq!(bench.number("SELECT count(*) FROM schema_version").await, 1);
}

pub async fn a_newer_schema_is_refused(bench: Bench) {
    bench.raw("UPDATE schema_version SET version = version + 1").await;
    let refused = AccountStore::open(bench.config.clone()).await;
    assert_refused!(refused, AccountsError::NewerSchema { found, known } if found == known + 1);
}

pub async fn only_a_file_is_backed_up(bench: Bench) {
    let folder = tempfile::tempdir().unwrap();
    let made = bench.store.backup(&folder.path().join("backup")).await;
    if bench.is_file() {
        made.unwrap();
    } else {
        assert_refused!(made, AccountsError::NotAFile);
    }
}
