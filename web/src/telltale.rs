//! Attributes of the root element that tell tests and performance tools what
//! can be seen. Nothing reads them in production.

use leptos::prelude::document;
use vitrine_session::{Feed, FeedOrder, Progress, SearchResults, Status};

/// Mirrors the session: `data-events`, `data-catalogue`, `data-model`, `data-synced`.
pub fn session(status: &Status, progress: &Progress) {
    set("data-events", &status.n_events.to_string());
    if let Some(versions) = status.pinned {
        set("data-catalogue", &versions.catalogue.0.to_string());
        set("data-model", &versions.model.map_or(0, |model| model.0).to_string());
    }
    // What has arrived is put together in pieces, and shown after that.
    if progress.is_complete() && status.is_complete {
        set("data-synced", "all");
    }
}

/// Mirrors a feed that was just drawn: `data-ready`, `data-feed-events`,
/// `data-scores`, and once `data-personal`, with a performance mark.
pub fn feed(feed: &Feed, n_events: usize) {
    if feed.tiles.is_empty() {
        return;
    }
    let scores: Vec<String> =
        feed.tiles.iter().map(|tile| tile.score.unwrap_or_default().to_string()).collect();
    set("data-scores", &scores.join(" "));
    set("data-feed-events", &n_events.to_string());
    let root = document().document_element();
    if feed.order == FeedOrder::Personal
        && root.is_some_and(|root| !root.has_attribute("data-personal"))
    {
        set("data-personal", "");
        let clock = leptos::prelude::window().performance();
        let _ = clock.map(|clock| clock.mark("vitrine-first-ranking"));
    }
    set("data-ready", "feed");
}

/// Mirrors a search that was just answered and is about to be drawn: `data-search-ms`.
pub fn search(results: &SearchResults) {
    set("data-search-ms", &results.total_ms.to_string());
}

fn set(name: &str, value: &str) {
    // An attribute that cannot be set hides nothing from the shopper.
    let _ = document().document_element().map(|root| root.set_attribute(name, value));
}
