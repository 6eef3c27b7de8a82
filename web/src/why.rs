//! *Why this?*: what found an item and the past events that moved it up, in a dialog.

use leptos::{html, prelude::*};
use vitrine_domain::explanation::{Explanation, ScoreTerm};
use vitrine_domain::{ItemId, Sort};
use vitrine_session::{
    Feed, FeedPlaces, ItemCard, ItemReason, Link, PhotoSize, SearchResults, Session,
};
use vitrine_words::common::t;

mod found;

use self::found::{Found, FoundView};
use crate::{format, tile::picture};

/// An answered *Why this?*
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Why {
    /// What was asked about.
    title: String,
    /// Where it would stand in the feed without each reason, once that is worked out.
    places: Option<FeedPlaces>,
    /// What moved it up, strongest first.
    reasons: Vec<ItemReason>,
    /// What is said when there is no past event to name.
    otherwise: &'static str,
    /// Why its place is better than its rank, if it is.
    placed: Option<&'static str>,
    /// How it came to its place in a search.
    found: Option<Found>,
    /// What each part of the teacher adds to its score, in the Studio.
    parts: Vec<ScoreTerm>,
    /// What is said above them.
    parts_heading: &'static str,
}

impl Why {
    /// Asks a session about an item.
    pub async fn ask(session: &Session, id: ItemId, otherwise: &'static str) -> Self {
        let title = session.item(id).map(|card| card.title).unwrap_or_default();
        Self {
            title,
            places: None,
            reasons: session.why_paced(id).await,
            otherwise,
            placed: None,
            found: None,
            parts: Vec::new(),
            parts_heading: "",
        }
    }

    /// What the teacher's parts say of an item, under a heading; `otherwise` where it could not
    /// be asked.
    pub fn of_teacher(
        title: String,
        explanation: Option<Explanation>,
        parts_heading: &'static str,
        otherwise: &'static str,
    ) -> Self {
        let parts = explanation.map(|explanation| explanation.terms).unwrap_or_default();
        let (reasons, places) = (Vec::new(), None);
        let (placed, found) = (None, None);
        Self { title, places, reasons, otherwise, placed, found, parts, parts_heading }
    }

    /// Asks about a result of a search.
    pub async fn of_result(
        session: &Session,
        results: &SearchResults,
        sort: Sort,
        id: ItemId,
    ) -> Option<Self> {
        let found = Found::of(results, sort, id)?;
        let tile = results.tiles.iter().find(|tile| tile.card.id == id)?;
        let mut reasons = session.why_found_paced(results, id).await;
        reasons.retain(|_| found.is_moved_up());
        let title = tile.card.title.clone();
        let (parts, parts_heading) = (Vec::new(), "");
        let (places, placed, otherwise) = (None, None, "");
        let found = Some(found);
        Some(Self { title, places, reasons, otherwise, placed, found, parts, parts_heading })
    }

    /// Logged items that moved it up, strongest first.
    pub fn reasons(&self) -> Vec<ItemId> {
        self.reasons.iter().map(|reason| reason.card.id).collect()
    }

    /// With where it would stand in the feed without each of its reasons.
    pub fn with_places(self, places: Option<FeedPlaces>) -> Self {
        Self { places, ..self }
    }

    /// The same of an item that a feed may have moved up.
    pub fn of_feed(self, feed: Option<&Feed>, id: ItemId) -> Self {
        let placed = feed.and_then(|feed| feed.why_placed(id));
        Self { placed, ..self }
    }
}

/// The question.
pub fn ask_words() -> &'static str {
    t!("why.ask")
}

/// The question, on a tile.
#[component]
pub fn WhyButton(card: ItemCard, ask: Callback<ItemId>) -> impl IntoView {
    let label = t!("why.ask_of", title = card.title);
    view! {
        <button
            type="button"
            class="why"
            data-testid="why"
            aria-haspopup="dialog"
            aria-label=label
            on:click=move |_| ask.run(card.id)
        >
            {t!("why.ask")}
        </button>
    }
}

