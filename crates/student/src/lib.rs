//! The distilled ranker that runs in the browser: features, layout, forward passes, explanations.
