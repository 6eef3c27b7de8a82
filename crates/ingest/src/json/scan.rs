//! The values of a JSON file one by one: the elements of its list, those of a list within its
//! object, or values that follow one another.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};

use super::value;
use crate::error::{IngestError, Problem};
use crate::input::TextInput;
use crate::objects::{NoObject, ObjectAt, ObjectSource, ValueAt, failed};
use crate::{JSON_DEPTH_MAX, LINE_BYTES_MAX};
use serde_json::Value;

/// Longest name of a list of records, in bytes.
const NAME_BYTES_MAX: usize = 256;

/// Where the next value is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the beginning of the file.
    Start,
    /// Outside any list.
    Top,
    /// In the list that the file is.
    List,
    /// In the list of records within the file's object.
    InnerList,
}

/// What was captured.
enum Captured {
    /// A value is in the buffer.
    Whole,
    /// A value that is not kept, and why.
    Refused(Problem),
    /// The list of records begins.
    ListBegins,
}

/// Splits a JSON file into values of bounded length.
pub(crate) struct JsonScan {
    path: PathBuf,
    input: TextInput,
    /// Name of the list of records within the file's object.
    list: Option<String>,
    place: Place,
    buffer: Vec<u8>,
}

impl JsonScan {
    pub(crate) fn new(path: &Path, input: TextInput, list: Option<&str>) -> Self {
        let list = list.map(str::to_owned);
        Self { path: path.to_owned(), input, list, place: Place::Start, buffer: Vec::new() }
    }

    /// The next value with its line; `None` at the end.
    pub(crate) fn next_value(&mut self) -> Option<ValueAt> {
        loop {
            let first = match self.next_significant() {
                Ok(first) => first,
                Err(source) => return failed(&self.path, self.input.n_line_ends(), source),
            };
            let line = self.input.n_line_ends() + 1;
            match (self.place, first) {
                (Place::Start | Place::Top, None) => return None,
                (Place::List | Place::InnerList, None) => {
                    self.place = Place::Top;
                    return Some(Err(IngestError::Truncated { path: self.path.clone(), line }));
                }
                (Place::Start, Some(b'[')) => {
                    self.input.consume(1);
                    self.place = Place::List;
                    continue;
                }
                (Place::List, Some(b']')) => {
                    self.input.consume(1);
                    self.place = Place::Top;
                    continue;
                }
                (Place::InnerList, Some(b']')) => {
                    self.input.consume(1);
                    self.place = Place::Top;
                    // The rest of the object around the list.
                    if let Err(source) = self.capture(1) {
                        return failed(&self.path, line, source);
                    }
                    continue;
                }
                (Place::Start, _) => self.place = Place::Top,
                _ => {}
            }
            self.buffer.clear();
            match self.capture(0) {
                Ok(Captured::Whole) => return Some(Ok((line, value(&self.buffer)))),
                Ok(Captured::Refused(problem)) => {
                    let text = String::from_utf8_lossy(&self.buffer);
                    return Some(Ok((line, Err(NoObject::new(&text, problem)))));
                }
                Ok(Captured::ListBegins) => self.place = Place::InnerList,
                Err(source) => return failed(&self.path, line, source),
            }
        }
    }

    /// The next byte that is neither white space nor a comma; it is not consumed.
    fn next_significant(&mut self) -> io::Result<Option<u8>> {
        loop {
            let bytes = self.input.fill_buf()?;
            let is_gap = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b',';
            let n = bytes.iter().take_while(is_gap).count();
            let next = bytes.get(n).copied();
            let is_end = bytes.is_empty();
            self.input.consume(n);
            if next.is_some() || is_end {
                return Ok(next);
            }
        }
    }

    /// Reads up to the end of the value that begins here, or of the object that is open when
    /// `depth` is 1, of which nothing is kept.
    fn capture(&mut self, depth: usize) -> io::Result<Captured> {
        let list = self.list.as_deref().filter(|_| self.place == Place::Top && depth == 0);
        let mut value = ValueScan::new(depth, list);
        let discard = depth > 0;
        loop {
            let bytes = self.input.fill_buf()?;
            if bytes.is_empty() {
                return Ok(value.at_end());
            }
            let mut n = 0;
            let mut ended = None;
            for &byte in bytes {
                let step = value.step(byte);
                if !matches!(step, Step::EndsBefore) {
                    n += 1;
                    if !discard && self.buffer.len() < LINE_BYTES_MAX {
                        self.buffer.push(byte);
                    } else if !discard {
                        value.refused.get_or_insert(Problem::TooLong);
                    }
                }
                if !matches!(step, Step::Goes) {
                    ended = Some(step);
                    break;
                }
            }
            self.input.consume(n);
            match ended {
                Some(Step::ListBegins) => return Ok(Captured::ListBegins),
                Some(_) => return Ok(value.at_end()),
                None => {}
            }
        }
    }
}

/// What a byte is to a value.
enum Step {
    Goes,
    Ends,
    EndsBefore,
    ListBegins,
}

/// Finds the end of one value byte by byte.
struct ValueScan<'l> {
    depth: usize,
    in_string: bool,
    escaped: bool,
    is_first: bool,
    refused: Option<Problem>,
    list: Option<&'l str>,
    /// The last string at depth one, as far as it may be the list's name.
    name: Vec<u8>,
    /// Whether a colon was the last sign after that name.
    after_colon: bool,
}

