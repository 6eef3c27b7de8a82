//! What every fuzz target checks, and what the corpus test of `vitrine-wire`
//! checks with the same code: any bytes either are refused or are a document
//! that encodes to bytes of the same meaning.

use vitrine_wire::{
    decode_manifest, decode_model_answer, decode_search_reply, decode_shard, encode_manifest,
    encode_model_answer, encode_search_reply, encode_shard,
};

/// Whether the bytes are a manifest.
pub fn manifest(bytes: &[u8]) -> bool {
    let Ok(manifest) = decode_manifest(bytes) else { return false };
    let again = encode_manifest(&manifest).expect("what decodes is valid");
    assert_eq!(decode_manifest(&again).expect("what was encoded decodes"), manifest);
    true
}

/// Whether the bytes are a search reply.
pub fn search_reply(bytes: &[u8]) -> bool {
    let Ok(reply) = decode_search_reply(bytes) else { return false };
    let again = encode_search_reply(&reply).expect("what decodes is valid");
    assert_eq!(decode_search_reply(&again).expect("what was encoded decodes"), reply);
    true
}

/// Whether the bytes are the answer of a shop's language model.
pub fn model_answer(bytes: &[u8]) -> bool {
    let Ok(answer) = decode_model_answer(bytes) else { return false };
    let again = encode_model_answer(&answer).expect("what decodes is valid");
    assert_eq!(decode_model_answer(&again).expect("what was encoded decodes"), answer);
    true
}

/// Whether the bytes are a shard, after their kind was set: so that a target
/// spends its time on one kind.
pub fn shard(kind: u8, bytes: &[u8]) -> bool {
    let mut bytes = bytes.to_vec();
    if let Some(place) = bytes.get_mut(4) {
        *place = kind;
    }
    let Ok(shard) = decode_shard(&bytes) else { return false };
    let again = encode_shard(&shard).expect("what decodes is valid");
    assert_eq!(decode_shard(&again).expect("what was encoded decodes"), shard);
    true
}
