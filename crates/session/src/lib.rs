//! The shopper's side: event log, sync, ranking, explanation, offline search.
