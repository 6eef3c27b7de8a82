//! Leptos views: Shop and Studio.
fn main() {}
