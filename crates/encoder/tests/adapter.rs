//! Adapters: fitted, written, merged by the kernels and by candle's operations alike; and what is
//! refused.

mod made_up;

use std::path::Path;
use std::sync::atomic::AtomicBool;

use made_up::{KINDS, MadeUpModel};
use vitrine_encoder::adapter::{
    Adapter, AdapterConfig, AdapterFault, AdapterTarget, BYTES_MAX, Negatives, TrainingPair,
    TrainingTexts, fit_adapter,
};
use vitrine_encoder::remote::protocol::TokenBatch;
use vitrine_encoder::remote::worker::BatchModel;
use vitrine_encoder::remote::{DeviceModel, DevicePrecision, OpenDevice};
use vitrine_encoder::{
    DeviceChoice, DeviceOptions, EncoderError, ModelFiles, TEXT_DIM, TextEncoder, TextRole,
};

const PASSAGES: [&str; 4] = ["milk", "red shoes", "bread of milk", "query bread"];
/// Said of the passages in their order, and far from them in a made-up model.
const SEARCHES: [&str; 4] = ["shoe shoe", "milk :", "of", "red bread"];

fn pairs() -> Vec<TrainingPair> {
    let pair = |(text, passage): (&str, u32)| TrainingPair {
        text: text.to_owned(),
        role: TextRole::Query,
        passage,
    };
    SEARCHES.into_iter().zip(0..).map(pair).collect()
}

fn config() -> AdapterConfig {
    AdapterConfig {
        rank: 4,
        n_layers: 2,
        targets: AdapterTarget::ALL.to_vec(),
        rate: 1e-2,
        batch: 4,
        n_passes: 60,
        temperature: 0.1,
        // What a made-up model finds near says nothing.
        margin: -2.0,
        ..AdapterConfig::default()
    }
}

fn load(dir: &Path, adapter: Option<&Path>) -> Result<TextEncoder, EncoderError> {
    let files = ModelFiles { dir: dir.to_owned(), adapter: adapter.map(Path::to_owned) };
    TextEncoder::load(files, &DeviceOptions::cpu())
}

fn vectors(
    encoder: &TextEncoder,
    pairs: &[TrainingPair],
) -> Result<(Vec<f32>, Vec<f32>), EncoderError> {
    let said: Vec<&str> = pairs.iter().map(|pair| pair.text.as_str()).collect();
    let passages = encoder.encode(&PASSAGES, TextRole::Passage, &mut |_| {})?;
    Ok((passages, encoder.encode(&said, TextRole::Query, &mut |_| {})?))
}

fn fitted(dir: &Path, config: &AdapterConfig) -> Result<(Adapter, Vec<f32>), EncoderError> {
    let (pairs, encoder) = (pairs(), load(dir, None)?);
    let (passage_vectors, pair_vectors) = vectors(&encoder, &pairs)?;
    let texts = TrainingTexts {
        passages: &PASSAGES,
        passage_vectors: &passage_vectors,
        pairs: &pairs,
        pair_vectors: &pair_vectors,
    };
    let mut losses = Vec::new();
    let mut note = |step: vitrine_encoder::adapter::AdapterStep| losses.push(step.loss);
    let adapter = fit_adapter(dir, &encoder, texts, config, &mut note, &AtomicBool::new(false))?;
    Ok((adapter, losses))
}

