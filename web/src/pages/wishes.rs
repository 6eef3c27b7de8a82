//! The wish list, the heart that fills it, and the line on the front page that says what has
//! become cheaper.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::ItemId;
use vitrine_session::WishedCard;
use vitrine_words::shop::{n, t};

use crate::{
    icons::{HEART, Icon},
    router::Route,
    state::Shop,
    tile::{TileGrid, money},
};

/// The wish list as it is now.
fn wishes(shop: Shop) -> Memo<Vec<WishedCard>> {
    Memo::new(move |_| {
        shop.revision.track();
        shop.session().wishes()
    })
}

fn n_cheaper(wishes: &[WishedCard]) -> usize {
    wishes.iter().filter(|wish| wish.cheaper_by_minor.is_some()).count()
}

/// The wish list.
#[component]
pub fn WishesPage() -> impl IntoView {
    let shop = Shop::here();
    let wishes = wishes(shop);
    let cards =
        Memo::new(move |_| wishes.read().iter().map(|wish| wish.card.clone()).collect::<Vec<_>>());
    let cheaper = move || {
        let cheaper = |wish: WishedCard| {
            let less = money(wish.cheaper_by_minor?.into());
            let title = wish.card.title;
            Some(view! {
                <li data-testid="wish-cheaper">
                    <a href=Route::Item(wish.card.id).href()>{title}</a>
                    <span>{t!("wishes.cheaper", less = less)}</span>
                </li>
            })
        };
        wishes.get().into_iter().filter_map(cheaper).collect_view()
    };
    view! {
        <h1 tabindex="-1">{t!("frame.wishes")}</h1>
        <Show
            when=move || !wishes.read().is_empty()
            fallback=|| {
                view! {
                    <div class="empty" data-testid="no-wishes">
                        <p class="muted">{t!("wishes.empty")}</p>
                        <a class="button primary" href=Route::Feed.href()>{t!("look_around")}</a>
                    </div>
                }
            }
        >
            <p class="muted">
                {t!("wishes.note")}
            </p>
            <ul class="unwanted">{cheaper}</ul>
            <TileGrid cards=cards testid="wishes" label=t!("frame.wishes").to_owned()/>
        </Show>
    }
}

/// How many wishes are cheaper; nothing when none is.
#[component]
pub fn WishNews() -> impl IntoView {
    let shop = Shop::here();
    let wishes = wishes(shop);
    let words = move || n!("wishes.news", n_cheaper(&wishes.read()));
    view! {
        <Show when=move || { n_cheaper(&wishes.read()) > 0 }>
            <p data-testid="wish-news">
                <a href=Route::Wishes.href()>{words}</a>
            </p>
        </Show>
    }
}

/// Puts a card on the wish list, or takes it off.
#[component]
pub fn WishButton(id: ItemId, title: String) -> impl IntoView {
    let shop = Shop::here();
    let is_wished = Memo::new(move |_| {
        shop.revision.track();
        shop.session().is_wished(id)
    });
    let label = t!("wishes.wish", title = title);
    let toggle = move |_| {
        let is_wished = is_wished.get_untracked();
        let title = title.clone();
        spawn_local(async move {
            let session = shop.session();
            let said = if is_wished {
                session.wish_no_more(id).await;
                t!("wishes.off", title = title)
            } else {
                session.wish(id).await;
                t!("wishes.on", title = title)
            };
            shop.announcement.set(said);
            shop.changed();
        });
    };
    view! {
        <button
            type="button"
            class="round wish"
            class:wished=move || is_wished.get()
            data-testid="wish"
            aria-label=label
            aria-pressed=move || is_wished.get().to_string()
            on:click=toggle
        >
            <Icon shapes=HEART/>
        </button>
    }
}
