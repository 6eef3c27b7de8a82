//! What the Studio and the server tell each other: the types of the HTTP interface that
//! only the admin token opens. Server and browser read and write the same ones.
//!
//! | request | answer |
//! |---|---|
//! | `GET /v1/studio/report` | [`StudioReport`] |
//! | `GET /v1/studio/training` | [`Course`] |
//! | `GET /v1/studio/personas/{shopper}` | [`Persona`] |
//! | `POST /v1/studio/teacher` with a [`Persona`] | a list of [`vitrine_domain::Ranked`] |
//! | `GET /v1/studio/listings?offset=&limit=` | [`PoorListings`] |
//! | `GET /v1/studio/listings/edits` | [`WrittenEdits`] |
//! | `POST /v1/studio/listings/{item}/check` with [`TextsToCheck`] | [`CheckedTexts`] |
//! | `PUT /v1/studio/listings/{item}` with [`TextsToPublish`] | [`PublishedTexts`] |
//! | `POST /v1/studio/listings/{item}/revert` with [`TakenBack`] | [`PublishedTexts`] |
//! | `GET /v1/studio/rules` | [`RulesState`] |
//! | `PUT /v1/studio/rules/draft` with [`RulesToSave`] | [`RulesState`] |
//! | `POST /v1/studio/rules/publish` with [`RulesToPublish`] | [`RulesState`] |
//! | `POST /v1/studio/rules/restore` with [`RulesToRestore`] | [`RulesState`] |
//! | `POST /v1/studio/rules/preview` with [`RulesToPreview`] | [`PreviewedRules`] |
//! | `GET /v1/studio/rules/versions/{number}` | [`RuleVersion`] |
//! | `GET /v1/studio/rules/names` | [`RuleNames`] |
//! | `GET /v1/studio/rules/seasons/{year}?time_zone=` | a list of [`SeasonWindow`] |
//! | `POST /v1/studio/teacher/{item}` with a [`Persona`] | a [`vitrine_domain::explanation::Explanation`] or null |
//!
//! The figures of the gate ([`Interval`], [`Gate`], [`ModelReport`]) are also what
//! `vitrine-evaluation` computes and what a model's folder keeps as its report. Stored
//! reports are served as they are, so a field that is added here needs a default.
//!
//! ```
//! use vitrine_studio_api::{Course, Ending};
//!
//! let answer = r#"{
//!     "points": [{"series": "listwise", "at": 25, "of": 50, "value": 1.5}],
//!     "ended": "published",
//!     "seconds_since": 12
//! }"#;
//! let course: Course = serde_json::from_str(answer)?;
//! assert_eq!((course.points[0].at, course.ended), (25, Some(Ending::Published)));
//! # Ok::<(), serde_json::Error>(())
//! ```
#![deny(missing_docs)]

mod gate;
mod import;
mod listing_edits;
mod listings;
mod persona;
mod pictures;
mod reviews;
mod rules;
mod training;

use serde::{Deserialize, Serialize};

pub use gate::{Gate, GateCheck, GateReport, Interval, ModelReport, Segment, SegmentReport};
pub use import::{ImportSummary, ImportedFile};
pub use listing_edits::{
    BackedClaim, CheckedTexts, ClaimTopic, ConfirmedClaim, OpenClaim, PublishedTexts, ReplacedText,
    TakenBack, TextsToCheck, TextsToPublish, WrittenEdit, WrittenEdits, WrittenField,
};
pub use listings::{
    FactOrigin, LackingPart, NoDraftReason, PoorListing, PoorListings, PresentTexts, ProposedTexts,
    SourcedPiece, StatedFact, VersionedText, WRITTEN_TITLE_CHARS_MAX,
};
pub use persona::Persona;
pub use pictures::{PictureGap, PictureReport, RepeatedPicture, WrongPicture};
pub use reviews::{
    BlamedProduct, DroppedFigure, DroppedSubject, ReviewReport, SuddenDrop, WorstAspect,
};
pub use rules::{
    DraftProblem, DraftProblemCode, PreviewedRules, RULE_NOTE_CHARS_MAX, RuleDraft, RuleNames,
    RuleVersion, RuleVersionInfo, RulesState, RulesToPreview, RulesToPublish, RulesToRestore,
    RulesToSave, SeasonWindow,
};
pub use training::{Course, Ending, LossPoint};

/// What the import and the gate found out about the published versions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StudioReport {
    /// Rows of the import.
    pub quality: ImportSummary,
    /// The model's figures; `None` until one is published.
    pub gate: Option<GateReport>,
    /// What was found out about pictures.
    #[serde(default)]
    pub pictures: PictureReport,
    /// What was found out from reviews.
    #[serde(default)]
    pub reviews: ReviewReport,
    /// Shoppers of the log, numbered from 0.
    pub n_shoppers: u32,
}
