//! The database as a file: its mode, crashes, schemas, backups and restores.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is how it fails")]

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use sqlx::{AnyConnection, Connection as _, Row as _};
use vitrine_accounts::{
    AccountStore, AccountsConfig, AccountsDatabase, AccountsError, Actor, AuditAction, AuditChange,
    FILE, HashingCost, NewAccount, Role, Secret, SignIn,
};

const NOW: i64 = 1_800_000_000;
const SYSTEM: Actor = Actor::System;

async fn open(path: &Path) -> Result<AccountStore, AccountsError> {
    let hashing = HashingCost { memory_kib: 8, passes: 1, lanes: 1 };
    let database = AccountsDatabase::File(path.to_owned());
    AccountStore::open(AccountsConfig { database, hashing }).await
}

async fn add(store: &AccountStore, login: &str) {
    let link = store.invite(&SYSTEM, Role::Admin, NOW).await.unwrap();
    let account = NewAccount {
        login: login.to_owned(),
        display_name: login.to_owned(),
        password: Secret::new("four quiet grey mice"),
    };
    store.accept_invitation(&link.token, &account, NOW).await.unwrap();
}

async fn logins(store: &AccountStore) -> Vec<String> {
    store.accounts().await.unwrap().into_iter().map(|account| account.login).collect()
}

async fn raw(path: &Path, statement: &str) {
    let mut connection = connect(path).await;
    let statement = sqlx::AssertSqlSafe(statement.to_owned());
    sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

async fn connect(path: &Path) -> AnyConnection {
    sqlx::any::install_default_drivers();
    AnyConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    PathBuf::from(format!("{}{ending}", path.display()))
}

/// Files of a folder with what is in them, but for what SQLite and the lock keep there.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| !path.to_string_lossy().ends_with("-shm"))
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[tokio::test]
async fn a_file_is_its_owner_s_and_set_up_for_power_cuts() {
    let folder = tempfile::tempdir().unwrap();
    // What an address would take for something else.
    let path = folder.path().join("ä %20?mode=ro&x#y.sqlite");
    fs::write(&path, b"").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let store = open(&path).await.unwrap();
    add(&store, "anna").await;
    for ending in ["", "-wal", "-shm", ".LOCK"] {
        assert_eq!(mode(&beside(&path, ending)), 0o600, "{ending}");
    }
    store.close().await;
    let plain = folder.path().join(FILE);
    fs::rename(&path, &plain).unwrap();
    let mut connection = connect(&plain).await;
    let row = sqlx::query("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
    assert_eq!(row.try_get::<String, _>(0).unwrap(), "wal");
    connection.close().await.unwrap();
    let refused = open(Path::new("/dev/null/accounts.sqlite")).await;
    assert!(matches!(refused, Err(AccountsError::Io { .. })));
}

#[tokio::test]
async fn what_was_answered_outlives_a_crash() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let store = open(&path).await.unwrap();
    add(&store, "anna").await;
    add(&store, "otto").await;
    // The files as a crash leaves them: the log was never taken in.
    let crashed = tempfile::tempdir().unwrap();
    let after = crashed.path().join(FILE);
    for ending in ["", "-wal"] {
        fs::copy(beside(&path, ending), beside(&after, ending)).unwrap();
    }
    let reopened = open(&after).await.unwrap();
    assert_eq!(logins(&reopened).await, ["anna", "otto"]);
    reopened.verify_audit(Some(&store.audit_head().await.unwrap())).await.unwrap();
    reopened.close().await;
    // A last commit that did not get to the disk whole is none.
    let log = beside(&path, "-wal");
    fs::copy(&path, &after).unwrap();
    let bytes = fs::read(&log).unwrap();
    fs::write(beside(&after, "-wal"), &bytes[..bytes.len() - 100]).unwrap();
    let reopened = open(&after).await.unwrap();
    assert_eq!(reopened.accounts().await.unwrap().len(), 1);
    reopened.verify_audit(None).await.unwrap();
}

#[tokio::test]
async fn a_newer_schema_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    open(&path).await.unwrap().close().await;
    raw(&path, "UPDATE schema_version SET version = 99").await;
    let refused = open(&path).await;
    assert!(matches!(refused, Err(AccountsError::NewerSchema { found: 99, .. })), "{refused:?}");
    let mut connection = connect(&path).await;
    let row = sqlx::query("SELECT version FROM schema_version").fetch_one(&mut connection).await;
    assert_eq!(row.unwrap().try_get::<i64, _>(0).unwrap(), 99);
}

