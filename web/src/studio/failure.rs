//! What went wrong, and what to do about it.

use leptos::prelude::*;
use vitrine_browser::studio::StudioError;
use vitrine_session::SessionError;
use vitrine_words::studio::t;

use crate::format::capitalised;

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
            StudioError::NoAnswer(_) => {
                (t!("failure.no_answer").to_owned(), t!("failure.no_answer_advice"), false)
            }
            StudioError::Unreadable { .. } => {
                (t!("failure.unreadable", error = error), t!("failure.unreadable_advice"), false)
            }
            StudioError::Refused(refusal) => match refusal.code.as_str() {
                "unauthorized" => {
                    (t!("failure.unauthorized").to_owned(), t!("failure.unauthorized_advice"), true)
                }
                "studio_closed" => {
                    (t!("failure.closed").to_owned(), t!("failure.closed_advice"), true)
                }
                "no_such_shopper" => {
                    (sentence(&refusal.detail), t!("failure.another_number"), false)
                }
                _ => (sentence(&refusal.detail), t!("failure.then_again"), false),
            },
        };
        Self { what, advice, is_token }
    }
}

impl From<SessionError> for Failure {
    fn from(error: SessionError) -> Self {
        let what = sentence(&error.words());
        Self { what, advice: t!("failure.check_server"), is_token: false }
    }
}

fn sentence(words: &str) -> String {
    t!("failure.sentence", words = capitalised(words))
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
