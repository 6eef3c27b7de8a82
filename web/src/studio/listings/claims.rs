//! What an edited text claims: marked where no source says so, with what a person knows beside it.

use std::collections::BTreeSet;

use leptos::prelude::*;
use vitrine_studio_api::{ConfirmedClaim, OpenClaim, WrittenField};
use vitrine_words::studio::t;

use super::words::topic_words;

/// The text as it was checked, with its claims marked. Nothing where nothing is open.
#[component]
pub fn MarkedText(text: String, claims: Vec<OpenClaim>, field: WrittenField) -> impl IntoView {
    let pieces = marked(&text, &claims, field);
    let has_marks = pieces.iter().any(|(_, is_marked)| *is_marked);
    let piece = |(text, is_marked): (String, bool)| match is_marked {
        true => view! { <mark class="open-claim">{text}</mark> }.into_any(),
        false => view! { <span>{text}</span> }.into_any(),
    };
    has_marks.then(|| {
        view! {
            <p class="muted small">{t!("listings.marked")}</p>
            <p class="listing-text" data-testid="marked">
                {pieces.into_iter().map(piece).collect_view()}
            </p>
        }
    })
}

/// A text in pieces, and whether each is claimed without a source.
fn marked(text: &str, claims: &[OpenClaim], field: WrittenField) -> Vec<(String, bool)> {
    let mut pieces = Vec::new();
    let mut at = 0;
    for claim in claims.iter().filter(|claim| claim.field == field) {
        // Claims may overlap; what is marked already is not marked again.
        let start = claim.start.max(at);
        let (Some(before), Some(claimed)) = (text.get(at..start), text.get(start..claim.end))
        else {
            continue;
        };
        pieces.push((before.to_owned(), false));
        pieces.push((claimed.to_owned(), true));
        at = claim.end;
    }
    pieces.push((text.get(at..).unwrap_or_default().to_owned(), false));
    pieces.retain(|(text, _)| !text.is_empty());
    pieces
}

/// Open claims, each once, with a box to confirm it.
#[component]
pub fn OpenClaims(
    claims: Vec<OpenClaim>,
    confirmed: RwSignal<BTreeSet<ConfirmedClaim>>,
) -> impl IntoView {
    let distinct: BTreeSet<ConfirmedClaim> = claims.iter().map(OpenClaim::confirmed).collect();
    let row = |claim: ConfirmedClaim| {
        let words = t!("listings.confirm", words = claim.text, topic = topic_words(claim.kind));
        let shown = claim.clone();
        let is_confirmed = move || confirmed.read().contains(&shown);
        let confirm = move |event: web_sys::Event| {
            let is_checked = event_target_checked(&event);
            confirmed.update(|confirmed| {
                if is_checked {
                    confirmed.insert(claim.clone());
                } else {
                    confirmed.remove(&claim);
                }
            });
        };
        view! {
            <li>
                <label class="check">
                    <input
                        type="checkbox"
                        prop:checked=is_confirmed
                        data-testid="confirm-claim"
                        on:change=confirm
                    />
                    <span>{words}</span>
                </label>
            </li>
        }
    };
    (!distinct.is_empty()).then(|| {
        view! {
            <fieldset class="open-claims" data-testid="open-claims">
                <legend>{t!("listings.open")}</legend>
                <ul>{distinct.into_iter().map(row).collect_view()}</ul>
            </fieldset>
        }
    })
}

#[cfg(test)]
mod tests {
    use vitrine_studio_api::ClaimTopic;

    use super::*;

    fn claim(field: WrittenField, start: usize, end: usize) -> OpenClaim {
        OpenClaim { field, kind: ClaimTopic::Other, text: String::new(), start, end }
    }

    #[test]
    fn claims_are_marked_where_they_stand() {
        let field = WrittenField::Description;
        let claims = [claim(WrittenField::Title, 0, 3), claim(field, 2, 4), claim(field, 3, 6)];
        let pieces = marked("a bcde f", &claims, field);
        let pieces: Vec<(&str, bool)> =
            pieces.iter().map(|(text, is_marked)| (text.as_str(), *is_marked)).collect();
        assert_eq!(pieces, [("a ", false), ("bc", true), ("de", true), (" f", false)]);
    }

    #[test]
    fn spans_of_another_text_mark_nothing() {
        let field = WrittenField::Description;
        let pieces = marked("ä", &[claim(field, 1, 2), claim(field, 5, 9)], field);
        assert_eq!(pieces, [("ä".to_owned(), false)]);
    }
}