#[tokio::test]
async fn an_older_schema_takes_the_steps_it_lacks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(FILE);
    let first = include_str!("../migrations/0001_people.sql");
    raw_new(&path, &format!("CREATE TABLE schema_version (version BIGINT NOT NULL); {first}"))
        .await;
    raw(&path, "INSERT INTO schema_version (version) VALUES (1)").await;
    raw(
        &path,
        "INSERT INTO accounts (id, login, display_name, role, password, is_disabled,
            created_seconds, changed_seconds)
         VALUES ('0123456789abcdef0123456789abcdef', 'old', 'Old', 'admin', 'x', 0, 1, 1)",
    )
    .await;
    let store = open(&path).await.unwrap();
    assert_eq!(logins(&store).await, ["old"]);
    assert!(store.keys().await.unwrap().is_empty());
    let tasks = [open(&path).await, open(&path).await];
    assert!(tasks.iter().all(Result::is_ok), "steps are taken once");
}

async fn raw_new(path: &Path, statements: &str) {
    fs::write(path, b"").unwrap();
    raw(path, statements).await;
}

#[tokio::test]
async fn a_backup_is_one_moment_while_others_write() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder.path().join(FILE)).await.unwrap();
    add(&store, "anna").await;
    let writer = store.clone();
    let writing = tokio::spawn(async move {
        for n in 0..200 {
            let change = AuditChange {
                actor: &SYSTEM,
                action: AuditAction::RulesPublish,
                subject: "rules",
                before: None,
                after: Some(n.into()),
            };
            writer.record(change, NOW).await.unwrap();
        }
    });
    let mut heads = Vec::new();
    for n in 0..5 {
        let to = folder.path().join(format!("backup {n}"));
        store.backup(&to).await.unwrap();
        assert_eq!(mode(&to), 0o600);
        let copy = folder.path().join(format!("copy {n}"));
        fs::copy(&to, &copy).unwrap();
        let copy = open(&copy).await.unwrap();
        assert_eq!(logins(&copy).await, ["anna"]);
        heads.push(copy.verify_audit(None).await.unwrap().head);
    }
    writing.await.unwrap();
    assert!(heads.is_sorted_by_key(|head| head.sequence));
    for head in &heads {
        store.verify_audit(Some(head)).await.expect("a moment of the same log");
    }
    let again = store.backup(&folder.path().join("backup 0")).await;
    assert!(matches!(again, Err(AccountsError::BackupExists { .. })));
}

#[tokio::test]
async fn a_restore_replaces_and_keeps_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join(FILE), folder.path().join("backup"));
    let store = open(&path).await.unwrap();
    add(&store, "anna").await;
    store.backup(&backup).await.unwrap();
    add(&store, "otto").await;
    let in_use = AccountStore::restore(&backup, &path).await;
    assert!(matches!(in_use, Err(AccountsError::InUse { .. })), "{in_use:?}");
    assert_eq!(logins(&store).await, ["anna", "otto"]);
    store.close().await;

    let kept = AccountStore::restore(&backup, &path).await.unwrap().unwrap();
    let store = open(&path).await.unwrap();
    assert_eq!(logins(&store).await, ["anna"]);
    assert_eq!((mode(&path), mode(&kept)), (0o600, 0o600));
    add(&store, "pia").await;
    store.close().await;
    assert_eq!(logins(&open(&kept).await.unwrap()).await, ["anna", "otto"]);
    // The one that was kept is a backup, too, and nothing kept is written over.
    let kept_too = AccountStore::restore(&kept, &path).await.unwrap().unwrap();
    assert_ne!(kept_too, kept);
    assert_eq!(logins(&open(&path).await.unwrap()).await, ["anna", "otto"]);
    assert_eq!(logins(&open(&kept_too).await.unwrap()).await, ["anna", "pia"]);
    // Where nothing was.
    let fresh = folder.path().join("fresh.sqlite");
    assert_eq!(AccountStore::restore(&backup, &fresh).await.unwrap(), None);
    assert_eq!(logins(&open(&fresh).await.unwrap()).await, ["anna"]);
}

