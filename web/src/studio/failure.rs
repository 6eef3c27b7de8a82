//! What went wrong, and what to do about it.

use leptos::prelude::*;
use vitrine_browser::studio::StudioError;
use vitrine_session::SessionError;

/// A failure in words.
#[derive(Clone, Debug, PartialEq)]
pub struct Failure {
    /// What happened.
    pub what: String,
    /// What to do about it.
    pub advice: &'static str,
    /// Whether another token, or a server that takes one, would help.
    pub is_token: bool,
}

impl From<StudioError> for Failure {
    fn from(error: StudioError) -> Self {
        let (what, advice, is_token) = match &error {
            StudioError::NoAnswer(_) => (
                "The server does not answer.".to_owned(),
                "Check that `vitrine serve` runs and that the network is there, then try again.",
                false,
            ),
            StudioError::Unreadable { .. } => (
                format!("This page and the server do not fit together ({error})."),
                "Reload the page; if that does not help, the server needs the same version.",
                false,
            ),
            StudioError::Refused(refusal) => match refusal.code.as_str() {
                "unauthorized" => (
                    "The server does not take this token.".to_owned(),
                    "Use the text that the server was started with: VITRINE_ADMIN_TOKEN, \
                     admin_token in vitrine.toml, or --admin-token.",
                    true,
                ),
                "studio_closed" => (
                    "The Studio is closed on this server.".to_owned(),
                    "To open it, start the server with --admin-token (or VITRINE_ADMIN_TOKEN, or \
                     admin_token in vitrine.toml) and a text of at least 16 characters.",
                    true,
                ),
                "no_such_shopper" => {
                    (format!("{}.", capital(&refusal.detail)), "Choose another number.", false)
                }
                _ => (format!("{}.", capital(&refusal.detail)), "Then try again.", false),
            },
        };
        Self { what, advice, is_token }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        let what = format!("{}.", capital(&error.to_string()));
        Self { what, advice: "Check that the server runs, then try again.", is_token: false }
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// Something asked for, at whatever stage it is.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Asked<T> {
    /// Not asked for yet.
    #[default]
    Not,
    /// On its way.
    Asking,
    /// Here.
    Answered(T),
    /// It did not come.
    Failed(Failure),
}

impl<T> Asked<T> {
    /// Of an answer or a failure.
    pub fn of<E: Into<Failure>>(result: Result<T, E>) -> Self {
        result.map_or_else(|error| Self::Failed(error.into()), Self::Answered)
    }

    /// The answer, if it is here.
    pub fn answer(&self) -> Option<&T> {
        if let Self::Answered(answer) = self { Some(answer) } else { None }
    }

    /// The failure, if there is one.
    pub fn failure(&self) -> Option<&Failure> {
        if let Self::Failed(failure) = self { Some(failure) } else { None }
    }
}

/// A failure where the answer would have been.
#[component]
pub fn FailureNotice(failure: Failure) -> impl IntoView {
    view! {
        <div class="notice error" role="alert" data-testid="failure">
            <p><strong>{failure.what}</strong></p>
            <p>{failure.advice}</p>
        </div>
    }
}
