//! Has the catalogues read anew when one of their files has changed.
#![allow(clippy::print_stdout, reason = "how a build script talks to cargo")]

fn main() {
    println!("cargo:rerun-if-changed=locales");
}
