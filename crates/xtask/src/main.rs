//! Set-up, demo, test, lint and bench: the automation.
fn main() {}
