//! What the end-to-end tests share: the built binary, a small real shop, a
//! server on a free port, and Chromium driven by a script.

mod block_image;
mod browser;
mod constraints;
mod picture_shop;
mod pusher;
mod server;
mod shop;
mod small_shop;

pub use block_image::BlockImage;
pub use browser::{Browser, Firefox, Script};
pub use constraints::{ConstraintCounts, check_constraints};
pub use picture_shop::{N_PICTURED, PictureShop};
pub use pusher::Pusher;
pub use server::Server;
pub use shop::{Shop, copy_folder, vitrine};
pub use small_shop::SmallShop;
