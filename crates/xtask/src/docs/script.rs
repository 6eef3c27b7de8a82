//! A document as a script for bash, each line where it stands in the document, so that the
//! lines of failures are those of the document.

use anyhow::{Result, ensure};

/// What a document's script begins with.
pub const PRELUDE: &str = r#"set -euo pipefail
exec 5>&1
: > "$DOCUMENT_STATE/last"
trap 'echo "$LINENO $BASH_COMMAND" > "$DOCUMENT_STATE/failed"; cat "$DOCUMENT_STATE/last" >&5' ERR

# Starts the command on standard input and waits until it answers.
start_server() {
    local command
    command=$(cat)
    stop_server
    bash -c "exec $command" > "$DOCUMENT_STATE/server" 2>&1 &
    SERVER=$!
    until curl -fsS "http://$VITRINE_LISTEN/healthz" > /dev/null 2>&1; do
        if ! kill -0 "$SERVER" 2> /dev/null; then
            cat "$DOCUMENT_STATE/server"
            return 1
        fi
        sleep 0.1
    done
}

stop_server() {
    if [ -n "${SERVER:-}" ]; then
        kill "$SERVER"
        wait "$SERVER" || true
    fi
}
"#;

/// What is done with a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BlockUse {
    Run,
    Server,
    /// What came out of the block before.
    Shown,
    Nothing,
}

/// The script of a document; its first line, the title, gives place to the prelude.
///
/// # Errors
/// The document begins with a block, has one without an end, or none that is run.
pub fn of_document(text: &str) -> Result<String> {
    let mut script = Vec::new();
    let mut block: Option<BlockUse> = None;
    // Whether nothing but empty lines came since a block that was run.
    let mut is_after_run = false;
    let mut n_run = 0;
    for (number, line) in (1..).zip(text.lines()) {
        script.push(match (block, line.strip_prefix("```")) {
            (None, Some(info)) => {
                ensure!(number > 1, "a document begins with its title");
                let usage = usage(info, is_after_run);
                n_run += usize::from(matches!(usage, BlockUse::Run | BlockUse::Server));
                block = Some(usage);
                begin(usage, number)
            }
            (Some(usage), Some("")) => {
                (block, is_after_run) = (None, usage == BlockUse::Run);
                end(usage).to_owned()
            }
            (Some(BlockUse::Nothing), _) => String::new(),
            (Some(_), _) => line.to_owned(),
            (None, None) => {
                is_after_run &= line.trim().is_empty();
                if number == 1 {
                    "source \"$DOCUMENT_STATE/prelude.sh\"".into()
                } else {
                    String::new()
                }
            }
        });
    }
    ensure!(block.is_none(), "the last block has no end");
    ensure!(n_run > 0, "there is no block of sh to run");
    Ok(script.join("\n") + "\n")
}

fn usage(info: &str, is_after_run: bool) -> BlockUse {
    let words: Vec<_> = info.split_whitespace().collect();
    match words[..] {
        ["sh"] => BlockUse::Run,
        ["sh", "server"] => BlockUse::Server,
        ["json"] if is_after_run => BlockUse::Shown,
        _ => BlockUse::Nothing,
    }
}

fn begin(usage: BlockUse, number: usize) -> String {
    match usage {
        BlockUse::Run => format!("echo {number} > \"$DOCUMENT_STATE/at\"; {{"),
        BlockUse::Server => {
            format!("echo {number} > \"$DOCUMENT_STATE/at\"; start_server <<'END_OF_BLOCK'")
        }
        BlockUse::Shown => format!(
            "cp \"$DOCUMENT_STATE/last\" \"$DOCUMENT_STATE/shown/{number}.actual\"; \
             cat > \"$DOCUMENT_STATE/shown/{number}.expected\" <<'END_OF_BLOCK'"
        ),
        BlockUse::Nothing => String::new(),
    }
}

fn end(usage: BlockUse) -> &'static str {
    match usage {
        BlockUse::Run => "} > \"$DOCUMENT_STATE/last\"; cat \"$DOCUMENT_STATE/last\"",
        BlockUse::Server | BlockUse::Shown => "END_OF_BLOCK",
        BlockUse::Nothing => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_stays_where_it_is() {
        let text = "# T\ntext\n```sh\necho 1\n```\n\n```json\n1\n```\n```sh example\nrm -rf MINE\n```\n```sh server\nserve\n```\n";
        let script = of_document(text).unwrap();
        let lines: Vec<_> = script.lines().collect();
        assert_eq!(lines.len(), text.lines().count());
        assert!(lines[0].starts_with("source "));
        assert_eq!((lines[3], lines[7], lines[13]), ("echo 1", "1", "serve"));
        assert!(lines[6].contains("7.actual"), "{script}");
        assert!(!script.contains("MINE"), "{script}");
    }

    #[test]
    fn json_that_no_command_came_before_is_left_alone() {
        let script = of_document("# T\n```sh\ntrue\n```\nSend:\n```json\n{}\n```\n").unwrap();
        assert!(!script.contains("expected"), "{script}");
    }

    #[test]
    fn a_document_without_commands_or_an_end_is_refused() {
        assert!(of_document("# T\n```\nls\n```\n").is_err());
        assert!(of_document("# T\n```sh\nls\n").is_err());
        assert!(of_document("```sh\nls\n```\n").is_err());
    }
}
