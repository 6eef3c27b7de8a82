//! Publishing what a person wrote, and taking it back.

use vitrine_catalogue::{ChangeAction, ChangeOutcome, ChangeRequest, ProductChange, ProductPatch};
use vitrine_describe::hidden_character;
use vitrine_domain::ItemId;
use vitrine_domain::limits::TEXT_CHARS_MAX;
use vitrine_studio_api::{
    ConfirmedClaim, OpenClaim, PresentTexts, PublishedTexts, ReplacedText, TextsToPublish,
    WRITTEN_TITLE_CHARS_MAX,
};

use super::served;
use crate::clock::now_seconds;
use crate::http::error::ApiError;
use crate::http::state::AppState;
use crate::listings::{self, CardSources, EditLog, ListingEdit, NewEdit};

/// Publishes texts that were made from the present ones and whose claims are supported or confirmed.
pub(super) fn publish(
    state: &AppState,
    item: ItemId,
    texts: TextsToPublish,
) -> Result<PublishedTexts, ApiError> {
    let title = texts.title.as_deref().map(cleaned_title).transpose()?;
    let description = texts.description.as_deref().map(cleaned_description).transpose()?;
    let live = state.live()?;
    // Whoever holds the edits writes alone, so that what was compared is what is replaced.
    let mut edits = state.listings.edits();
    let edits = edits.as_mut().ok_or(ApiError::LogUnavailable)?;
    let card = served(state, &live, Some(edits)).card(item).ok_or(ApiError::NoSuchListing)?;
    let present = listings::present(&card);
    let is_old = |new: &Option<String>, version: &str, of: &str| new.is_some() && version != of;
    if is_old(&title, &texts.title_version, &present.title.version)
        || is_old(&description, &texts.description_version, &present.description.version)
    {
        return Err(ApiError::ListingConflict(Box::new(present)));
    }
    let title = title.filter(|title| *title != card.title);
    let description = description.filter(|description| *description != card.description);
    if title.is_none() && description.is_none() {
        return Ok(PublishedTexts { edit: None, record: 0, present });
    }
    let new = (title.as_deref(), description.as_deref());
    let found = listings::checked(&card, listings::language(&live), new).unsupported;
    let confirmed = confirmed(found, &texts.confirmed)?;
    let edit = NewEdit {
        item,
        at_seconds: now_seconds(),
        title: replaced(&card.title, title),
        description: replaced(&card.description, description),
        confirmed,
        takes_back: None,
    };
    write(state, edits, (card, edit))
}

/// Writes back what was there before an edit whose texts are still there.
pub(super) fn revert(
    state: &AppState,
    item: ItemId,
    number: u64,
) -> Result<PublishedTexts, ApiError> {
    let live = state.live()?;
    let mut edits = state.listings.edits();
    let edits = edits.as_mut().ok_or(ApiError::LogUnavailable)?;
    let edit = edits.get(number).filter(|edit| edit.item == item).cloned();
    let edit = edit.ok_or(ApiError::NoSuchEdit)?;
    let card = served(state, &live, Some(edits)).card(item).ok_or(ApiError::NoSuchListing)?;
    if !stands(&edit, &card) {
        return Err(ApiError::ListingConflict(Box::new(listings::present(&card))));
    }
    let swapped = |text: ReplacedText| ReplacedText { before: text.after, after: text.before };
    let back = NewEdit {
        item,
        at_seconds: now_seconds(),
        title: edit.title.map(swapped),
        description: edit.description.map(swapped),
        confirmed: Vec::new(),
        takes_back: Some(number),
    };
    write(state, edits, (card, back))
}

/// Whether a card's texts are as an edit left them.
pub(super) fn stands(edit: &ListingEdit, card: &CardSources) -> bool {
    let is_there = |edited: &Option<ReplacedText>, present: &str| {
        edited.as_ref().is_none_or(|text| text.after == present)
    };
    is_there(&edit.title, &card.title) && is_there(&edit.description, &card.description)
}

/// Notes an edit, pushes it for every product of the card, and notes that it was pushed.
fn write(
    state: &AppState,
    edits: &mut EditLog,
    (mut card, edit): (CardSources, NewEdit),
) -> Result<PublishedTexts, ApiError> {
    let pushed = state.pushed_for_changes()?;
    let patch = ProductPatch {
        title: edit.title.as_ref().map(|text| text.after.clone()),
        description: edit.description.as_ref().map(|text| {
            let after = text.after.clone();
            (!after.is_empty()).then_some(after)
        }),
        ..ProductPatch::default()
    };
    let change = |sku: &String| ProductChange {
        sku: sku.clone(),
        revision: None,
        action: ChangeAction::Patch(patch.clone()),
    };
    let changes = card.skus.iter().map(change).collect();
    if let Some(text) = &edit.title {
        card.title.clone_from(&text.after);
    }
    if let Some(text) = &edit.description {
        card.description.clone_from(&text.after);
    }
    let number = edits.begin(edit).map_err(ApiError::LogFailed)?;
    // Where the log fails, nobody knows whether it has the change: the edit stays without a record.
    let receipt = pushed.changes.submit(ChangeRequest { changes, key: None })?;
    if let Some(reason) = refusal(&receipt.outcomes) {
        edits.refused(number).map_err(ApiError::LogFailed)?;
        return Err(ApiError::ListingRefused(reason));
    }
    state.metrics.pushed("change", receipt.outcomes.iter().map(|_| "applied"));
    if let Err(error) = edits.published(number, receipt.number) {
        let error = format!("{error:#}");
        tracing::error!(error, edit = number, "it is published, which could not be noted");
    }
    let present: PresentTexts = listings::present(&card);
    Ok(PublishedTexts { edit: Some(number), record: receipt.number, present })
}

