//! The frame around every page of the shop: header, banners, main, footer.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::Query;
use vitrine_session::{Suggestion, SuggestionKind};
use vitrine_words::shop::t;

use crate::{
    checkout,
    consent::ConsentBanner,
    format::skip_words,
    front,
    icons::{BASKET, CAMERA, Icon, Mark, SHIELD, SPEECH},
    language::LanguageSelect,
    motion,
    pages::{
        AssistantPage, BasketPage, ByPicturePage, FeedPage, PrivacyPage, ProductPage, SearchPage,
        WishesPage, search_heading,
    },
    photos::Photos,
    price_list::PriceListSelect,
    router::{Route, restore_scroll},
    search_form::{Completion, SearchForm, Typeahead},
    state::{Filtered, Shop},
    tile::{Currency, HasPrices},
    why::WhyDialog,
};

/// Name shown before the first manifest says how the shop is called.
const NAME_BEFORE_SYNC: &str = "Vitrine";

/// Searches of this device that come before what the catalogue has, once something is typed.
const RECENT_FIRST_MAX: usize = 2;

/// The shop.
#[component]
pub fn App(shop: Shop) -> impl IntoView {
    provide_context(shop);
    provide_context(Currency(Signal::derive(move || shop.currency())));
    provide_context(HasPrices(Signal::derive(move || shop.status.read().has_prices)));
    let arrived = Signal::derive(move || shop.progress.get().map_or(0, |all| all.bytes_done));
    provide_context(Photos::new(shop.session(), arrived));
    on_navigation(shop);
    view! {
        <a class="skip" href="#main" on:click=skip_to_main>{skip_words()}</a>
        <Header/>
        <ConsentBanner/>
        <Banners/>
        <main id="main" tabindex="-1">
            {move || match shop.route.get() {
                Route::Feed => view! { <FeedPage/> }.into_any(),
                Route::Search(query) => view! { <SearchPage query=query/> }.into_any(),
                Route::Item(id) => view! { <ProductPage id=id/> }.into_any(),
                Route::Basket => view! { <BasketPage/> }.into_any(),
                Route::Wishes => view! { <WishesPage/> }.into_any(),
                Route::Assistant => view! { <AssistantPage/> }.into_any(),
                Route::ByPicture => view! { <ByPicturePage/> }.into_any(),
                Route::Privacy => view! { <PrivacyPage/> }.into_any(),
                Route::Unknown => view! { <NotFound/> }.into_any(),
            }}
        </main>
        <footer class="foot">
            <div class="foot-row">
                <p>{t!("frame.motto")}</p>
                <PriceListSelect/>
                <LanguageSelect/>
                <p>
                    {checkout::template().is_none().then(|| t!("frame.demo"))}
                    <a href=Route::Wishes.href()>{t!("frame.wishes")}</a>
                    " · "
                    <a href=Route::Privacy.href()>{t!("frame.privacy")}</a>
                </p>
            </div>
        </footer>
        <WhyDialog
            why=shop.why
            more=Some((t!("frame.more"), Route::Privacy.href()))
        />
        <p class="visually-hidden" role="status" data-testid="announcement">
            {move || shop.announcement.get()}
        </p>
    }
}

