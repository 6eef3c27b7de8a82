//! What the camera sees, until a photo is taken or the shopper turns it off.

use leptos::html::Video;
use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_browser::{Camera, CameraFault};
use vitrine_words::shop::t;
use web_sys::Blob;

/// The button that turns the camera on, and what it sees. Nothing is drawn where pages cannot ask
/// for one.
#[component]
pub fn ThroughCamera(#[prop(into)] taken: Callback<Blob>) -> impl IntoView {
    // Dropped, and with it off, when the page is left.
    let camera = StoredValue::new_local(None::<Camera>);
    let is_on = RwSignal::new(false);
    let failure = RwSignal::new(None::<&'static str>);
    let video = NodeRef::<Video>::new();
    let is_here = StoredValue::new(());
    let turn_on = move |_| {
        failure.set(None);
        spawn_local(async move {
            let opened = Camera::open().await;
            // The page may have been left meanwhile.
            if is_here.try_get_value().is_none() {
                return;
            }
            match opened {
                Ok(opened) => {
                    camera.set_value(Some(opened));
                    is_on.set(true);
                }
                Err(CameraFault::Refused) => failure.set(Some(t!("by_picture.camera_refused"))),
                Err(CameraFault::NoCamera) => failure.set(Some(t!("by_picture.no_camera"))),
            }
        });
    };
    let turn_off = move || {
        is_on.set(false);
        camera.set_value(None);
    };
    let take = move |_| {
        spawn_local(async move {
            let Some(video) = video.get_untracked() else { return };
            let photo = Camera::take(&video).await;
            if let (Some(photo), Some(())) = (photo, is_here.try_get_value()) {
                turn_off();
                taken.run(photo);
            }
        });
    };
    Effect::new(move |_| {
        if let Some(video) = video.get() {
            camera.with_value(|camera| camera.iter().for_each(|camera| camera.show(&video)));
        }
    });
    view! {
        <Show when=move || !is_on.get()>
            <button type="button" class="button" data-testid="picture-camera" on:click=turn_on>
                {t!("by_picture.camera")}
            </button>
        </Show>
        <Show when=move || is_on.get()>
            <div class="camera">
                <video node_ref=video class="searched-with" muted playsinline aria-label=t!("by_picture.seen")></video>
                <div class="actions">
                    <button type="button" class="button primary" data-testid="picture-take" on:click=take>
                        {t!("by_picture.take")}
                    </button>
                    <button type="button" class="button" on:click=move |_| turn_off()>
                        {t!("by_picture.camera_off")}
                    </button>
                </div>
            </div>
        </Show>
        <p role="alert" data-testid="camera-failure" hidden=move || failure.get().is_none()>{move || failure.get()}</p>
    }
}
