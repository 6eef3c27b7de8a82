//! Candidate recall: BM25 and exact code scan behind one trait.
