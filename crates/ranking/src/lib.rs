//! Server-side stages: sources, scorers, fusion; teacher inference.