#[tokio::test]
async fn what_is_no_backup_is_refused_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join(FILE), folder.path().join("backup"));
    let store = open(&path).await.unwrap();
    for n in 0..40 {
        add(&store, &format!("person{n}")).await;
    }
    store.backup(&backup).await.unwrap();
    store.close().await;
    let whole = fs::read(&backup).unwrap();
    let broken = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    };
    let mut flipped = whole.clone();
    let page = 4_096;
    assert!(flipped.len() > 8 * page);
    flipped[5 * page..6 * page].fill(0xff);
    let mut files = vec![
        broken("flipped", &flipped),
        broken("half", &whole[..whole.len() / 2]),
        broken("text", b"accounts, as far as one remembers"),
        broken("empty", b""),
        folder.path().join("not there"),
        folder.path().to_owned(),
    ];
    let foreign = broken("foreign", b"");
    raw(&foreign, "CREATE TABLE schema_version (version BIGINT); CREATE TABLE accounts (id TEXT)")
        .await;
    files.push(foreign);
    for (name, statement) in [
        (
            "orphan",
            "PRAGMA foreign_keys = OFF; DELETE FROM accounts; \
            INSERT INTO sessions VALUES ('t', 'gone', 'c', 1, 1)",
        ),
        ("without schema", "DELETE FROM schema_version"),
    ] {
        let path = broken(name, &whole);
        raw(&path, statement).await;
        files.push(path);
    }
    let newer = broken("newer", &whole);
    raw(&newer, "UPDATE schema_version SET version = 99").await;
    let before = contents(folder.path());
    for file in &files {
        let refused = AccountStore::restore(file, &path).await;
        let is_told = match &refused {
            Err(AccountsError::NotABackup { path, .. } | AccountsError::Io { path, .. }) => {
                path == file
            }
            _ => false,
        };
        assert!(is_told, "{}: {refused:?}", file.display());
    }
    let refused = AccountStore::restore(&newer, &path).await;
    assert!(matches!(refused, Err(AccountsError::NewerSchema { found: 99, .. })), "{refused:?}");
    assert_eq!(contents(folder.path()), before);
    assert_eq!(logins(&open(&path).await.unwrap()).await.len(), 40);
}

#[tokio::test]
async fn a_damaged_database_is_replaced_and_kept_with_its_log() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join(FILE), folder.path().join("backup"));
    let store = open(&path).await.unwrap();
    add(&store, "anna").await;
    store.backup(&backup).await.unwrap();
    store.close().await;
    fs::write(&path, b"this was a database").unwrap();
    fs::write(beside(&path, "-wal"), b"and this its log").unwrap();
    let refused = open(&path).await;
    let Err(AccountsError::Database { source, .. }) = &refused else { panic!("{refused:?}") };
    assert!(source.to_string().contains("not a database"), "{source}");
    let kept = AccountStore::restore(&backup, &path).await.unwrap().unwrap();
    assert_eq!(fs::read(&kept).unwrap(), b"this was a database");
    assert_eq!(logins(&open(&path).await.unwrap()).await, ["anna"]);
}

#[tokio::test]
async fn a_link_to_a_database_leads_to_it_and_to_its_lock() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join(FILE), folder.path().join("link.sqlite"));
    let backup = folder.path().join("backup");
    let store = open(&path).await.unwrap();
    add(&store, "anna").await;
    store.backup(&backup).await.unwrap();
    add(&store, "otto").await;
    symlink(&path, &link).unwrap();
    assert_eq!(logins(&open(&link).await.unwrap()).await, ["anna", "otto"]);
    let in_use = AccountStore::restore(&backup, &link).await;
    assert!(matches!(in_use, Err(AccountsError::InUse { .. })), "{in_use:?}");
    store.close().await;
    AccountStore::restore(&backup, &link).await.unwrap();
    assert_eq!(logins(&open(&path).await.unwrap()).await, ["anna"]);
}

#[tokio::test]
async fn a_restore_signs_nobody_in() {
    let folder = tempfile::tempdir().unwrap();
    let (path, backup) = (folder.path().join(FILE), folder.path().join("backup"));
    let store = open(&path).await.unwrap();
    add(&store, "anna").await;
    let invitation = store.invite(&SYSTEM, Role::Viewer, NOW).await.unwrap();
    let presented = SignIn {
        login: "anna".to_owned(),
        password: Secret::new("four quiet grey mice"),
        second_factor: None,
        address: [192, 0, 2, 1].into(),
    };
    let signed_in = store.sign_in(&presented, NOW).await.unwrap();
    store.backup(&backup).await.unwrap();
    store.sign_out(&signed_in.token).await.unwrap();
    store.close().await;
    AccountStore::restore(&backup, &path).await.unwrap();
    let store = open(&path).await.unwrap();
    let session = store.session(&signed_in.token, NOW).await;
    assert!(matches!(session, Err(AccountsError::SessionEnded)), "{session:?}");
    assert!(store.open_link(&invitation.token, NOW).await.is_err());
    store.sign_in(&presented, NOW).await.unwrap();
}