/// The dialog; open while there is an answer.
#[component]
pub fn WhyDialog(
    why: RwSignal<Option<Why>>,
    /// Words and address of a link to where one learns more.
    #[prop(default = None)]
    more: Option<(&'static str, String)>,
) -> impl IntoView {
    let dialog = NodeRef::<html::Dialog>::new();
    Effect::new(move || {
        let Some(dialog) = dialog.get() else { return };
        match (why.read().is_some(), dialog.open()) {
            // Fails only when it is already open.
            (true, false) => drop(dialog.show_modal()),
            (false, true) => dialog.close(),
            _ => {}
        }
    });
    // A click on the backdrop is a click on the dialog itself.
    let backdrop = move |event: web_sys::MouseEvent| {
        if event.target() == event.current_target() {
            why.set(None);
        }
    };
    let answer = move || {
        why.get().map(|answer| {
            view! {
                <Answer answer=answer/>
                <div class="actions">
                    {more
                        .clone()
                        .map(|(words, href)| {
                            view! {
                                <a class="link-button" href=href on:click=move |_| why.set(None)>
                                    {words}
                                </a>
                            }
                        })}
                    <button type="button" class="button" on:click=move |_| why.set(None)>
                        {t!("why.close")}
                    </button>
                </div>
            }
        })
    };
    view! {
        <dialog
            node_ref=dialog
            data-testid="why-popover"
            aria-labelledby="why-title"
            on:close=move |_| why.set(None)
            on:click=backdrop
        >
            {answer}
        </dialog>
    }
}

#[component]
fn Answer(answer: Why) -> impl IntoView {
    let Why { title, places, reasons, otherwise, placed, found, parts, parts_heading } = answer;
    let reason = |reason: ItemReason| {
        let without = places.as_ref().and_then(|places| without_words(places, reason.card.id));
        view! { <ReasonView reason=reason without=without/> }
    };
    let placed = placed.map(|why| view! { <p data-testid="why-placed">{why}</p> });
    let none = reasons.is_empty() && found.is_none() && parts.is_empty();
    let done =
        (found.is_some() && !reasons.is_empty()).then(|| view! { <h3>{t!("why.before")}</h3> });
    let found = found.map(|found| view! { <FoundView found=found/> });
    let parts =
        (!parts.is_empty()).then(|| view! { <PartsView parts=parts heading=parts_heading/> });
    view! {
        <div>
            // Focused first, or a long answer would open at its end, where the button is.
            <h2 id="why-title" tabindex="-1" autofocus=true>{t!("why.ask")}</h2>
            <p class="muted">{title}</p>
            {none.then(|| view! { <p data-testid="why-none">{otherwise}</p> })}
            {placed}
            {found}
            {parts}
            {done}
            <ul class="reasons">
                {reasons.into_iter().map(reason).collect_view()}
            </ul>
        </div>
    }
}

/// Less than this is shown as 0.
const SHOWN_MIN: f32 = 0.005;

/// The teacher's parts, with what each adds.
#[component]
fn PartsView(parts: Vec<ScoreTerm>, heading: &'static str) -> impl IntoView {
    let line = |term: ScoreTerm| {
        view! {
            <li>
                <span>{term.part}</span>
                <span class="muted small">{format!("{:+.2}", term.value)}</span>
            </li>
        }
    };
    view! {
        <p>{heading}</p>
        <ul class="shares" data-testid="why-teacher">
            {parts.into_iter().filter(|term| term.value.abs() >= SHOWN_MIN).map(line).collect_view()}
        </ul>
    }
}

/// Where the item would stand without a reason; nothing where that is the same place, or it is
/// not in the feed.
fn without_words(places: &FeedPlaces, reason: ItemId) -> Option<String> {
    let now = places.now?;
    let (_, without) = places.without.iter().find(|(item, _)| *item == reason)?;
    let of_now = format::ordinal(now);
    match without {
        Some(place) if *place == now => None,
        Some(place) => Some(t!("why.without", place = format::ordinal(*place), now = of_now)),
        None => Some(t!("why.without_far", now = of_now)),
    }
}

#[component]
fn ReasonView(reason: ItemReason, without: Option<String>) -> impl IntoView {
    let words = reason.words(format::day);
    let share = t!("why.share", percent = format!("{:.0}", reason.share * 100.0));
    let links = reason.links.iter().map(Link::words).collect::<Vec<_>>().join("; ");
    let links = (!links.is_empty()).then_some(links);
    view! {
        <li class="reason" data-testid="why-reason">
            {picture(&reason.card, PhotoSize::Small)}
            <div>
                <p>{words}</p>
                {without.map(|words| view! { <p class="small" data-testid="why-without">{words}</p> })}
                {links.map(|links| view! { <p class="small" data-testid="why-links">{links}</p> })}
                <p class="muted small">{share}</p>
            </div>
        </li>
    }
}
