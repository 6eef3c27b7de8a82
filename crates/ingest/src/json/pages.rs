//! JSON-LD in the pages of a shop.

use std::io::Read;
use std::path::Path;

use crate::error::IngestError;
use crate::input::TextInput;
use crate::{LINE_BYTES_MAX, PAGE_BYTES_MAX};

/// The contents of the `<script type="application/ld+json">` elements of a page, or of pages
/// one after another, each with its line. Those longer than [`LINE_BYTES_MAX`] are left out.
///
/// # Errors
/// The page is longer than [`PAGE_BYTES_MAX`], or cannot be read.
pub(crate) fn scripts(path: &Path, input: TextInput) -> Result<Vec<(u64, String)>, IngestError> {
    let mut bytes = Vec::new();
    input
        .take(PAGE_BYTES_MAX as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| IngestError::Read { path: path.to_owned(), line: 0, source })?;
    if bytes.len() > PAGE_BYTES_MAX {
        return Err(IngestError::PageTooLong { path: path.to_owned() });
    }
    let page = String::from_utf8_lossy(&bytes);
    // Same length and same boundaries: only ASCII changes.
    let lower = page.to_ascii_lowercase();
    let (mut found, mut from, mut line, mut counted) = (Vec::new(), 0, 1, 0);
    while let Some(start) = lower[from..].find("<script").map(|at| from + at) {
        let Some(open) = lower[start..].find('>').map(|at| start + at + 1) else { break };
        let end = lower[open..].find("</script").map_or(lower.len(), |at| open + at);
        if lower[start..open].contains("application/ld+json") && end - open <= LINE_BYTES_MAX {
            line += page[counted..open].matches('\n').count() as u64;
            counted = open;
            found.push((line, page[open..end].trim().to_owned()));
        }
        from = end;
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::FileEncoding;

    #[test]
    fn only_scripts_of_json_ld_are_taken() {
        let page: &[u8] = b"<html>\n<script>var a = 1;</script>\n\
            <SCRIPT nonce=x type='application/ld+json'>\n{\"a\": 1}\n</SCRIPT>\n\
            <script type=\"application/ld+json\">{\"b\": \"<b>\"}</script><script type";
        let input = TextInput::of(Box::new(page), FileEncoding::Utf8).expect("opens");
        let found = scripts(Path::new("a.html"), input).expect("short");
        assert_eq!(found, [(3, "{\"a\": 1}".to_owned()), (6, "{\"b\": \"<b>\"}".to_owned())]);
    }
}