fn written(kind: &MadeUpModel) -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = kind.write();
    let (adapter, losses) = fitted(dir.path(), &config()).expect("a fit");
    let (first, last) = (losses[0], losses[losses.len() - 1]);
    assert!(last < 0.5 * first, "{}: {first} to {last}", kind.model_type);
    let path = dir.path().join("shop.safetensors");
    std::fs::write(&path, adapter.to_bytes().expect("small")).expect("written");
    (dir, path)
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn what_was_fitted_is_found_and_candle_and_kernels_merge_it_alike() {
    for kind in &KINDS {
        let (dir, path) = written(kind);
        let encoder = load(dir.path(), Some(&path)).unwrap();
        let said = encoder.encode(&PASSAGES, TextRole::Passage, &mut |_| {}).unwrap();
        for (at, search) in SEARCHES.into_iter().enumerate() {
            let query = encoder.encode_query(search, &|| false).unwrap();
            let cosines: Vec<f32> =
                said.chunks_exact(TEXT_DIM).map(|passage| cosine(passage, &query)).collect();
            let best = (0..4).max_by(|a, b| cosines[*a].total_cmp(&cosines[*b]));
            assert_eq!(best, Some(at), "{search} in {}: {cosines:?}", kind.hidden);
        }
        let open = OpenDevice::open(DeviceChoice::Cpu).unwrap();
        let files = ModelFiles { dir: dir.path().to_owned(), adapter: Some(path) };
        let mut candle = DeviceModel::load(files, open, Some(DevicePrecision::F32)).unwrap();
        assert_eq!(candle.hello().model_id, encoder.model_id());
        let batch = TokenBatch { id: 0, lengths: vec![3], token_ids: vec![2, 4, 3] };
        let by_candle = candle.encode(&batch).unwrap();
        let near = cosine(&by_candle, &said[..TEXT_DIM]);
        assert!(near >= 0.999, "{near} in {}", kind.hidden);
    }
}

