//! `vitrine keys`: API keys of the shop's own systems.

use std::process::ExitCode;

use anyhow::{Context, Result};
use serde_json::json;

use crate::cli::{KeysAddArgs, KeysArgs, KeysWhat};
use crate::clock::now_seconds;
use crate::keys::{self, KeyEntry, KeyScope};
use crate::settings::ServerSettings;

/// Runs the command.
///
/// # Errors
/// The file of keys cannot be read or written, or there is no key of that name, or one
/// already.
pub fn run(settings: &ServerSettings, args: &KeysArgs) -> Result<ExitCode> {
    match &args.what {
        KeysWhat::Add(args) => crate::print(&add(settings, args)?),
        KeysWhat::List(args) => {
            let keys = keys::list(&settings.data_dir)?;
            crate::print(&if args.json { to_json(&keys)? } else { to_text(&keys) });
        }
        KeysWhat::Revoke(args) => {
            keys::revoke(&settings.data_dir, &args.name)?;
            tracing::info!(name = args.name, "revoked; running servers refuse it within a second");
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a key. It is all that goes to standard output, so that a script can take it.
fn add(settings: &ServerSettings, args: &KeysAddArgs) -> Result<String> {
    let now = u64::try_from(now_seconds()).context("the clock is before 1970")?;
    let rate = args.requests_per_second;
    let token = keys::add(&settings.data_dir, &args.name, &args.scopes, rate, now)?;
    tracing::info!(name = args.name, "a new key; it is shown once and kept nowhere");
    Ok(token)
}

/// Names, scopes and rates; never a hash.
fn to_json(keys: &[KeyEntry]) -> Result<String> {
    let key = |key: &KeyEntry| {
        json!({
            "name": key.name,
            "scopes": key.scopes,
            "requests_per_second": key.requests_per_second,
            "created_seconds": key.created_seconds,
        })
    };
    Ok(serde_json::to_string_pretty(&keys.iter().map(key).collect::<Vec<_>>())?)
}

fn to_text(keys: &[KeyEntry]) -> String {
    if keys.is_empty() {
        return "no keys: `vitrine keys add NAME --scopes catalogue:write` makes one".into();
    }
    let width = keys.iter().map(|key| key.name.len()).max().unwrap_or(0);
    let line = |key: &KeyEntry| {
        let scopes: Vec<_> = key.scopes.iter().map(|scope: &KeyScope| scope.name()).collect();
        let (name, rate) = (&key.name, key.requests_per_second);
        format!("{name:width$}  {}  {rate} requests/s\n", scopes.join(","))
    };
    keys.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{Cli, Command};

    fn keys_args(words: &[&str]) -> KeysArgs {
        let words = ["vitrine", "keys"].iter().chain(words);
        match Cli::read(words).expect("a good command line").command {
            Command::Keys(args) => args,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_key_is_added_listed_without_its_hash_and_revoked() {
        let dir = tempfile::tempdir().unwrap();
        let settings = ServerSettings::in_folder(dir.path());
        let words = ["add", "erp", "--scopes", "orders:write,catalogue:write"];
        let KeysWhat::Add(args) = keys_args(&words).what else { panic!("add") };
        let token = add(&settings, &args).unwrap();
        let listed = keys::list(dir.path()).unwrap();
        assert_eq!(to_text(&listed), "erp  catalogue:write,orders:write  100 requests/s\n");
        let json = to_json(&listed).unwrap();
        assert!(json.contains("orders:write") && !json.contains(&listed[0].sha256), "{json}");
        assert!(!token.is_empty() && !json.contains(&token));
        run(&settings, &keys_args(&["revoke", "erp"])).unwrap();
        assert!(to_text(&keys::list(dir.path()).unwrap()).contains("keys add"));
        assert!(run(&settings, &keys_args(&["revoke", "erp"])).is_err());
    }
}
