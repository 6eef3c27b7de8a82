//! Links that work once: the first admin's, invitations, and new passwords.
//!
//! A link is 256 random bits that its maker hands on; the database keeps a hash.

mod make;
mod table;
mod take;

pub use make::{IssuedLink, LINK_SECONDS, LINKS_MAX, OneTimeLink};
pub use table::{LinkFault, LinkPurpose};

pub(crate) use table::void;
