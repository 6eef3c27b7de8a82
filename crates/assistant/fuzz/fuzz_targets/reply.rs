#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vitrine_assistant_fuzz::reply(bytes);
});
