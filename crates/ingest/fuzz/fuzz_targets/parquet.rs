#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vitrine_ingest_fuzz::parquet(bytes);
});
