//! A child process and the pipes to it.

use std::io::Read;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use super::error::{LastWords, RemoteError};
use super::protocol::{self, DeviceFault, Hello, PipeMessage, ProtocolError, TokenBatch};
use crate::ModelFiles;

/// How much of a child's standard error is kept, in bytes.
const LAST_WORDS_BYTES_MAX: usize = 1_024;
/// How long a child may take to end once it was told to.
const END_MAX: Duration = Duration::from_secs(2);
/// Answers that are read before they are asked for.
const ANSWERS_MAX: usize = 2;

/// A running child. It is ended and waited for when this is dropped.
///
/// Threads of their own write and read, so that neither side waits for the other to read, and
/// whoever waits can stop.
pub struct ChildLink {
    child: Child,
    /// `None` once the child is to end: its standard input is closed then.
    to_child: Option<Sender<TokenBatch>>,
    from_child: Receiver<Result<PipeMessage, ProtocolError>>,
    said: Arc<Mutex<Vec<u8>>>,
    has_said_all: Receiver<()>,
}

impl ChildLink {
    /// Starts a child, which has not said anything yet.
    pub fn start(program: &Path, files: &ModelFiles, device: &str) -> Result<Self, RemoteError> {
        let mut command = Command::new(program);
        command.arg("--weights").arg(&files.dir).args(["--device", device]);
        if let Some(adapter) = &files.adapter {
            command.arg("--adapter").arg(adapter);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        // Ctrl-C is for the parent, which ends the child when it is done.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn().map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => RemoteError::NoProgram { program: program.to_owned() },
            _ => RemoteError::Start { program: program.to_owned(), error },
        })?;
        let (to_child, batches) = mpsc::channel();
        let (answers, from_child) = mpsc::sync_channel(ANSWERS_MAX);
        if let Some(stdin) = child.stdin.take() {
            thread::spawn(move || write_batches(stdin, &batches));
        }
        if let Some(stdout) = child.stdout.take() {
            thread::spawn(move || read_answers(stdout, &answers));
        }
        let said = Arc::default();
        let (saying, has_said_all) = mpsc::channel();
        if let Some(stderr) = child.stderr.take() {
            let said = Arc::clone(&said);
            thread::spawn(move || {
                keep_last_words(stderr, &said);
                drop(saying);
            });
        }
        Ok(Self { child, to_child: Some(to_child), from_child, said, has_said_all })
    }

    /// The first thing that the child says.
    pub fn hello(&mut self, longest: Duration) -> Result<Hello, RemoteError> {
        match self.answer(longest)? {
            PipeMessage::Hello(hello) => Ok(hello),
            PipeMessage::Failure(failure) => Err(match failure.fault {
                DeviceFault::NoDevice => RemoteError::NoDevice(failure.message),
                DeviceFault::OutOfMemory => RemoteError::OutOfMemory { n_tokens: 0 },
                DeviceFault::Model => RemoteError::Model(failure.message),
                DeviceFault::Computation => RemoteError::Computation(failure.message),
            }),
            _ => Err(self.not_understood(ProtocolError::OutOfTurn)),
        }
    }

    /// Sends a batch. That the child is gone shows in the answer.
    pub fn send(&self, batch: TokenBatch) {
        if let Some(to_child) = &self.to_child {
            // Fails where the thread has ended, which is when the pipe is broken.
            let _ = to_child.send(batch);
        }
    }

    /// The next thing that the child says.
    pub fn answer(&mut self, longest: Duration) -> Result<PipeMessage, RemoteError> {
        match self.from_child.recv_timeout(longest) {
            Ok(Ok(message)) => Ok(message),
            Ok(Err(ProtocolError::CutOff | ProtocolError::Io(_)))
            | Err(RecvTimeoutError::Disconnected) => Err(self.ended()),
            Ok(Err(error)) => Err(self.not_understood(error)),
            Err(RecvTimeoutError::Timeout) => Err(RemoteError::Silent(longest)),
        }
    }

    /// What is wrong with something that the child said.
    pub fn not_understood(&mut self, error: ProtocolError) -> RemoteError {
        self.end();
        RemoteError::Protocol { error, said: self.last_words() }
    }

    fn ended(&mut self) -> RemoteError {
        let status = self.end();
        let status = status.map_or("no status".to_owned(), |status| status.to_string());
        RemoteError::Ended { status, said: self.last_words() }
    }

    fn last_words(&self) -> LastWords {
        // Nothing is ever sent; it is dropped at the end of what the child says.
        let _ = self.has_said_all.recv_timeout(END_MAX);
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        LastWords(String::from_utf8_lossy(&said).trim().to_owned())
    }

    /// Has the child end, by force where it does not by itself, so that nothing of it is left.
    fn end(&mut self) -> Option<ExitStatus> {
        self.to_child = None;
        let deadline = Instant::now() + END_MAX;
        let ends_itself = || {
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                match self.from_child.recv_timeout(left) {
                    Ok(_) => {} // An answer that nobody waits for.
                    Err(RecvTimeoutError::Disconnected) => return true,
                    Err(RecvTimeoutError::Timeout) => return false,
                }
            }
        };
        if ends_itself() {
            // It has closed its output, which is the last thing that it does.
            while Instant::now() < deadline {
                if let Ok(Some(status)) = self.child.try_wait() {
                    return Some(status);
                }
                thread::sleep(Duration::from_millis(1));
            }
        }
        // Fails where it has ended meanwhile.
        let _ = self.child.kill();
        self.child.wait().ok()
    }
}

impl Drop for ChildLink {
    fn drop(&mut self) {
        self.end();
    }
}

/// Ends when the pipe is broken, or when there will be no more batches; then the child's
/// standard input is closed.
fn write_batches(mut to: ChildStdin, batches: &Receiver<TokenBatch>) {
    for batch in batches {
        if protocol::write_message(&mut to, &PipeMessage::Batch(batch)).is_err() {
            return;
        }
    }
}

/// Ends with the child's standard output, or with the first bytes that are not understood.
fn read_answers(
    mut from: ChildStdout,
    answers: &mpsc::SyncSender<Result<PipeMessage, ProtocolError>>,
) {
    loop {
        let answer = match protocol::read_message(&mut from) {
            Ok(Some(message)) => Ok(message),
            Ok(None) => return,
            Err(error) => Err(error),
        };
        let is_last = answer.is_err();
        if answers.send(answer).is_err() || is_last {
            return;
        }
    }
}

/// Reads to the end, so that the child never waits for it, and keeps the end.
fn keep_last_words(mut from: impl Read, said: &Mutex<Vec<u8>>) {
    let mut buffer = [0; LAST_WORDS_BYTES_MAX];
    while let Ok(n_bytes @ 1..) = from.read(&mut buffer) {
        let mut said = said.lock().unwrap_or_else(PoisonError::into_inner);
        said.extend(&buffer[..n_bytes]);
        let n_over = said.len().saturating_sub(LAST_WORDS_BYTES_MAX);
        said.drain(..n_over);
    }
}
