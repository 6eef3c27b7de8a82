//! What a hostile input can make the decoder allocate.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use vitrine_wire::{decode_manifest, decode_shard, encode_shard};

/// Counts what is in use, and the most that ever was.
struct Counting;

static IN_USE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[expect(unsafe_code, reason = "an allocator that counts can't be written without")]
// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let in_use = IN_USE.fetch_add(layout.size(), Ordering::SeqCst) + layout.size();
        PEAK.fetch_max(in_use, Ordering::SeqCst);
        // SAFETY: the caller's promises are those that the system asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        IN_USE.fetch_sub(layout.size(), Ordering::SeqCst);
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes in use during `work`, above those in use before it.
fn peak_bytes(work: impl FnOnce()) -> usize {
    let before = IN_USE.load(Ordering::SeqCst);
    PEAK.store(before, Ordering::SeqCst);
    work();
    PEAK.load(Ordering::SeqCst) - before
}

/// The longest length that a postcard list can announce.
const ENDLESS: [u8; 10] = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01];

#[test]
fn a_small_input_that_announces_much_gets_little() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    for (kind, n_zeros) in (1..=13u8).flat_map(|kind| (0..6).map(move |n| (kind, n))) {
        for format in 1..=2u8 {
            let mut bytes = [b"VTR".as_slice(), &[format, kind], &vec![0; n_zeros]].concat();
            for _ in 0..4 {
                bytes.extend(ENDLESS);
            }
            let peak = peak_bytes(|| assert!(decode_shard(&bytes).is_err()));
            assert!(peak <= 128 << 10, "kind {kind}, {n_zeros} zeros: {peak} bytes");
        }
    }
}

#[test]
fn rules_that_announce_much_get_little() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    for n_zeros in 0..12 {
        // One rule, whose lists are endless.
        let header = [b"VTR\x01\x13\x01".as_slice(), &vec![0; n_zeros]].concat();
        let bytes = [header, ENDLESS.repeat(6)].concat();
        let peak = peak_bytes(|| assert!(decode_shard(&bytes).is_err()));
        // Lists lie three deep at most, and each is given a mebibyte for a start.
        assert!(peak <= 3 << 20, "{n_zeros} zeros: {peak} bytes");
    }
}

#[test]
fn a_large_input_gets_memory_in_proportion() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    // Rows and variants as short as they can be: the worst ratio of memory to input.
    let zeros = vec![0; 4 << 20];
    for (format, kind) in [(1, 1), (1, 2), (1, 4), (2, 1), (2, 2), (1, 10), (1, 11), (1, 13)] {
        let n_tables = if kind == 1 { 3 } else { 0 };
        let rows = [0xff, 0xff, 0xff, 0x01];
        let header = [b"VTR".as_slice(), &[format, kind], &zeros[..n_tables], &rows].concat();
        let bytes = [header, zeros.clone()].concat();
        let peak = peak_bytes(|| assert!(decode_shard(&bytes).is_err()));
        // A list that grows holds its old and its new copy for a moment.
        assert!(peak <= bytes.len() * 64, "kind {kind}: {peak} bytes for {}", bytes.len());
    }
}

#[test]
fn a_list_far_over_its_limit_is_read_but_not_kept() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    // One card with a million empty variants.
    let bytes = [
        b"VTR\x01\x01\x01\x00\x01\x00\x01\x00\x01\x07\x00\x00\x00\x00\x00\xc0\x84\x3d".as_slice(),
        &vec![0; 3_000_000],
        b"\x0d\x00",
    ]
    .concat();
    let peak = peak_bytes(|| {
        let error = decode_shard(&bytes).unwrap_err();
        assert!(error.to_string().contains("Cards.variants[0] has more than 12"), "{error}");
    });
    assert!(peak <= 64 << 10, "{peak} bytes");
}

#[test]
fn a_valid_shard_gets_memory_in_proportion() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    for (name, shard) in common::shards() {
        let bytes = encode_shard(&shard).unwrap();
        let peak = peak_bytes(|| assert!(decode_shard(&bytes).is_ok()));
        assert!(peak <= 128 << 10, "{name}: {peak} bytes");
    }
}

#[test]
fn a_manifest_gets_memory_in_proportion() {
    let _guard = ONE_AT_A_TIME.lock().unwrap();
    let mut bytes = br#"{"model":{"outputs":["#.to_vec();
    bytes.extend(br#""","#.repeat(300_000));
    let peak = peak_bytes(|| assert!(decode_manifest(&bytes).is_err()));
    assert!(peak <= bytes.len() * 32, "{peak} bytes for {}", bytes.len());
}
