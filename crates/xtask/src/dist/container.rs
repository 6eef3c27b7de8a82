//! The Containerfile, checked as far as that goes without a container engine: a root that has
//! nothing but what it copies, its environment and its user, and the program started in there.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use std::{iter, thread};

use anyhow::{Context, Result, bail, ensure};

use super::image::Image;
use crate::process::Cmd;
use crate::scratch::{Scratch, free_address};
use crate::workspace::Workspace;

/// Longest time from start to the first page.
const START_MAX: Duration = Duration::from_secs(60);
const FEED: &str = "sku,title,price\n1,Oat cookies 200 g,2.79 EUR\n2,Green tea,4.20 EUR\n\
                    3,Black tea,3.90 EUR\n";

/// Reads a feed, without a network, and serves it, in a root that has only what the
/// Containerfile of `folder` copies.
///
/// # Errors
/// It copies what is not there, or the program does not work in such a root.
pub fn check(ws: &Workspace, folder: &Path) -> Result<()> {
    let image = Image::read(&fs::read_to_string(folder.join("Containerfile"))?)?;
    let scratch = Scratch::new()?;
    let root = Root { path: scratch.path.join("root"), image };
    root.lay_out(folder)?;
    let is_root = Cmd::new("id").arg("-u").capture().is_ok_and(|id| id.trim() == "0");
    if !is_root || ws.which("unshare").is_none() {
        eprintln!(
            "   start in a root of its own SKIPPED: it takes root, and `unshare` of util-linux"
        );
        return Ok(());
    }
    root.add_what_engines_add()?;
    fs::write(root.path.join("data/feed.csv"), FEED).context("writing a feed")?;
    let alone = &["--net"];
    finish(root.command(&["mapping", "init", "feed.csv", "--out", "shop.toml"], alone))?;
    let import = ["import", "--products", "feed.csv", "--mapping", "shop.toml"];
    finish(root.command(&import, alone))?;
    let page = root.page()?;
    ensure!(!page.contains("bundle is not built"), "the program has no page inside");
    ensure!(page.contains("<title>"), "this is not the shop's page:\n{page}");
    eprintln!(
        "   as user {}, it read a feed without a network and served the page",
        root.image.user
    );
    Ok(())
}

struct Root {
    path: PathBuf,
    image: Image,
}

impl Root {
    fn lay_out(&self, folder: &Path) -> Result<()> {
        for (sources, target) in &self.image.copies {
            let target = self.path.join(target.trim_start_matches('/'));
            fs::create_dir_all(target.parent().unwrap_or(&self.path))?;
            for source in sources {
                // A folder's content goes into the target, a file into a folder or its place.
                let from = folder.join(source);
                ensure!(from.exists(), "the Containerfile copies {source}, which is not there");
                let from = if from.is_dir() { from.join(".") } else { from };
                if from.is_dir() || sources.len() > 1 {
                    fs::create_dir_all(&target)?;
                }
                Cmd::new("cp").arg("-r").arg(&from).arg(&target).capture()?;
            }
        }
        Ok(())
    }

    /// Owners, and the devices that the program needs.
    fn add_what_engines_add(&self) -> Result<()> {
        Cmd::new("chown").args(["-R", &self.image.user]).arg(self.path.join("data")).capture()?;
        let devices = self.path.join("dev");
        fs::create_dir(&devices)?;
        for (name, minor) in [("null", "3"), ("random", "8"), ("urandom", "9")] {
            let device = devices.join(name);
            Cmd::new("mknod").args(["-m", "666"]).arg(device).args(["c", "1", minor]).capture()?;
        }
        Ok(())
    }

    /// The program with the environment of the image and nothing else.
    fn command(&self, args: &[&str], unshared: &[&str]) -> Command {
        let (user, group) = self.image.user.split_once(':').unwrap_or((&self.image.user, "0"));
        let mut command = Command::new("unshare");
        command
            .args(["--setgid", group, "--setuid", user])
            .args(unshared)
            .arg("--root")
            .arg(&self.path)
            .args(["--wd", &self.image.folder]);
        command.args(&self.image.entry).args(args).env_clear();
        let path = iter::once(("PATH".to_owned(), std::env::var("PATH").unwrap_or_default()));
        command.envs(self.image.environment.iter().cloned().chain(path));
        command
    }

    /// Starts the server and gives the page that it answers with.
    fn page(&self) -> Result<String> {
        let address = free_address()?;
        let args: Vec<_> = self.image.args.iter().map(String::as_str).collect();
        let mut command = self.command(&args, &[]);
        let mut server = command.env("VITRINE_LISTEN", &address).spawn().context("unshare")?;
        let deadline = Instant::now() + START_MAX;
        let page = loop {
            match get(&address, "/") {
                Ok(page) => break Ok(page),
                Err(error) if Instant::now() > deadline => break Err(error),
                Err(_) => thread::sleep(Duration::from_millis(50)),
            }
            if let Some(status) = server.try_wait()? {
                bail!("the server ended: {status}");
            }
        };
        server.kill()?;
        server.wait()?;
        page
    }
}

/// Runs a command to its end; what it says counts only when it fails.
fn finish(mut command: Command) -> Result<()> {
    let output = command.output().context("unshare")?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{}: {command:?}\n{said}", output.status);
    Ok(())
}

fn get(address: &str, path: &str) -> Result<String> {
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
