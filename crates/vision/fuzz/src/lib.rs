//! What the fuzz targets check, and what tests of `vitrine-vision` check with the same code.

use vitrine_vision::{CODE_BYTES, FloatNetwork, PICTURE_DIM, PictureProjection, QuantisedNetwork};

const CHECK_BYTES: usize = 32;

/// A whole file with `bytes` over its beginning, behind which it is as it was, under a right
/// checksum: what a checksum alone would keep from being looked at.
fn sealed(whole: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut file = whole.to_vec();
    let end = file.len() - CHECK_BYTES;
    let n = bytes.len().min(end);
    file[..n].copy_from_slice(&bytes[..n]);
    let check = blake3::hash(&file[..end]);
    file[end..].copy_from_slice(check.as_bytes());
    file
}

/// Any bytes are refused, or are a network that is the same when it is written and read again;
/// whether they are one, as they are or under a right checksum.
pub fn network(bytes: &[u8]) -> [bool; 2] {
    let empty = QuantisedNetwork::quantise(&FloatNetwork::zeros()).expect("zeros").to_bytes();
    [bytes.to_vec(), sealed(&empty, bytes)].map(|file| {
        let Ok(network) = QuantisedNetwork::from_bytes(&file) else { return false };
        assert_eq!(network.to_bytes(), file);
        true
    })
}

/// Any bytes are refused, or are a projection that gives codes; whether they are one, as they
/// are or under a right checksum.
pub fn projection(bytes: &[u8]) -> [bool; 2] {
    let zeros = vec![0.0; CODE_BYTES * PICTURE_DIM];
    let empty = PictureProjection::new(vec![0.0; PICTURE_DIM], zeros, 1.0).expect("zeros");
    [bytes.to_vec(), sealed(&empty.to_bytes(), bytes)].map(|file| {
        let Ok(projection) = PictureProjection::from_bytes(&file) else { return false };
        assert_eq!(projection.to_bytes(), file);
        let code = projection.code(&[1.0; PICTURE_DIM]);
        assert!(PictureProjection::likeness(&code, &code) <= 1.0 + 1e-6);
        true
    })
}
