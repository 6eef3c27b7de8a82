#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vitrine_encoder_fuzz::torch(bytes);
});
