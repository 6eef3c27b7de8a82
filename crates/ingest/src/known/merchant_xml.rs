//! Product feeds of Google Merchant: RSS 2.0 and Atom 1.0 with the `g:` namespace.
//!
//! # Source
//! <https://support.google.com/merchants/answer/14987622>

use std::io;
use std::path::{Path, PathBuf};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use serde_json::Value;

use crate::error::{IngestError, Problem};
use crate::html::{self, plain_text};
use crate::input::{FileEncoding, TextInput};
use crate::objects::{NoObject, Object, ObjectAt, ObjectSource, failed};
use crate::{LINE_BYTES_MAX, XML_DEPTH_MAX};

/// Namespaces of Merchant's elements.
const NAMESPACES: &[&str] = &["http://base.google.com/ns/1.0", "http://base.google.com/cns/1.0"];
/// Elements that hold one product.
const RECORDS: &[&str] = &["item", "entry"];
/// Bytes in which an XML declaration is looked for.
const DECLARATION_BYTES: usize = 256;
/// Fields whose text may be HTML.
const HTML: &[&str] = &["description", "title"];

/// Reader of `<item>` and `<entry>` elements. A field's name is that of its element without
/// the prefix of Merchant's namespace; a field within another has a dotted name
/// (`shipping.price`); one that is repeated is a list.
pub(crate) struct MerchantXml {
    path: PathBuf,
    reader: Reader<TextInput>,
    buffer: Vec<u8>,
    /// Prefixes bound to Merchant's namespaces.
    prefixes: Vec<String>,
    done: bool,
}

/// One element within a product.
struct Open {
    /// Dotted name, and whether it is of Merchant's namespace.
    name: String,
    is_merchant: bool,
    text: String,
    has_children: bool,
}

impl MerchantXml {
    pub(crate) fn new(path: &Path, mut input: TextInput) -> Result<Self, IngestError> {
        let failed = |source| IngestError::Read { path: path.to_owned(), line: 0, source };
        let head = input.head().map_err(failed)?;
        let head = String::from_utf8_lossy(&head[..head.len().min(DECLARATION_BYTES)]);
        if let Some(label) = declared_encoding(&head) {
            let encoding = FileEncoding::of_label(label).ok_or_else(|| {
                IngestError::FileEncoding { path: path.to_owned(), label: label.to_owned() }
            })?;
            input.declare(encoding);
        }
        let mut reader = Reader::from_reader(input);
        reader.config_mut().expand_empty_elements = true;
        let prefixes = vec!["g".to_owned(), "c".to_owned()];
        Ok(Self { path: path.to_owned(), reader, buffer: Vec::new(), prefixes, done: false })
    }

    fn line(&self) -> u64 {
        self.reader.get_ref().n_line_ends() + 1
    }

