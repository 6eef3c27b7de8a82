//! Models of every kind that is taken, with made-up weights: the CPU's own kernels beside
//! candle's operations, and what is refused.

mod made_up;

use std::path::Path;

use candle_core::{Device, Tensor};
use made_up::KINDS;
use serde_json::{Value, json};
use vitrine_encoder::remote::protocol::TokenBatch;
use vitrine_encoder::remote::worker::BatchModel;
use vitrine_encoder::remote::{DeviceModel, DevicePrecision, OpenDevice};
use vitrine_encoder::{
    DeviceChoice, DeviceOptions, EncoderError, Kernel, TEXT_DIM, TOKENS_MAX, TextEncoder, TextRole,
};

/// Least cosine of a kernel with the same network in f32.
const COSINE_MIN: f32 = 0.999;

fn load(dir: &Path, kernel: Kernel) -> Result<TextEncoder, EncoderError> {
    TextEncoder::load_for(dir, &DeviceOptions::cpu(), kernel)
}

fn rows(vectors: &[f32]) -> impl Iterator<Item = &[f32]> {
    vectors.chunks_exact(TEXT_DIM)
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn every_kernel_agrees_with_candle_on_every_kind_of_model() {
    let ids: [&[u32]; 4] = [&[2, 3], &[2, 4, 3], &[2, 6, 7, 8, 9, 4, 3], &[2, 5, 5, 5, 1, 3]];
    let texts = ["", "milk", "red shoes of milk", "bread bread bread zebra"];
    for kind in KINDS {
        let dir = kind.write();
        let open = OpenDevice::open(DeviceChoice::Cpu).unwrap();
        let mut candle = DeviceModel::load(dir.path(), open, Some(DevicePrecision::F32)).unwrap();
        let lengths = ids.iter().map(|ids| ids.len() as u16).collect();
        let batch = TokenBatch { id: 0, lengths, token_ids: ids.concat() };
        let expected = candle.encode(&batch).unwrap();
        for kernel in Kernel::available() {
            let encoder = load(dir.path(), kernel).unwrap();
            let found = encoder.encode(&texts, TextRole::Passage, &mut |_| {}).unwrap();
            assert_eq!(found.len(), expected.len());
            for ((found, expected), text) in rows(&found).zip(rows(&expected)).zip(texts) {
                let cosine = cosine(found, expected);
                let what = (kind.model_type, kind.hidden, kernel.name());
                assert!(cosine >= COSINE_MIN, "{cosine} for {text:?} by {what:?}");
            }
        }
    }
}

#[test]
fn searches_together_are_as_each_alone() {
    let dir = KINDS[2].write();
    let encoder = load(dir.path(), Kernel::best()).unwrap();
    let texts = ["milk", "red shoes of milk", "", "bread"];
    let together = encoder.encode_queries(&texts, &|| false).unwrap();
    for (text, vector) in texts.into_iter().zip(rows(&together)) {
        assert_eq!(encoder.encode_query(text, &|| false).unwrap(), vector, "{text:?}");
        assert_eq!(vector[256..], [0.0; TEXT_DIM - 256], "it is cut and filled up");
    }
    // With the prefix that a search has in this model.
    let said = encoder.encode(&["query: milk"], TextRole::Passage, &mut |_| {}).unwrap();
    assert_eq!(&said[..], &together[..TEXT_DIM]);
    assert_ne!(encoder.encode(&["milk"], TextRole::Passage, &mut |_| {}).unwrap(), said);
}

#[test]
fn a_stamp_names_the_model_and_differs_with_what_describes_it() {
    let dir = KINDS[3].write();
    let stamp = load(dir.path(), Kernel::Portable).unwrap().stamp();
    assert!(stamp.to_string().starts_with("wide ("), "{stamp}");
    std::fs::write(dir.path().join("encoder.toml"), "name = \"wide\"\ndim = 128\n").unwrap();
    assert_ne!(load(dir.path(), Kernel::Portable).unwrap().stamp(), stamp);
}

#[test]
fn what_would_be_computed_wrongly_is_refused_by_its_name() {
    let changes: [(&str, Value, &str); 7] = [
        ("hidden_size", json!(100), ""),
        ("hidden_size", json!(2_048), "dim = 384\n"),
        ("hidden_size", json!(1_024), ""),
        ("intermediate_size", json!(100), ""),
        ("num_attention_heads", json!(0), ""),
        ("num_hidden_layers", json!(0), ""),
        ("max_position_embeddings", json!(TOKENS_MAX - 1), ""),
    ];
    for (field, value, description) in changes {
        let dir = KINDS[0].write();
        let mut config = KINDS[0].config();
        config[field] = value;
        std::fs::write(dir.path().join("config.json"), config.to_string()).unwrap();
        std::fs::write(dir.path().join("encoder.toml"), description).unwrap();
        let error = load(dir.path(), Kernel::Portable).err().unwrap();
        let EncoderError::UnsupportedModel { field: named, .. } = error else {
            panic!("{field}: {error}")
        };
        assert_eq!(named, field);
    }
    let dir = KINDS[0].write();
    for (description, said) in [("dim = 200\n", "1 to 128"), ("pool = \"max\"\n", "describe")] {
        std::fs::write(dir.path().join("encoder.toml"), description).unwrap();
        let error = load(dir.path(), Kernel::Portable).err().unwrap().to_string();
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn cut_off_and_foreign_weights_are_errors() {
    let dir = KINDS[0].write();
    let path = dir.path().join("model.safetensors");
    let whole = std::fs::read(&path).unwrap();
    for n in [0, 7, 100, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&path, &whole[..n]).unwrap();
        assert!(matches!(load(dir.path(), Kernel::Portable), Err(EncoderError::Model(_))), "{n}");
    }
    // Of another shape than config.json says.
    let mut tensors = KINDS[0].tensors();
    let name = "encoder.layer.1.output.dense.bias".to_owned();
    tensors.insert(name, Tensor::zeros(7, candle_core::DType::F32, &Device::Cpu).unwrap());
    candle_core::safetensors::save(&tensors, &path).unwrap();
    assert!(matches!(load(dir.path(), Kernel::Portable), Err(EncoderError::Model(_))));
}
