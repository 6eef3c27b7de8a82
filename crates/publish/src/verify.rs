//! Every file of every kept version, checked.

use std::collections::HashSet;
use std::path::PathBuf;

use vitrine_domain::{ContentHash, Manifest};

use crate::snapshot::decode;
use crate::{Encoding, PublishError, Store};

/// A file that is missing or not what it should be.
#[derive(Debug)]
pub struct Damage {
    /// The file.
    pub path: PathBuf,
    /// What is wrong with it.
    pub error: PublishError,
}

/// What became of one version.
#[derive(Debug)]
pub struct VersionCheck {
    /// Number of its manifest.
    pub number: u64,
    /// Its manifest, if that can be read.
    pub manifest: Option<Manifest>,
    /// Damage of its files; a shard of two versions is named under both.
    pub damage: Vec<Damage>,
}

/// What [`verify`] found.
#[derive(Debug)]
pub struct StoreCheck {
    /// Whether `CURRENT` names a version; `true` also before the first publish.
    pub has_pointer: bool,
    /// The kept versions, the current one first.
    pub versions: Vec<VersionCheck>,
}

/// Reads every manifest and every shard, in both forms, and checks them against their
/// names. What is whole is read once.
///
/// # Errors
/// When the disk refuses to list the store; files that cannot be read are damage.
pub fn verify(store: &Store) -> Result<StoreCheck, PublishError> {
    let kept = store.kept()?;
    let has_pointer = kept.is_empty() || store.pointer()?.is_some();
    let mut whole: HashSet<(ContentHash, Encoding)> = HashSet::new();
    let mut versions = Vec::new();
    for number in kept {
        let mut damage = Vec::new();
        let manifest = match store.manifest(number) {
            Ok(manifest) => Some(manifest),
            Err(error) => {
                damage.push(Damage { path: store.manifest_path(number), error });
                None
            }
        };
        for shard in manifest.iter().flat_map(|manifest| &manifest.shards) {
            for encoding in [Encoding::Raw, Encoding::Brotli] {
                if whole.contains(&(shard.hash, encoding)) {
                    continue;
                }
                let checked = store.shard(shard.hash, encoding).and_then(|bytes| match encoding {
                    Encoding::Raw => decode(shard, &bytes).map(drop),
                    Encoding::Brotli => Ok(()),
                });
                match checked {
                    Ok(()) => {
                        whole.insert((shard.hash, encoding));
                    }
                    Err(error) => {
                        damage.push(Damage { path: store.shard_path(shard.hash, encoding), error });
                    }
                }
            }
        }
        versions.push(VersionCheck { number, manifest, damage });
    }
    Ok(StoreCheck { has_pointer, versions })
}
