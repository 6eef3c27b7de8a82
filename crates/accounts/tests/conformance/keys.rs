//! API keys.

use vitrine_accounts::{
    AccountsError, Actor, ApiKeyRefusal, ApiScope, ImportedKeys, KEY_NAME_CHARS_MAX, NewApiKey,
    Role, Secret,
};

use crate::assert_refused;
use crate::bench::{Bench, NOW, SYSTEM};

fn key(name: &str) -> NewApiKey {
    NewApiKey {
        name: name.to_owned(),
        scopes: vec![ApiScope::OrdersWrite, ApiScope::CatalogueWrite],
        requests_per_second: 100,
        expires_seconds: None,
    }
}

pub async fn a_key_opens_what_it_is_for_until_it_ends(bench: Bench) {
    let store = &bench.store;
    let secret = store.create_key(&SYSTEM, &key("erp"), NOW).await.unwrap();
    assert!(secret.expose().starts_with("vitrine_") && secret.expose().len() == 72);
    let found = store.authorise_key(&secret, ApiScope::OrdersWrite, NOW).await.unwrap();
    assert_eq!(found.scopes, [ApiScope::CatalogueWrite, ApiScope::OrdersWrite]);
    assert_eq!((found.requests_per_second, found.created_seconds), (100, NOW));
    assert_eq!(found.prefix, secret.expose()[..16]);
    let other = store.authorise_key(&secret, ApiScope::ReviewsWrite, NOW).await;
    assert_refused!(other, AccountsError::KeyRefused(ApiKeyRefusal::Scope { scope, .. })
        if scope == ApiScope::ReviewsWrite);
    for wrong in ["", "vitrine_", &secret.expose()[..71], &found.prefix] {
        let refused = store.authorise_key(&Secret::new(wrong), ApiScope::OrdersWrite, NOW).await;
        assert_refused!(refused, AccountsError::KeyRefused(ApiKeyRefusal::Unknown));
    }
    let short = NewApiKey { expires_seconds: Some(NOW + 10), ..key("short") };
    let short = store.create_key(&SYSTEM, &short, NOW).await.unwrap();
    assert!(store.authorise_key(&short, ApiScope::OrdersWrite, NOW + 9).await.is_ok());
    let late = store.authorise_key(&short, ApiScope::OrdersWrite, NOW + 10).await;
    assert_refused!(late, AccountsError::KeyRefused(ApiKeyRefusal::Expired { .. }));
    store.revoke_key(&SYSTEM, "erp", NOW + 1).await.unwrap();
    let revoked = store.authorise_key(&secret, ApiScope::OrdersWrite, NOW + 1).await;
    assert_refused!(revoked, AccountsError::KeyRefused(ApiKeyRefusal::Revoked { .. }));
}

pub async fn names_are_unique_among_keys_in_use(bench: Bench) {
    let store = &bench.store;
    store.create_key(&SYSTEM, &key("erp"), NOW).await.unwrap();
    let taken = store.create_key(&SYSTEM, &key("erp"), NOW).await;
    assert_refused!(taken, AccountsError::KeyTaken { .. });
    store.revoke_key(&SYSTEM, "erp", NOW).await.unwrap();
    let gone = store.revoke_key(&SYSTEM, "erp", NOW).await;
    assert_refused!(gone, AccountsError::NoSuchKey { .. });
    store.create_key(&SYSTEM, &key("erp"), NOW + 1).await.unwrap();
    let keys = store.keys().await.unwrap();
    let revoked: Vec<_> = keys.iter().map(|key| key.revoked_seconds).collect();
    assert_eq!(revoked, [Some(NOW), None]);
    for name in ["", "a b", "ä", "a/b", &"x".repeat(KEY_NAME_CHARS_MAX + 1)] {
        let refused = store.create_key(&SYSTEM, &key(name), NOW).await;
        assert_refused!(refused, AccountsError::KeyName);
    }
    let useless = [
        NewApiKey { scopes: Vec::new(), ..key("a") },
        NewApiKey { requests_per_second: 0, ..key("a") },
        NewApiKey { expires_seconds: Some(NOW), ..key("a") },
    ];
    for key in useless {
        let refused = store.create_key(&SYSTEM, &key, NOW).await;
        assert_refused!(refused, AccountsError::KeyWithoutUse);
    }
}

