//! Text encoder: all-MiniLM-L6-v2 on candle, with a cache by content.
