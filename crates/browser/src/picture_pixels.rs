//! The pixels of a picture that a shopper chose, read by the browser.

use vitrine_session::RgbView;
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, CanvasRenderingContext2d, HtmlCanvasElement, ImageBitmap};

/// Largest file that is read, in bytes.
pub const PICTURE_FILE_BYTES_MAX: f64 = 50_000_000.0;
/// Longer side to which a picture is scaled by the browser before its pixels are read: what a
/// shop's own pictures have at most, too.
const SIDE_MAX: f64 = 1_024.0;

/// Why a picture cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PixelFault {
    /// More than [`PICTURE_FILE_BYTES_MAX`].
    TooLarge,
    /// The browser does not know it for a picture.
    NotAPicture,
    /// The browser gives no pixels, as some do for privacy.
    NoPixels,
}

/// Decoded pixels.
#[derive(Clone, Debug)]
pub struct ChosenPicture {
    width: u32,
    height: u32,
    /// \[height, width, 3\]
    rgb: Vec<u8>,
}

impl ChosenPicture {
    /// Reads a file; upright, over white. It goes nowhere.
    ///
    /// # Errors
    /// Any [`PixelFault`].
    pub async fn read(file: &Blob) -> Result<Self, PixelFault> {
        if file.size() > PICTURE_FILE_BYTES_MAX {
            return Err(PixelFault::TooLarge);
        }
        let window = web_sys::window().ok_or(PixelFault::NoPixels)?;
        let asked = window.create_image_bitmap_with_blob(file);
        let asked = asked.map_err(|_| PixelFault::NotAPicture)?;
        let bitmap = JsFuture::from(asked).await.map_err(|_| PixelFault::NotAPicture)?;
        let bitmap: ImageBitmap = bitmap.dyn_into().map_err(|_| PixelFault::NotAPicture)?;
        let read = pixels(&bitmap);
        bitmap.close();
        read.ok_or(PixelFault::NoPixels)
    }

    /// The picture as it is looked at; `None` for one without any pixel.
    pub fn view(&self) -> Option<RgbView<'_>> {
        RgbView::new(self.width, self.height, &self.rgb).ok()
    }
}

fn pixels(bitmap: &ImageBitmap) -> Option<ChosenPicture> {
    let (width, height) = (f64::from(bitmap.width()), f64::from(bitmap.height()));
    let scale = (SIDE_MAX / width.max(height)).min(1.0);
    let side = |side: f64| (side * scale).round().max(1.0);
    let (width, height) = (side(width), side(height));
    let document = web_sys::window()?.document()?;
    let canvas: HtmlCanvasElement = document.create_element("canvas").ok()?.dyn_into().ok()?;
    canvas.set_width(width as u32);
    canvas.set_height(height as u32);
    let context: CanvasRenderingContext2d = canvas.get_context("2d").ok()??.dyn_into().ok()?;
    context.set_fill_style_str("#fff");
    context.fill_rect(0.0, 0.0, width, height);
    context.draw_image_with_image_bitmap_and_dw_and_dh(bitmap, 0.0, 0.0, width, height).ok()?;
    let data = context.get_image_data(0.0, 0.0, width, height).ok()?.data();
    let rgb = data.as_chunks::<4>().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]).collect();
    Some(ChosenPicture { width: width as u32, height: height as u32, rgb })
}
