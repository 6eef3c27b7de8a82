//! A push: lines that one of the shop's systems sends together. Each line is read by itself,
//! so that one that is wrong does not keep out the others.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use axum::extract::Request;
use axum::http::HeaderMap;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use tokio::sync::OwnedSemaphorePermit;
use vitrine_catalogue::limits::{CHANGES_MAX, LINE_BYTES_MAX};
use vitrine_catalogue::{ChangeError, IdempotencyKey};

use super::error::ApiError;
use super::state::AppState;
use super::{body, clients};
use crate::keys::KeyScope;

/// Largest body of a push, in bytes.
pub const PUSH_BYTES_MAX: usize = 16 << 20;
/// Pushes whose body is read or that are worked at, at once; more are told to come again.
pub const PUSHES_MAX: usize = 16;

/// How lines are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PushFormat {
    /// By line breaks.
    Ndjson,
    /// As elements of an array.
    Array,
}

/// What came with one request.
pub struct ReceivedPush {
    /// Name of the API key.
    pub client: String,
    key: Option<IdempotencyKey>,
    format: PushFormat,
    bytes: Bytes,
    place: OwnedSemaphorePermit,
}

/// A push whose lines were read.
pub struct ParsedPush<T> {
    /// Marks the request as the same as an earlier one.
    pub key: Option<IdempotencyKey>,
    /// The lines that are not empty.
    pub lines: Vec<PushedLine<T>>,
    /// A place among the pushes, to be dropped when the work has ended.
    pub place: OwnedSemaphorePermit,
}

/// One line.
pub struct PushedLine<T> {
    /// Its number in the body, from 1; of an array, that of the element.
    pub number: usize,
    /// What it says, or what is wrong with it.
    pub read: Result<T, InvalidLine>,
}

/// A line that says nothing that can be taken.
pub struct InvalidLine {
    /// Its fields, as far as it is a JSON object.
    pub fields: Map<String, Value>,
    /// What is wrong with it.
    pub reason: String,
}

impl InvalidLine {
    /// A text among its fields.
    pub fn text(&self, field: &str) -> Option<String> {
        self.fields.get(field).and_then(Value::as_str).map(str::to_owned)
    }
}

/// Receives a push from a client whose key has `scope`. Key, media type and place come
/// before the body: whoever is refused is not read.
///
/// # Errors
/// The key is refused, the logs are not here, too many push at once; the body is no such
/// form, too large, or not there in time.
pub async fn receive(
    state: &AppState,
    scope: KeyScope,
    request: Request,
) -> Result<ReceivedPush, ApiError> {
    let headers = request.headers();
    let client = clients::authorise(state, headers, scope)?;
    state.pushed()?;
    let format = format_of(headers)?;
    let idempotency = idempotency_of(headers)?;
    let place = state.pushes.clone().try_acquire_owned();
    let place = place.map_err(|_| ApiError::TooManyPushes)?;
    let bytes = body::in_time(state, request.into_body(), PUSH_BYTES_MAX).await?;
    // The log has the rest of a review: with a plain hash of the body, whoever guesses its author
    // would learn that the guess is right.
    let mark = match scope {
        KeyScope::ReviewsWrite => Some(state.pushed()?.mark(&bytes)),
        _ => None,
    };
    let body = mark.as_deref().map_or(&bytes[..], str::as_bytes);
    let key = idempotency.map(|key| IdempotencyKey::new(&client, &key, body));
    let key = key.transpose().map_err(|_| ApiError::IdempotencyKey)?;
    Ok(ReceivedPush { client, key, format, bytes, place })
}

/// Reads the lines of a push, on the one core that is kept for that.
///
/// # Errors
/// There is no line, there are too many, or the array is none.
pub async fn parse<T: Send + 'static>(
    state: &AppState,
    push: ReceivedPush,
    from_line: fn(&[u8]) -> Result<T, ChangeError>,
) -> Result<ParsedPush<T>, ApiError> {
    let core = state.push_cores.clone().acquire_owned().await;
    blocking(move || {
        let lines = match push.format {
            PushFormat::Ndjson => lines(&push.bytes)?,
            PushFormat::Array => elements(&push.bytes)?,
        };
        if lines.is_empty() {
            return Err(ApiError::EmptyPush);
        }
        let read = |(number, line): (usize, &[u8])| PushedLine {
            number,
            read: from_line(line).map_err(|error| invalid(line, &error)),
        };
        let lines = lines.into_iter().map(read).collect();
        drop(core);
        Ok(ParsedPush { key: push.key, lines, place: push.place })
    })
    .await
}

/// Runs work on a thread that may block.
///
/// # Errors
/// Those of the work; it panicked.
pub async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| ApiError::Internal(error.into()))?
}

/// Waits for an answer as long as for any other. What was begun is ended all the same, and
/// the same request with its idempotency key is told how.
///
/// # Errors
/// Those of the answer; it took too long.
pub async fn in_time<T>(
    state: &Arc<AppState>,
    answer: impl Future<Output = Result<T, ApiError>>,
) -> Result<T, ApiError> {
    let time_max = Duration::from_millis(state.limits.request_ms_max);
    tokio::time::timeout(time_max, answer).await.map_err(|_| ApiError::Timeout)?
}

