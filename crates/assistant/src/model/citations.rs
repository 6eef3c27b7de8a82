//! Numbers of texts in a model's answer: "It weighs 1.8 kg [2]."

/// A part of a sentence with the texts that it cites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct CitedPart {
    /// What it says, without citations.
    pub text: String,
    /// Numbers of texts as they are written, in their order; none where it cites none.
    pub numbers: Vec<u64>,
}

/// Most numbers that one sentence cites; of more, none counts.
const NUMBERS_MAX: usize = 12;

/// Puts citations that stand behind the end of a sentence before it, where they belong.
pub(super) fn tidied(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        if matches!(c, '.' | '!' | '?' | '。' | '！' | '？')
            && let Some((n_bytes, _)) = citation(after.trim_start_matches(' '))
        {
            let n_spaces = after.len() - after.trim_start_matches(' ').len();
            out.push_str(&after[..n_spaces + n_bytes]);
            rest = &after[n_spaces + n_bytes..];
            // Several citations in a row.
            while let Some((n_bytes, _)) = citation(rest) {
                out.push_str(&rest[..n_bytes]);
                rest = &rest[n_bytes..];
            }
            out.push(c);
            continue;
        }
        out.push(c);
        rest = after;
    }
    out
}

/// The parts of a sentence, each up to the citations that end it.
pub(super) fn parts(sentence: &str) -> Vec<CitedPart> {
    let mut out: Vec<CitedPart> = vec![CitedPart { text: String::new(), numbers: Vec::new() }];
    let mut rest = sentence;
    while let Some(c) = rest.chars().next() {
        if let Some((n_bytes, numbers)) = citation(rest) {
            if let Some(last) = out.last_mut() {
                last.numbers.extend(numbers);
            }
            rest = &rest[n_bytes..];
            continue;
        }
        let is_cited = out.last().is_some_and(|last| !last.numbers.is_empty());
        if is_cited && c.is_alphanumeric() {
            out.push(CitedPart { text: String::new(), numbers: Vec::new() });
        }
        if let Some(last) = out.last_mut() {
            last.text.push(c);
        }
        rest = &rest[c.len_utf8()..];
    }
    if out.iter().map(|part| part.numbers.len()).sum::<usize>() > NUMBERS_MAX {
        out.iter_mut().for_each(|part| part.numbers.clear());
    }
    out
}

/// A citation at the beginning of a text: its bytes, and its numbers. "[2]", "[1, 3]", "【2】".
fn citation(text: &str) -> Option<(usize, Vec<u64>)> {
    let (open, close) =
        [('[', ']'), ('【', '】')].into_iter().find(|(o, _)| text.starts_with(*o))?;
    let end = text.find(close)?;
    let inside = &text[open.len_utf8()..end];
    let numbers: Option<Vec<u64>> =
        inside.split([',', '，', '、']).map(|number| number.trim().parse().ok()).collect();
    Some((end + close.len_utf8(), numbers.filter(|numbers| !numbers.is_empty())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_belong_to_what_stands_before_them() {
        for (text, expected) in [
            ("It is red. [1] It is warm [2].", "It is red [1]. It is warm [2]."),
            ("It is red.[1][3] Yes.", "It is red[1][3]. Yes."),
            ("它防水。【1】", "它防水【1】。"),
            ("A [note]. [x]", "A [note]. [x]"),
        ] {
            assert_eq!(tidied(text), expected);
        }
        let read = |text| -> Vec<(String, Vec<u64>)> {
            parts(text).into_iter().map(|part| (part.text, part.numbers)).collect()
        };
        assert_eq!(
            read("40 cm wide [1] and 30 cm high [2, 3]."),
            [("40 cm wide  ".to_owned(), vec![1]), ("and 30 cm high .".to_owned(), vec![2, 3]),]
        );
        let huge = "It is [99999999999999999999] red";
        assert_eq!(read(huge), [(huge.to_owned(), vec![])]);
        let many = format!("It is red {}", "[1]".repeat(NUMBERS_MAX + 1));
        assert!(read(&many)[0].1.is_empty());
    }
}
