//! What the shop pushes, put over the version that is served: the log of changes and the shop's
//! rules become revisions of the published catalogue, in search and manifest, while the server runs.
//!
//! [`Follower`] waits for versions and for changes; [`Reviser`] makes a revision of what
//! changed; [`Overlay`] knows what each pushed product does to which card.

mod follow;
mod overlay;
mod reviser;
mod suggestions;
#[cfg(test)]
mod tests;
mod upkeep;

pub use follow::Follower;
pub use overlay::Overlay;