/// Title, focus and scroll follow the route; the first page keeps the focus
/// where the browser put it.
fn on_navigation(shop: Shop) {
    let title = Memo::new(move |_| {
        let name = shop.status.read().shop.clone();
        let name = if name.is_empty() { NAME_BEFORE_SYNC.to_owned() } else { name };
        let page = match shop.route.get() {
            Route::Feed => return name,
            Route::Search(query) => search_heading(&query),
            Route::Item(id) => {
                shop.revision.track();
                match shop.session().item(id) {
                    Some(card) => card.title,
                    // The page that the server drew has said it.
                    None if front::arrived(&Route::Item(id)).is_some() => {
                        return document().title();
                    }
                    None => t!("frame.product").to_owned(),
                }
            }
            Route::Basket => t!("frame.basket").to_owned(),
            Route::Wishes => t!("frame.wishes").to_owned(),
            Route::Assistant => t!("assistant.heading").to_owned(),
            Route::ByPicture => t!("by_picture.heading").to_owned(),
            Route::Privacy => t!("frame.privacy").to_owned(),
            Route::Unknown => t!("frame.not_found").to_owned(),
        };
        format!("{page} · {name}")
    });
    Effect::new(move || document().set_title(&title.read()));
    Effect::new(move |earlier: Option<()>| {
        shop.route.track();
        if earlier.is_some() {
            shop.why.set(None);
            shop.take_up_pending();
            request_animation_frame(restore_scroll);
            if !matches!(*shop.route.read_untracked(), Route::Search(_)) {
                shop.filtering.set_value(Filtered::default());
            }
            if shop.filtering.with_value(|filtering| filtering.changed.is_none()) {
                motion::focus_heading();
            }
        }
    });
}

/// The fragment holds the route, so the link moves the focus by hand.
fn skip_to_main(event: web_sys::MouseEvent) {
    event.prevent_default();
    motion::focus_main();
}

#[component]
fn Header() -> impl IntoView {
    let shop = Shop::here();
    let n = Memo::new(move |_| shop.n_pieces());
    let current = move |route: Route| move || (shop.route.get() == route).then_some("page");
    let name = move || {
        let name = shop.status.read().shop.clone();
        if name.is_empty() { NAME_BEFORE_SYNC.to_owned() } else { name }
    };
    view! {
        <header class="top">
            <div class="top-row">
                <a class="brand" href=Route::Feed.href()>
                    <Mark/>
                    <span>{name}</span>
                </a>
                <div class="find">
                    <SearchBox/>
                    <Show when=move || shop.status.read().offers_picture_search>
                        <a
                            class="by-picture"
                            href=Route::ByPicture.href()
                            aria-label=t!("by_picture.heading")
                            title=t!("by_picture.heading")
                            aria-current=current(Route::ByPicture)
                            data-testid="nav-picture"
                        >
                            <Icon shapes=CAMERA/>
                        </a>
                    </Show>
                </div>
                <nav aria-label=t!("frame.nav")>
                    <ul>
                        <li>
                            <a
                                href=Route::Assistant.href()
                                aria-current=current(Route::Assistant)
                                data-testid="nav-assistant"
                            >
                                <Icon shapes=SPEECH/>
                                <span class="label">{t!("assistant.nav")}</span>
                            </a>
                        </li>
                        <li>
                            <a
                                href=Route::Privacy.href()
                                aria-current=current(Route::Privacy)
                                data-testid="nav-privacy"
                            >
                                <Icon shapes=SHIELD/>
                                <span class="label">{t!("frame.nav_privacy")}</span>
                            </a>
                        </li>
                        <li>
                            <a
                                href=Route::Basket.href()
                                aria-current=current(Route::Basket)
                                data-testid="nav-basket"
                            >
                                <Icon shapes=BASKET/>
                                <span class="label">{t!("frame.basket")}</span>
                                <Show when=move || { n.get() > 0 }>
                                    <span class="count" data-testid="basket-count">{n}</span>
                                </Show>
                            </a>
                        </li>
                    </ul>
                </nav>
            </div>
        </header>
    }
}

