//! The frame around the Studio's views: header, the persona beside them, dialog.

use std::time::Duration;

use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_words::studio::t;

use super::feed::FeedView;
use super::language::StudioLanguage;
use super::listings::ListingsView;
use super::persona::PersonaPanel;
use super::reports::ReportsView;
use super::route::View;
use super::search::SearchView;
use super::state::Studio;
use super::training::TrainingView;
use crate::{
    format::skip_words, icons::Mark, motion, photos::Photos, tile::Currency, why::WhyDialog,
};

/// How often an open Studio asks whether there is a newer catalogue or model.
const SYNC_INTERVAL: Duration = Duration::from_secs(60);

/// The Studio, once it is open.
#[component]
pub fn Frame(studio: Studio, lock: Callback<()>) -> impl IntoView {
    provide_context(studio);
    provide_context(Currency(Signal::derive(move || studio.status.read().currency.clone())));
    let arrived = Signal::derive(move || studio.progress.get().map_or(0, |all| all.bytes_done));
    provide_context(Photos::new(studio.session(), arrived));
    let again = set_interval_with_handle(move || spawn_local(studio.sync()), SYNC_INTERVAL);
    on_cleanup(move || drop(again.map(|handle: IntervalHandle| handle.clear())));
    on_navigation(studio);
    let whole =
        move || matches!(studio.view.get(), View::Reports | View::Listings | View::Training);
    view! {
        <a class="skip" href="#main" on:click=skip_to_main>{skip_words()}</a>
        <Header lock=lock/>
        <main id="main" tabindex="-1" class="studio">
            <Show when=move || !whole()>
                <PersonaPanel/>
            </Show>
            <div class="studio-view" class:whole=whole>
                {move || match studio.view.get() {
                    View::Feed => view! { <FeedView/> }.into_any(),
                    View::Search => view! { <SearchView/> }.into_any(),
                    View::Reports => view! { <ReportsView/> }.into_any(),
                    View::Listings => view! { <ListingsView/> }.into_any(),
                    View::Training => view! { <TrainingView/> }.into_any(),
                }}
            </div>
        </main>
        <WhyDialog why=studio.why/>
        <p class="visually-hidden" role="status">{move || studio.announcement.get()}</p>
    }
}

/// Title and focus follow the view.
fn on_navigation(studio: Studio) {
    Effect::new(move |earlier: Option<()>| {
        let view = studio.view.get();
        document().set_title(&format!("{} · {}", view.name(), t!("frame.studio")));
        if earlier.is_some() {
            studio.why.set(None);
            request_animation_frame(crate::router::restore_scroll);
            motion::focus_heading();
        }
    });
}

/// The fragment holds the view, so the link moves the focus by hand.
fn skip_to_main(event: web_sys::MouseEvent) {
    event.prevent_default();
    motion::focus_main();
}

#[component]
fn Header(lock: Callback<()>) -> impl IntoView {
    let studio = Studio::here();
    let link = move |view: View| {
        view! {
            <li>
                <a
                    href=view.href()
                    aria-current=move || (studio.view.get() == view).then_some("page")
                    data-testid=format!("nav-{}", view.code())
                >
                    {view.name()}
                </a>
            </li>
        }
    };
    view! {
        <header class="top">
            <div class="top-row studio-top">
                <a class="brand" href=View::Feed.href()>
                    <Mark/>
                    <span>{t!("frame.studio")}</span>
                </a>
                <nav aria-label=t!("frame.studio")>
                    <ul>{View::ALL.map(link).collect_view()}</ul>
                </nav>
                <div class="studio-out">
                    <StudioLanguage/>
                    <a class="link-button" href="/">{t!("frame.shop")}</a>
                    <button
                        type="button"
                        class="link-button"
                        data-testid="lock"
                        on:click=move |_| lock.run(())
                    >
                        {t!("frame.forget")}
                    </button>
                </div>
            </div>
        </header>
    }
}
