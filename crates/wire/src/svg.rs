//! The subset of SVG that a picture may use. The browser puts bodies into the
//! page, so whatever is not known to be a harmless shape is refused: script,
//! events, styles, text, links, images, embedded documents, entities, comments.
//!
//! Nor may a few hundred bytes keep a browser busy for minutes. So there are no
//! filters, nothing inside a mask or a clip path refers to another one, and the
//! few `use` elements stand where nothing can use them in turn.

/// Elements that draw or group, and what paints them.
const ELEMENTS: [&str; 15] = [
    "path",
    "g",
    "circle",
    "ellipse",
    "rect",
    "polygon",
    "polyline",
    "line",
    "defs",
    "linearGradient",
    "radialGradient",
    "stop",
    "mask",
    "clipPath",
    "use",
];

/// Geometry and paint. Those of [`REFERRING`] may also refer to an id.
const ATTRIBUTES: [&str; 50] = [
    "clip-path",
    "clip-rule",
    "clipPathUnits",
    "cx",
    "cy",
    "d",
    "fill",
    "fill-opacity",
    "fill-rule",
    "fr",
    "fx",
    "fy",
    "gradientTransform",
    "gradientUnits",
    "height",
    "href",
    "id",
    "mask",
    "mask-type",
    "maskContentUnits",
    "maskUnits",
    "offset",
    "opacity",
    "points",
    "r",
    "rx",
    "ry",
    "spreadMethod",
    "stop-color",
    "stop-opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-dashoffset",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-miterlimit",
    "stroke-opacity",
    "stroke-width",
    "transform",
    "vector-effect",
    "visibility",
    "width",
    "x",
    "x1",
    "x2",
    "y",
    "y1",
    "y2",
    "color",
    "pathLength",
];

/// Attributes that may be `url(#id)`.
const REFERRING: [&str; 4] = ["fill", "stroke", "mask", "clip-path"];

/// Most `use` elements.
const USES_MAX: usize = 16;
/// Deepest nesting of elements.
const DEPTH_MAX: usize = 16;
/// Longest `id`.
const ID_BYTES_MAX: usize = 64;

/// Why markup is not a picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SvgFault {
    /// Not the plain elements-and-attributes XML that is understood.
    #[error("malformed markup at byte {at}")]
    Syntax {
        /// Where.
        at: usize,
    },
    /// An element outside the allowed ones.
    #[error("element at byte {at} is not an allowed shape")]
    Element {
        /// Where its name starts.
        at: usize,
    },
    /// An attribute outside the allowed ones, or given twice.
    #[error("attribute at byte {at} is not allowed")]
    Attribute {
        /// Where its name starts.
        at: usize,
    },
    /// A value with characters or references that are not allowed.
    #[error("value at byte {at} is not allowed")]
    Value {
        /// Where it starts.
        at: usize,
    },
    /// Too deep, or an end that fits no start.
    #[error("elements are not nested properly at byte {at}")]
    Nesting {
        /// Where.
        at: usize,
    },
}

/// Checks that `body`, the inside of an `<svg>`, is nothing but shapes.
///
/// # Errors
/// The first fault, with its byte offset.
pub fn check(body: &str) -> Result<(), SvgFault> {
    let mut reader = Reader { body, at: 0 };
    let mut open: Vec<Open<'_>> = Vec::new();
    let mut n_uses = 0;
    loop {
        reader.skip_space();
        if reader.at == body.len() {
            break;
        }
        reader.expect("<")?;
        let at = reader.at;
        if reader.take("/") {
            let name = reader.name();
            reader.skip_space();
            reader.expect(">")?;
            if open.pop().is_none_or(|element| element.name != name) {
                return Err(SvgFault::Nesting { at });
            }
            continue;
        }
        let mut element = Open::within(open.last(), reader.name());
        if !ELEMENTS.contains(&element.name) {
            return Err(SvgFault::Element { at });
        }
        let is_closed = attributes(&mut reader, &mut element)?;
        if element.name == "use" {
            n_uses += 1;
            if element.is_reusable || n_uses > USES_MAX {
                return Err(SvgFault::Element { at });
            }
        }
        if !is_closed {
            open.push(element);
        }
        if open.len() > DEPTH_MAX {
            return Err(SvgFault::Nesting { at });
        }
    }
    if open.is_empty() { Ok(()) } else { Err(SvgFault::Nesting { at: body.len() }) }
}

