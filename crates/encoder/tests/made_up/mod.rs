//! Small models with made-up weights, of every kind that is taken.

use std::collections::HashMap;

use candle_core::{Device, Tensor};
use rand::rngs::SmallRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use tempfile::TempDir;

/// Positions of a made-up model: those of the longest text and some that are not used.
const POSITIONS: usize = 264;
/// Its vocabulary.
pub const WORDS: [&str; 12] =
    ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "milk", "bread", "red", "shoe", "##s", "of", "query", ":"];

/// How a made-up model differs from the smallest.
pub struct MadeUpModel {
    pub model_type: &'static str,
    pub hidden: usize,
    pub n_heads: usize,
    pub prefix: &'static str,
    /// Of its weights.
    pub seed: u64,
    pub description: &'static str,
}

pub const KINDS: [MadeUpModel; 4] = [
    MadeUpModel {
        model_type: "bert",
        hidden: 128,
        n_heads: 4,
        prefix: "",
        seed: 7,
        description: "",
    },
    MadeUpModel {
        model_type: "xlm-roberta",
        hidden: 384,
        n_heads: 12,
        prefix: "roberta.",
        seed: 7,
        description: "pooling = \"cls\"\n",
    },
    MadeUpModel {
        model_type: "bert",
        hidden: 1_024,
        n_heads: 16,
        prefix: "bert.",
        seed: 7,
        description: "dim = 256\nquery_prefix = \"query: \"\n",
    },
    MadeUpModel {
        model_type: "bert",
        hidden: 768,
        n_heads: 12,
        prefix: "",
        seed: 7,
        description: "name = \"wide\"\ndim = 384\npooling = \"cls\"\n",
    },
];

impl MadeUpModel {
    pub fn config(&self) -> Value {
        json!({
            "model_type": self.model_type, "hidden_size": self.hidden, "num_hidden_layers": 2,
            "num_attention_heads": self.n_heads, "intermediate_size": 192,
            "max_position_embeddings": POSITIONS, "type_vocab_size": 2, "pad_token_id": 0,
            "vocab_size": WORDS.len(), "layer_norm_eps": 1e-12, "hidden_act": "gelu",
        })
    }

    pub fn write(&self) -> TempDir {
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

    pub fn tensors(&self) -> HashMap<String, Tensor> {
        let d = self.hidden;
        let mut tensors = HashMap::new();
        let mut rng = SmallRng::seed_from_u64(self.seed);
        let mut add = |name: String, shape: &[usize], mean: f32| {
            // Near enough to normal numbers: twelve even ones have a variance of 1.
            let normal = |_| (0..12).map(|_| rng.random_range(-0.5..0.5f32)).sum::<f32>();
            let n = shape.iter().product();
            let values = (0..n).map(normal).map(|x| mean + 0.1 * x).collect();
            let tensor = Tensor::from_vec(values, shape, &Device::Cpu).expect("a tensor");
            tensors.insert(format!("{}{name}", self.prefix), tensor);
        };
        for (table, n) in [("word", WORDS.len()), ("position", POSITIONS), ("token_type", 2)] {
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

pub fn tokenizer() -> Value {
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
