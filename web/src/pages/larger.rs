//! Pictures of a product's page: those on the device, and a larger one from the server at the
//! shopper's word, or by itself where the shop's mode is open.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::PictureMode;
use vitrine_session::{ItemCard, PhotoSize, PictureAsker, SessionError};
use vitrine_words::shop::t;

use crate::{
    photos::{LargerPhoto, Photos},
    state::Shop,
    tile::{photo, picture},
};

/// All pictures of the card, the chosen one large; below them how to see it larger.
pub fn gallery(card: &ItemCard) -> AnyView {
    let ids = card.photos.clone();
    let Some(&main) = ids.first() else { return picture(card, PhotoSize::Large) };
    let shown = RwSignal::new(main);
    let larger = RwSignal::new(None::<LargerPhoto>);
    let placeholder = StoredValue::new(card.placeholder.clone());
    let large = move || {
        let url =
            larger.read().as_ref().filter(|photo| photo.id == shown.get()).map(LargerPhoto::url);
        if let Some(url) = url {
            return view! {
                <div class="picture photo" data-testid="larger"><img src=url alt=""/></div>
            }
            .into_any();
        }
        // The placeholder is that of the main picture.
        let placeholder = if shown.get() == main { placeholder.get_value() } else { Vec::new() };
        photo(shown.get(), &placeholder, PhotoSize::Large).into_any()
    };
    let count = ids.len();
    let small = move |(place, id): (usize, u32)| {
        view! {
            <button
                type="button"
                aria-label=t!("picture.nth", n = place + 1, all = count)
                aria-pressed=move || (shown.get() == id).to_string()
                on:click=move |_| shown.set(id)
            >
                {photo(id, &[], PhotoSize::Small)}
            </button>
        }
    };
    let row = (count > 1).then(|| {
        view! { <div class="gallery-row">{ids.into_iter().enumerate().map(small).collect_view()}</div> }
    });
    view! {
        <div class="gallery" data-testid=(count > 1).then_some("gallery")>
            {large} {row} <Larger shown=shown larger=larger/>
        </div>
    }
    .into_any()
}

/// The button for a larger picture, or what the page says where it needs none.
#[component]
fn Larger(shown: RwSignal<u32>, larger: RwSignal<Option<LargerPhoto>>) -> impl IntoView {
    let shop = Shop::here();
    let photos: Photos = expect_context();
    let failure = RwSignal::new(None::<&'static str>);
    let is_asked = RwSignal::new(false);
    let ask = move |asker: PictureAsker| {
        let id = shown.get_untracked();
        is_asked.set(true);
        spawn_local(async move {
            let got = shop.session().larger_picture(id, asker).await;
            // The page may be gone by now.
            is_asked.try_set(false);
            failure.try_set(got.as_ref().err().map(why));
            let photo = got.ok().flatten().and_then(|webp| LargerPhoto::new(id, &webp));
            if photo.is_some() {
                larger.try_set(photo);
            }
            shop.status.set(shop.session().status());
        });
    };
    // Its thumbnail names the picture.
    let is_here = move || photos.url(shown.get(), PhotoSize::Small).is_some();
    let is_open = shop.status.read_untracked().picture_mode == PictureMode::Open;
    if is_open {
        let ready = Memo::new(move |_| is_here().then(|| shown.get()));
        Effect::new(move || {
            if ready.get().is_some() {
                ask(PictureAsker::Page);
            }
        });
    }
    let has_larger =
        Memo::new(move |_| larger.read().as_ref().is_some_and(|photo| photo.id == shown.get()));
    let text = match is_open {
        true => t!("picture.open_mode"),
        false => t!("picture.private_mode"),
    };
    view! {
        <div class="larger" hidden=move || has_larger.get() && !is_open>
            {(!is_open)
                .then(|| {
                    view! {
                        <button
                            type="button"
                            class="button"
                            data-testid="show-larger"
                            aria-describedby="larger-tells"
                            disabled=move || is_asked.get() || !is_here()
                            on:click=move |_| ask(PictureAsker::Shopper)
                        >
                            {t!("picture.show")}
                        </button>
                    }
                })}
            <p class="muted small" id="larger-tells">{text}</p>
            <p class="small" role="status">{failure}</p>
        </div>
    }
}

fn why(error: &SessionError) -> &'static str {
    match error {
        SessionError::Status { status: 404, .. } => t!("picture.none"),
        _ => t!("picture.failed"),
    }
}
