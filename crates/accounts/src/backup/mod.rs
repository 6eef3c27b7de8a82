//! Backups of a database in a file, and what makes one the database again.

mod check;
mod in_use;
mod make;
mod restore;

pub(crate) use in_use::share;
