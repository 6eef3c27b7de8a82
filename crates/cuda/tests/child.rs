//! Encoding by a child process: the real program, computing on the CPU, and children that fail
//! in every way that is thought of. Whatever they do, each text gets its vector.
//!
//! A child that fails is this very program, started anew with `VITRINE_FAKE` set, by a script
//! that a test writes. Needs the weights; without them every test here shows as ignored.

mod fake;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use tempfile::TempDir;
use vitrine_encoder::{
    DeviceChoice, DeviceOptions, EncoderError, EncodingDevice, Patience, TEXT_DIM, TextEncoder,
    TextRole, VectorCache, WEIGHT_FILES, WhyCpu, encode_cached, weights_dir,
};

use fake::Fake;

const COSINE_MIN: f64 = 0.9999;
const N_TEXTS: usize = 100;
const TEXT_BYTES_MAX: usize = 120;
/// So long that no busy machine takes longer.
const LONG: Duration = Duration::from_secs(600);

type Test = fn() -> Result<(), Failed>;

fn main() {
    if let Some(fake) = Fake::of_environment() {
        return fake.run();
    }
    let tests: [(&str, Test); 18] = [
        ("the_program_agrees_with_the_cpu", the_program_agrees_with_the_cpu),
        ("half_precision_agrees_with_the_oracle", half_precision_agrees_with_the_oracle),
        ("single_texts_are_not_sent", single_texts_are_not_sent),
        ("little_memory_makes_small_batches", little_memory_makes_small_batches),
        ("no_memory_falls_back", no_memory_falls_back),
        ("a_crash_starts_another", a_crash_starts_another),
        ("crashes_without_end_fall_back", crashes_without_end_fall_back),
        ("a_failed_computation_starts_another", a_failed_computation_starts_another),
        ("a_child_that_hangs_falls_back", a_child_that_hangs_falls_back),
        ("a_child_that_never_says_hello_is_not_waited_for", a_child_that_never_says_hello),
        ("another_version_is_not_used", another_version_is_not_used),
        ("another_model_is_not_used", another_model_is_not_used),
        ("garbage_in_place_of_a_hello_is_not_used", garbage_in_place_of_a_hello_is_not_used),
        ("garbage_in_place_of_vectors_falls_back", garbage_in_place_of_vectors_falls_back),
        ("numbers_that_are_no_vectors_fall_back", numbers_that_are_no_vectors_fall_back),
        ("what_is_not_there_says_what_to_do", what_is_not_there_says_what_to_do),
        ("a_child_ends_with_its_encoder", a_child_ends_with_its_encoder),
        ("a_cancelled_encoding_leaves_the_child_usable", a_cancelled_encoding_leaves_it_usable),
    ];
    let is_ignored = cfg!(not(unix)) || weights_are_missing();
    let trials = tests.into_iter().map(|(name, test)| {
        let trial = Trial::test(name, test).with_kind("needs the weights of all-MiniLM-L6-v2");
        trial.with_ignored_flag(is_ignored)
    });
    // One at a time: each has a process that computes on all cores.
    let arguments = Arguments { test_threads: Some(1), ..Arguments::from_args() };
    libtest_mimic::run(&arguments, trials.collect()).exit();
}

fn weights_are_missing() -> bool {
    !weights_dir().is_some_and(|dir| WEIGHT_FILES.iter().all(|file| dir.join(file).is_file()))
}

fn weights() -> Result<PathBuf, Failed> {
    Ok(weights_dir().ok_or("no weights")?)
}

/// Texts, and their vectors by the CPU and by the oracle.
struct Expected {
    texts: Vec<String>,
    vectors: Vec<f32>,
    oracle: Vec<f32>,
}

