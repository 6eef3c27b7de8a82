//! The Studio's client: what only the admin token opens.
//!
//! These are the only requests of the page that do not go through a session,
//! since a session can send nothing about a shopper and these are about made-up
//! ones. Without a token there is no [`StudioClient`], and the Shop has none.

use std::fmt;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use vitrine_domain::explanation::Explanation;
use vitrine_domain::{ItemId, Ranked};
use vitrine_session::TransportError;
use vitrine_studio_api::{
    CheckedTexts, Course, OpenClaim, Persona, PoorListings, PresentTexts, PublishedTexts,
    StudioReport, TakenBack, TextsToCheck, TextsToPublish, WrittenEdits,
};

use crate::fetch::Call;

/// Why the Studio did not get what it asked for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StudioError {
    /// The server did not answer.
    #[error(transparent)]
    NoAnswer(#[from] TransportError),
    /// The server answered with a problem.
    #[error("{}", .0.detail)]
    Refused(Refusal),
    /// What was sent or received is not the JSON that was agreed on.
    #[error("unreadable answer to {path}: {reason}")]
    Unreadable {
        /// What was asked for.
        path: String,
        /// Why.
        reason: String,
    },
}

/// The part of the server's problem details that the Studio reads.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Refusal {
    /// Stable code.
    pub code: String,
    /// What happened and what to do about it.
    pub detail: String,
    /// The newer texts, where somebody else changed them.
    #[serde(default)]
    pub present: Option<Box<PresentTexts>>,
    /// The claims, where texts claim what has no source.
    #[serde(default)]
    pub claims: Vec<OpenClaim>,
}

/// Asks with the admin token. The token lives in this value alone.
#[derive(Clone, PartialEq, Eq)]
pub struct StudioClient {
    token: String,
}

impl fmt::Debug for StudioClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the token: this may end up in a log.
        f.debug_struct("StudioClient").finish_non_exhaustive()
    }
}

impl StudioClient {
    /// A client that shows `token`. Whether the server takes it, the first
    /// request tells.
    pub fn new(token: impl Into<String>) -> Self {
        Self { token: token.into() }
    }

    /// The quality and gate reports.
    ///
    /// # Errors
    /// No answer, a refusal (wrong token, Studio closed), or unreadable JSON.
    pub async fn report(&self) -> Result<StudioReport, StudioError> {
        self.ask("/v1/studio/report", None).await
    }

    /// The loss curves of the newest training, also while it runs.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub async fn training(&self) -> Result<Course, StudioError> {
        self.ask("/v1/studio/training", None).await
    }

    /// The newest events of one shopper of the order log, oldest first. Shoppers are
    /// numbered there: pseudonymous, not anonymous.
    ///
    /// # Errors
    /// As [`Self::report`], and when the log has no such shopper.
    pub async fn persona(&self, shopper: u32) -> Result<Persona, StudioError> {
        self.ask(&format!("/v1/studio/personas/{shopper}"), None).await
    }

    /// The teacher's order for a persona, best first; empty without a model.
    ///
    /// # Errors
    /// As [`Self::report`], and when the persona has more events than the
    /// server takes.
    pub async fn teacher(&self, persona: &Persona) -> Result<Vec<Ranked>, StudioError> {
        let path = "/v1/studio/teacher";
        let body = serde_json::to_string(persona).map_err(|error| unreadable(path, &error))?;
        self.ask(path, Some(&body)).await
    }

    /// What each part of the teacher adds to an item's score for a persona; `None` where
    /// there is no teacher that knows the item.
    ///
    /// # Errors
    /// As [`Self::teacher`].
    pub async fn teacher_why(
        &self,
        item: ItemId,
        persona: &Persona,
    ) -> Result<Option<Explanation>, StudioError> {
        let path = format!("/v1/studio/teacher/{}", item.0);
        let body = serde_json::to_string(persona).map_err(|error| unreadable(&path, &error))?;
        self.ask(&path, Some(&body)).await
    }

    /// Products whose texts are poor, the worst and most bought first.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub async fn listings(&self, offset: usize, limit: usize) -> Result<PoorListings, StudioError> {
        self.ask(&format!("/v1/studio/listings?offset={offset}&limit={limit}"), None).await
    }

    /// What was written of products, the newest first.
    ///
    /// # Errors
    /// As [`Self::report`].
    pub async fn listing_edits(&self) -> Result<WrittenEdits, StudioError> {
        self.ask("/v1/studio/listings/edits", None).await
    }

    /// What texts of a product claim.
    ///
    /// # Errors
    /// As [`Self::report`], and when there is no such product.
    pub async fn check_listing(
        &self,
        item: ItemId,
        texts: &TextsToCheck,
    ) -> Result<CheckedTexts, StudioError> {
        let path = format!("/v1/studio/listings/{}/check", item.0);
        let body = serde_json::to_string(texts).map_err(|error| unreadable(&path, &error))?;
        self.ask(&path, Some(&body)).await
    }

    /// Publishes texts of a product.
    ///
    /// # Errors
    /// As [`Self::report`]; somebody else changed them ([`Refusal::present`]), or they claim what
    /// has no source ([`Refusal::claims`]).
    pub async fn publish_listing(
        &self,
        item: ItemId,
        texts: &TextsToPublish,
    ) -> Result<PublishedTexts, StudioError> {
        let path = format!("/v1/studio/listings/{}", item.0);
        let body = serde_json::to_string(texts).map_err(|error| unreadable(&path, &error))?;
        self.send(&path, Some(&body), true).await
    }

    /// Writes back what was there before an edit.
    ///
    /// # Errors
    /// As [`Self::report`]; the texts are not as the edit left them ([`Refusal::present`]).
    pub async fn take_back_listing(
        &self,
        item: ItemId,
        edit: u64,
    ) -> Result<PublishedTexts, StudioError> {
        let path = format!("/v1/studio/listings/{}/revert", item.0);
        let body = serde_json::to_string(&TakenBack { edit });
        let body = body.map_err(|error| unreadable(&path, &error))?;
        self.ask(&path, Some(&body)).await
    }

    async fn ask<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&str>,
    ) -> Result<T, StudioError> {
        self.send(path, body, false).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        path: &str,
        body: Option<&str>,
        replaces: bool,
    ) -> Result<T, StudioError> {
        let call = Call { server: None, path, body, replaces, bearer: Some(&self.token) };
        let response = call.send().await?;
        if response.status == 200 {
            return serde_json::from_slice(&response.body)
                .map_err(|error| unreadable(path, &error));
        }
        let refusal =
            serde_json::from_slice(&response.body).map_err(|error| unreadable(path, &error))?;
        Err(StudioError::Refused(refusal))
    }
}

fn unreadable(path: &str, error: &serde_json::Error) -> StudioError {
    StudioError::Unreadable { path: path.to_owned(), reason: error.to_string() }
}
