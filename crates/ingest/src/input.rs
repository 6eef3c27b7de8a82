//! The text of a file, whatever it is encoded in, and where in it a reader is.

use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Deserialize;

use crate::error::IngestError;
use crate::records::open_file;

/// Bytes read from the disk at once.
const BUFFER_BYTES: usize = 1 << 16;
/// What a file begins with that is compressed with gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];

/// How the characters of a text file are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileEncoding {
    /// UTF-8, with or without a byte order mark.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// Windows-1252, which ISO 8859-1 is a part of.
    #[serde(rename = "windows-1252", alias = "iso-8859-1", alias = "latin1")]
    Windows1252,
    /// UTF-16, little endian.
    #[serde(rename = "utf-16le")]
    Utf16Le,
    /// UTF-16, big endian.
    #[serde(rename = "utf-16be")]
    Utf16Be,
}

impl FileEncoding {
    /// The encoding that a label of XML or HTTP names; `None` for those not read here.
    pub(crate) fn of_label(label: &str) -> Option<Self> {
        match label.to_ascii_lowercase().as_str() {
            "utf-8" | "utf8" | "us-ascii" | "ascii" => Some(Self::Utf8),
            "windows-1252" | "cp1252" | "iso-8859-1" | "iso8859-1" | "latin1" | "iso-8859-15" => {
                Some(Self::Windows1252)
            }
            "utf-16" | "utf-16le" => Some(Self::Utf16Le),
            "utf-16be" => Some(Self::Utf16Be),
            _ => None,
        }
    }

    /// Its name, as mappings write it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "utf-8",
            Self::Windows1252 => "windows-1252",
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
        }
    }

    /// What the first bytes of a file say: a byte order mark, and its length.
    pub(crate) fn of_mark(head: &[u8]) -> Option<(Self, usize)> {
        match head {
            [0xef, 0xbb, 0xbf, ..] => Some((Self::Utf8, 3)),
            [0xff, 0xfe, ..] => Some((Self::Utf16Le, 2)),
            [0xfe, 0xff, ..] => Some((Self::Utf16Be, 2)),
            _ => None,
        }
    }
}

/// Bytes 0x80 to 0x9f of Windows-1252; the five that have no character become U+FFFD.
///
/// # Source
/// <https://encoding.spec.whatwg.org/index-windows-1252.txt>, where those five are controls.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{fffd}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{fffd}', 'Ž',
    '\u{fffd}', '\u{fffd}', '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{fffd}',
    'ž', 'Ÿ',
];

/// A buffered reader of a file as UTF-8. It counts line ends as they are consumed, and
/// can be told to stop when too much of the file goes into one record.
pub(crate) struct TextInput {
    file: BufReader<Box<dyn Read + Send>>,
    encoding: FileEncoding,
    /// Transcoded text that is not consumed yet; empty for UTF-8.
    text: Vec<u8>,
    consumed: usize,
    n_line_ends: u64,
    after_cr: bool,
    record_bytes: usize,
    record_bytes_max: usize,
}

impl TextInput {
    /// Opens a file. A byte order mark decides over `encoding`, and is skipped.
    pub(crate) fn open(path: &Path, encoding: FileEncoding) -> Result<Self, IngestError> {
        Self::of(open_bytes(path)?, encoding).map_err(|source| IngestError::Read {
            path: path.to_owned(),
            line: 0,
            source,
        })
    }

    /// Reads what `source` yields.
    pub(crate) fn of(source: Box<dyn Read + Send>, encoding: FileEncoding) -> io::Result<Self> {
        let mut file = BufReader::with_capacity(BUFFER_BYTES, source);
        let mark = FileEncoding::of_mark(file.fill_buf()?);
        file.consume(mark.map_or(0, |(_, n)| n));
        Ok(Self {
            file,
            encoding: mark.map_or(encoding, |(encoding, _)| encoding),
            text: Vec::new(),
            consumed: 0,
            n_line_ends: 0,
            after_cr: false,
            record_bytes: 0,
            record_bytes_max: usize::MAX,
        })
    }

    /// The first bytes of the file, as they are buffered now; nothing is consumed.
    pub(crate) fn head(&mut self) -> io::Result<&[u8]> {
        self.fill_buf()
    }

    /// Reads the rest in another encoding, as an XML declaration asks for; one that a byte
    /// order mark has decided stays.
    pub(crate) fn declare(&mut self, encoding: FileEncoding) {
        if self.encoding == FileEncoding::Utf8 {
            self.encoding = encoding;
        }
    }

    /// Line ends consumed so far: LF, CR LF, or a lone CR.
    pub(crate) fn n_line_ends(&self) -> u64 {
        self.n_line_ends
    }

    /// From now on, reading more than `bytes_max` until the next call fails with
    /// [`io::ErrorKind::FileTooLarge`].
    pub(crate) fn begin_record(&mut self, bytes_max: usize) {
        (self.record_bytes, self.record_bytes_max) = (0, bytes_max);
    }

    /// Fills `text` from the file's next bytes; leaves it empty at the end.
    fn transcode(&mut self) -> io::Result<()> {
        (self.consumed, self.text) = (0, std::mem::take(&mut self.text));
        self.text.clear();
        let bytes = self.file.fill_buf()?;
        let n = match self.encoding {
            FileEncoding::Utf8 => return Ok(()),
            FileEncoding::Windows1252 => {
                push_windows_1252(bytes, &mut self.text);
                bytes.len()
            }
            FileEncoding::Utf16Le | FileEncoding::Utf16Be => {
                let is_le = self.encoding == FileEncoding::Utf16Le;
                return push_utf16(&mut self.file, is_le, &mut self.text);
            }
        };
        self.file.consume(n);
        Ok(())
    }
}

