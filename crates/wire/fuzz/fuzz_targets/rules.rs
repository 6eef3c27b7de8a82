#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    vitrine_wire_fuzz::shard(19, bytes);
});
