//! Keys are made, used, limited and revoked.

use std::fs;

use super::file::{PREFIX, SECRET_BYTES};
use super::*;

const SCOPES: [KeyScope; 2] = [KeyScope::OrdersWrite, KeyScope::CatalogueWrite];

#[test]
fn a_key_opens_what_it_is_for_until_it_is_revoked() {
    let dir = tempfile::tempdir().unwrap();
    let keys = Keys::open(dir.path()).unwrap();
    let may = |token: &str, scope, now_ms| keys.authorise(token, scope, now_ms);
    let token = add(dir.path(), "erp", &SCOPES, 100, 7).unwrap();
    let other = add(dir.path(), "till", &[KeyScope::OrdersWrite], 100, 8).unwrap();
    assert_ne!(token, other);
    assert_eq!(token.len(), PREFIX.len() + 2 * SECRET_BYTES);
    // The server that runs finds out by itself.
    assert_eq!(may(&token, KeyScope::CatalogueWrite, REFRESH_MS).as_deref(), Ok("erp"));
    assert_eq!(may(&other, KeyScope::OrdersWrite, REFRESH_MS).as_deref(), Ok("till"));
    let refused = may(&other, KeyScope::CatalogueWrite, REFRESH_MS).unwrap_err();
    assert!(refused.to_string().contains("catalogue:write"), "{refused}");
    for wrong in ["", "vitrine_", &token[1..], &token[..token.len() - 1]] {
        assert_eq!(may(wrong, SCOPES[0], REFRESH_MS), Err(KeyRefusal::Unknown), "{wrong}");
    }
    revoke(dir.path(), "erp").unwrap();
    let later = 2 * REFRESH_MS;
    assert_eq!(may(&token, KeyScope::CatalogueWrite, later), Err(KeyRefusal::Unknown));
    assert!(may(&other, KeyScope::OrdersWrite, later).is_ok());
}

#[test]
fn the_file_is_its_owner_s_and_does_not_have_the_key() {
    let dir = tempfile::tempdir().unwrap();
    let token = add(dir.path(), "erp", &SCOPES, 100, 7).unwrap();
    let path = dir.path().join(FILE);
    let written = fs::read_to_string(&path).unwrap();
    assert!(!written.contains(&token[PREFIX.len()..]));
    assert!(written.contains("catalogue:write") && written.contains("\"erp\""), "{written}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn names_are_unique_and_simple() {
    let dir = tempfile::tempdir().unwrap();
    add(dir.path(), "erp", &SCOPES, 100, 7).unwrap();
    let again = add(dir.path(), "erp", &SCOPES, 100, 7);
    assert!(matches!(again, Err(KeysError::Taken { .. })));
    for name in ["", "a b", "ä", "a/b", &"x".repeat(NAME_CHARS_MAX + 1)] {
        let refused = add(dir.path(), name, &SCOPES, 100, 7);
        assert!(matches!(refused, Err(KeysError::Name { .. })), "{name}");
    }
    assert!(matches!(revoke(dir.path(), "none"), Err(KeysError::NoSuchKey { .. })));
    assert_eq!(list(dir.path()).unwrap().len(), 1);
}

#[test]
fn each_key_has_a_rate_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let slow = add(dir.path(), "slow", &SCOPES, 1, 7).unwrap();
    let fast = add(dir.path(), "fast", &SCOPES, 1_000, 7).unwrap();
    let keys = Keys::open(dir.path()).unwrap();
    let n_let_in =
        |token: &str| (0..200).filter(|_| keys.authorise(token, SCOPES[0], 5_000).is_ok()).count();
    assert_eq!(n_let_in(&slow), 5);
    assert_eq!(n_let_in(&fast), 200);
    let refused = keys.authorise(&slow, SCOPES[0], 5_000);
    assert_eq!(refused, Err(KeyRefusal::TooOften { name: "slow".into(), retry_ms: 1_000 }));
    assert!(keys.authorise(&slow, SCOPES[0], 6_000).is_ok());
}

#[test]
fn a_broken_file_is_told_and_does_not_lock_a_running_shop_out() {
    let dir = tempfile::tempdir().unwrap();
    let token = add(dir.path(), "erp", &SCOPES, 100, 7).unwrap();
    let keys = Keys::open(dir.path()).unwrap();
    fs::write(dir.path().join(FILE), "{").unwrap();
    assert!(keys.authorise(&token, SCOPES[0], 10 * REFRESH_MS).is_ok());
    let Err(error) = Keys::open(dir.path()) else { panic!("it is broken") };
    assert!(error.to_string().contains("backup"), "{error}");
    fs::remove_file(dir.path().join(FILE)).unwrap();
    let gone = keys.authorise(&token, SCOPES[0], 20 * REFRESH_MS);
    assert_eq!(gone, Err(KeyRefusal::Unknown));
}