pub async fn a_file_of_keys_is_taken_over_whole(bench: Bench) {
    let store = &bench.store;
    // The hash of "vitrine_old", as the file of the catalogue API has it.
    let sha256 = "5183c142414e5ddd5a15fd035bd29147d499edc63c388fcc2d78b39ed3551689";
    let file = |entries: &str| format!(r#"{{"format": 1, "keys": [{entries}]}}"#);
    let entry = |name: &str, sha256: &str| {
        format!(
            r#"{{"name": "{name}", "scopes": ["catalogue:read", "reviews:write"],
                "requests_per_second": 5, "created_seconds": 7, "sha256": "{sha256}"}}"#
        )
    };
    let other = "0".repeat(64);
    let both = file(&[entry("erp", sha256), entry("till", &other)].join(","));
    let imported = store.import_keys(&SYSTEM, both.as_bytes(), NOW).await.unwrap();
    assert_eq!(imported, ImportedKeys { n_imported: 2, n_known: 0 });
    let keys = store.keys().await.unwrap();
    assert_eq!((keys[0].name.as_str(), keys[0].prefix.as_str()), ("erp", ""));
    assert_eq!((keys[0].requests_per_second, keys[0].created_seconds), (5, 7));
    assert_eq!(keys[0].scopes, [ApiScope::CatalogueRead, ApiScope::ReviewsWrite]);
    let old = Secret::new("vitrine_old");
    assert_eq!(store.authorise_key(&old, ApiScope::CatalogueRead, NOW).await.unwrap().name, "erp");
    // A key that was revoked since does not come back.
    store.revoke_key(&SYSTEM, "till", NOW).await.unwrap();
    let again = store.import_keys(&SYSTEM, both.as_bytes(), NOW).await.unwrap();
    assert_eq!(again, ImportedKeys { n_imported: 0, n_known: 2 });
    assert_eq!(store.keys().await.unwrap().len(), 2);

    let new = "1".repeat(64);
    let clash = file(&[entry("new", &new), entry("erp", &"2".repeat(64))].join(","));
    let refused = store.import_keys(&SYSTEM, clash.as_bytes(), NOW).await;
    assert_refused!(refused, AccountsError::KeyTaken { name } if name == "erp");
    assert_eq!(store.keys().await.unwrap().len(), 2, "all or none");
    let wrong = [
        "{".to_owned(),
        r#"{"format": 2, "keys": []}"#.to_owned(),
        file(&entry("new", "abc")),
        file(&entry("new", &new).replace("catalogue:read", "catalogue:all")),
    ];
    for wrong in wrong {
        let refused = store.import_keys(&SYSTEM, wrong.as_bytes(), NOW).await;
        assert_refused!(refused, AccountsError::NotKeys { .. });
    }
}

pub async fn only_an_admin_has_keys(bench: Bench) {
    let store = &bench.store;
    let admin = Actor::Account(bench.person("anna", Role::Admin).await);
    let publisher = Actor::Account(bench.person("pia", Role::Publisher).await);
    store.create_key(&admin, &key("erp"), NOW).await.unwrap();
    for actor in [publisher, Actor::Key("erp".to_owned())] {
        let refused = store.create_key(&actor, &key("mine"), NOW).await;
        assert_refused!(refused, AccountsError::Forbidden { .. });
        let refused = store.revoke_key(&actor, "erp", NOW).await;
        assert_refused!(refused, AccountsError::Forbidden { .. });
        let refused = store.import_keys(&actor, br#"{"format": 1, "keys": []}"#, NOW).await;
        assert_refused!(refused, AccountsError::Forbidden { .. });
    }
    assert_eq!(store.keys().await.unwrap().len(), 1);
}
