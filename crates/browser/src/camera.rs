//! The camera of the device, while a shopper looks through it.

use futures_channel::oneshot;
use js_sys::{Object, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, CanvasRenderingContext2d, DomException, HtmlCanvasElement, HtmlVideoElement, MediaStream,
    MediaStreamConstraints, MediaStreamTrack,
};

/// Why nothing is seen through a camera.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CameraFault {
    /// The shopper, the browser or the page's host does not allow it.
    Refused,
    /// There is none that can be used, or the page has no way to one.
    NoCamera,
}

/// A camera that is on; it goes off with this.
#[derive(Debug)]
pub struct Camera {
    stream: MediaStream,
}

impl Camera {
    /// Whether pages of this browser can ask for one.
    pub fn is_possible() -> bool {
        let navigator = web_sys::window().map(|window| window.navigator());
        navigator
            .is_some_and(|navigator| navigator.media_devices().is_ok_and(|all| all.is_object()))
    }

    /// Turns on the camera that looks away from the shopper, else any; the browser asks them first.
    ///
    /// # Errors
    /// Any [`CameraFault`].
    pub async fn open() -> Result<Self, CameraFault> {
        let navigator = web_sys::window().ok_or(CameraFault::NoCamera)?.navigator();
        let devices = navigator.media_devices().map_err(|_| CameraFault::NoCamera)?;
        let preferred = Object::new();
        let _ = Reflect::set(&preferred, &"facingMode".into(), &"environment".into());
        let wanted = MediaStreamConstraints::new();
        wanted.set_video(&preferred);
        let asked = devices.get_user_media_with_constraints(&wanted);
        let asked = asked.map_err(|_| CameraFault::NoCamera)?;
        let stream = JsFuture::from(asked).await.map_err(|error| fault(&error))?;
        let stream: MediaStream = stream.dyn_into().map_err(|_| CameraFault::NoCamera)?;
        Ok(Self { stream })
    }

    /// Shows what it sees.
    pub fn show(&self, video: &HtmlVideoElement) {
        video.set_src_object(Some(&self.stream));
        // A promise that nobody waits for: the picture comes when it comes.
        let _ = video.play();
    }

    /// What is seen now, as a file that nothing has but this page; `None` before the first picture.
    pub async fn take(video: &HtmlVideoElement) -> Option<Blob> {
        let (width, height) = (video.video_width(), video.video_height());
        if width == 0 || height == 0 {
            return None;
        }
        let document = web_sys::window()?.document()?;
        let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
        canvas.set_width(width);
        canvas.set_height(height);
        let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
        context.draw_image_with_html_video_element(video, 0.0, 0.0).ok()?;
        let (give, taken) = oneshot::channel();
        let got = Closure::once_into_js(move |blob: Option<Blob>| {
            let _ = give.send(blob);
        });
        canvas.to_blob(got.unchecked_ref()).ok()?;
        taken.await.ok()?
    }
}

impl Drop for Camera {
    fn drop(&mut self) {
        for track in self.stream.get_tracks() {
            if let Ok(track) = track.dyn_into::<MediaStreamTrack>() {
                track.stop();
            }
        }
    }
}

fn fault(error: &JsValue) -> CameraFault {
    let name = error.dyn_ref::<DomException>().map(DomException::name);
    match name.as_deref() {
        Some("NotAllowedError" | "SecurityError") => CameraFault::Refused,
        _ => CameraFault::NoCamera,
    }
}