impl<'l> ValueScan<'l> {
    fn new(depth: usize, list: Option<&'l str>) -> Self {
        let (name, is_first) = (Vec::new(), depth == 0);
        let (in_string, escaped, after_colon) = (false, false, false);
        Self { depth, in_string, escaped, is_first, refused: None, list, name, after_colon }
    }

    fn at_end(&mut self) -> Captured {
        self.refused.take().map_or(Captured::Whole, Captured::Refused)
    }

    fn step(&mut self, byte: u8) -> Step {
        let is_first = std::mem::take(&mut self.is_first);
        if self.in_string {
            return self.step_in_string(byte);
        }
        let after_colon = std::mem::replace(&mut self.after_colon, false);
        match byte {
            b'"' => {
                self.in_string = true;
                self.name.clear();
            }
            b'{' | b'[' => {
                let is_list = byte == b'[' && self.depth == 1 && after_colon;
                if is_list && self.list.is_some_and(|list| list.as_bytes() == self.name) {
                    return Step::ListBegins;
                }
                self.depth += 1;
                if self.depth > JSON_DEPTH_MAX {
                    self.refused.get_or_insert(Problem::TooDeep);
                }
            }
            b'}' | b']' if self.depth <= 1 => {
                return if self.depth == 1 || is_first { Step::Ends } else { Step::EndsBefore };
            }
            b'}' | b']' => self.depth -= 1,
            b':' => self.after_colon = true,
            b',' | b' ' | b'\n' | b'\r' | b'\t' if self.depth == 0 => return Step::EndsBefore,
            byte if byte.is_ascii_whitespace() => self.after_colon = after_colon,
            _ => {}
        }
        Step::Goes
    }

    fn step_in_string(&mut self, byte: u8) -> Step {
        match byte {
            _ if self.escaped => self.escaped = false,
            b'\\' => self.escaped = true,
            b'"' => {
                self.in_string = false;
                if self.depth == 0 {
                    return Step::Ends;
                }
            }
            byte if self.depth == 1 && self.name.len() < NAME_BYTES_MAX => self.name.push(byte),
            _ => {}
        }
        Step::Goes
    }
}

impl ObjectSource for JsonScan {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        Some(self.next_value()?.map(|(line, value)| {
            let object = value.and_then(|value| match value {
                Value::Object(object) => Ok(object),
                other => Err(NoObject::new(&other.to_string(), Problem::NotJson)),
            });
            ObjectAt { line, object }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::FileEncoding;

    fn scan(text: &str, list: Option<&str>) -> Vec<Result<String, String>> {
        let bytes = io::Cursor::new(text.as_bytes().to_vec());
        let input = TextInput::of(Box::new(bytes), FileEncoding::Utf8).expect("opens");
        let mut scan = JsonScan::new(Path::new("a.json"), input, list);
        std::iter::from_fn(|| scan.next_value())
            .map(|read| match read {
                Ok((line, Ok(value))) => Ok(format!("{line} {value}")),
                Ok((line, Err(bad))) => Err(format!("{line} {}", bad.error.problem)),
                Err(error) => Err(error.to_string()),
            })
            .collect()
    }

    fn all(values: &[&str]) -> Vec<Result<String, String>> {
        values.iter().map(|value| Ok((*value).to_owned())).collect()
    }

    #[test]
    fn lists_values_one_after_another_and_inner_lists_are_split() {
        assert_eq!(
            scan(" [ {\"a\":[1]},\n2 ,\"x]\" ]\n", None),
            all(&["1 {\"a\":[1]}", "2 2", "2 \"x]\""])
        );
        assert_eq!(scan("{\"a\":1}\n{\"a\":2}\n", None), all(&["1 {\"a\":1}", "2 {\"a\":2}"]));
        let text =
            "{\"n\": 2, \"x\": {\"hits\": [0]}, \"hits\" : [\n{\"a\":1},{\"a\":2}], \"y\": [3]}";
        assert_eq!(scan(text, Some("hits")), all(&["2 {\"a\":1}", "2 {\"a\":2}"]));
        assert_eq!(scan("{\"hits\":1}", Some("hits")), all(&["1 {\"hits\":1}"]));
        assert!(scan("", None).is_empty() && scan("[]", None).is_empty());
    }

    #[test]
    fn what_is_deep_long_or_cut_is_told() {
        let deep = format!("[{}1{},{{\"a\":1}}]", "[".repeat(50_000), "]".repeat(50_000));
        let read = scan(&deep, None);
        assert!(read[0].as_ref().is_err_and(|error| error.contains("nested deeper")), "{read:?}");
        assert_eq!(read[1..], all(&["1 {\"a\":1}"]));
        let long = format!("[\"{}\", 7]", "x".repeat(2 * LINE_BYTES_MAX));
        let read = scan(&long, None);
        assert!(read[0].as_ref().is_err_and(|error| error.contains("longer than")), "{read:?}");
        assert_eq!(read[1..], all(&["1 7"]));
        let read = scan("[{\"a\":1},{\"a\":", None);
        assert_eq!(read[0], Ok("1 {\"a\":1}".to_owned()));
        assert!(
            read[1].is_err() && read[2].as_ref().is_err_and(|e| e.contains("ends")),
            "{read:?}"
        );
    }
}
