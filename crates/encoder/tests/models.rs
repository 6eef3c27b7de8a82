//! Models of every kind that is taken, with made-up weights: the CPU's own kernels beside
//! candle's operations, and what is refused.

use std::collections::HashMap;
use std::path::Path;

use candle_core::{Device, Tensor};
use serde_json::{Value, json};
use tempfile::TempDir;
use vitrine_encoder::remote::protocol::TokenBatch;
use vitrine_encoder::remote::worker::BatchModel;
use vitrine_encoder::remote::{DeviceModel, DevicePrecision, OpenDevice};
use vitrine_encoder::{
    DeviceChoice, DeviceOptions, EncoderError, Kernel, TEXT_DIM, TOKENS_MAX, TextEncoder, TextRole,
};

/// Least cosine of a kernel with the same network in f32.
const COSINE_MIN: f32 = 0.999;
const WORDS: [&str; 12] =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "milk", "bread", "red", "shoe", "##s", "of", "query", ":"];

/// How a made-up model differs from the smallest.
struct Kind {
    model_type: &'static str,
    hidden: usize,
    n_heads: usize,
    prefix: &'static str,
    description: &'static str,
}

const KINDS: [Kind; 4] = [
    Kind { model_type: "bert", hidden: 128, n_heads: 4, prefix: "", description: "" },
    Kind {
        model_type: "xlm-roberta",
        hidden: 384,
        n_heads: 12,
        prefix: "roberta.",
        description: "pooling = \"cls\"\n",
    },
    Kind {
        model_type: "bert",
        hidden: 1_024,
        n_heads: 16,
        prefix: "bert.",
        description: "dim = 256\nquery_prefix = \"query: \"\n",
    },
    Kind {
        model_type: "bert",
        hidden: 768,
        n_heads: 12,
        prefix: "",
        description: "name = \"wide\"\ndim = 384\npooling = \"cls\"\n",
    },
];

impl Kind {
    fn config(&self) -> Value {
        json!({
            "model_type": self.model_type, "hidden_size": self.hidden, "num_hidden_layers": 2,
            "num_attention_heads": self.n_heads, "intermediate_size": 192,
            "max_position_embeddings": TOKENS_MAX + 8, "type_vocab_size": 2, "pad_token_id": 0,
            "vocab_size": WORDS.len(), "layer_norm_eps": 1e-12, "hidden_act": "gelu",
        })
    }

    fn write(&self) -> TempDir {
        let dir = tempfile::tempdir().expect("a folder");
        let write =
            |name: &str, text: &str| std::fs::write(dir.path().join(name), text).expect("written");
        write("config.json", &self.config().to_string());
        write("tokenizer.json", &tokenizer().to_string());
        if !self.description.is_empty() {
            write("encoder.toml", self.description);
        }
        let tensors = self.tensors();
        candle_core::safetensors::save(&tensors, dir.path().join("model.safetensors"))
            .expect("written");
        dir
    }

    fn tensors(&self) -> HashMap<String, Tensor> {
        let d = self.hidden;
        let mut tensors = HashMap::new();
        let mut add = |name: String, shape: &[usize], mean: f32| {
            let tensor = Tensor::randn(mean, 0.1f32, shape, &Device::Cpu).expect("a tensor");
            tensors.insert(format!("{}{name}", self.prefix), tensor);
        };
        for (table, n) in [("word", WORDS.len()), ("position", TOKENS_MAX + 8), ("token_type", 2)] {
            add(format!("embeddings.{table}_embeddings.weight"), &[n, d], 0.0);
        }
        let mut norms = vec!["embeddings".to_owned()];
        for layer in ["encoder.layer.0", "encoder.layer.1"] {
            for part in ["self.query", "self.key", "self.value", "output.dense"] {
                add(format!("{layer}.attention.{part}.weight"), &[d, d], 0.0);
                add(format!("{layer}.attention.{part}.bias"), &[d], 0.0);
            }
            for (part, n_out, n_in) in [("intermediate", 192, d), ("output", d, 192)] {
                add(format!("{layer}.{part}.dense.weight"), &[n_out, n_in], 0.0);
                add(format!("{layer}.{part}.dense.bias"), &[n_out], 0.0);
            }
            norms.extend(["attention.output", "output"].map(|part| format!("{layer}.{part}")));
        }
        for name in norms {
            add(format!("{name}.LayerNorm.weight"), &[d], 1.0);
            add(format!("{name}.LayerNorm.bias"), &[d], 0.0);
        }
        tensors
    }
}

fn tokenizer() -> Value {
    let vocabulary: HashMap<&str, usize> = WORDS.into_iter().zip(0..).collect();
    let special = |id: usize| {
        json!({"id": id, "content": WORDS[id], "single_word": false, "lstrip": false,
               "rstrip": false, "normalized": false, "special": true})
    };
    let framed = json!([{"SpecialToken": {"id": "[CLS]", "type_id": 0}},
                        {"Sequence": {"id": "A", "type_id": 0}},
                        {"SpecialToken": {"id": "[SEP]", "type_id": 0}}]);
    json!({
        "version": "1.0", "truncation": null, "padding": null,
        "added_tokens": [special(0), special(1), special(2), special(3)],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                       "strip_accents": null, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "TemplateProcessing", "single": framed, "pair": framed,
            "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": [2], "tokens": ["[CLS]"]},
                               "[SEP]": {"id": "[SEP]", "ids": [3], "tokens": ["[SEP]"]}}},
        "decoder": null,
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                  "max_input_chars_per_word": 100, "vocab": vocabulary},
    })
}

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
