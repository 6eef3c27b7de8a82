//! Ranking metrics, protocols and paired intervals.
