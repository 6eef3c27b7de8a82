//! Texts while they are written: what they were, what they are to be, what the check found.

use std::collections::BTreeSet;
use std::time::Duration;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_browser::studio::{Refusal, StudioError};
use vitrine_domain::ItemId;
use vitrine_domain::limits::TEXT_CHARS_MAX;
use vitrine_studio_api::{
    ConfirmedClaim, LackingPart, OpenClaim, PoorListing, PresentTexts, ProposedTexts,
    PublishedTexts, TextsToCheck, TextsToPublish, WRITTEN_TITLE_CHARS_MAX,
};
use vitrine_words::studio::{n, t};

use super::ListingState;
use crate::studio::failure::{Asked, Failure};
use crate::studio::state::Studio;

/// A text is checked so long after the last key.
const CHECK_AFTER: Duration = Duration::from_millis(400);

/// What came of publishing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WritingNotice {
    /// It is published.
    Published,
    /// It is taken back.
    TakenBack,
    /// Somebody else was first.
    Conflict,
}

/// Texts as they were checked, and the claims without a source.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckedDraft {
    pub title: String,
    pub description: String,
    pub open: Vec<OpenClaim>,
}

/// The state of one editor.
#[derive(Clone, Copy)]
pub struct Writing {
    pub item: ItemId,
    studio: Studio,
    listings: ListingState,
    pub draft: StoredValue<Option<ProposedTexts>>,
    pub present: RwSignal<PresentTexts>,
    pub title: RwSignal<String>,
    pub description: RwSignal<String>,
    pub checked: RwSignal<Asked<CheckedDraft>>,
    pub confirmed: RwSignal<BTreeSet<ConfirmedClaim>>,
    /// The edit that can be taken back here.
    pub published: RwSignal<Option<u64>>,
    pub notice: RwSignal<Option<WritingNotice>>,
    pub failure: RwSignal<Option<Failure>>,
    pub busy: RwSignal<bool>,
    /// Counts edits, so that a check that comes late is not shown.
    turn: StoredValue<u32>,
}

impl Writing {
    /// Begins with the draft where a text is poor, and with what is there where it is good: a title
    /// that people can read, a description that says something.
    pub fn new(listing: &PoorListing) -> Self {
        let present = &listing.present;
        let writing = Self {
            item: listing.item,
            studio: Studio::here(),
            listings: expect_context(),
            draft: StoredValue::new(listing.draft.clone()),
            present: RwSignal::new(present.clone()),
            title: RwSignal::new(present.title.text.clone()),
            description: RwSignal::new(present.description.text.clone()),
            checked: RwSignal::new(Asked::Not),
            confirmed: RwSignal::new(BTreeSet::new()),
            published: RwSignal::new(None),
            notice: RwSignal::new(None),
            failure: RwSignal::new(None),
            busy: RwSignal::new(false),
            turn: StoredValue::new(0),
        };
        if let Some(draft) = &listing.draft {
            if listing.needs.iter().any(is_of_description) {
                writing.description.set(draft.description_text());
            }
            if listing.needs.contains(&LackingPart::UnreadableTitle) && !draft.title.is_empty() {
                writing.title.set(draft.title_text());
            }
        }
        writing.check();
        writing
    }

    /// Puts the draft into the fields.
    pub fn take_draft(self) {
        let Some(draft) = self.draft.get_value() else { return };
        if !draft.title.is_empty() {
            self.title.set(draft.title_text());
        }
        self.description.set(draft.description_text());
        self.edited();
    }

    /// Puts the present texts into the fields.
    pub fn take_present(self) {
        let present = self.present.get_untracked();
        self.title.set(present.title.text);
        self.description.set(present.description.text);
        self.edited();
    }

    /// What differs from the present texts: title and description.
    fn changed(self, present: &PresentTexts) -> (Option<String>, Option<String>) {
        let new = |text: &str, present: &str| {
            let text = text.trim();
            (text != present.trim()).then(|| text.to_owned())
        };
        let (title, description) = (self.title.read(), self.description.read());
        (new(&title, &present.title.text), new(&description, &present.description.text))
    }

    /// A field was changed: the check follows when the keys rest.
    pub fn edited(self) {
        self.notice.set(None);
        self.failure.set(None);
        self.checked.set(Asked::Asking);
        let turn = self.next_turn();
        let when_rested = move || {
            if self.turn.try_get_value() == Some(turn) {
                self.check();
            }
        };
        set_timeout(when_rested, CHECK_AFTER);
    }

    fn next_turn(self) -> u32 {
        let turn = self.turn.get_value().wrapping_add(1);
        self.turn.set_value(turn);
        turn
    }