/// Why nothing was applied, if nothing was: the texts are the same for all products of a card.
fn refusal(outcomes: &[ChangeOutcome]) -> Option<String> {
    let is_applied = |outcome: &ChangeOutcome| {
        matches!(outcome, ChangeOutcome::Applied | ChangeOutcome::Waiting)
    };
    if outcomes.iter().any(is_applied) {
        return None;
    }
    let reason = outcomes.iter().find_map(|outcome| match outcome {
        ChangeOutcome::Quarantined(reason) | ChangeOutcome::Invalid(reason) => Some(reason.clone()),
        _ => None,
    });
    Some(reason.unwrap_or_else(|| "the log of changes has newer texts".to_owned()))
}

/// Claims without a source that the person confirmed.
///
/// # Errors
/// Some were not.
fn confirmed(
    found: Vec<OpenClaim>,
    given: &[ConfirmedClaim],
) -> Result<Vec<ConfirmedClaim>, ApiError> {
    let is_open = |claim: &&OpenClaim| !given.contains(&claim.confirmed());
    let open: Vec<OpenClaim> = found.iter().filter(is_open).cloned().collect();
    if !open.is_empty() {
        return Err(ApiError::ListingClaims(open));
    }
    let mut confirmed: Vec<ConfirmedClaim> = found.iter().map(OpenClaim::confirmed).collect();
    confirmed.sort_unstable();
    confirmed.dedup();
    Ok(confirmed)
}

fn replaced(before: &str, after: Option<String>) -> Option<ReplacedText> {
    after.map(|after| ReplacedText { before: before.to_owned(), after })
}

fn cleaned_title(text: &str) -> Result<String, ApiError> {
    let text = text.trim();
    let n_chars = text.chars().count();
    if text.is_empty() {
        Err(ApiError::ListingText("the title is empty".to_owned()))
    } else if n_chars > WRITTEN_TITLE_CHARS_MAX {
        let why = format!("the title has {n_chars} characters, {WRITTEN_TITLE_CHARS_MAX} at most");
        Err(ApiError::ListingText(why))
    } else if let Some(hidden) = hidden_character(text) {
        let why = format!("the title has a line break or hidden character: {}", code(hidden));
        Err(ApiError::ListingText(why))
    } else {
        Ok(text.to_owned())
    }
}

fn cleaned_description(text: &str) -> Result<String, ApiError> {
    let text = text.replace("\r\n", "\n");
    let text = text.trim();
    let n_chars = text.chars().count();
    if n_chars > TEXT_CHARS_MAX {
        let why = format!("the description has {n_chars} characters, {TEXT_CHARS_MAX} at most");
        Err(ApiError::ListingText(why))
    } else if let Some(hidden) = text.split('\n').find_map(hidden_character) {
        let why = format!("the description has a hidden character: {}", code(hidden));
        Err(ApiError::ListingText(why))
    } else {
        Ok(text.to_owned())
    }
}

/// A character as standards name it, for who cannot see it: U+200F.
fn code(c: char) -> String {
    format!("U+{:04X}", u32::from(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_what_it_looks_like() {
        assert_eq!(cleaned_title("  Oak stool ").unwrap(), "Oak stool");
        assert_eq!(cleaned_description("One.\r\nTwo.\n").unwrap(), "One.\nTwo.");
        assert_eq!(cleaned_description(" ").unwrap(), "");
        let long = "x".repeat(201);
        for title in ["", " ", "a\nb", "a\u{202e}b", "a\u{2028}b", "a\u{0}b", &long] {
            assert!(matches!(cleaned_title(title), Err(ApiError::ListingText(_))), "{title:?}");
        }
        let long = "x".repeat(2_001);
        let hidden = ["a\u{200b}b", "a\u{200f}b", "a\n\u{2028}b", "a\u{200d}b", "a\tb", "a\u{7f}"];
        for text in hidden.into_iter().chain([long.as_str()]) {
            assert!(matches!(cleaned_description(text), Err(ApiError::ListingText(_))), "{text:?}");
        }
        let Err(ApiError::ListingText(why)) = cleaned_description("One.\nTwo\u{200f}.") else {
            panic!("it turns what is read")
        };
        assert!(why.ends_with("U+200F"), "{why}");
        let pictograph = "\u{2714}\u{fe0f} Oak";
        assert_eq!(cleaned_title(pictograph).unwrap(), pictograph, "people type it");
        let markup = "<script>alert(1)</script>";
        assert_eq!(cleaned_title(markup).unwrap(), markup, "markup is text");
    }

    #[test]
    fn what_is_refused_for_all_products_is_refused() {
        use ChangeOutcome::{Applied, Quarantined, Stale, Waiting};
        let why = || Quarantined("why".to_owned());
        assert_eq!(refusal(&[Stale, why()]), Some("why".to_owned()));
        assert_eq!(refusal(&[why(), Waiting]), None);
        assert_eq!(refusal(&[Applied]), None);
        assert!(refusal(&[]).is_some(), "nothing was written");
    }
}
