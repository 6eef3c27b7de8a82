//! Lets tests that need a GPU show as ignored where the environment declares none.
#![allow(clippy::print_stdout, reason = "how a build script talks to cargo")]

fn main() {
    println!("cargo:rerun-if-env-changed=VITRINE_GPU");
    println!("cargo:rustc-check-cfg=cfg(vitrine_gpu)");
    if std::env::var_os("VITRINE_GPU").is_some() {
        println!("cargo:rustc-cfg=vitrine_gpu");
    }
}
