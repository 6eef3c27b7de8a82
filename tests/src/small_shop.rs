//! A made-up shop that imports in a moment, for tests of the import itself.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use anyhow::{Result, ensure};

use crate::shop::vitrine;

const MAPPING: &str = r#"
name = "small"
currency = "EUR"
[products]
sku = "id"
title = "title"
department = "department"
price = { column = "price" }
[interactions]
shopper = "shopper"
sku = "product"
basket = "order"
quantity = "quantity"
timestamp = { column = "time" }
kind = { constant = "purchase" }
"#;

const N_PRODUCTS: usize = 200;
const N_LINES: usize = 2_000;

/// Files and data folder of the made-up shop.
pub struct SmallShop {
    /// Its data folder.
    pub data_dir: PathBuf,
    files: PathBuf,
}

impl SmallShop {
    /// Writes the files; nothing is imported yet.
    pub fn create(dir: &Path) -> Result<Self> {
        if dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir)?;
        let mut products = String::from("id,title,department,price\n");
        for n in 0..N_PRODUCTS {
            let department = ["Tools", "Garden", "Kitchen", "Toys"][n % 4];
            writeln!(products, "p{n},Article number {n},{department},{}.99", n % 50 + 1)?;
        }
        let mut orders = String::from("shopper,product,order,quantity,time\n");
        for n in 0..N_LINES {
            let (shopper, product) = (n % 37, n * 7 % N_PRODUCTS);
            let (order, day) = (n / 5, n % 28 + 1);
            writeln!(orders, "s{shopper},p{product},o{order},1,2026-01-{day:02} 10:00:00")?;
        }
        fs::write(dir.join("products.csv"), products)?;
        fs::write(dir.join("orders.csv"), orders)?;
        fs::write(dir.join("mapping.toml"), MAPPING)?;
        Ok(Self { data_dir: dir.join("var"), files: dir.to_owned() })
    }

    /// A shop whose files somebody else has written.
    pub fn of_folder(dir: &Path) -> Self {
        Self { data_dir: dir.join("var"), files: dir.to_owned() }
    }

    /// Makes an API key that may do everything, and shows it.
    ///
    /// # Errors
    /// The command fails.
    pub fn key(&self, name: &str) -> Result<String> {
        const SCOPES: &str = "catalogue:write,catalogue:read,orders:write";
        let rate = ["--requests-per-second", "10000"];
        let (status, key) =
            self.run(&[&["keys", "add", name, "--scopes", SCOPES][..], &rate].concat())?;
        ensure!(status == Some(0), "no key was made");
        Ok(key.trim().to_owned())
    }

    /// Imports under a shop name.
    pub fn import(&self, name: &str) -> Result<()> {
        Self::succeed(&mut self.command(name)?)
    }

    /// Imports the products alone, as a shop without orders.
    pub fn import_products(&self, name: &str) -> Result<()> {
        Self::succeed(&mut self.products(name)?)
    }

    fn succeed(command: &mut Command) -> Result<()> {
        let output = command.output()?;
        let log = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "the import failed:\n{log}");
        Ok(())
    }

    /// The same, killed (SIGKILL) if it has not ended after `time`. Whether it had.
    pub fn import_for(&self, name: &str, time: Duration) -> Result<bool> {
        let mut child = self.command(name)?.stderr(Stdio::null()).spawn()?;
        let until = Instant::now() + time;
        while Instant::now() < until {
            if let Some(status) = child.try_wait()? {
                ensure!(status.success(), "the import failed by itself");
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(1));
        }
        child.kill()?;
        Ok(child.wait()?.success())
    }

    /// Runs another command on the data folder; its exit status and standard output.
    pub fn run(&self, args: &[&str]) -> Result<(Option<i32>, String)> {
        let mut command = Command::new(vitrine()?);
        let output = command.args(args).arg("--data-dir").arg(&self.data_dir).output()?;
        Ok((output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned()))
    }

    fn command(&self, name: &str) -> Result<Command> {
        let mut command = self.products(name)?;
        command.arg("--interactions").arg(self.files.join("orders.csv"));
        Ok(command)
    }

    fn products(&self, name: &str) -> Result<Command> {
        let mut command = Command::new(vitrine()?);
        command
            .args(["import", "--shop", name, "--products"])
            .arg(self.files.join("products.csv"))
            .arg("--mapping")
            .arg(self.files.join("mapping.toml"))
            .arg("--data-dir")
            .arg(&self.data_dir);
        Ok(command)
    }
}
