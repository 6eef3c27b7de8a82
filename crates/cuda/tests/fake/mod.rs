//! Children that fail.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use vitrine_encoder::remote::protocol::{self, DeviceFault, Hello, PipeMessage, TokenBatch};
use vitrine_encoder::remote::worker::{self, BatchModel, WorkerFault};
use vitrine_encoder::remote::{DeviceModel, OpenDevice};
use vitrine_encoder::{DeviceChoice, TEXT_DIM};

/// Has a fake child be what it says.
const VARIABLE: &str = "VITRINE_FAKE";
/// Tokens of the largest batch that fits into a little memory.
const LITTLE_MEMORY_TOKENS: usize = 1_100;

/// What a child does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Fake {
    /// What it should.
    Works,
    /// Has no room for batches of more than [`LITTLE_MEMORY_TOKENS`].
    LittleMemory,
    /// Has no room for any batch.
    NoMemory,
    /// Ends within its third batch, and works when it is started again. Has little memory, so
    /// that there are so many.
    CrashesOnce,
    /// Ends with each first batch.
    Crashes,
    /// Cannot compute its third batch, and works when it is started again.
    FailsOnce,
    /// Never answers a batch.
    Hangs,
    /// Speaks another version of the protocol.
    AnotherVersion,
    /// Has another model.
    AnotherModel,
    /// Answers a batch by bytes that are no frame.
    Garbage,
    /// Answers a batch by what are no numbers.
    NotNumbers,
}

const ALL: [Fake; 11] = [
    Fake::Works,
    Fake::LittleMemory,
    Fake::NoMemory,
    Fake::CrashesOnce,
    Fake::Crashes,
    Fake::FailsOnce,
    Fake::Hangs,
    Fake::AnotherVersion,
    Fake::AnotherModel,
    Fake::Garbage,
    Fake::NotNumbers,
];

/// Where children of a program write their ids.
pub fn pids(program: &Path) -> PathBuf {
    program.with_extension("pids")
}

impl Fake {
    pub fn name(self) -> String {
        format!("{self:?}")
    }

    pub fn of_environment() -> Option<Self> {
        let name = std::env::var(VARIABLE).ok()?;
        Some(*ALL.iter().find(|fake| fake.name() == name).expect("a name"))
    }

    /// Is such a child: its arguments are the folder of the weights and its own program.
    pub fn run(self) {
        let mut args = std::env::args_os().skip(1).map(PathBuf::from);
        let (weights, program) = (args.next().expect("weights"), args.next().expect("a program"));
        let pids = pids(&program);
        let is_first = !pids.exists();
        let mut file = OpenOptions::new().create(true).append(true).open(pids).expect("a file");
        writeln!(file, "{}", std::process::id()).expect("written");
        if self == Self::AnotherVersion {
            let hello = Hello { model_id: [0; 32], device: "another".to_owned(), memory_bytes: 0 };
            let mut bytes = protocol::encode(&PipeMessage::Hello(hello));
            bytes[13..17].copy_from_slice(&77u32.to_le_bytes());
            std::io::stdout().write_all(&bytes).expect("written");
            return;
        }
        let load = || {
            let model = DeviceModel::load(&weights, OpenDevice::open(DeviceChoice::Cpu)?, None)?;
            Ok(FakeModel { fake: self, is_first, n_batches: 0, model })
        };
        if let Err(error) = worker::run(std::io::stdin(), std::io::stdout(), load) {
            eprintln!("{error}");
        }
    }
}

struct FakeModel {
    fake: Fake,
    /// Whether no child of this program was before.
    is_first: bool,
    n_batches: usize,
    model: DeviceModel,
}

impl BatchModel for FakeModel {
    fn hello(&self) -> Hello {
        let hello = self.model.hello();
        match self.fake {
            Fake::AnotherModel => Hello { model_id: [7; 32], ..hello },
            _ => hello,
        }
    }

    fn encode(&mut self, batch: &TokenBatch) -> Result<Vec<f32>, WorkerFault> {
        let fault = |fault| Err(WorkerFault { fault, message: "a fake".to_owned() });
        let n_tokens = batch.n_tokens_padded();
        let has_room = n_tokens <= LITTLE_MEMORY_TOKENS;
        self.n_batches += usize::from(has_room);
        let is_third = self.is_first && self.n_batches == 3;
        match self.fake {
            Fake::LittleMemory | Fake::CrashesOnce | Fake::FailsOnce if !has_room => {
                return fault(DeviceFault::OutOfMemory);
            }
            Fake::NoMemory => return fault(DeviceFault::OutOfMemory),
            Fake::CrashesOnce if is_third => std::process::abort(),
            Fake::FailsOnce if is_third => return fault(DeviceFault::Computation),
            Fake::Crashes => {
                eprintln!("last words of a fake");
                std::process::abort();
            }
            Fake::Hangs => hang(),
            Fake::Garbage => {
                let mut out = std::io::stdout();
                out.write_all(&[0xAB; 64]).and_then(|()| out.flush()).expect("written");
                hang();
            }
            Fake::NotNumbers => return Ok(vec![f32::NAN; batch.lengths.len() * TEXT_DIM]),
            _ => {}
        }
        self.model.encode(batch)
    }
}

/// Does nothing until the process is ended.
fn hang() -> ! {
    loop {
        std::thread::park();
    }
}