#[component]
fn SearchBox() -> impl IntoView {
    let shop = Shop::here();
    let text = move || match shop.route.get() {
        Route::Search(query) => query.text,
        _ => String::new(),
    };
    let go = move |query: Query| {
        let text = query.text.clone();
        spawn_local(async move { shop.session().note_search(&text).await });
        Route::Search(query).go();
    };
    let search = move |text: String| {
        if shop.session().is_question(&text) {
            shop.conversation.say(shop, text);
            Route::Assistant.go();
        } else {
            go(Query { text, ..Query::default() });
        }
    };
    let choose = move |suggestion: Suggestion| match (suggestion.query(), suggestion.item) {
        (Some(query), _) => go(query),
        (None, Some(item)) => Route::Item(item).go(),
        (None, None) => {}
    };
    let forget = move |text: String| {
        spawn_local(async move { shop.session().forget_search(&text).await });
    };
    let typeahead = Typeahead {
        suggest: Callback::new(move |(text, limit): (String, usize)| {
            completions(shop, &text, limit)
        }),
        choose: Callback::new(choose),
        forget: Callback::new(forget),
        more: shop.vocabulary.into(),
    };
    view! {
        <SearchForm
            id="search"
            label=t!("frame.search")
            testid="search-box"
            text=Signal::derive(text)
            search=Callback::new(search)
            typeahead=typeahead
        />
    }
}

/// What this device searched for before, then what the catalogue has.
fn completions(shop: Shop, text: &str, limit: usize) -> Vec<Completion> {
    let session = shop.session();
    let n_recent = if text.trim().is_empty() { limit } else { RECENT_FIRST_MAX.min(limit) };
    let recent = session.recent_searches(text).into_iter().take(n_recent).map(|text| {
        let suggestion = Suggestion { text, ..Suggestion::default() };
        Completion { suggestion, is_recent: true, card: None }
    });
    let mut all: Vec<Completion> = recent.collect();
    if !session.can_suggest() {
        // The list is made anew once there are more.
        spawn_local(shop.prepare_suggestions());
        return all;
    }
    for suggestion in session.suggest(text, limit) {
        let is_words = suggestion.kind == SuggestionKind::Query;
        let is_said =
            |other: &Completion| other.suggestion.text.eq_ignore_ascii_case(&suggestion.text);
        if all.len() < limit && !(is_words && all.iter().any(is_said)) {
            let card = suggestion.item.and_then(|id| session.item(id));
            all.push(Completion { suggestion, is_recent: false, card });
        }
    }
    all
}

/// What the shopper should know about the state of things.
#[component]
fn Banners() -> impl IntoView {
    let shop = Shop::here();
    let full = move || shop.status.read().storage_error.clone().map(|error| error.words());
    view! {
        <div aria-live="polite">
            <Banner
                testid="offline-banner"
                shown=Signal::derive(move || shop.is_offline())
                words=t!("banner.offline")
                action=t!("banner.again")
                act=Callback::new(move |()| leptos::task::spawn_local(shop.sync()))
            />
            <Banner
                testid="reload-banner"
                shown=Signal::derive(move || shop.status.read().needs_reload)
                words=t!("banner.updated")
                action=t!("banner.reload")
                act=Callback::new(move |()| drop(window().location().reload()))
            />
            <Banner
                testid="pending-banner"
                shown=Signal::derive(move || shop.status.read().pending.is_some())
                words=t!("banner.pending")
                action=t!("banner.take_up")
                act=Callback::new(move |()| shop.take_up_pending())
            />
            {move || {
                full()
                    .map(|error| {
                        view! {
                            <div class="banner" data-testid="storage-banner">
                                {t!("banner.storage", error = error)}
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// What to know of the shop as a whole, and what to do about it.
#[component]
fn Banner(
    testid: &'static str,
    shown: Signal<bool>,
    words: &'static str,
    action: &'static str,
    act: Callback<()>,
) -> impl IntoView {
    view! {
        <Show when=move || shown.get()>
            <div class="banner" data-testid=testid>
                <span>{words}</span>
                <button type="button" class="link-button" on:click=move |_| act.run(())>
                    {action}
                </button>
            </div>
        </Show>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    view! {
        <h1 tabindex="-1">{t!("unknown.heading")}</h1>
        <div class="empty">
            <p class="muted">{t!("unknown.why")}</p>
            <a class="button primary" href=Route::Feed.href()>{t!("unknown.back")}</a>
        </div>
    }
}
