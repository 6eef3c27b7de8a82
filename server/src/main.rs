//! The vitrine binary: import, train, evaluate, serve, demo.
fn main() {}
