//! Leptos views: Shop and Studio, on the session's API. Nothing is ranked, stored
//! or fetched here.
//!
//! Each is a program of its own ([`shop`], [`studio`]), so that no shopper loads what is
//! for product teams; the linker leaves out of either what only the other uses.

mod app;
mod aspects;
mod badge;
mod checkout;
mod consent;
mod fatal;
mod format;
mod front;
mod icons;
mod language;
mod motion;
mod offline;
mod pace;
mod pages;
mod photos;
mod placed;
mod price_list;
mod router;
mod search_form;
mod start;
mod state;
mod studio;
mod telltale;
mod tile;
mod toast;
mod why;

pub use start::{shop, studio};
