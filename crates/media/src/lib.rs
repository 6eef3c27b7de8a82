//! The way in for moving pictures and recordings.
//!
//! A [`Medium`] turns the bytes of a file into [`MediumContent`]: pictures for the encoder of
//! pictures, texts for the encoder of texts. Files come from others, so each is read within
//! [`limits`] and refused with a [`MediumError`] otherwise. Two media are here, one of each kind:
//!
//! - [`AnimatedWebp`]: a moving picture becomes the frames in which something changed.
//! - [`WebVtt`]: a recording becomes the sentences of its transcript.
//!
//! Another medium is another implementation of the trait. Here it is a folder's slides, whose
//! pictures are not read, with what is said to each; the content of all three is used alike.
//!
//! ```
//! use vitrine_media::{AnimatedWebp, Medium, MediumContent, MediumError, WebVtt};
//! use vitrine_vision::RgbView;
//!
//! /// `SLIDES`, then a line for each slide.
//! struct Slides;
//!
//! impl Medium for Slides {
//!     fn recognises(&self, bytes: &[u8]) -> bool {
//!         bytes.starts_with(b"SLIDES\n")
//!     }
//!
//!     fn read(&self, bytes: &[u8]) -> Result<MediumContent, MediumError> {
//!         const LIMIT: usize = 10_000;
//!         if bytes.len() > LIMIT {
//!             return Err(MediumError::TooManyBytes { found: bytes.len(), limit: LIMIT });
//!         }
//!         let text = std::str::from_utf8(bytes).map_err(|e| MediumError::Other(Box::new(e)))?;
//!         let texts = text.lines().skip(1).filter(|line| !line.is_empty()).map(str::to_owned);
//!         Ok(MediumContent { texts: texts.collect(), ..MediumContent::default() })
//!     }
//! }
//!
//! let media: [&dyn Medium; 3] = [&AnimatedWebp, &WebVtt, &Slides];
//! let transcript = b"WEBVTT\n\n00:01.000 --> 00:03.000\n<v Anna>It folds\n\n\
//!                    00:03.000 --> 00:05.000\n<v Anna>to the size of a book.\n";
//! let turning: &[u8] = include_bytes!("../tests/data/scenes.webp");
//!
//! let mut description = String::from("A lamp for the desk.");
//! for bytes in [&transcript[..], turning, b"SLIDES\nThree colours.\n"] {
//!     let medium = media.iter().find(|medium| medium.recognises(bytes)).expect("one of three");
//!     let content = medium.read(bytes)?;
//!     // For the encoder of texts: the description is a part of an item's passage.
//!     for text in &content.texts {
//!         description.push(' ');
//!         description.push_str(text);
//!     }
//!     // For the encoder of pictures: `ImageEncoder::encode` takes a slice of these.
//!     let views = content.pictures.iter();
//!     let views = views.map(|picture| RgbView::new(picture.width, picture.height, &picture.rgb));
//!     let views: Vec<RgbView<'_>> = views.collect::<Result<_, _>>()?;
//!     assert_eq!(views.len(), content.pictures.len());
//! }
//! assert_eq!(
//!     description,
//!     "A lamp for the desk. It folds to the size of a book. Three colours."
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod error;
pub mod limits;
mod medium;
mod web_vtt;
mod webp;

pub use error::MediumError;
pub use medium::{Medium, MediumContent};
pub use web_vtt::WebVtt;
pub use webp::AnimatedWebp;
