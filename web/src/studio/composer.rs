//! Composing: find a product, say what the persona did with it, and when.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::EventKind;
use vitrine_session::{ItemCard, PhotoSize};
use vitrine_words::studio::t;

use super::events::did;
use super::failure::{Asked, FailureNotice};
use super::shopper::Ago;
use super::state::{SERVER_PLACES_MAX, Studio};
use crate::{
    format::search_words,
    search_form::SearchForm,
    tile::{detail, picture},
};

/// Products offered for one text.
const N_OFFERED: u32 = 6;
/// Products of a ready-made persona.
const N_OF_DEPARTMENT: usize = 3;

/// What can be done, in the order of a visit.
const KINDS: [EventKind; 3] = [EventKind::ViewItem, EventKind::AddToCart, EventKind::Purchase];

/// What is added next.
#[derive(Clone, Copy)]
struct Deed {
    kind: RwSignal<EventKind>,
    ago: RwSignal<Ago>,
}

impl Deed {
    /// What is chosen now; `None` when the form is gone.
    fn chosen(self) -> Option<(EventKind, Ago)> {
        Some((self.kind.try_get_untracked()?, self.ago.try_get_untracked()?))
    }

    fn add(self, studio: Studio, cards: &[ItemCard]) {
        let Some((kind, ago)) = self.chosen() else { return };
        studio.change(|shopper| {
            for card in cards {
                shopper.did(kind, card.id, ago, Studio::clock_ms());
            }
        });
        let titles: Vec<&str> = cards.iter().map(|card| card.title.as_str()).collect();
        studio.announcement.set(t!(
            "compose.said",
            did = did(kind),
            titles = titles.join(", "),
            ago = ago.name()
        ));
    }
}

/// The form.
#[component]
pub fn Composer() -> impl IntoView {
    let studio = Studio::here();
    let deed = Deed { kind: RwSignal::new(EventKind::ViewItem), ago: RwSignal::new(Ago::Now) };
    let found = RwSignal::new(Asked::<Vec<ItemCard>>::Not);
    let find = move |text: String| {
        found.set(Asked::Asking);
        spawn_local(async move {
            let answer = studio.find(text, N_OFFERED).await;
            found.try_set(Asked::of(answer));
        });
    };
    let kinds = KINDS.map(|kind| (kind, did(kind)));
    let times = Ago::ALL.map(|ago| (ago, ago.name()));
    view! {
        <div class="composer" role="group" aria-label=t!("compose.label")>
            <div class="deed">
                <Choice id="kind" label=t!("compose.they") options=kinds.to_vec() chosen=deed.kind/>
                <Choice id="ago" label=t!("compose.when") options=times.to_vec() chosen=deed.ago/>
            </div>
            <SearchForm
                id="product"
                label=t!("compose.find")
                testid="product"
                text=Signal::derive(String::new)
                search=Callback::new(find)
            />
            <Offered found=found deed=deed/>
            <Department deed=deed/>
        </div>
    }
}

/// One of several, by place.
#[component]
fn Choice<T: Copy + PartialEq + Send + Sync + 'static>(
    id: &'static str,
    label: &'static str,
    options: Vec<(T, &'static str)>,
    chosen: RwSignal<T>,
) -> impl IntoView {
    let values: Vec<T> = options.iter().map(|(value, _)| *value).collect();
    let choose = move |event: web_sys::Event| {
        let place: Option<usize> = event_target_value(&event).parse().ok();
        if let Some(value) = place.and_then(|place| values.get(place)) {
            chosen.set(*value);
        }
    };
    let option = |(place, (_, name)): (usize, &(T, &'static str))| {
        view! { <option value=place.to_string()>{*name}</option> }
    };
    view! {
        <div>
            <label class="field-label" for=id>{label}</label>
            <select id=id class="field" data-testid=id on:change=choose>
                {options.iter().enumerate().map(option).collect_view()}
            </select>
        </div>
    }
}

/// The products found, each with a button that adds it.
#[component]
fn Offered(found: RwSignal<Asked<Vec<ItemCard>>>, deed: Deed) -> impl IntoView {
    move || match found.get() {
        Asked::Not => ().into_any(),
        Asked::Asking => {
            view! { <p class="muted small" role="status">{search_words(true)}</p> }.into_any()
        }
        Asked::Failed(failure) => view! { <FailureNotice failure=failure/> }.into_any(),
        Asked::Answered(cards) if cards.is_empty() => {
            let words = t!("compose.nothing");
            view! { <p class="muted small" role="status">{words}</p> }.into_any()
        }
        Asked::Answered(cards) => {
            let offers = cards.into_iter().map(|card| view! { <Offer card=card deed=deed/> });
            view! {
                <ul class="offers" aria-label=t!("compose.found") data-testid="offers">
                    {offers.collect_view()}
                </ul>
            }
            .into_any()
        }
    }
}

#[component]
fn Offer(card: ItemCard, deed: Deed) -> impl IntoView {
    let studio = Studio::here();
    let title = card.title.clone();
    let label = move || {
        let (did, ago) = (did(deed.kind.get()), deed.ago.get().name());
        t!("compose.add_of", did = did, title = title, ago = ago)
    };
    let added = card.clone();
    view! {
        <li class="event" data-testid="offer" data-item=card.id.to_string()>
            {picture(&card, PhotoSize::Small)}
            <div>
                <p class="ranked-title">{card.title.clone()}</p>
                <p class="tile-detail">{detail(&card)}</p>
            </div>
            <button
                type="button"
                class="button add-event"
                aria-label=label
                data-testid="add-event"
                on:click=move |_| deed.add(studio, std::slice::from_ref(&added))
            >
                {t!("compose.add")}
            </button>
        </li>
    }
}

/// A ready-made persona: the same deed with the most bought of a department.
#[component]
fn Department(deed: Deed) -> impl IntoView {
    let studio = Studio::here();
    let chosen = RwSignal::new(String::new());
    let add = move |_| {
        let department = chosen.get_untracked();
        spawn_local(async move {
            let popular = studio.session().feed(SERVER_PLACES_MAX).await;
            let cards = popular.tiles.into_iter().map(|tile| tile.card);
            let of_it = cards.filter(|card| card.department == department);
            let first: Vec<ItemCard> = of_it.take(N_OF_DEPARTMENT).collect();
            deed.add(studio, &first);
        });
    };
    let options = move || {
        let name = |name: String| view! { <option value=name.clone()>{name.clone()}</option> };
        studio.departments.get().into_iter().map(|facet| name(facet.name)).collect_view()
    };
    view! {
        <div>
            <label class="field-label" for="department">
                {t!("compose.department", n = N_OF_DEPARTMENT)}
            </label>
            <div class="draw-row">
                <select
                    id="department"
                    class="field"
                    data-testid="department"
                    on:change=move |event| chosen.set(event_target_value(&event))
                >
                    <option value="">{t!("compose.choose")}</option>
                    {options}
                </select>
                <button
                    type="button"
                    class="button"
                    data-testid="add-department"
                    disabled=move || chosen.read().is_empty()
                    on:click=add
                >
                    {t!("compose.add")}
                </button>
            </div>
        </div>
    }
}
