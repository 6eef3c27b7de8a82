//! Leptos views: Shop and Studio, on the session's API. Nothing is ranked, stored
//! or fetched here.

mod app;
mod badge;
mod fatal;
mod format;
mod icons;
mod motion;
mod offline;
mod pages;
mod photos;
mod price_list;
mod router;
mod search_form;
mod start;
mod state;
mod studio;
mod telltale;
mod tile;
mod why;

fn main() {
    fatal::install_hook();
    // The framework's own executor starts only when something is mounted.
    wasm_bindgen_futures::spawn_local(start::page());
}
