//! The command line of the laboratory.

use std::path::Path;

use vitrine_server::cli::check_reference;

use super::*;

fn refusal(words: &[&str]) -> String {
    let error = Cli::read(["vitrine-lab"].iter().chain(words)).expect_err("refused");
    assert!(error.use_stderr(), "{words:?} is help");
    error.to_string()
}

#[test]
fn the_definition_is_sound() {
    Cli::definition().debug_assert();
}

#[test]
fn a_flag_that_a_command_would_ignore_is_refused() {
    for (words, flag) in [
        (&["speed", "--poison", "0.05"][..], "--poison"),
        (&["speed", "--http", "--items", "10"], "--items"),
        (&["typos", "--models", "ease"], "--models"),
        (&["typos", "--list", "queries.txt", "--n-queries", "3"], "--n-queries"),
        (&["related", "--weights-dir", "w"], "--weights-dir"),
        (&["prequential", "--curves"], "--curves"),
        (&["compare", "beauty", "--protocol", "leave-one-out"], "--protocol"),
        (&["compare", "beauty", "--attack", "random"], "--poison"),
        (&["compare", "beauty", "--poison", "0.1", "--curves"], "--curves"),
        (&["tune", "beauty", "--model", "ease", "--split", "test"], "--split"),
        (&["search", "--checks", "c.toml"], "--products"),
    ] {
        let message = refusal(words);
        assert!(message.contains(flag), "{words:?}: {message}");
    }
}

#[test]
fn a_share_that_cannot_be_is_refused_by_the_name_of_its_flag() {
    let plant = ["plant", "--products", "a.csv", "--mapping", "m.toml", "--share"];
    for share in ["-0.1", "0", "0.6", "half"] {
        let message = refusal(&[&plant[..], &[share]].concat());
        assert!(message.contains("for '--share <SHARE>'"), "{message}");
    }
    let message = refusal(&["compare", "beauty", "--poison", "-1"]);
    assert!(message.contains("for '--poison <SHARE>'"), "{message}");
}

#[test]
fn the_reference_is_what_the_code_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/lab-cli.md");
    check_reference(&page, Cli::definition());
}
