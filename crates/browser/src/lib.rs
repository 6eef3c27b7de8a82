//! Adapters between the session and the browser: fetch, IndexedDB, clock.