    /// Asks what the texts claim.
    pub fn check(self) {
        let turn = self.next_turn();
        let (title, description) = untrack(|| self.changed(&self.present.read()));
        let mut draft = CheckedDraft {
            title: title.clone().unwrap_or_default(),
            description: description.clone().unwrap_or_default(),
            open: Vec::new(),
        };
        if title.is_none() && description.is_none() {
            return self.checked.set(Asked::Not);
        }
        self.checked.set(Asked::Asking);
        let texts = TextsToCheck { title, description };
        spawn_local(async move {
            let answer = self.studio.client().check_listing(self.item, &texts).await;
            if self.turn.try_get_value() != Some(turn) {
                return;
            }
            self.checked.set(Asked::of(answer.map(|found| {
                draft.open = found.unsupported;
                draft
            })));
        });
    }

    /// Why nothing can be published now, in words.
    pub fn obstacle(self) -> Option<String> {
        if self.busy.get() {
            return Some(t!("listings.publishing").to_owned());
        }
        let (title, description) = self.changed(&self.present.read());
        if title.is_none() && description.is_none() {
            return Some(t!("listings.unchanged").to_owned());
        }
        if title.as_ref().is_some_and(String::is_empty) {
            return Some(t!("listings.no_title").to_owned());
        }
        let is_long = |text: &Option<String>, max: usize| {
            text.as_ref().is_some_and(|text| text.chars().count() > max)
        };
        if is_long(&title, WRITTEN_TITLE_CHARS_MAX) || is_long(&description, TEXT_CHARS_MAX) {
            return Some(t!("listings.too_long").to_owned());
        }
        match &*self.checked.read() {
            Asked::Not | Asked::Asking => Some(t!("listings.wait_check").to_owned()),
            Asked::Failed(_) => Some(t!("listings.failed_check").to_owned()),
            Asked::Answered(checked) => {
                let confirmed = self.confirmed.read();
                let open: BTreeSet<_> = checked.open.iter().map(OpenClaim::confirmed).collect();
                let n_open = open.iter().filter(|claim| !confirmed.contains(claim)).count();
                (n_open > 0).then(|| n!("listings.unconfirmed", n_open))
            }
        }
    }

    /// Publishes what was changed.
    pub fn publish(self) {
        if untrack(|| self.obstacle()).is_some() {
            return;
        }
        let present = self.present.get_untracked();
        let (title, description) = untrack(|| self.changed(&present));
        let open = self.checked.with_untracked(|checked| {
            checked.answer().map(|checked| checked.open.clone()).unwrap_or_default()
        });
        let confirmed: BTreeSet<_> = open.iter().map(OpenClaim::confirmed).collect();
        let texts = TextsToPublish {
            title,
            title_version: present.title.version,
            description,
            description_version: present.description.version,
            confirmed: confirmed.into_iter().collect(),
        };
        self.begin();
        spawn_local(async move {
            let answer = self.studio.client().publish_listing(self.item, &texts).await;
            self.end(answer, WritingNotice::Published);
        });
    }

    /// Takes back what was published here.
    pub fn take_back(self, edit: u64) {
        self.begin();
        spawn_local(async move {
            let answer = self.studio.client().take_back_listing(self.item, edit).await;
            self.end(answer, WritingNotice::TakenBack);
        });
    }

    fn begin(self) {
        self.busy.set(true);
        self.notice.set(None);
        self.failure.set(None);
    }

    fn end(self, answer: Result<PublishedTexts, StudioError>, done: WritingNotice) {
        // The editor may be closed by now; what was done is done.
        if answer.is_ok() {
            let _ = self.listings.changes.try_update(|changes| *changes += 1);
        }
        if self.busy.try_set(false).is_some() {
            return;
        }
        match answer {
            Ok(published) => {
                self.present.set(published.present);
                let is_published = done == WritingNotice::Published;
                self.published.set(published.edit.filter(|_| is_published));
                self.notice.set(Some(done));
                self.check();
            }
            Err(StudioError::Refused(Refusal { present: Some(present), .. })) => {
                self.present.set(*present);
                self.notice.set(Some(WritingNotice::Conflict));
                self.check();
            }
            Err(StudioError::Refused(refusal)) if !refusal.claims.is_empty() => {
                self.checked.update(|checked| {
                    if let Asked::Answered(checked) = checked {
                        checked.open = refusal.claims;
                    }
                });
            }
            Err(error) => self.failure.set(Some(error.into())),
        }
    }
}

/// Whether what is lacking is lacking in the description.
fn is_of_description(need: &LackingPart) -> bool {
    matches!(
        need,
        LackingPart::NoDescription
            | LackingPart::ShortDescription { .. }
            | LackingPart::RepeatedTitle
    )
}