/// Long ones would take their time on a slow machine.
fn expected() -> Result<&'static Expected, Failed> {
    static EXPECTED: OnceLock<Expected> = OnceLock::new();
    if let Some(expected) = EXPECTED.get() {
        return Ok(expected);
    }
    let texts = fs::read_to_string(golden("texts.txt"))?;
    let oracle = fs::read(golden("vectors.f32"))?;
    let oracle: Vec<f32> =
        oracle.as_chunks().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let rows = texts.lines().zip(oracle.chunks_exact(TEXT_DIM));
    let short = rows.filter(|(text, _)| text.len() <= TEXT_BYTES_MAX).take(N_TEXTS);
    let (texts, oracle): (Vec<String>, Vec<&[f32]>) =
        short.map(|(text, vector)| (text.to_owned(), vector)).unzip();
    let encoder = TextEncoder::load(&weights()?, &DeviceOptions::cpu())?;
    let vectors = encoder.encode(&as_str(&texts), TextRole::Passage, &mut |_| {})?;
    let oracle = oracle.concat();
    Ok(EXPECTED.get_or_init(|| Expected { texts, vectors, oracle }))
}

fn golden(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../encoder/tests/golden").join(file)
}

fn as_str(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

fn assert_near(found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len());
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let rows = found.chunks_exact(TEXT_DIM).zip(expected.chunks_exact(TEXT_DIM));
    let cosines = rows.map(|(a, b)| dot(a, b) / (dot(a, a) * dot(b, b)).sqrt());
    let least = cosines.fold(1.0, f64::min);
    assert!(least >= COSINE_MIN, "cosine {least}");
}

fn patient() -> Patience {
    Patience { start_max: LONG, batch_max: LONG, restarts_max: 2 }
}

/// A program in a folder of its own: a script that starts something else.
struct Program {
    folder: TempDir,
}

impl Program {
    fn script(line: &str) -> Result<Self, Failed> {
        let folder = tempfile::tempdir()?;
        let program = Self { folder };
        fs::write(program.path(), format!("#!/bin/sh\n{line}\n"))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(program.path(), fs::Permissions::from_mode(0o755))?;
        }
        Ok(program)
    }

    /// The real program, on the CPU.
    fn real(precision: &str) -> Result<Self, Failed> {
        let program = env!("CARGO_BIN_EXE_vitrine-cuda");
        Self::script(&format!(
            "exec {program} --weights \"$2\" --device cpu --precision {precision}"
        ))
    }

    fn fake(fake: Fake) -> Result<Self, Failed> {
        let program = std::env::current_exe()?;
        let line =
            format!("exec env VITRINE_FAKE={} {} \"$2\" \"$0\"", fake.name(), program.display());
        Self::script(&line)
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("vitrine-cuda")
    }

    /// Ids of the children that this program has been.
    fn started(&self) -> Result<Vec<u32>, Failed> {
        let pids = fs::read_to_string(fake::pids(&self.path()))?;
        Ok(pids.lines().map(str::parse).collect::<Result<_, _>>()?)
    }

    fn options(&self, choice: DeviceChoice) -> DeviceOptions {
        let patience = patient();
        DeviceOptions { choice, program: Some(self.path()), patience }
    }

    fn load(&self, options: &DeviceOptions) -> Result<TextEncoder, Failed> {
        Ok(TextEncoder::load(&weights()?, options)?)
    }

    /// An encoder that has this child.
    fn encoder(&self) -> Result<TextEncoder, Failed> {
        let encoder = self.load(&self.options(DeviceChoice::Cuda(0)))?;
        assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
        Ok(encoder)
    }
}

/// Encodes all texts, each of which gets its vector.
fn assert_encodes(encoder: &TextEncoder) -> Result<(), Failed> {
    let Expected { texts, vectors, .. } = expected()?;
    let mut n_done = 0;
    let found = encoder
        .encode(&as_str(texts), TextRole::Passage, &mut |progress| n_done = progress.n_done)?;
    assert_near(&found, vectors);
    assert_eq!(n_done, texts.len(), "each text is encoded once");
    Ok(())
}

fn given_up(encoder: &TextEncoder) -> Result<String, Failed> {
    match encoder.device() {
        EncodingDevice::Cpu(why @ WhyCpu::GivenUp(_)) => Ok(why.to_string()),
        device => Err(format!("not given up: {device:#}").into()),
    }
}

