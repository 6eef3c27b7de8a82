//! Row checks, quarantine, readable titles, cards with variants.