/// An element that has not ended yet.
struct Open<'a> {
    name: &'a str,
    /// Inside a mask or a clip path.
    is_masking: bool,
    /// It or what it is inside of can be referred to.
    is_reusable: bool,
}

impl<'a> Open<'a> {
    fn within(parent: Option<&Self>, name: &'a str) -> Self {
        let is_mask = |parent: &Self| matches!(parent.name, "mask" | "clipPath");
        Self {
            name,
            is_masking: parent.is_some_and(|parent| parent.is_masking || is_mask(parent)),
            is_reusable: parent.is_some_and(|parent| parent.is_reusable),
        }
    }
}

/// Reads attributes up to the end of the tag; true if the element is closed by it.
fn attributes(reader: &mut Reader<'_>, element: &mut Open<'_>) -> Result<bool, SvgFault> {
    let mut seen: Vec<&str> = Vec::new();
    loop {
        let has_space = reader.skip_space();
        if reader.take("/>") {
            return Ok(true);
        }
        if reader.take(">") {
            return Ok(false);
        }
        let at = reader.at;
        let name = reader.name();
        if !has_space || name.is_empty() {
            return Err(SvgFault::Syntax { at });
        }
        if !ATTRIBUTES.contains(&name) || seen.contains(&name) {
            return Err(SvgFault::Attribute { at });
        }
        seen.push(name);
        element.is_reusable |= name == "id";
        reader.expect("=\"")?;
        let at = reader.at;
        let value = reader.until_quote()?;
        if !is_allowed(element, name, value) {
            return Err(SvgFault::Value { at });
        }
    }
}

fn is_allowed(element: &Open<'_>, attribute: &str, value: &str) -> bool {
    let may_refer = element.name.ends_with("Gradient") || element.name == "use";
    match attribute {
        "id" => is_id(value),
        "href" => may_refer && value.strip_prefix('#').is_some_and(is_id),
        _ => match value.strip_prefix("url(#").and_then(|rest| rest.strip_suffix(')')) {
            Some(id) => {
                let is_paint = matches!(attribute, "fill" | "stroke");
                REFERRING.contains(&attribute) && is_id(id) && (is_paint || !element.is_masking)
            }
            None => is_plain(value),
        },
    }
}

/// Numbers, words, colours and transforms; no escape, no quote, no URL.
fn is_plain(value: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" .,+-#%()\n\t".contains(&byte);
    value.bytes().all(is_plain) && !value.to_ascii_lowercase().contains("url")
}

