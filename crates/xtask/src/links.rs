//! Links of a document that goes elsewhere than where it was written.

/// A document with each link to a file pointing where `moved` says; where that is nowhere, the
/// words of the link stay as plain text. Blocks of code and links with a scheme or to a place
/// of the same page are left alone.
pub fn rewrite(text: &str, moved: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut prose = String::new();
    let mut is_code = false;
    for line in text.split_inclusive('\n') {
        let is_fence = line.trim_start().starts_with("```");
        if is_code || is_fence {
            out.push_str(&of_prose(&std::mem::take(&mut prose), &moved));
            out.push_str(line);
        } else {
            prose.push_str(line);
        }
        is_code ^= is_fence;
    }
    out + &of_prose(&prose, &moved)
}

fn of_prose(text: &str, moved: &impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let Some((target, behind)) = after.split_once(')') else { break };
        out.push_str(before);
        rest = behind;
        let (file, anchor) = target.split_at(target.find('#').unwrap_or(target.len()));
        if file.is_empty() || file.contains(':') {
            out.push_str(&format!("]({target})"));
        } else if let Some(file) = moved(file) {
            out.push_str(&format!("]({file}{anchor})"));
        } else if let Some(start) = opening(&out) {
            out.remove(start);
        }
    }
    out + rest
}

/// Where the bracket opens that would close at the end of a text.
fn opening(text: &str) -> Option<usize> {
    let mut depth = 0;
    text.char_indices().rev().find_map(|(at, c)| {
        depth += match c {
            ']' => 1,
            '[' if depth == 0 => return Some(at),
            '[' => -1,
            _ => 0,
        };
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(text: &str) -> String {
        rewrite(text, |file| (file == "a.md").then(|| "docs/a.md".to_owned()))
    }

    #[test]
    fn links_move_and_those_that_lead_nowhere_become_text() {
        let text = "See [A](a.md), [its end](a.md#end), [`[x]` of it](b/c.md#d) and\n[two\nlines](x.md).\n";
        let expected =
            "See [A](docs/a.md), [its end](docs/a.md#end), `[x]` of it and\ntwo\nlines.\n";
        assert_eq!(rewritten(text), expected);
    }

    #[test]
    fn other_links_and_code_are_left_alone() {
        let text = "[a](#here) [b](https://x.example/y) f](\n```sh\necho [a](b.md)\n```\n[c](b.md)";
        assert!(rewritten(text).starts_with(&text[..text.len() - "[c](b.md)".len()]));
        assert!(rewritten(text).ends_with("\nc"));
    }
}
