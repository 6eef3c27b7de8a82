#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vitrine_media_fuzz::animated_webp(bytes);
});