fn is_id(text: &str) -> bool {
    (1..=ID_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

struct Reader<'a> {
    body: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.body[self.at..]
    }

    fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        let n = rest.len() - rest.trim_start_matches([' ', '\n', '\t', '\r']).len();
        self.at += n;
        n > 0
    }

    fn take(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.at += text.len();
        }
        is_next
    }

    fn expect(&mut self, text: &str) -> Result<(), SvgFault> {
        if self.take(text) { Ok(()) } else { Err(SvgFault::Syntax { at: self.at }) }
    }

    fn name(&mut self) -> &'a str {
        let rest = self.rest();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
        let n = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
        self.at += n;
        &rest[..n]
    }

    fn until_quote(&mut self) -> Result<&'a str, SvgFault> {
        let rest = self.rest();
        let n = rest.find('"').ok_or(SvgFault::Syntax { at: self.at })?;
        self.at += n + 1;
        Ok(&rest[..n])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_accepted() {
        for body in [
            "",
            r##"<defs><path id="a" d="M0"/></defs><g><use href="#a"/><use href="#a"/></g>"##,
            r##"<path fill="#fff" d="M1 2l3-4z"/>"##,
            r##"<g fill="none"><circle cx="1" cy="2" r=".5"/><g><rect width="1"/></g ></g>"##,
            r##"<defs><linearGradient id="a" href="#b"><stop offset=".5"/></linearGradient></defs>"##,
            r##"<clipPath id="c"><path d="M0"/></clipPath><g clip-path="url(#c)"/>"##,
            r##"<ellipse transform="rotate(30 23.477 12.594)scale(.6)" fill="url(#a-b_1)"/>"##,
        ] {
            assert_eq!(check(body), Ok(()), "{body}");
        }
    }

    type Fault = fn(usize) -> SvgFault;

    #[test]
    fn whatever_is_not_a_shape_is_refused() {
        use SvgFault::{Attribute, Element, Nesting, Syntax, Value};
        let uses = "<use href=\"#a\"/>".repeat(USES_MAX + 1);
        let deep = "<g>".repeat(40) + &"</g>".repeat(40);
        let cases: [(&str, Fault); 32] = [
            ("<script>alert(1)</script>", |at| Element { at }),
            ("<foreignObject/>", |at| Element { at }),
            ("<image/>", |at| Element { at }),
            ("<g id=\"a\"><use href=\"#b\"/></g>", |at| Element { at }),
            ("<use id=\"a\" href=\"#b\"/>", |at| Element { at }),
            (&uses, |at| Element { at }),
            ("<filter id=\"a\"/>", |at| Element { at }),
            ("<animate/>", |at| Element { at }),
            ("<a href=\"#x\"/>", |at| Element { at }),
            ("<style>*{}</style>", |at| Element { at }),
            ("<PATH/>", |at| Element { at }),
            ("<svg:path/>", |at| Element { at }),
            ("<!-- -->", |at| Element { at }),
            ("<?xml ?>", |at| Element { at }),
            ("<path onclick=\"x\"/>", |at| Attribute { at }),
            ("<path onload=\"x\"/>", |at| Attribute { at }),
            ("<path style=\"fill:red\"/>", |at| Attribute { at }),
            ("<path class=\"x\"/>", |at| Attribute { at }),
            ("<path xlink:href=\"#a\"/>", |at| Attribute { at }),
            ("<path d=\"M0\" d=\"M0\"/>", |at| Attribute { at }),
            ("<path href=\"#a\"/>", |at| Value { at }),
            ("<use href=\"a.svg#b\"/>", |at| Value { at }),
            ("<linearGradient href=\"https://x\"/>", |at| Value { at }),
            ("<path fill=\"url(https://x)\"/>", |at| Value { at }),
            ("<path fill=\"red url(#a)\"/>", |at| Value { at }),
            ("<path fill=\"u\\72l(x)\"/>", |at| Value { at }),
            ("<path fill=\"&#x75;rl(x)\"/>", |at| Value { at }),
            ("<mask id=\"a\"><g mask=\"url(#b)\"/></mask>", |at| Value { at }),
            ("<g>text</g>", |at| Syntax { at }),
            ("<path d='M0'/>", |at| Syntax { at }),
            ("<g></path>", |at| Nesting { at }),
            (&deep, |at| Nesting { at }),
        ];
        for (body, fault) in cases {
            let found = check(body).expect_err(body);
            let at = match found {
                Syntax { at }
                | Element { at }
                | Attribute { at }
                | Value { at }
                | Nesting { at } => at,
            };
            assert_eq!(found, fault(at), "{body}");
        }
        for body in ["<", "<g", "<g ", "<g fill", "<g fill=\"", "</g>", "<g>", "é", "<path/"] {
            assert!(check(body).is_err(), "{body}");
        }
    }
}