#[test]
fn a_stamp_has_the_adapter_and_says_that_the_model_is_another() {
    let (dir, path) = written(&KINDS[0]);
    let (plain, adapted) =
        (load(dir.path(), None).unwrap(), load(dir.path(), Some(&path)).unwrap());
    assert_ne!(plain.model_id(), adapted.model_id());
    let (plain, adapted) = (plain.stamp(), adapted.stamp());
    assert!(!adapted.made(Some(&plain)) && !adapted.is_default);
    let name = Adapter::name(&std::fs::read(&path).unwrap());
    assert_eq!((plain.adapter, adapted.adapter.clone()), (None, Some(name)));
    assert!(adapted.to_string().contains("with an adapter"), "{adapted}");
    let json = serde_json::to_string(&adapted).unwrap();
    let read: vitrine_encoder::EncoderStamp = serde_json::from_str(&json).unwrap();
    assert_eq!(read.adapter, adapted.adapter);
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_settings_give_others() {
    let dir = KINDS[0].write();
    let bytes = |config: &AdapterConfig| fitted(dir.path(), config).unwrap().0.to_bytes().unwrap();
    let short = AdapterConfig { n_passes: 40, margin: -0.5, ..config() };
    let with = |negatives| bytes(&AdapterConfig { negatives, ..short.clone() });
    let made = with(Negatives::Adversarial);
    assert!(made == with(Negatives::Adversarial), "the same bytes");
    assert!(made != with(Negatives::InBatch), "wrong passages that were chosen");
    let (adapter, read) = (&made, Adapter::from_bytes(&made).unwrap());
    assert!(&read.to_bytes().unwrap() == adapter, "read and written");
    let other = bytes(&AdapterConfig { targets: vec![AdapterTarget::Value], n_layers: 1, ..short });
    assert!(other.len() < adapter.len());
}

#[test]
fn an_adapter_of_other_weights_is_refused() {
    let (_dir, path) = written(&KINDS[0]);
    let other = MadeUpModel { seed: 8, ..KINDS[0] }.write();
    let error = load(other.path(), Some(&path)).err().unwrap();
    let EncoderError::Adapter { source: AdapterFault::OtherBase { dir }, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(dir, other.path());
    let gone = load(other.path(), Some(&path.with_extension("gone"))).err().unwrap();
    assert!(matches!(gone, EncoderError::Io { .. }), "{gone}");
}

#[test]
fn damaged_bytes_are_refused_wherever_they_are_damaged() {
    let (dir, path) = written(&KINDS[0]);
    let good = std::fs::read(&path).unwrap();
    let header = u64::from_le_bytes(good[..8].try_into().unwrap()) as usize;
    for n in [0, 7, 8, header / 2, header + 8, good.len() - 1] {
        assert!(Adapter::from_bytes(&good[..n]).is_err(), "cut after {n}");
    }
    assert!(matches!(
        Adapter::from_bytes(&vec![0; BYTES_MAX + 1]),
        Err(AdapterFault::TooLarge { .. })
    ));
    // No text of the header may be another one.
    let replaced = |from: &str, to: &str| {
        let text = String::from_utf8(good[8..8 + header].to_vec()).unwrap();
        assert!(text.contains(from), "{from}");
        let text = text.replacen(from, to, 1);
        [&(text.len() as u64).to_le_bytes(), text.as_bytes(), &good[8 + header..]].concat()
    };
    let version = replaced("\"vitrine-adapter\":\"1 ", "\"vitrine-adapter\":\"2 ");
    assert!(matches!(Adapter::from_bytes(&version), Err(AdapterFault::Version)));
    let scale = replaced(" 2\"}", " inf\"}");
    assert!(matches!(Adapter::from_bytes(&scale), Err(AdapterFault::Damaged(_))));
    let alone =
        replaced("layer.0.attention.self.query.lora_A", "layer.0.attention.self.query.other");
    assert!(Adapter::from_bytes(&alone).is_err());
    // A layer that the model does not have.
    let name = "encoder.layer.1.output.dense.lora_";
    let text = String::from_utf8(good[8..8 + header].to_vec()).unwrap();
    let text = text.replace(name, "encoder.layer.7.output.dense.lora_");
    let seventh = [&(text.len() as u64).to_le_bytes(), text.as_bytes(), &good[8 + header..]];
    std::fs::write(&path, seventh.concat()).unwrap();
    let error = load(dir.path(), Some(&path)).err().unwrap();
    assert!(matches!(error, EncoderError::Adapter { .. }), "{error}");
    let mut infinite = good.clone();
    let end = infinite.len();
    infinite[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    assert!(matches!(Adapter::from_bytes(&infinite), Err(AdapterFault::Damaged(_))));
}

#[test]
fn settings_that_make_no_sense_are_refused_by_their_name() {
    let dir = KINDS[0].write();
    let named = |config: AdapterConfig| match fitted(dir.path(), &config) {
        Err(EncoderError::AdapterConfig { name, .. }) => name,
        other => panic!("{:?}", other.map(|(_, losses)| losses)),
    };
    assert_eq!(named(AdapterConfig { rank: 0, ..config() }), "rank");
    assert_eq!(named(AdapterConfig { targets: Vec::new(), ..config() }), "targets");
    assert_eq!(named(AdapterConfig { rate: f32::NAN, ..config() }), "rate");
    assert_eq!(named(AdapterConfig { batch: 1, ..config() }), "batch");
    // 1,024 wide, two layers of all six products: more than 2 MiB.
    let wide = KINDS[2].write();
    let large = fitted(wide.path(), &AdapterConfig { rank: 64, ..config() }).err().unwrap();
    assert!(large.to_string().contains("2 MiB at most"), "{large}");
}

#[test]
fn a_fit_that_is_to_stop_stops_and_other_vectors_are_refused() {
    let dir = KINDS[0].write();
    let (pairs, encoder) = (pairs(), load(dir.path(), None).unwrap());
    let (passage_vectors, pair_vectors) = vectors(&encoder, &pairs).unwrap();
    let texts = TrainingTexts {
        passages: &PASSAGES,
        passage_vectors: &passage_vectors,
        pairs: &pairs,
        pair_vectors: &pair_vectors,
    };
    let stop = AtomicBool::new(true);
    let fit = |texts| fit_adapter(dir.path(), &encoder, texts, &config(), &mut |_| {}, &stop);
    assert!(matches!(fit(texts), Err(EncoderError::Cancelled { n_done: 0, .. })));
    let fewer = TrainingTexts { passage_vectors: &passage_vectors[1..], ..texts };
    assert!(matches!(fit(fewer), Err(EncoderError::AdapterConfig { .. })));
    let gone = TrainingTexts {
        passages: &PASSAGES[..3],
        passage_vectors: &passage_vectors[..3 * TEXT_DIM],
        ..texts
    };
    assert!(matches!(fit(gone), Err(EncoderError::AdapterConfig { .. })));
}