/// Why a child is not used with `auto`, which the same child with `cuda` is an error for.
fn refused(program: &Program, patience: Patience) -> Result<String, Failed> {
    let options = |choice| DeviceOptions { patience, ..program.options(choice) };
    let encoder = program.load(&options(DeviceChoice::Auto))?;
    let EncodingDevice::Cpu(WhyCpu::NoGpu(why)) = encoder.device() else {
        return Err(format!("used: {}", encoder.device()).into());
    };
    assert_encodes(&encoder)?;
    match TextEncoder::load(&weights()?, &options(DeviceChoice::Cuda(0))) {
        Err(error @ EncoderError::NoDevice { .. }) => {
            let message = error.to_string();
            assert!(message.contains("--device auto"), "{message}");
        }
        Err(error) => return Err(error.into()),
        Ok(encoder) => return Err(format!("used: {}", encoder.device()).into()),
    }
    Ok(why.to_string())
}

fn the_program_agrees_with_the_cpu() -> Result<(), Failed> {
    let program = Program::real("f32")?;
    let encoder = program.encoder()?;
    assert_eq!(encoder.device().to_string(), "GPU CPU by candle");
    assert_encodes(&encoder)?;
    assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
    Ok(())
}

fn half_precision_agrees_with_the_oracle() -> Result<(), Failed> {
    let program = Program::real("f16")?;
    let encoder = program.encoder()?;
    let Expected { texts, oracle, .. } = expected()?;
    assert_near(&encoder.encode(&as_str(texts), TextRole::Passage, &mut |_| {})?, oracle);
    assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
    Ok(())
}

fn single_texts_are_not_sent() -> Result<(), Failed> {
    let program = Program::fake(Fake::Crashes)?;
    let encoder = program.encoder()?;
    encoder.encode_query("white milk", &|| false)?;
    encoder.encode_query("white milk", &|| false)?;
    encoder.encode(&["white milk"], TextRole::Passage, &mut |_| {})?;
    assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
    Ok(())
}

fn little_memory_makes_small_batches() -> Result<(), Failed> {
    let program = Program::fake(Fake::LittleMemory)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
    assert_eq!(program.started()?.len(), 1, "lack of memory is no crash");
    Ok(())
}

fn no_memory_falls_back() -> Result<(), Failed> {
    let program = Program::fake(Fake::NoMemory)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    let why = given_up(&encoder)?;
    assert!(why.contains("memory"), "{why}");
    assert_eq!(program.started()?.len(), 1, "another child has no more memory");
    // And so it stays.
    assert_encodes(&encoder)
}

fn a_crash_starts_another() -> Result<(), Failed> {
    let program = Program::fake(Fake::CrashesOnce)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
    assert_eq!(program.started()?.len(), 2);
    Ok(())
}

fn crashes_without_end_fall_back() -> Result<(), Failed> {
    let program = Program::fake(Fake::Crashes)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    let why = given_up(&encoder)?;
    assert!(why.contains("ended") && why.contains("last words of a fake"), "{why}");
    assert_eq!(program.started()?.len(), 3, "once, and twice again");
    Ok(())
}

fn a_failed_computation_starts_another() -> Result<(), Failed> {
    let program = Program::fake(Fake::FailsOnce)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
    assert_eq!(program.started()?.len(), 2);
    Ok(())
}

fn a_child_that_hangs_falls_back() -> Result<(), Failed> {
    let program = Program::fake(Fake::Hangs)?;
    let options = program.options(DeviceChoice::Cuda(0));
    let patience =
        Patience { batch_max: Duration::from_millis(100), restarts_max: 1, ..options.patience };
    let encoder = program.load(&DeviceOptions { patience, ..options })?;
    assert_encodes(&encoder)?;
    let why = given_up(&encoder)?;
    assert!(why.contains("no answer within 0.1 s"), "{why}");
    let started = program.started()?;
    assert_eq!(started.len(), 2);
    started.into_iter().for_each(assert_gone);
    Ok(())
}

fn a_child_that_never_says_hello() -> Result<(), Failed> {
    let program = Program::script("exec sleep 600")?;
    let patience = Patience { start_max: Duration::from_millis(100), ..patient() };
    let why = refused(&program, patience)?;
    assert!(why.contains("no answer"), "{why}");
    Ok(())
}

fn another_version_is_not_used() -> Result<(), Failed> {
    let why = refused(&Program::fake(Fake::AnotherVersion)?, patient())?;
    assert!(why.contains("version 77") && why.contains("same build"), "{why}");
    Ok(())
}

