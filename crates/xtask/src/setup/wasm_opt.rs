//! wasm-opt, which makes the wasm smaller. npm's package `binaryen` carries it.

use super::packages::{self, Package};
use super::step::{Otherwise, Step};
use crate::process::Cmd;
use crate::workspace::Workspace;

const PACKAGES: &[Package] = &[Package { name: "binaryen", version: "132.0.0" }];

/// Older ones don't know what current Rust emits.
const OLDEST: u32 = 116;

/// The version, when there is one that will do.
pub fn version(ws: &Workspace) -> Option<u32> {
    let text = Cmd::new(ws.which("wasm-opt")?).arg("--version").capture().ok()?;
    parse_version(&text).filter(|version| *version >= OLDEST)
}

pub fn step(_ws: &Workspace) -> Step {
    Step {
        name: "wasm-opt".into(),
        why: "to make the web bundle smaller",
        find: Box::new(|ws| version(ws).map(|version| version.to_string())),
        ways: vec![packages::way(PACKAGES)],
        otherwise: Otherwise::GoOnWithout("the web bundle will be somewhat larger"),
    }
}

/// The options that a page has Trunk run it with: `data-wasm-opt` and `data-wasm-opt-params` of
/// the link to its program.
pub fn options_of_page(page: &str) -> Option<Vec<String>> {
    let value = |name: &str| page.split_once(&format!("{name}=\""))?.1.split('"').next();
    let level = format!("-O{}", value("data-wasm-opt")?);
    let more = value("data-wasm-opt-params")?.split_whitespace().map(str::to_owned);
    Some([level].into_iter().chain(more).collect())
}

/// From "wasm-opt version 132 (version_132)".
fn parse_version(text: &str) -> Option<u32> {
    text.split_whitespace().nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_those_of_the_page() {
        let page =
            "<link rel=\"rust\" data-wasm-opt=\"2\" data-wasm-opt-params=\"--enable-simd --a\">";
        assert_eq!(options_of_page(page).unwrap(), ["-O2", "--enable-simd", "--a"]);
        assert_eq!(options_of_page("<link data-wasm-opt=\"2\">"), None);
    }

    #[test]
    fn version_is_read_from_both_forms_of_the_output() {
        assert_eq!(parse_version("wasm-opt version 132 (version_132)\n"), Some(132));
        assert_eq!(parse_version("wasm-opt version 108\n"), Some(108));
        assert_eq!(parse_version("node: not found"), None);
    }
}
