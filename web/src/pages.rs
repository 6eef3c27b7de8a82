//! One file a page.

mod ask;
mod assistant;
mod basket;
mod by_picture;
mod details;
mod feed;
mod home;
mod larger;
mod privacy;
mod product;
mod reviews;
mod search;
mod variants;
mod wishes;

pub use assistant::{AssistantPage, Conversation};
pub use basket::BasketPage;
pub use by_picture::{ByPicturePage, PictureSearch};
pub use feed::FeedPage;
pub use home::HomeSignals;
pub use privacy::PrivacyPage;
pub use product::ProductPage;
pub use search::{SearchPage, search_heading};
pub use wishes::WishesPage;
