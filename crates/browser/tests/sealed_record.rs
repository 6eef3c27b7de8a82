//! The layout of sealed records is tested where there is no browser: its file has its tests.
#![allow(dead_code, reason = "what seals and opens records needs a browser")]

#[path = "../src/sealed_record.rs"]
mod sealed_record;
