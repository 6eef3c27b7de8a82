//! Pictures larger than those that everyone syncs. Asking for one tells the server that it is
//! looked at, so it takes the word of the shopper, or of the shop to everybody.

use vitrine_domain::PictureMode;
use vitrine_wire::content_hash;

use crate::ledger::Request;
use crate::{PhotoSize, Session, SessionError};

/// Who wants a larger picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PictureAsker {
    /// The shopper, who was told what the request says.
    Shopper,
    /// A product page that was opened: granted in a shop whose mode is open, and in no other.
    Page,
}

impl Session {
    /// Asks the server for a picture that is larger than any on the device (WebP). `None`,
    /// and nothing is sent, while its thumbnail is not here, and where a page asks in a shop
    /// whose mode is [`PictureMode::Private`].
    ///
    /// The request tells the server that this picture is looked at. Nothing else does.
    ///
    /// # Errors
    /// The server cannot be reached, has no such picture by now, or sends none.
    pub async fn larger_picture(
        &self,
        id: u32,
        asker: PictureAsker,
    ) -> Result<Option<Vec<u8>>, SessionError> {
        let is_open = self.status().picture_mode == PictureMode::Open;
        if asker == PictureAsker::Page && !is_open {
            return Ok(None);
        }
        let small = self.inner.photos.borrow().find(id, PhotoSize::Small).map(content_hash);
        let Some(small) = small else { return Ok(None) };
        let request = Request::Picture(small);
        let webp = self.send(&request).await?;
        if webp.starts_with(b"RIFF") && webp.get(8..12) == Some(b"WEBP") {
            return Ok(Some(webp));
        }
        Err(SessionError::NotAPicture { path: request.path() })
    }
}
