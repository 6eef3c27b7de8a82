//! What parent and child say to each other: what is written is read, and any bytes are refused
//! or within the limits.

#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::io::Read;

use proptest::prelude::*;
use vitrine_encoder::remote::protocol::{
    BATCH_TEXTS_MAX, BATCH_TOKENS_MAX, BatchFailure, BatchVectors, DeviceFault, Hello,
    MESSAGE_BYTES_MAX, PipeMessage, ProtocolError, TokenBatch, encode, read_message,
};
use vitrine_encoder::{TEXT_DIM, TOKENS_MAX};

fn batch() -> impl Strategy<Value = TokenBatch> {
    let lengths = prop::collection::vec(1..=60u16, 1..40);
    (any::<u32>(), lengths, any::<u32>()).prop_map(|(id, lengths, first)| {
        let n_tokens = lengths.iter().map(|length| u32::from(*length)).sum::<u32>();
        let token_ids = (0..n_tokens).map(|at| first.wrapping_add(at)).collect();
        TokenBatch { id, lengths, token_ids }
    })
}

fn message() -> impl Strategy<Value = PipeMessage> {
    let hello = (any::<[u8; 32]>(), ".{0,80}", any::<u64>()).prop_map(
        |(model_id, device, memory_bytes)| {
            PipeMessage::Hello(Hello { model_id, device, memory_bytes })
        },
    );
    let vectors = (any::<u32>(), 0..9usize, -2.0..2.0f32).prop_map(|(id, n_texts, x)| {
        PipeMessage::Vectors(BatchVectors { id, vectors: vec![x; n_texts * TEXT_DIM] })
    });
    let faults = vec![
        DeviceFault::OutOfMemory,
        DeviceFault::NoDevice,
        DeviceFault::Model,
        DeviceFault::Computation,
    ];
    let failure = (any::<u32>(), prop::sample::select(faults), ".{0,80}");
    let failure = failure
        .prop_map(|(id, fault, message)| PipeMessage::Failure(BatchFailure { id, fault, message }));
    prop_oneof![hello, batch().prop_map(PipeMessage::Batch), vectors, failure]
}

fn read(mut bytes: &[u8]) -> Result<Option<PipeMessage>, ProtocolError> {
    read_message(&mut bytes)
}

proptest! {
    #[test]
    fn what_is_written_is_read(messages in prop::collection::vec(message(), 0..5)) {
        let bytes: Vec<u8> = messages.iter().flat_map(encode).collect();
        // In pieces of a byte, as a pipe may give them.
        let mut from = OneByOne(&bytes);
        for message in &messages {
            prop_assert_eq!(read_message(&mut from).expect("a frame"), Some(message.clone()));
        }
        prop_assert_eq!(read_message(&mut from).expect("the end"), None);
    }

    #[test]
    fn a_frame_that_is_cut_off_is_refused(message in message(), cut in any::<prop::sample::Index>()) {
        let bytes = encode(&message);
        let n_bytes = 1 + cut.index(bytes.len() - 1);
        prop_assert!(matches!(read(&bytes[..n_bytes]), Err(ProtocolError::CutOff)));
    }

    #[test]
    fn a_changed_byte_is_refused_or_within_the_limits(
        message in message(),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let mut bytes = encode(&message);
        let at = at.index(bytes.len());
        bytes[at] = byte;
        targets::protocol(&bytes);
    }

    #[test]
    fn any_bytes_are_refused_or_within_the_limits(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        targets::protocol(&bytes);
    }

    #[test]
    fn any_payload_of_a_known_kind_is_refused_or_within_the_limits(
        kind in 0..6u8,
        payload in prop::collection::vec(any::<u8>(), 0..200),
    ) {
        let header = (payload.len() as u32).to_le_bytes();
        targets::protocol(&[&header[..], &[kind], &payload].concat());
    }
}

struct OneByOne<'a>(&'a [u8]);

impl Read for OneByOne<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n_bytes = buffer.len().min(1);
        self.0.read(&mut buffer[..n_bytes])
    }
}

#[test]
fn a_long_message_is_cut_between_two_characters() {
    let message = "ß".repeat(MESSAGE_BYTES_MAX);
    let failure =
        BatchFailure { id: 1, fault: DeviceFault::Computation, message: format!("x{message}") };
    let Ok(Some(PipeMessage::Failure(read))) = read(&encode(&PipeMessage::Failure(failure))) else {
        panic!("no failure")
    };
    assert_eq!(read.message.len(), MESSAGE_BYTES_MAX - 1);
}

#[test]
fn what_is_beyond_a_limit_is_refused() {
    let refused = |lengths: Vec<u16>| {
        let n_tokens = lengths.iter().map(|length| usize::from(*length)).sum();
        let batch = TokenBatch { id: 1, lengths, token_ids: vec![7; n_tokens] };
        matches!(read(&encode(&PipeMessage::Batch(batch))), Err(ProtocolError::Malformed(_)))
    };
    let longest = TOKENS_MAX as u16;
    assert!(!refused(vec![longest; BATCH_TOKENS_MAX / TOKENS_MAX]));
    assert!(refused(vec![longest; BATCH_TOKENS_MAX / TOKENS_MAX + 1]));
    assert!(!refused(vec![1; BATCH_TEXTS_MAX]));
    assert!(refused(vec![1; BATCH_TEXTS_MAX + 1]));
    assert!(refused(vec![longest + 1]) && refused(vec![3, 0, 3]) && refused(vec![]));
    // As few texts as they are, the longest counts for each.
    assert!(refused([vec![longest], vec![1; BATCH_TOKENS_MAX / TOKENS_MAX]].concat()));
}

#[test]
fn another_version_says_which_it_is_whatever_follows() {
    let hello = Hello { model_id: [1; 32], device: "a GPU".to_owned(), memory_bytes: 1 };
    let mut bytes = encode(&PipeMessage::Hello(hello));
    bytes.truncate(5 + 8 + 4);
    bytes[0] = 12;
    bytes[13] = 9;
    assert!(matches!(read(&bytes), Err(ProtocolError::Version(9))));
    bytes[5] = b'X';
    assert!(matches!(read(&bytes), Err(ProtocolError::NotOurs)));
}

#[test]
fn an_announced_length_takes_no_memory() {
    let frame = [&u32::MAX.to_le_bytes()[..], &[2], &[0; 100]].concat();
    assert!(matches!(read(&frame), Err(ProtocolError::TooLong(_))));
    assert!(matches!(read(b"Hello, world!"), Err(ProtocolError::TooLong(_))));
}
