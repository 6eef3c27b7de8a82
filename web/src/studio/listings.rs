//! Products whose texts are poor: what they lack, one of them open at a time, and what was
//! published here.

mod claims;
mod editor;
mod edits;
mod facts;
mod words;
mod writing;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::ItemId;
use vitrine_studio_api::{PoorListing, PoorListings};
use vitrine_words::studio::{n, t};

use self::editor::Editor;
use self::edits::EditList;
use self::words::need_words;
use super::failure::{Asked, FailureNotice};
use super::state::Studio;
use crate::format;
use crate::motion;

/// Listings of a page.
const PAGE_LISTINGS: usize = 20;

/// What the parts of the view share.
#[derive(Clone, Copy)]
pub(super) struct ListingState {
    page: RwSignal<Asked<PoorListings>>,
    offset: RwSignal<usize>,
    open: RwSignal<Option<ItemId>>,
    /// Counts what was published and taken back, so that the list of edits is asked for anew.
    pub changes: RwSignal<u32>,
}

impl ListingState {
    fn ask(self, studio: Studio) {
        let offset = self.offset.get_untracked();
        self.page.set(Asked::Asking);
        self.open.set(None);
        spawn_local(async move {
            let answer = studio.client().listings(offset, PAGE_LISTINGS).await;
            // The view may be gone by now, or another page be wanted.
            if self.offset.try_get_untracked() == Some(offset) {
                self.page.try_set(Asked::of(answer));
            }
        });
    }

    fn turn_to(self, studio: Studio, offset: usize) {
        self.offset.set(offset);
        self.ask(studio);
        motion::focus_heading();
    }
}

/// The view.
#[component]
pub fn ListingsView() -> impl IntoView {
    let studio = Studio::here();
    let state = ListingState {
        page: RwSignal::new(Asked::Not),
        offset: RwSignal::new(0),
        open: RwSignal::new(None),
        changes: RwSignal::new(0),
    };
    provide_context(state);
    state.ask(studio);
    let shown = move || match state.page.get() {
        Asked::Not | Asked::Asking => {
            view! { <p class="muted" role="status">{t!("listings.asking")}</p> }.into_any()
        }
        Asked::Failed(failure) => view! {
            <FailureNotice failure=failure/>
            <button type="button" class="button" on:click=move |_| state.ask(studio)>
                {t!("listings.again")}
            </button>
        }
        .into_any(),
        Asked::Answered(page) if page.n_total == 0 => {
            view! { <p class="notice">{t!("listings.none")}</p> }.into_any()
        }
        Asked::Answered(page) => view! { <Page page=page/> }.into_any(),
    };
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">{t!("frame.listings")}</h1>
                <p>{t!("listings.lead")}</p>
            </div>
        </div>
        {shown}
        <EditList/>
    }
}

#[component]
fn Page(page: PoorListings) -> impl IntoView {
    let n_total = page.n_total;
    let is_mended = page.listings.is_empty();
    let rows = page.listings.into_iter().map(|listing| view! { <Listing listing=listing/> });
    view! {
        <p data-testid="listings-total">{n!("listings.total", n_total)}</p>
        <Show when=move || is_mended>
            <p class="muted">{t!("listings.mended")}</p>
        </Show>
        <ul class="listings" aria-label=t!("listings.list") data-testid="listings">
            {rows.collect_view()}
        </ul>
        <Pages n_total=n_total/>
    }
}

/// Before and further.
#[component]
fn Pages(n_total: usize) -> impl IntoView {
    let studio = Studio::here();
    let state = expect_context::<ListingState>();
    let offset = state.offset.get_untracked();
    let to = (offset + PAGE_LISTINGS).min(n_total);
    view! {
        <nav class="listing-pages" aria-label=t!("listings.pages")>
            <button
                type="button"
                class="button"
                disabled=offset == 0
                on:click=move |_| state.turn_to(studio, offset.saturating_sub(PAGE_LISTINGS))
            >
                {t!("listings.earlier")}
            </button>
            <span class="muted">{t!("listings.range", from = offset + 1, to = to)}</span>
            <button
                type="button"
                class="button"
                disabled={to >= n_total}
                data-testid="listings-further"
                on:click=move |_| state.turn_to(studio, offset + PAGE_LISTINGS)
            >
                {t!("listings.later")}
            </button>
        </nav>
    }
}

/// A row of the list, with the editor below it while it is open.
#[component]
fn Listing(listing: PoorListing) -> impl IntoView {
    let state = expect_context::<ListingState>();
    let item = listing.item;
    let is_open = move || state.open.get() == Some(item);
    let toggle = move |_| {
        state.open.update(|open| *open = (*open != Some(item)).then_some(item));
    };
    let title = match listing.present.title.text.trim() {
        "" => t!("listings.no_text").to_owned(),
        title => title.to_owned(),
    };
    let editor = format!("editor-{}", item.0);
    let id = editor.clone();
    let mut about = vec![n!("listings.buyers", listing.n_buyers)];
    if !listing.category.is_empty() {
        about.insert(0, listing.category.clone());
    }
    if listing.n_variants > 1 {
        about.push(n!("listings.variants", listing.n_variants));
    }
    let needs = listing.needs.iter().map(|need| view! { <li>{need_words(need)}</li> });
    let needs = needs.collect_view();
    let opened = move || {
        let (listing, id) = (listing.clone(), id.clone());
        is_open().then(|| view! { <div id=id><Editor listing=listing/></div> })
    };
    view! {
        <li class="listing" data-testid="listing" data-item=item.0.to_string()>
            <button
                type="button"
                class="listing-title"
                aria-expanded=move || is_open().to_string()
                aria-controls=editor
                data-testid="open-listing"
                on:click=toggle
            >
                {title}
            </button>
            <p class="muted small">{about.join(" · ")}</p>
            <ul class="needs" aria-label=t!("lacks.label")>{needs}</ul>
            {opened}
        </li>
    }
}

/// The day of a moment in seconds.
pub(super) fn day_of(at_seconds: i64) -> String {
    format::day(at_seconds.saturating_mul(1_000))
}
