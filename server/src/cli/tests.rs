//! The command line, as a user meets it.

use std::path::{Path, PathBuf};

use super::*;

fn help(words: &[&str]) -> String {
    let words = ["vitrine"].iter().chain(words).chain(&["--help"]);
    Cli::read(words).expect_err("help").to_string()
}

fn refusal(words: &[&str]) -> String {
    let error = Cli::read(["vitrine"].iter().chain(words)).expect_err("refused");
    assert!(error.use_stderr(), "{words:?} is help");
    error.to_string()
}

fn overrides(words: &[&str]) -> Overrides {
    Cli::read(["vitrine"].iter().chain(words)).expect("a good command line").overrides()
}

#[test]
fn the_definition_is_sound() {
    Cli::definition().debug_assert();
}

#[test]
fn a_command_lists_the_flags_that_it_uses_and_no_others() {
    const ENCODER: &str = "--weights-dir <";
    const DATA: &str = "--data-dir <";
    const SERVER: [&str; 4] =
        ["--listen", "--admin-token", "--request-bytes-max", "--searches-in-flight-max"];
    const COMPUTES: [&str; 2] = ["--device <", "--cuda-program <"];
    let uses: [(&[&str], bool, bool, bool); 13] = [
        (&["import"], true, true, false),
        (&["quality"], true, true, false),
        (&["train"], true, true, false),
        (&["base"], false, false, false),
        (&["evaluate"], true, false, false),
        (&["evaluate", "search"], true, true, false),
        (&["graph"], true, false, false),
        (&["serve"], true, true, true),
        (&["fetch"], false, true, false),
        (&["keys", "add"], true, false, false),
        (&["keys", "list"], true, false, false),
        (&["keys", "revoke"], true, false, false),
        (&["demo"], true, true, true),
    ];
    for (words, data, encoder, server) in uses {
        let help = help(words);
        assert_eq!(help.contains(DATA), data, "{words:?}: {help}");
        assert_eq!(help.contains(ENCODER), encoder, "{words:?}: {help}");
        for flag in COMPUTES {
            let computes = encoder && words != ["fetch"];
            assert_eq!(help.contains(flag), computes, "{words:?} {flag}: {help}");
        }
        for flag in SERVER {
            assert_eq!(help.contains(flag), server, "{words:?} {flag}: {help}");
        }
        assert!(help.contains("--config") && help.contains("Examples:"), "{words:?}: {help}");
    }
}

#[test]
fn a_flag_that_a_command_would_ignore_is_refused() {
    for words in [
        &["import", "--listen", "127.0.0.1:1"][..],
        &["train", "--admin-token", "0123456789abcdef"],
        &["quality", "--plant", "0.1"],
        &["evaluate", "--fit"],
        &["evaluate", "--out", "report", "search", "--judgments", "a.csv"],
        &["--data-dir", "var", "base", "--shop", "a", "--out", "b"],
        &["fetch", "--data-dir", "var"],
        &["quality", "--print-checks", "--products", "a.csv"],
        &["serve", "--seed", "1"],
    ] {
        let message = refusal(words);
        assert!(message.contains("--"), "{words:?}: {message}");
    }
}

#[test]
fn what_is_needed_is_in_the_usage_and_named_when_it_is_missing() {
    let import = help(&["import"]);
    let usage: Vec<&str> = import.lines().skip_while(|line| !line.contains("Usage:")).collect();
    assert!(usage[0].contains("--products <FILE> --interactions <FILE> --mapping"), "{import}");
    assert!(usage[1].contains("--data <DIR>"), "{import}");
    let missing = refusal(&["import"]);
    for flag in ["--products", "--interactions", "--mapping"] {
        assert!(missing.contains(flag), "{missing}");
    }
    let missing = refusal(&["quality"]);
    assert!(missing.contains("--products") && missing.contains("--mapping"), "{missing}");
    assert!(refusal(&["evaluate", "search"]).contains("--judgments"));
    assert!(refusal(&["base"]).contains("--shop"));
    assert!(refusal(&["keys", "add", "erp"]).contains("--scopes"));
    let unknown = refusal(&["keys", "add", "erp", "--scopes", "all"]);
    assert!(unknown.contains("catalogue:write"), "{unknown}");
}

#[test]
fn a_number_that_cannot_be_is_refused_by_the_name_of_its_flag() {
    let source = ["import", "--data", "set"];
    for (words, flag) in [
        (&["--shoppers-max", "-1"][..], "--shoppers-max"),
        (&["--shoppers-max", "0"], "--shoppers-max"),
        (&["--shoppers-max", "many"], "--shoppers-max"),
    ] {
        let message = refusal(&[&source, words].concat());
        assert!(message.contains(&format!("for '{flag} <N>'")), "{message}");
    }
    assert!(refusal(&["train", "--seed", "-1"]).contains("for '--seed <SEED>'"));
    let message = refusal(&["serve", "--request-ms-max", "-5"]);
    assert!(message.contains("for '--request-ms-max <MS>'"), "{message}");
}

#[test]
fn an_import_watches_feeds_in_files_folders_and_at_addresses() {
    fn import<'a>(more: &[&'a str]) -> Vec<&'a str> {
        [&["import", "--mapping", "a.toml"], more].concat()
    }
    for words in [
        import(&["--products", "a.csv", "--watch", "--every", "4"]),
        import(&["--products", "a.csv", "--watch", "--every", "86401"]),
    ] {
        assert!(refusal(&words).contains("for '--every <SECONDS>'"), "{words:?}");
    }
    assert!(refusal(&import(&["--products", "a.csv", "--every", "60"])).contains("--watch"));
    assert!(refusal(&["import", "--data", "set", "--watch"]).contains("--watch"));
    let message = refusal(&import(&["--products", "http://me:secret@shop.example/a.csv"]));
    assert!(message.contains("user name or password"), "{message}");
    let words = import(&["--products", "https://shop.example/a.csv", "--watch", "--every", "5"]);
    let cli = Cli::read(["vitrine"].iter().chain(&words)).expect("a good command line");
    let Command::Import(args) = cli.command else { panic!("import") };
    assert!(args.watch && args.every == 5);
    let is_url = matches!(args.source.products, Some(crate::feeds::FeedAddress::Url(_)));
    assert!(is_url, "{:?}", args.source.products);
}

#[test]
fn the_data_folder_may_be_named_before_and_after_the_command() {
    let named = Some(PathBuf::from("shop-a"));
    assert_eq!(overrides(&["--data-dir", "shop-a", "train"]).data_dir, named);
    assert_eq!(overrides(&["train", "--data-dir", "shop-a"]).data_dir, named);
    assert_eq!(overrides(&["--data-dir", "b", "train", "--data-dir", "shop-a"]).data_dir, named);
    let serve = overrides(&["serve", "--listen", "127.0.0.1:0", "--shutdown-ms-max", "7"]);
    assert_eq!(serve.server.listen.as_deref(), Some("127.0.0.1:0"));
    assert_eq!(serve.server.limits.shutdown_ms_max, Some(7));
}

#[test]
fn the_reference_is_what_the_code_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/cli.md");
    check_reference(&page, Cli::definition());
}