fn push_windows_1252(bytes: &[u8], to: &mut Vec<u8>) {
    let mut utf8 = [0; 4];
    for &byte in bytes {
        let c = match byte {
            0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
            other => char::from(other),
        };
        to.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes());
    }
}

/// Appends up to [`BUFFER_BYTES`] of UTF-16 as UTF-8; what is no character becomes U+FFFD.
fn push_utf16(from: &mut impl Read, is_le: bool, to: &mut Vec<u8>) -> io::Result<()> {
    let mut bytes = Vec::with_capacity(BUFFER_BYTES + 2);
    from.take(BUFFER_BYTES as u64).read_to_end(&mut bytes)?;
    let unit = |pair: &[u8]| {
        let pair = [pair[0], pair.get(1).copied().unwrap_or(0)];
        if is_le { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
    };
    let mut units: Vec<u16> = bytes.chunks(2).map(unit).collect();
    if units.last().is_some_and(|last| (0xd800..0xdc00).contains(last)) {
        let mut rest = Vec::new();
        from.take(2).read_to_end(&mut rest)?;
        units.extend(rest.chunks(2).map(unit));
    }
    let text: String =
        char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect();
    to.extend_from_slice(text.as_bytes());
    Ok(())
}

impl BufRead for TextInput {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.record_bytes > self.record_bytes_max {
            return Err(io::Error::from(io::ErrorKind::FileTooLarge));
        }
        if self.encoding == FileEncoding::Utf8 && self.consumed == self.text.len() {
            return self.file.fill_buf();
        }
        if self.consumed == self.text.len() {
            self.transcode()?;
        }
        Ok(&self.text[self.consumed..])
    }

    fn consume(&mut self, n: usize) {
        let is_own = self.consumed < self.text.len();
        let bytes = if is_own { &self.text[self.consumed..] } else { self.file.buffer() };
        for &byte in &bytes[..n.min(bytes.len())] {
            let ends = byte == b'\r' || (byte == b'\n' && !self.after_cr);
            self.n_line_ends += u64::from(ends);
            self.after_cr = byte == b'\r';
        }
        self.record_bytes = self.record_bytes.saturating_add(n);
        if is_own {
            self.consumed += n;
        } else {
            self.file.consume(n);
        }
    }
}

impl Read for TextInput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.fill_buf()?.read(into)?;
        self.consume(n);
        Ok(n)
    }
}

/// The bytes of a file; of one that is compressed with gzip, those that it stands for.
fn open_bytes(path: &Path) -> Result<Box<dyn Read + Send>, IngestError> {
    let failed = |source| IngestError::Read { path: path.to_owned(), line: 0, source };
    let mut file = open_file(path)?;
    let mut first = Vec::new();
    (&mut file).take(GZIP.len() as u64).read_to_end(&mut first).map_err(failed)?;
    file.rewind().map_err(failed)?;
    Ok(if first == GZIP { Box::new(MultiGzDecoder::new(file)) } else { Box::new(file) })
}

/// The first `bytes_max` bytes of a file.
pub(crate) fn head_of(path: &Path, bytes_max: usize) -> Result<Vec<u8>, IngestError> {
    let mut head = Vec::new();
    open_bytes(path)?
        .take(bytes_max as u64)
        .read_to_end(&mut head)
        .map_err(|source| IngestError::Read { path: path.to_owned(), line: 0, source })?;
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &'static [u8], encoding: FileEncoding) -> (String, u64) {
        let mut input = TextInput::of(Box::new(bytes), encoding).expect("opens");
        let mut text = String::new();
        input.read_to_string(&mut text).expect("UTF-8");
        (text, input.n_line_ends())
    }

    #[test]
    fn every_encoding_becomes_utf_8_and_a_mark_decides() {
        let expected = ("é€\n".to_owned(), 1);
        assert_eq!(read(b"\xc3\xa9\xe2\x82\xac\n", FileEncoding::Utf8), expected);
        assert_eq!(
            read(b"\xef\xbb\xbf\xc3\xa9\xe2\x82\xac\n", FileEncoding::Windows1252),
            expected
        );
        assert_eq!(read(b"\xe9\x80\n", FileEncoding::Windows1252), expected);
        assert_eq!(read(b"\xff\xfe\xe9\0\xac\x20\n\0", FileEncoding::Utf8), expected);
        assert_eq!(read(b"\xfe\xff\0\xe9\x20\xac\0\n", FileEncoding::Utf8), expected);
        assert_eq!(read(b"\x81", FileEncoding::Windows1252).0, "\u{fffd}");
        assert_eq!(read(b"\xff\xfea\0b", FileEncoding::Utf8).0, "ab", "half a unit at the end");
    }

    #[test]
    fn a_record_that_is_too_long_is_refused_and_lines_are_counted() {
        let bytes: &[u8] = b"a\r\nb\rc\nd";
        assert_eq!(read(bytes, FileEncoding::Utf8).1, 3);
        let endless = Box::new(io::repeat(b'x'));
        let mut input = TextInput::of(endless, FileEncoding::Utf8).expect("opens");
        input.begin_record(1_000_000);
        let mut text = Vec::new();
        let error = input.read_to_end(&mut text).expect_err("too long");
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        assert!(text.len() < 1_000_000 + 2 * BUFFER_BYTES);
    }
}
