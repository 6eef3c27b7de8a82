//! The shop's own system, which pushes over the catalogue API.

use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// A client with a key.
pub struct Pusher {
    agent: ureq::Agent,
    base: String,
    bearer: String,
}

impl Pusher {
    /// For a server that runs.
    pub fn new(base: &str, key: &str) -> Self {
        let agent = ureq::Agent::new_with_defaults();
        Self { agent, base: base.to_owned(), bearer: format!("Bearer {key}") }
    }

    /// Pushes changes, all of which must be taken; the record that has them.
    ///
    /// # Errors
    /// The server cannot be reached, or does not take one of them.
    pub fn push(&self, lines: &[Value]) -> Result<u64> {
        self.post("/v1/catalogue/changes", lines)?["record"].as_u64().context("no record")
    }

    /// Pushes order lines, all of which must be taken.
    ///
    /// # Errors
    /// As [`Self::push`].
    pub fn orders(&self, lines: &[Value]) -> Result<()> {
        self.post("/v1/orders", lines).map(drop)
    }

    /// What the server knows of a product; `None` of an unknown one.
    ///
    /// # Errors
    /// The server cannot be reached.
    pub fn product(&self, sku: &str) -> Result<Option<Value>> {
        let request = self.agent.get(format!("{}/v1/catalogue/products/{sku}", self.base));
        match request.header("authorization", &self.bearer).call() {
            Ok(mut reply) => Ok(Some(reply.body_mut().read_json()?)),
            Err(ureq::Error::StatusCode(404)) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Waits until search and manifest have a record.
    ///
    /// # Errors
    /// They do not within a while.
    pub fn wait_until_served(&self, record: u64) -> Result<()> {
        for _ in 0..600 {
            let request = self.agent.get(format!("{}/v1/catalogue/status", self.base));
            let request = request.header("authorization", &self.bearer);
            let status: Value = request.call()?.body_mut().read_json()?;
            if status["served_record"].as_u64().is_some_and(|served| served >= record) {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        bail!("record {record} is not served")
    }

    fn post(&self, path: &str, lines: &[Value]) -> Result<Value> {
        let request = self.agent.post(format!("{}{path}", self.base));
        let mut reply = request.header("authorization", &self.bearer).send_json(lines)?;
        let reply: Value = reply.body_mut().read_json()?;
        let results = reply["results"].as_array().context("no results")?;
        let is_taken = |result: &&Value| {
            matches!(result["outcome"].as_str(), Some("applied" | "waiting" | "duplicate"))
        };
        let refused = results.iter().find(|result| !is_taken(result));
        ensure!(refused.is_none(), "{refused:?}");
        Ok(reply)
    }
}