    /// The next event. Everything between two calls of `begin_record` is bounded.
    fn event(&mut self) -> Result<Event<'static>, IngestError> {
        self.buffer.clear();
        match self.reader.read_event_into(&mut self.buffer) {
            Ok(event) => Ok(event.into_owned()),
            Err(source) => Err(self.broken(source)),
        }
    }

    fn broken(&self, source: quick_xml::Error) -> IngestError {
        let (path, line) = (self.path.clone(), self.line());
        match &source {
            quick_xml::Error::Io(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                IngestError::XmlRecordTooLong { path, line }
            }
            _ => IngestError::Xml { path, line, message: source.to_string() },
        }
    }

    /// Reads to the beginning of a product.
    fn find_record(&mut self) -> Result<bool, IngestError> {
        loop {
            self.reader.get_mut().begin_record(LINE_BYTES_MAX);
            match self.event()? {
                Event::Start(start) => {
                    self.see_namespaces(&start);
                    if RECORDS.contains(&start.local_name().as_ref()) {
                        return Ok(true);
                    }
                }
                Event::Eof => return Ok(false),
                // A document type is neither read nor are its entities expanded.
                _ => {}
            }
        }
    }

    fn see_namespaces(&mut self, start: &BytesStart<'_>) {
        for attribute in start.attributes().flatten() {
            let name = attribute.key.as_ref();
            if let Some(prefix) = name.strip_prefix("xmlns:")
                && NAMESPACES.contains(&attribute.value.as_ref())
                && self.prefixes.len() < XML_DEPTH_MAX
            {
                self.prefixes.push(prefix.to_owned());
            }
        }
    }

    /// The name of an element without Merchant's prefix, and whether it had that.
    fn name(&self, start: &BytesStart<'_>) -> (String, bool) {
        let qualified = start.name();
        let qualified = qualified.as_ref();
        match qualified.split_once(':') {
            Some((prefix, local)) if self.prefixes.iter().any(|known| known == prefix) => {
                (local.to_owned(), true)
            }
            _ => (qualified.to_owned(), false),
        }
    }

    /// Reads the product that begins here.
    fn record(&mut self) -> Result<Result<Object, NoObject>, IngestError> {
        let (mut object, mut of_merchant) = (Object::new(), Vec::new());
        let (mut open, mut problem): (Vec<Open>, _) = (Vec::new(), None);
        loop {
            match self.event()? {
                Event::Start(start) => {
                    let (name, is_merchant) = self.name(&start);
                    let name = match open.last_mut() {
                        Some(parent) => {
                            parent.has_children = true;
                            format!("{}.{name}", parent.name)
                        }
                        None => name,
                    };
                    let text = href(&start);
                    open.push(Open { name, is_merchant, text, has_children: false });
                    if open.len() > XML_DEPTH_MAX {
                        return Err(IngestError::XmlTooDeep {
                            path: self.path.clone(),
                            line: self.line(),
                        });
                    }
                }
                Event::End(_) => match open.pop() {
                    Some(field) => insert(&mut object, &mut of_merchant, field),
                    None => break,
                },
                Event::Text(text) => push(&mut open, &text.xml10_content()),
                Event::CData(text) => push(&mut open, &text.xml10_content()),
                Event::GeneralRef(reference) => {
                    let name = reference.xml10_content();
                    match html::character(&name) {
                        Some(c) => push(&mut open, c.encode_utf8(&mut [0; 4])),
                        None => problem = Some(name.into_owned()),
                    }
                }
                Event::Eof => {
                    let (path, line) = (self.path.clone(), self.line());
                    return Err(IngestError::Truncated { path, line });
                }
                _ => {}
            }
        }
        self.reader.get_mut().begin_record(LINE_BYTES_MAX);
        Ok(match problem {
            Some(name) => Err(NoObject {
                original: Value::Object(object),
                ..NoObject::new(&format!("&{name};"), Problem::Entity)
            }),
            None => Ok(object),
        })
    }
}

/// The encoding of an XML declaration.
fn declared_encoding(head: &str) -> Option<&str> {
    let declaration = head.trim_start().strip_prefix("<?xml")?.split_once("?>")?.0;
    let after = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    after[1..].split_once(quote).map(|(label, _)| label)
}

/// Where an Atom link leads, unless it leads to something else than the product.
fn href(start: &BytesStart<'_>) -> String {
    let attribute = |name| start.try_get_attribute(name).ok().flatten();
    let is_alternate = attribute("rel").is_none_or(|rel| rel.value.as_ref() == "alternate");
    match attribute("href") {
        Some(href) if is_alternate => html::resolved(&href.value),
        _ => String::new(),
    }
}

fn push(open: &mut [Open], text: &str) {
    if let Some(field) = open.last_mut() {
        field.text.push_str(text);
    }
}

/// Adds a field. One of Merchant's namespace takes the place of one of the same name that is
/// not; of several that are not, the first stays.
fn insert(object: &mut Object, of_merchant: &mut Vec<String>, field: Open) {
    let text = match HTML.contains(&field.name.as_str()) {
        true => plain_text(&field.text),
        false => field.text.trim().to_owned(),
    };
    if text.is_empty() || field.has_children {
        return;
    }
    let is_merchant = of_merchant.contains(&field.name);
    match object.get_mut(&field.name) {
        Some(Value::Array(values)) if is_merchant && field.is_merchant => {
            values.push(Value::String(text));
        }
        Some(value) if is_merchant && field.is_merchant => {
            *value = Value::Array(vec![value.take(), Value::String(text)]);
        }
        Some(_) if !field.is_merchant => {}
        _ => {
            if field.is_merchant {
                of_merchant.push(field.name.clone());
            }
            object.insert(field.name, Value::String(text));
        }
    }
}

impl ObjectSource for MerchantXml {
    fn next_object(&mut self) -> Option<Result<ObjectAt, IngestError>> {
        if self.done {
            return None;
        }
        let read = match self.find_record() {
            Ok(true) => {
                let line = self.line();
                self.record().map(|object| Some(ObjectAt { line, object }))
            }
            Ok(false) if self.reader.buffer_position() == 0 => {
                return failed(&self.path, 0, io::Error::from(io::ErrorKind::UnexpectedEof));
            }
            Ok(false) => Ok(None),
            Err(error) => Err(error),
        };
        self.done = !matches!(read, Ok(Some(_)));
        read.transpose()
    }
}
