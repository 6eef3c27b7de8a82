//! Reads a shop's product pictures and makes small thumbnails of them.
//!
//! A browser that fetches the picture of what it shows tells the picture's server what it
//! shows. So the server reads every picture once, at import, and publishes thumbnails
//! that everybody gets in the same order.
//!
//! [`PictureReader::read_all`] takes the addresses of a catalogue, paths below one folder
//! and URLs, and gives for each a [`PictureHash`] or a [`PictureFault`]. Behind it:
//!
//! 1. An address is checked: no path out of the folder, no host in a private network.
//! 2. A URL is fetched, with a condition where an earlier answer allows one.
//! 3. The bytes are told apart by what they are (JPEG, PNG, WebP, GIF), measured by their
//!    header against [`limits`], and decoded.
//! 4. [`Thumbnails`] are made: WebP of 96 and 320 pixels, and a ThumbHash.
//! 5. A larger WebP is made for whoever asks for it: [`larger_picture_file`].
//! 6. All are kept in a cache by the hash of the bytes.
//!
//! [`PicturePixels`] are for whoever computes with a picture.
//!
//! ```
//! use std::sync::atomic::AtomicBool;
//! use vitrine_pictures::{PictureOptions, PictureReader};
//!
//! let dir = tempfile::tempdir()?;
//! let shirt = image::RgbImage::from_pixel(640, 480, image::Rgb([180, 20, 60]));
//! shirt.save(dir.path().join("shirt.png"))?;
//!
//! let cache = dir.path().join("cache/pictures");
//! let reader = PictureReader::new(Some(dir.path()), &cache, PictureOptions::default())?;
//! let addresses = ["shirt.png", "trousers.png"];
//! let reading = reader.read_all(&addresses, &mut |_| (), &AtomicBool::new(false))?;
//! assert_eq!(reading.faults().to_string(), "1 of 2 pictures could not be read: 1 not found");
//!
//! let shirt = reader.thumbnails(reading.pictures[0].clone()?)?;
//! assert_eq!((shirt.width, shirt.height), (640, 480));
//! assert!(shirt.small.starts_with(b"RIFF") && shirt.thumbhash.len() <= 25);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![deny(missing_docs)]

mod address;
mod decode;
mod error;
mod fault;
mod fetch;
mod gate;
mod larger;
pub mod limits;
mod options;
mod pixels;
mod reader;
mod reading;
mod scale;
mod sniff;
mod store;
mod thumbnails;

pub use error::PictureError;
pub use fault::{ContentFault, PictureFault, RefusedAddress};
pub use larger::larger_picture_file;
pub use options::PictureOptions;
pub use pixels::PicturePixels;
pub use reader::PictureReader;
pub use reading::{PictureFaults, PictureProgress, PictureReading};
pub use sniff::UnsupportedFormat;
pub use store::PictureHash;
pub use thumbnails::Thumbnails;
