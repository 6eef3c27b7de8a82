//! A WebVTT file cut into its cues.
//!
//! # Source
//! WebVTT: The Web Video Text Tracks Format, W3C, section 6.1 (parsing) and 6.3 (timings).

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
const SIGNATURE: &[u8] = b"WEBVTT";
const ARROW: &str = "-->";

/// A block that is, or was to be, a cue.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum CueBlock {
    /// With its text, markup and line ends in it.
    Cue(String),
    /// Its timings cannot be read.
    Malformed,
}

/// What follows the word with which a file begins; nothing if it does not begin so.
pub(super) fn after_signature(bytes: &[u8]) -> Option<&[u8]> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let rest = bytes.strip_prefix(SIGNATURE)?;
    let ends = matches!(rest.first(), None | Some(b' ' | b'\t' | b'\n' | b'\r'));
    ends.then_some(rest)
}

/// Cues in the order of the file.
pub(super) struct CueBlocks<'a> {
    lines: VttLines<'a>,
}

impl<'a> CueBlocks<'a> {
    /// `body` is what follows the signature.
    pub(super) fn new(body: &'a str) -> Self {
        let mut lines = VttLines { rest: Some(body), returned: None };
        // The rest of the first line is a comment, and so is a header below it.
        lines.next();
        while let Some(line) = lines.next().filter(|line| !line.is_empty()) {
            if line.contains(ARROW) {
                lines.returned = Some(line);
                break;
            }
        }
        Self { lines }
    }

    /// The block that begins with `first`: lines up to an empty one, or up to the timings of the
    /// block behind it. Nothing for notes, styles and regions, which have no timings.
    fn block(&mut self, first: &'a str) -> Option<CueBlock> {
        let mut found = None;
        let mut lines: Vec<&str> = Vec::new();
        let mut next = Some(first);
        // The timings are in the first line, or in the second under the cue's name.
        for n_before in 0.. {
            let Some(line) = next.filter(|line| !line.is_empty()) else { break };
            if line.contains(ARROW) {
                if n_before > 1 || found.is_some() {
                    self.lines.returned = Some(line);
                    break;
                }
                found = Some(timings(line).is_some());
            } else if found == Some(true) {
                lines.push(line);
            }
            next = self.lines.next();
        }
        match found? {
            true => Some(CueBlock::Cue(lines.join("\n"))),
            false => Some(CueBlock::Malformed),
        }
    }
}

impl Iterator for CueBlocks<'_> {
    type Item = CueBlock;

    fn next(&mut self) -> Option<CueBlock> {
        loop {
            let first = self.lines.find(|line| !line.is_empty())?;
            if let Some(block) = self.block(first) {
                return Some(block);
            }
        }
    }
}

/// Lines that end with a line feed, a carriage return, or both.
struct VttLines<'a> {
    rest: Option<&'a str>,
    /// A line that was read, and is to be read again.
    returned: Option<&'a str>,
}

impl<'a> Iterator for VttLines<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        if let Some(line) = self.returned.take() {
            return Some(line);
        }
        let rest = self.rest?;
        let Some(end) = rest.find(['\n', '\r']) else {
            self.rest = None;
            return Some(rest);
        };
        let (line, rest) = rest.split_at(end);
        let rest = rest.strip_prefix("\r\n").unwrap_or_else(|| &rest[1..]);
        self.rest = Some(rest);
        Some(line)
    }
}

/// Start and end of a cue in milliseconds; settings behind them are not read.
fn timings(line: &str) -> Option<(u64, u64)> {
    let (start, rest) = timestamp(line.trim_ascii_start())?;
    let rest = rest.trim_ascii_start().strip_prefix(ARROW)?;
    let (end, _) = timestamp(rest.trim_ascii_start())?;
    Some((start, end))
}

