//! The command line as a page of the documentation, made from its definition.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use clap::Command;

/// Columns of the help on the page.
const WIDTH: usize = 92;

/// The help of a program and of each of its commands, as Markdown.
pub fn reference(program: Command) -> String {
    let mut program = program.term_width(WIDTH).disable_help_subcommand(true);
    program.build();
    let mut page = String::from(
        "<!-- Made from the code, and held to it by a test: VITRINE_BLESS=1 writes it anew. -->\n",
    );
    describe(&program, 1, &mut page);
    page
}

fn describe(command: &Command, level: usize, page: &mut String) {
    let name = command.get_bin_name().unwrap_or_else(|| command.get_name()).to_owned();
    let help = command.clone().render_long_help().to_string();
    let lines: Vec<&str> = help.trim_end().lines().map(str::trim_end).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(page, "\n{} {name}\n\n```text\n{}\n```", "#".repeat(level), lines.join("\n"));
    for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set()) {
        describe(sub, 2, page);
    }
}

/// Compares a page with the definition that it is made from, or writes it anew where
/// `VITRINE_BLESS` is set.
///
/// # Panics
/// The page is out of date or cannot be read or written.
pub fn check_reference(path: &Path, program: Command) {
    let page = reference(program);
    if std::env::var_os("VITRINE_BLESS").is_some() {
        fs::write(path, &page).expect("the page is written");
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page,
        "{} is not what the code says: run this test with VITRINE_BLESS=1",
        path.display()
    );
}
