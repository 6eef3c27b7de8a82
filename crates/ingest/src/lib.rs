//! Readers of product feeds and interaction logs: CSV, TSV, JSONL, Parquet; bounded memory.