/// `01:23.456` or, with hours of any length, `00:01:23.456`; and what follows.
fn timestamp(text: &str) -> Option<(u64, &str)> {
    let (first, n_first, rest) = digits(text)?;
    let (second, rest) = two_digits(rest.strip_prefix(':')?)?;
    let (hours, minutes, seconds, rest) = match rest.strip_prefix(':') {
        Some(rest) => {
            let (third, rest) = two_digits(rest)?;
            (first, second, third, rest)
        }
        None if n_first == 2 => (0, first, second, rest),
        None => return None,
    };
    let (thousandths, n_digits, rest) = digits(rest.strip_prefix('.')?)?;
    if n_digits != 3 || minutes > 59 || seconds > 59 {
        return None;
    }
    let seconds = hours.saturating_mul(3_600).saturating_add(minutes * 60 + seconds);
    Some((seconds.saturating_mul(1_000).saturating_add(thousandths), rest))
}

/// The number with which a text begins, how many digits it has, and what follows.
fn digits(text: &str) -> Option<(u64, usize, &str)> {
    let n = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, rest) = text.split_at(n);
    let add = |sum: u64, digit: u8| sum.saturating_mul(10).saturating_add(u64::from(digit - b'0'));
    (n > 0).then(|| (number.bytes().fold(0, add), n, rest))
}

fn two_digits(text: &str) -> Option<(u64, &str)> {
    let (number, n, rest) = digits(text)?;
    (n == 2).then_some((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cues(body: &str) -> (Vec<String>, usize) {
        let mut n_malformed = 0;
        let text = |block| match block {
            CueBlock::Cue(text) => Some(text),
            CueBlock::Malformed => {
                n_malformed += 1;
                None
            }
        };
        let texts = CueBlocks::new(body).filter_map(text).collect();
        (texts, n_malformed)
    }

    #[test]
    fn timings_have_hours_or_not() {
        assert_eq!(timings("00:01.000 --> 01:02.345 align:start"), Some((1_000, 62_345)));
        assert_eq!(timings("\t1:00:00.000-->100:59:59.999"), Some((3_600_000, 363_599_999)));
        let day = "99999999999999999999999:00:00.000";
        assert_eq!(timings(&format!("{day} --> {day}")), Some((u64::MAX, u64::MAX)));
        for wrong in [
            "1:00.000 --> 00:02.000",
            "00:01.00 --> 00:02.000",
            "00:01,000 --> 00:02,000",
            "00:60.000 --> 00:61.000",
            "60:01.000 --> 60:02.000",
            "00:01.000 -> 00:02.000",
            "00:01.000 -->",
            "--> 00:02.000",
            "00:001.000 --> 00:02.000",
            "00:01.000 --> 00:02",
        ] {
            assert_eq!(timings(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_cue_is_left_out() {
        let body = " a title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nREGION\nid:fred\n\n\
                    NOTE one line\n\nNOTE\nof two\nlines\n\na name alone\n\n\
                    7\n00:01.000 --> 00:02.000 line:0\nfirst\nsecond\n\n\n\
                    00:03.000 --> 00:04.000\nthird";
        assert_eq!(cues(body), (vec!["first\nsecond".to_owned(), "third".to_owned()], 0));
        for ends in ["\r\n", "\r"] {
            let ended = body.replace('\n', ends);
            assert_eq!(cues(&ended), cues(body), "{ends:?}");
        }
    }

    #[test]
    fn timings_end_the_block_before_and_malformed_cues_are_counted() {
        let body = "\n00:01.000 --> 00:02.000\nfirst\n00:03.000 --> 00:04.000\nsecond\n\n\
                    0:05 --> 0:06\nnot said\nnor this\n00:07.000 --> 00:08.000\nthird\n\n\
                    name\n00:09.000 -->\nnot said\n\n00:10.000 --> 00:11.000";
        let texts = ["first", "second", "third", ""].map(str::to_owned).to_vec();
        assert_eq!(cues(body), (texts, 2));
    }

    #[test]
    fn only_the_signature_begins_a_file() {
        for good in [&b"WEBVTT"[..], b"WEBVTT\n", b"WEBVTT - title", b"\xef\xbb\xbfWEBVTT\r\n"] {
            assert!(after_signature(good).is_some(), "{good:?}");
        }
        for bad in [
            &b""[..],
            b"WEBVTTX",
            b"webvtt\n",
            b"\nWEBVTT",
            b"1\n00:00:01,000 --> ",
            b"\xff\xfeW\0",
        ] {
            assert!(after_signature(bad).is_none(), "{bad:?}");
        }
    }
}
