//! A `vitrine serve` of its own for one test.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::shop::vitrine;

/// How long a server may take to answer its first request.
const START_MAX: Duration = Duration::from_secs(60);
/// What the server logs before its address.
const OPEN: &str = "open http://";

/// A running server; killed when dropped.
pub struct Server {
    child: Child,
    /// `http://127.0.0.1:port`
    pub base: String,
}

impl Server {
    /// Serves `data_dir` on a free port.
    pub fn start(data_dir: &Path) -> Result<Self> {
        Self::start_with(data_dir, "127.0.0.1:0", &[])
    }

    /// Serves on a given address with more flags.
    pub fn start_with(data_dir: &Path, listen: &str, flags: &[&str]) -> Result<Self> {
        let mut child = Command::new(vitrine()?)
            .args(["serve", "--listen", listen, "--data-dir"])
            .arg(data_dir)
            .args(flags)
            .stderr(Stdio::piped())
            .spawn()
            .context("starting the server")?;
        let log = BufReader::new(child.stderr.take().context("no log")?);
        let (send, receive) = mpsc::channel();
        // Reads on after the address, so that the server never blocks on its log.
        thread::spawn(move || {
            let mut lines = Vec::new();
            for line in log.lines().map_while(Result::ok) {
                if let Some((_, rest)) = line.split_once(OPEN) {
                    let address: String =
                        rest.chars().take_while(|c| !"/\u{1b} ".contains(*c)).collect();
                    let _ = send.send(Ok(address));
                }
                lines.push(line);
            }
            let _ = send.send(Err(lines.join("\n")));
        });
        match receive.recv_timeout(START_MAX) {
            Ok(Ok(address)) => Ok(Self { child, base: format!("http://{address}") }),
            Ok(Err(log)) => bail!("the server ended:\n{log}"),
            Err(_) => {
                let _ = child.kill();
                bail!("the server did not start within {START_MAX:?}")
            }
        }
    }

    /// `host:port`, to start another server in its place.
    pub fn address(&self) -> &str {
        self.base.trim_start_matches("http://")
    }

    /// The JSON at `path`.
    pub fn json(&self, path: &str) -> Result<Value> {
        let mut response = ureq::get(format!("{}{path}", self.base)).call()?;
        Ok(response.body_mut().read_json()?)
    }

    /// The bytes at `path`, as stored.
    pub fn bytes(&self, path: &str) -> Result<Vec<u8>> {
        Ok(ureq::get(format!("{}{path}", self.base)).call()?.body_mut().read_to_vec()?)
    }

    /// Waits until `path` has what `wanted` wants.
    pub fn wait_for(&self, path: &str, wanted: impl Fn(&Value) -> bool) -> Result<Value> {
        for _ in 0..600 {
            if let Ok(value) = self.json(path)
                && wanted(&value)
            {
                return Ok(value);
            }
            thread::sleep(Duration::from_millis(50));
        }
        bail!("{path} did not become what was waited for")
    }

    /// Fetches every shard of the manifest: what is named can be served.
    pub fn check_whole(&self) -> Result<Value> {
        let manifest = self.json("/v1/manifest")?;
        for shard in manifest["shards"].as_array().context("shards")? {
            let hash = shard["hash"].as_str().context("hash")?;
            let bytes = self.bytes(&format!("/v1/shards/{hash}"))?;
            ensure!(bytes.len() as u64 == shard["bytes"].as_u64().context("bytes")?, "{hash}");
        }
        Ok(manifest)
    }

    /// SIGKILL, as a crash.
    pub fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
