//! The shop's own system, a searching browser, and an open page.

use std::collections::HashSet;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use vitrine_domain::{ContentHash, ShardKind, ShardRole};
use vitrine_wire::decode_manifest;

/// A client that keeps its connection.
pub struct Api {
    agent: ureq::Agent,
    url: String,
    bearer: String,
}

impl Api {
    pub fn new(url: &str, key: &str) -> Self {
        let agent = ureq::Agent::new_with_defaults();
        Self { agent, url: url.trim_end_matches('/').to_owned(), bearer: format!("Bearer {key}") }
    }

    /// Pushes changes; the record from which on all of them are in the log.
    pub fn push(&self, lines: &[Value]) -> Result<u64> {
        let request = self.agent.post(format!("{}/v1/catalogue/changes", self.url));
        let request = request.header("authorization", &self.bearer);
        let mut reply = request.send_json(lines).context("pushing changes")?;
        let reply: Value = reply.body_mut().read_json()?;
        let is_bad = |result: &&Value| {
            let outcome = result["outcome"].as_str().unwrap_or_default();
            !matches!(outcome, "applied" | "waiting" | "duplicate" | "quarantined")
        };
        let bad = reply["results"].as_array().and_then(|results| results.iter().find(is_bad));
        ensure!(bad.is_none(), "a change was not taken: {}", bad.unwrap_or(&Value::Null));
        reply["record"].as_u64().context("no record in the answer")
    }

    /// The record up to which search and manifest show changes.
    pub fn served_record(&self) -> Result<u64> {
        let request = self.agent.get(format!("{}/v1/catalogue/status", self.url));
        let request = request.header("authorization", &self.bearer);
        let status: Value = request.call().context("the status")?.body_mut().read_json()?;
        status["served_record"].as_u64().context("no served_record in the status")
    }

    pub fn search(&self, text: &str) -> Result<()> {
        let query = json!({"text": text, "page": {"offset": 0, "limit": 24}});
        let request = self.agent.post(format!("{}/v1/search", self.url));
        let mut reply = request.send_json(query).context("searching")?;
        ensure!(!reply.body_mut().read_to_vec()?.is_empty(), "an empty reply");
        Ok(())
    }
}

/// An open page: asks for the manifest and counts what it would have to fetch.
pub struct Poller {
    agent: ureq::Agent,
    url: String,
    known: HashSet<ContentHash>,
    n_bytes: u64,
    /// Rows of price shards that came, merged ones again, and their compressed bytes.
    pub n_price_rows: u64,
    pub n_price_bytes: u64,
    pub n_manifest_bytes: u64,
    pub n_shards_max: usize,
}

impl Poller {
    pub fn new(url: &str) -> Self {
        Self {
            agent: ureq::Agent::new_with_defaults(),
            url: format!("{}/v1/manifest", url.trim_end_matches('/')),
            known: HashSet::new(),
            n_bytes: 0,
            n_price_rows: 0,
            n_price_bytes: 0,
            n_manifest_bytes: 0,
            n_shards_max: 0,
        }
    }

    /// Compressed bytes of all shards so far.
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    pub fn poll(&mut self) -> Result<()> {
        let mut reply = self.agent.get(&self.url).call().context("the manifest")?;
        let bytes = reply.body_mut().read_to_vec()?;
        self.n_manifest_bytes = bytes.len() as u64;
        let manifest = decode_manifest(&bytes)?;
        let is_first = self.known.is_empty();
        self.n_shards_max = self.n_shards_max.max(manifest.shards.len());
        for shard in &manifest.shards {
            if self.known.insert(shard.hash) {
                self.n_bytes += u64::from(shard.bytes_compressed);
                if !is_first && shard.kind == ShardKind::Prices && shard.role == ShardRole::Delta {
                    self.n_price_rows += u64::from(shard.n_rows);
                    self.n_price_bytes += u64::from(shard.bytes_compressed);
                }
            }
        }
        Ok(())
    }
}
