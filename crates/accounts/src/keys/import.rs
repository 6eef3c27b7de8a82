//! Keys of the file that the catalogue API had before: `keys.json` of a data folder.

use serde::Deserialize;
use serde::de::Error as _;
use serde_json::json;

use super::table::{KeyRow, NewApiKey, insert};
use super::{ApiScope, scope::joined};
use crate::audit::{AuditAction, AuditChange, append};
use crate::database::{Writer, commit};
use crate::{AccountStore, AccountsError, Actor, Permission};

const FORMAT: u32 = 1;
const SHA256_CHARS: usize = 64;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    format: u32,
    keys: Vec<FileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileEntry {
    name: String,
    scopes: Vec<ApiScope>,
    requests_per_second: u32,
    created_seconds: i64,
    sha256: String,
}

/// What became of the keys of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportedKeys {
    /// Taken over.
    pub n_imported: usize,
    /// Here already, in use or revoked: a key that was revoked does not come back.
    pub n_known: usize,
}

impl AccountStore {
    /// Takes the keys of a `keys.json` over: all of them or, after an error, none. Done
    /// again, it takes over what is new. Keys go on working as they are.
    ///
    /// # Errors
    /// [`AccountsError::NotKeys`], [`AccountsError::KeyName`], [`AccountsError::KeyTaken`]
    /// where another key has the name, [`AccountsError::TooManyKeys`],
    /// [`AccountsError::Forbidden`], and what the database refuses.
    pub async fn import_keys(
        &self,
        actor: &Actor,
        file: &[u8],
        now_seconds: i64,
    ) -> Result<ImportedKeys, AccountsError> {
        let file = parse(file).map_err(|source| AccountsError::NotKeys { source })?;
        let mut writer = self.database.write().await?;
        actor.authorise(&mut writer, Permission::ManageKeys).await?;
        let mut imported = ImportedKeys::default();
        for entry in file.keys {
            if is_known(&mut writer, &entry.sha256).await? {
                imported.n_known += 1;
                continue;
            }
            let key = NewApiKey {
                name: entry.name,
                scopes: entry.scopes,
                requests_per_second: entry.requests_per_second,
                expires_seconds: None,
            };
            let change = AuditChange {
                actor,
                action: AuditAction::KeyImport,
                subject: &key.name,
                before: None,
                after: Some(json!({
                    "scopes": joined(&key.scopes),
                    "requests_per_second": key.requests_per_second,
                })),
            };
            let row = KeyRow {
                key: &key,
                sha256: entry.sha256,
                prefix: String::new(),
                created_seconds: entry.created_seconds,
            };
            insert(&mut writer, row).await?;
            append(&mut writer, change, now_seconds).await?;
            imported.n_imported += 1;
        }
        commit(writer).await?;
        Ok(imported)
    }
}

fn parse(bytes: &[u8]) -> Result<KeyFile, serde_json::Error> {
    let file: KeyFile = serde_json::from_slice(bytes)?;
    if file.format != FORMAT {
        return Err(serde_json::Error::custom(format!("format {} is unknown", file.format)));
    }
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    let is_hash = |text: &str| text.len() == SHA256_CHARS && text.bytes().all(is_digit);
    match file.keys.iter().find(|key| !is_hash(&key.sha256)) {
        Some(key) => Err(serde_json::Error::custom(format!("{:?} has no SHA-256", key.name))),
        None => Ok(file),
    }
}

async fn is_known(writer: &mut Writer, sha256: &str) -> Result<bool, AccountsError> {
    let known = sqlx::query("SELECT id FROM api_keys WHERE token_sha256 = $1").bind(sha256);
    let known = known.fetch_optional(&mut **writer).await;
    Ok(known.map_err(AccountsError::database("look for an API key"))?.is_some())
}