fn another_model_is_not_used() -> Result<(), Failed> {
    let why = refused(&Program::fake(Fake::AnotherModel)?, patient())?;
    assert!(why.contains("another model"), "{why}");
    Ok(())
}

fn garbage_in_place_of_a_hello_is_not_used() -> Result<(), Failed> {
    for garbage in ["echo hello world", "exec cat /bin/sh", "head -c 100 /dev/zero"] {
        let why = refused(&Program::script(garbage)?, patient())?;
        assert!(why.contains("not understood") || why.contains("ended"), "{garbage}: {why}");
    }
    Ok(())
}

fn garbage_in_place_of_vectors_falls_back() -> Result<(), Failed> {
    let program = Program::fake(Fake::Garbage)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    let why = given_up(&encoder)?;
    assert!(why.contains("not understood"), "{why}");
    Ok(())
}

fn numbers_that_are_no_vectors_fall_back() -> Result<(), Failed> {
    let program = Program::fake(Fake::NotNumbers)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    let why = given_up(&encoder)?;
    assert!(why.contains("no unit vectors"), "{why}");
    Ok(())
}

fn what_is_not_there_says_what_to_do() -> Result<(), Failed> {
    let program = Program::script("echo libcuda.so.1: cannot open >&2; exit 127")?;
    let why = refused(&program, patient())?;
    assert!(why.contains("127") && why.contains("libcuda.so.1"), "{why}");

    fs::remove_file(program.path())?;
    let why = refused(&program, patient())?;
    assert!(why.contains("is not there") && why.contains("VITRINE_CUDA"), "{why}");

    if cfg!(not(feature = "cuda")) {
        let program = env!("CARGO_BIN_EXE_vitrine-cuda");
        let program = Program::script(&format!("exec {program} \"$@\""))?;
        let why = refused(&program, patient())?;
        assert!(why.contains("without its feature"), "{why}");
    }
    Ok(())
}

fn a_child_ends_with_its_encoder() -> Result<(), Failed> {
    let program = Program::fake(Fake::Works)?;
    let encoder = program.encoder()?;
    assert_encodes(&encoder)?;
    let [pid] = program.started()?[..] else { return Err("not one child".into()) };
    if cfg!(target_os = "linux") {
        let group = |pid: &str| -> Result<String, Failed> {
            let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
            let (_, fields) = stat.rsplit_once(')').ok_or("no stat")?;
            Ok(fields.split_whitespace().nth(2).ok_or("no group")?.to_owned())
        };
        // What a terminal sends on Ctrl-C goes to a group.
        assert_ne!(group(&pid.to_string())?, group("self")?);
    }
    drop(encoder);
    assert_gone(pid);
    Ok(())
}

/// Neither running nor waiting for its parent to look.
fn assert_gone(pid: u32) {
    if cfg!(target_os = "linux") {
        assert!(!Path::new(&format!("/proc/{pid}")).exists(), "{pid} is left");
    }
}

fn a_cancelled_encoding_leaves_it_usable() -> Result<(), Failed> {
    let program = Program::fake(Fake::LittleMemory)?;
    let encoder = program.encoder()?;
    let Expected { texts, vectors, .. } = expected()?;
    let folder = tempfile::tempdir()?;
    let mut cache = VectorCache::open(&folder.path().join("vectors.bin"))?;
    let cancel = AtomicBool::new(false);
    let stop_early = &mut |_| cancel.store(true, Ordering::Relaxed);
    let stopped =
        encode_cached(&encoder, &mut cache, &as_str(texts), TextRole::Passage, stop_early, &cancel);
    let Err(EncoderError::Cancelled { n_done, n_total }) = stopped else {
        return Err("it was not stopped".into());
    };
    assert!(n_done > 0 && n_done < n_total, "{n_done} of {n_total}");
    let never = AtomicBool::new(false);
    let rest = encode_cached(
        &encoder,
        &mut cache,
        &as_str(texts),
        TextRole::Passage,
        &mut |_| {},
        &never,
    )?;
    assert_eq!((rest.n_reused, rest.n_encoded), (n_done, n_total - n_done));
    assert_near(&rest.vectors, vectors);
    assert!(encoder.device().is_gpu(), "{:#}", encoder.device());
    assert_eq!(program.started()?.len(), 1);
    Ok(())
}
