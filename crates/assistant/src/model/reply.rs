//! What a model replied, read from untrusted bytes.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::ModelError;

/// Most bytes of a reply that are read.
pub const REPLY_BYTES_MAX: usize = 64 * 1024;
/// Behind it some models begin their answer.
const THOUGHT_END: &str = "</think>";

/// What a model replied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelReply {
    /// Its text.
    pub(super) text: String,
    /// Whether it ends in the middle, at its limit.
    pub(super) is_cut: bool,
}

/// A body as servers of models write it; what else it has is not read.
#[derive(Deserialize)]
struct ChatBody {
    #[serde(default)]
    choices: Vec<ChatChoice>,
    #[serde(default)]
    error: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct ChatChoice {
    #[serde(default)]
    message: Option<ChatMessage>,
    #[serde(default)]
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct ChatMessage {
    #[serde(default)]
    content: Option<ChatContent>,
}

/// A text, or a list of parts of which some have one.
#[derive(Deserialize)]
#[serde(untagged)]
enum ChatContent {
    Text(String),
    Parts(Vec<ChatPart>),
}

#[derive(Deserialize)]
struct ChatPart {
    #[serde(default)]
    text: Option<String>,
}

impl ModelReply {
    /// Reads the body of a reply. Memory stays within a small factor of its bytes.
    ///
    /// # Errors
    /// It is too long, is not of the form of chat completions, says that something went wrong, or
    /// has no text.
    pub fn read(bytes: &[u8]) -> Result<Self, ModelError> {
        if bytes.len() > REPLY_BYTES_MAX {
            return Err(ModelError::TooLong { n_bytes: bytes.len() });
        }
        let body: ChatBody = serde_json::from_slice(bytes).map_err(ModelError::Unreadable)?;
        let Some(choice) = body.choices.into_iter().next() else {
            return Err(if body.error.is_some() { ModelError::Refused } else { ModelError::Empty });
        };
        let content = choice.message.and_then(|message| message.content);
        let text = match content {
            Some(ChatContent::Text(text)) => text,
            Some(ChatContent::Parts(parts)) => {
                parts.into_iter().filter_map(|part| part.text).collect()
            }
            None => String::new(),
        };
        let text = match text.rsplit_once(THOUGHT_END) {
            Some((_, answer)) => answer.trim().to_owned(),
            None => text.trim().to_owned(),
        };
        if text.is_empty() {
            return Err(ModelError::Empty);
        }
        Ok(Self { text, is_cut: choice.finish_reason.as_deref() == Some("length") })
    }

    /// Its text, of which nothing is checked: see [`ground`](super::ground).
    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Result<String, ModelError> {
        ModelReply::read(body.as_bytes()).map(|reply| reply.text)
    }

    #[test]
    fn replies_are_read_in_the_forms_that_servers_write() {
        for (body, text) in [
            (r#"{"choices": [{"message": {"content": " Yes [1]. "}}]}"#, "Yes [1]."),
            (
                r#"{"id": 7, "error": null, "choices": [{"index": 0, "message": {"role": "assistant",
                "content": "Yes"}, "finish_reason": "stop"}, {}], "usage": {"total_tokens": 9}}"#,
                "Yes",
            ),
            (
                r#"{"choices": [{"message": {"content": [{"type": "text", "text": "Y"}, {"type": "x"},
                {"text": "es"}]}}]}"#,
                "Yes",
            ),
            (r#"{"choices": [{"message": {"content": "<think>No [1]</think> Yes"}}]}"#, "Yes"),
        ] {
            assert_eq!(read(body).ok().as_deref(), Some(text), "{body}");
        }
    }

    #[test]
    fn what_is_no_reply_is_refused_with_its_reason() {
        assert!(matches!(read("<html>"), Err(ModelError::Unreadable(_))));
        assert!(matches!(read(""), Err(ModelError::Unreadable(_))));
        assert!(matches!(read(r#"{"choices": {}}"#), Err(ModelError::Unreadable(_))));
        assert!(matches!(read(r#"{"error": {"message": "busy"}}"#), Err(ModelError::Refused)));
        assert!(matches!(read("{}"), Err(ModelError::Empty)));
        assert!(matches!(
            read(r#"{"choices": [{"message": {"content": null}}]}"#),
            Err(ModelError::Empty)
        ));
        let deep = format!(r#"{{"choices": {}"#, "[".repeat(REPLY_BYTES_MAX / 2));
        assert!(matches!(read(&deep), Err(ModelError::Unreadable(_))));
        let long = " ".repeat(REPLY_BYTES_MAX + 1);
        assert!(
            matches!(read(&long), Err(ModelError::TooLong { n_bytes }) if n_bytes == long.len())
        );
    }
}
