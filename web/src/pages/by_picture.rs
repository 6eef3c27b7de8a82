//! A search with a picture of the shopper's, which the device looks at and nobody else.

mod through_camera;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_browser::{Camera, ChosenPicture, PixelFault};
use vitrine_session::{ItemCard, PictureSearchError};
use vitrine_words::shop::{n, t};
use web_sys::{Blob, HtmlInputElement, Url};

use self::through_camera::ThroughCamera;
use crate::{router::Route, state::Shop, tile::TileGrid};

/// Products shown.
const FOUND_MAX: usize = 24;

/// What was searched with last, and what came of it; kept until the tab is closed, so that the way
/// back finds it.
#[derive(Clone, Copy)]
pub struct PictureSearch {
    /// Address of the picture within this browser.
    url: RwSignal<Option<String>>,
    found: RwSignal<Option<Result<Vec<ItemCard>, String>>>,
    is_looking: RwSignal<bool>,
    /// Of the search that counts: an earlier one may be found later.
    number: StoredValue<u32>,
}

impl PictureSearch {
    /// Nothing searched yet.
    pub fn new() -> Self {
        Self {
            url: RwSignal::new(None),
            found: RwSignal::new(None),
            is_looking: RwSignal::new(false),
            number: StoredValue::new(0),
        }
    }

    fn look(self, shop: Shop, file: Blob) {
        let number = self.begin();
        self.url.set(Url::create_object_url_with_blob(&file).ok());
        self.is_looking.set(true);
        spawn_local(async move {
            let found = look(shop, &file).await;
            // Another picture was chosen meanwhile, or this one forgotten.
            if number != self.number.get_value() {
                return;
            }
            if let Ok(cards) = &found {
                shop.announcement.set(n!("by_picture.found", cards.len()));
            }
            self.found.set(Some(found));
            self.is_looking.set(false);
        });
    }

    /// Forgets the picture and what was found.
    pub fn end(self) {
        self.begin();
        self.is_looking.set(false);
    }

    /// Makes room for the search of this number.
    fn begin(self) -> u32 {
        if let Some(earlier) = self.url.get_untracked() {
            // An address that is not given back costs its bytes until the tab is closed.
            let _ = Url::revoke_object_url(&earlier);
        }
        self.url.set(None);
        self.found.set(None);
        self.number.update_value(|number| *number += 1);
        self.number.get_value()
    }
}

async fn look(shop: Shop, file: &Blob) -> Result<Vec<ItemCard>, String> {
    let picture = ChosenPicture::read(file).await.map_err(|fault| match fault {
        PixelFault::TooLarge => t!("by_picture.too_large").to_owned(),
        PixelFault::NotAPicture => t!("by_picture.not_a_picture").to_owned(),
        PixelFault::NoPixels => t!("by_picture.no_pixels").to_owned(),
    })?;
    let view = picture.view().ok_or_else(|| t!("by_picture.not_a_picture").to_owned())?;
    shop.session().search_by_picture(&view, FOUND_MAX).await.map_err(|error| match error {
        PictureSearchError::NotHere => t!("by_picture.coming").to_owned(),
        PictureSearchError::Unusable(_) => t!("by_picture.unusable").to_owned(),
    })
}

/// The page: what it takes, the choice of a picture, what looks like it.
#[component]
pub fn ByPicturePage() -> impl IntoView {
    let shop = Shop::here();
    let state = Memo::new(move |_| {
        let status = shop.status.read();
        (
            status.offers_picture_search,
            status.settings.picture_search,
            status.has_picture_network,
            status.is_complete,
        )
    });
    view! {
        <h1 tabindex="-1">{t!("by_picture.heading")}</h1>
        <p class="lead">{t!("by_picture.lead")}</p>
        {move || match state.get() {
            (false, _, _, true) => view! { <p data-testid="no-picture-search">{t!("by_picture.not_offered")}</p> }.into_any(),
            (false, ..) => view! { <p class="muted" role="status">{t!("by_picture.waiting")}</p> }.into_any(),
            (true, false, ..) => view! { <PictureSearchSwitch/> }.into_any(),
            (true, true, false, _) => {
                view! { <p class="muted" role="status" data-testid="picture-search-coming">{t!("by_picture.coming")}</p> }
                    .into_any()
            }
            (true, true, true, _) => view! { <Choosing/> }.into_any(),
        }}
    }
}

/// The switch on the privacy page, in a shop that offers it.
#[component]
pub fn PictureSearchSetting() -> impl IntoView {
    let shop = Shop::here();
    view! {
        <Show when=move || shop.status.read().offers_picture_search>
            <section class="card" aria-labelledby="picture-search-heading">
                <h2 id="picture-search-heading">{t!("by_picture.heading")}</h2>
                <PictureSearchSwitch/>
            </section>
        </Show>
    }
}

/// Turns searching with pictures on or off; says what it takes.
#[component]
fn PictureSearchSwitch() -> impl IntoView {
    let shop = Shop::here();
    let is_on = move || shop.status.read().settings.picture_search;
    let toggle = move |_| {
        let to = !is_on();
        shop.picture_search.end();
        spawn_local(async move {
            shop.session().set_picture_search(to).await;
            shop.changed();
            let said = if to { t!("by_picture.on") } else { t!("by_picture.off") };
            shop.announcement.set(said.to_owned());
            shop.sync().await;
        });
    };
    view! {
        <p class="muted">{t!("by_picture.takes")}</p>
        <div class="actions">
            <button
                type="button"
                class="button"
                data-testid="picture-search"
                data-on=move || is_on().to_string()
                data-here=move || shop.status.read().has_picture_network.to_string()
                on:click=toggle
            >
                {move || if is_on() { t!("by_picture.stop") } else { t!("by_picture.start") }}
            </button>
        </div>
    }
}

#[component]
fn Choosing() -> impl IntoView {
    let shop = Shop::here();
    let PictureSearch { url, found, is_looking, .. } = shop.picture_search;
    let choose = move |event: web_sys::Event| {
        let input: HtmlInputElement = event_target(&event);
        let file = input.files().and_then(|files| files.get(0));
        if let Some(file) = file {
            shop.picture_search.look(shop, file.into());
        }
        // The same picture may be chosen again.
        input.set_value("");
    };
    let cards = Signal::derive(move || match found.get() {
        Some(Ok(cards)) => cards,
        _ => Vec::new(),
    });
    let failure = move || match found.get() {
        Some(Err(words)) => words,
        Some(Ok(cards)) if cards.is_empty() => t!("by_picture.nothing").to_owned(),
        _ => String::new(),
    };
    view! {
        <div class="actions">
            <label class="button" for="picture-file">{t!("by_picture.choose")}</label>
            <input
                id="picture-file"
                class="visually-hidden"
                type="file"
                accept="image/*"
                data-testid="picture-file"
                on:change=choose
            />
            {Camera::is_possible()
                .then(|| view! { <ThroughCamera taken=move |photo| shop.picture_search.look(shop, photo)/> })}
        </div>
        {move || url.get().map(|url| view! { <img class="searched-with" src=url alt=t!("by_picture.yours")/> })}
        <p class="muted" role="status" hidden=move || !is_looking.get()>{t!("by_picture.looking")}</p>
        <p role="alert" data-testid="picture-failure" hidden=move || failure().is_empty()>{failure}</p>
        <Show when=move || !cards.read().is_empty()>
            <TileGrid cards=cards testid="by-picture" label=t!("by_picture.heading").to_owned()/>
        </Show>
        <p class="muted small">
            <a href=Route::Privacy.href()>{t!("by_picture.settings")}</a>
        </p>
    }
}
