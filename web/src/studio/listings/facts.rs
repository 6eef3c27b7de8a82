//! A draft in pieces, and the list of where each fact of it is from.

use leptos::prelude::*;
use vitrine_domain::ItemId;
use vitrine_studio_api::{ProposedTexts, SourcedPiece, StatedFact};
use vitrine_words::studio::t;

use super::words::origin_words;

/// The draft with its sources. A fact that has the focus, or the pointer over it, lights its source
/// in the list, which is also what describes it to a screen reader.
#[component]
pub fn DraftWithSources(item: ItemId, draft: ProposedTexts) -> impl IntoView {
    let facts = facts_of(&draft);
    let lit = RwSignal::new(None::<usize>);
    let piece = |piece: SourcedPiece| {
        let place = piece.source.as_ref().and_then(|source| facts.iter().position(|f| f == source));
        match place {
            None => view! { <span>{piece.text}</span> }.into_any(),
            Some(place) => view! {
                <span
                    class="fact"
                    tabindex="0"
                    aria-describedby=source_id(item, place)
                    on:focus=move |_| lit.set(Some(place))
                    on:blur=move |_| lit.set(None)
                    on:mouseenter=move |_| lit.set(Some(place))
                    on:mouseleave=move |_| lit.set(None)
                >
                    {piece.text}
                </span>
            }
            .into_any(),
        }
    };
    let title = draft.title.into_iter().map(piece).collect_view();
    let description = draft.description.into_iter().map(piece).collect_view();
    let sources = facts.iter().cloned().enumerate().map(|(place, fact)| {
        view! {
            <li id=source_id(item, place) class:lit=move || lit.get() == Some(place)>
                <strong>{origin_words(&fact)}</strong>
                {(!fact.said.is_empty()).then(|| view! { <q>{fact.said}</q> })}
            </li>
        }
    });
    view! {
        <p class="listing-heading" data-testid="draft-title">{title}</p>
        <p class="listing-text" data-testid="draft-description">{description}</p>
        <p class="muted small">{t!("listings.draft_help")}</p>
        <h4>{t!("listings.sources")}</h4>
        <ul class="fact-sources" data-testid="fact-sources">{sources.collect_view()}</ul>
    }
}

fn source_id(item: ItemId, place: usize) -> String {
    format!("source-{}-{place}", item.0)
}

/// Each source of a draft once, in the order of its facts.
fn facts_of(draft: &ProposedTexts) -> Vec<StatedFact> {
    let mut facts: Vec<StatedFact> = Vec::new();
    let pieces = draft.title.iter().chain(&draft.description);
    for source in pieces.filter_map(|piece| piece.source.as_ref()) {
        if !facts.contains(source) {
            facts.push(source.clone());
        }
    }
    facts
}
