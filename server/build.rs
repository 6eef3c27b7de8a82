//! Makes sure that there is a folder to embed: without a web bundle the binary
//! still builds, and its page says what to run.

use std::path::Path;
use std::{env, fs};

const NO_BUNDLE: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">\
<title>Vitrine</title><h1>The web bundle is not built</h1>\
<p>Run <code>cargo xtask web</code>, then build the server again.</p></html>\n";

fn main() -> std::io::Result<()> {
    let root = env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let dist = Path::new(&root).join("../web/dist");
    if !dist.join("index.html").exists() {
        fs::create_dir_all(&dist)?;
        fs::write(dist.join("index.html"), NO_BUNDLE)?;
    }
    println!("cargo::rerun-if-changed={}", dist.display());
    Ok(())
}