fn format_of(headers: &HeaderMap) -> Result<PushFormat, ApiError> {
    let media_type = body::media_type(headers);
    let formats =
        [("application/x-ndjson", PushFormat::Ndjson), ("application/json", PushFormat::Array)];
    let known = formats.into_iter().find(|(known, _)| media_type.eq_ignore_ascii_case(known));
    known.map(|(_, format)| format).ok_or(ApiError::NotPushable)
}

fn idempotency_of(headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    let key = headers.get("idempotency-key").map(|value| value.to_str().map(str::to_owned));
    let key = key.transpose().map_err(|_| ApiError::IdempotencyKey)?;
    // Its length is refused here: a body need not be read for that.
    match &key {
        Some(given) if IdempotencyKey::new("", given, b"").is_err() => {
            Err(ApiError::IdempotencyKey)
        }
        _ => Ok(key),
    }
}

fn invalid(line: &[u8], error: &ChangeError) -> InvalidLine {
    let is_readable = line.len() <= LINE_BYTES_MAX;
    let fields = is_readable.then(|| serde_json::from_slice(line).ok()).flatten();
    InvalidLine { fields: fields.unwrap_or_default(), reason: error.to_string() }
}

/// Lines as they stand in a body, with their numbers.
type NumberedLines<'b> = Vec<(usize, &'b [u8])>;

/// Lines that are not empty.
fn lines(body: &[u8]) -> Result<NumberedLines<'_>, ApiError> {
    let all = body.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    let lines = (1..).zip(all).filter(|(_, line)| !line.is_empty());
    let lines: Vec<_> = lines.take(CHANGES_MAX + 1).collect();
    if lines.len() > CHANGES_MAX { Err(ApiError::TooManyLines) } else { Ok(lines) }
}

/// Elements of a JSON array.
fn elements(body: &[u8]) -> Result<NumberedLines<'_>, ApiError> {
    let mut elements = Vec::new();
    let mut rest = body.trim_ascii();
    let inner = rest.strip_prefix(b"[").and_then(|rest| rest.strip_suffix(b"]"));
    rest = inner.ok_or_else(|| not_array("it must begin with [ and end with ]"))?.trim_ascii();
    while !rest.is_empty() {
        let mut values = serde_json::Deserializer::from_slice(rest).into_iter::<IgnoredAny>();
        let element = values.next().transpose().map_err(ApiError::NotArray)?;
        element.ok_or_else(|| not_array("an element is missing"))?;
        let (element, after) = rest.split_at(values.byte_offset());
        elements.push((elements.len() + 1, element.trim_ascii()));
        if elements.len() > CHANGES_MAX {
            return Err(ApiError::TooManyLines);
        }
        rest = match after.trim_ascii_start().split_first() {
            None => break,
            Some((b',', after)) if !after.trim_ascii().is_empty() => after.trim_ascii(),
            Some(_) => {
                return Err(not_array("a comma must stand between elements, and only there"));
            }
        };
    }
    Ok(elements)
}

fn not_array(why: &str) -> ApiError {
    ApiError::NotArray(serde::de::Error::custom(why))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(body: &str, by: fn(&[u8]) -> Result<NumberedLines<'_>, ApiError>) -> Vec<String> {
        let parts = by(body.as_bytes()).unwrap_or_else(|error| panic!("{body}: {error}"));
        let text = |(number, part)| format!("{number}:{}", String::from_utf8_lossy(part));
        parts.into_iter().map(text).collect()
    }

    #[test]
    fn lines_keep_the_numbers_that_an_editor_shows() {
        assert_eq!(split("{}\r\n\n x \n{", lines), ["1:{}", "3:x", "4:{"]);
        assert_eq!(split("\n \n", lines), [""; 0]);
    }

    #[test]
    fn elements_of_an_array_are_as_they_stand_there() {
        let body = " [ {\"a\": \"],[\"} ,1,\"\\\"]\" , [2, {}],null ]\n";
        let expected = ["1:{\"a\": \"],[\"}", "2:1", "3:\"\\\"]\"", "4:[2, {}]", "5:null"];
        assert_eq!(split(body, elements), expected);
        assert_eq!(split("[]", elements), [""; 0]);
        for wrong in ["", "{}", "[", "[1", "[1,]", "[,1]", "[1 2]", "[1]]", "[{]", "[nul]"] {
            let parts = elements(wrong.as_bytes());
            assert!(matches!(parts, Err(ApiError::NotArray(_))), "{wrong}: {parts:?}");
        }
    }

    #[test]
    fn more_lines_than_a_request_may_have_are_not_gathered() {
        let n = CHANGES_MAX + 1;
        let body = "1\n".repeat(n);
        assert!(matches!(lines(body.as_bytes()), Err(ApiError::TooManyLines)));
        let body = format!("[{}1]", "1,".repeat(n - 1));
        assert!(matches!(elements(body.as_bytes()), Err(ApiError::TooManyLines)));
    }
}
