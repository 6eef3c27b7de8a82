//! What happens without the weights.

use std::fs;

use vitrine_encoder::{DeviceOptions, EncoderError, TextEncoder, WEIGHT_FILES};

#[test]
fn a_missing_file_is_named_with_what_to_run() {
    for missing in WEIGHT_FILES {
        let dir = tempfile::tempdir().unwrap();
        for file in WEIGHT_FILES.into_iter().filter(|file| *file != missing) {
            fs::write(dir.path().join(file), "{}").unwrap();
        }
        let error = TextEncoder::load(dir.path(), &DeviceOptions::cpu()).err().unwrap();
        assert!(matches!(&error, EncoderError::MissingFile { file, .. } if *file == missing));
        let message = error.to_string();
        assert!(message.contains(missing) && message.contains("cargo xtask"), "{message}");
    }
}
