#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u11]| {
    vitrine_wire_fuzz::shard(11, bytes);
});
