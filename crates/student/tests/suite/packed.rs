use vitrine_student::counting::N_SHARED;
use vitrine_student::golden::Generator;
use vitrine_student::last_layer::LinearLayer;
use vitrine_student::packed::FORMAT;
use vitrine_student::{LastLayer, PackedStudent, StudentError, Weights};

/// Weights of few distinct values, so that the golden file compresses.
fn plain_weights() -> Weights {
    let mut tensors = Weights::zeros(0.0625).tensors();
    for (t, (_, values)) in tensors.values_mut().enumerate() {
        for (i, value) in values.iter_mut().enumerate() {
            *value = ((i * 7 + t) % 9) as f32 * 0.25 - 1.0;
        }
    }
    Weights::from_tensors(&tensors, 0.0625).unwrap()
}

#[test]
fn packing_keeps_vectors_and_rounds_matrices_within_half_a_step() {
    let weights = Generator::new(31).weights();
    let packed = PackedStudent::pack(&weights).unwrap();
    let shipped = packed.weights();
    assert_eq!(shipped.code_scale(), weights.code_scale());
    assert_eq!(shipped.tensor("block0.ff1.b"), weights.tensor("block0.ff1.b"));
    assert_eq!(shipped.tensor("kind"), weights.tensor("kind"));
    let (exact, rounded) =
        (weights.tensor("score.w2").unwrap(), shipped.tensor("score.w2").unwrap());
    for column in 0..32 {
        let of = |w: &[f32]| w.iter().skip(column).step_by(32).copied().collect::<Vec<f32>>();
        let (exact, rounded) = (of(exact), of(rounded));
        let step = exact.iter().fold(0.0f32, |m, v| m.max(v.abs())) / 127.0;
        for (a, b) in exact.iter().zip(rounded) {
            assert!((a - b).abs() <= step * 0.501, "{a} {b} {step}");
        }
    }
    // What is shipped packs to itself.
    assert_eq!(PackedStudent::pack(&shipped).unwrap().weights(), shipped);
}

#[test]
fn bytes_survive_a_round_trip_and_are_small() {
    let packed = PackedStudent::pack(&Generator::new(32).weights()).unwrap();
    let bytes = packed.to_bytes();
    assert_eq!(PackedStudent::from_bytes(&bytes).unwrap(), packed);
    assert!(bytes.len() < 150_000, "{} bytes", bytes.len());
    assert_eq!(packed.outputs(), ["purchase"]);
}

/// [`plain_weights`] under a last layer.
fn layered_weights() -> Weights {
    let values = |t: usize| std::array::from_fn(|i| ((i * 7 + t) % 9) as f32 * 0.25 - 1.0);
    let [long, short] = [0, 1].map(|t| LinearLayer::from_values(&values(t)));
    plain_weights().with_last_layer(Some(LastLayer { long, short }))
}

/// What [`layered_weights`] are in a format that took cards without a past for any other.
fn layered_weights_of_two_groups() -> Weights {
    let weights = layered_weights();
    let layer = weights.last_layer().map(|LastLayer { long, short }| {
        let [long, short] = [long, short].map(|linear| {
            let mut linear = *linear;
            linear.without_past.fill(0.0);
            linear.without_past[..N_SHARED].copy_from_slice(&linear.new);
            linear
        });
        LastLayer { long, short }
    });
    plain_weights().with_last_layer(layer)
}

#[test]
fn the_golden_file_of_format_1_still_reads() {
    let golden = include_bytes!("../../golden/packed-v1.bin");
    let packed = PackedStudent::from_bytes(golden).unwrap();
    assert_eq!(packed, PackedStudent::pack(&plain_weights()).unwrap());
    assert!(packed.weights().last_layer().is_none());
}

#[test]
fn the_golden_file_of_format_2_still_reads() {
    let golden = include_bytes!("../../golden/packed-v2.bin");
    let packed = PackedStudent::from_bytes(golden).unwrap();
    assert_eq!(packed, PackedStudent::pack(&layered_weights_of_two_groups()).unwrap());
}

#[test]
fn the_golden_file_of_format_3_is_what_is_written() {
    let golden = include_bytes!("../../golden/packed-v3.bin");
    let packed = PackedStudent::from_bytes(golden).unwrap();
    assert_eq!(packed, PackedStudent::pack(&layered_weights()).unwrap());
    assert_eq!(packed.to_bytes(), golden, "format {FORMAT} is frozen");
}

#[test]
#[ignore = "writes golden/packed-v3.bin; run by hand when a format is added"]
fn write_the_golden_file() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/packed-v3.bin");
    std::fs::write(path, PackedStudent::pack(&layered_weights()).unwrap().to_bytes()).unwrap();
}

#[test]
fn a_last_layer_that_is_not_finite_is_refused() {
    let mut layer = LastLayer::NETWORK;
    layer.short.new[2] = f32::INFINITY;
    let weights = plain_weights().with_last_layer(Some(layer));
    assert!(matches!(
        PackedStudent::pack(&weights),
        Err(StudentError::NotFinite { name: "last layer" })
    ));
}

#[test]
fn damaged_bytes_are_refused_and_never_panic() {
    let bytes = PackedStudent::pack(&Generator::new(33).weights()).unwrap().to_bytes();
    for n in (0..bytes.len()).step_by(997).chain([0, 3, 4, 5, 6, bytes.len() - 1]) {
        assert!(PackedStudent::from_bytes(&bytes[..n]).is_err(), "cut to {n} bytes");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(
        PackedStudent::from_bytes(&longer),
        Err(StudentError::TrailingBytes { n_bytes: 1 })
    ));
    let mut newer = bytes.clone();
    newer[4] = 4;
    assert!(matches!(
        PackedStudent::from_bytes(&newer),
        Err(StudentError::Version { found: 4, expected: 3 })
    ));
    assert!(matches!(
        PackedStudent::from_bytes(&vec![0; 2 << 20]),
        Err(StudentError::TooLarge { .. })
    ));
    let mut generator = Generator::new(34);
    for _ in 0..2_000 {
        let mut damaged = bytes.clone();
        // Headers, names and lengths sit at the beginnings of tensors.
        let at = generator.below(bytes.len() as u32) as usize / (1 + generator.below(40) as usize);
        damaged[at] = generator.below(256) as u8;
        if let Ok(packed) = PackedStudent::from_bytes(&damaged) {
            let finite = |(_, values): (_, Vec<f32>)| values.iter().all(|v| v.is_finite());
            assert!(packed.weights().tensors().into_values().all(finite), "byte {at}");
        }
    }
}
