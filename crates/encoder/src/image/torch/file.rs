//! The whole file: what the pickles name, and the numbers behind them.

use std::collections::BTreeMap;

use super::TorchFileError;
use super::opcodes::read_pickle;
use super::values::{Element, Storage, Strided, TRUE, Value, ValueId, Values};

/// Longest file that is read. EfficientNet-lite0 has 19 MB.
pub(super) const FILE_BYTES_MAX: usize = 256 << 20;
/// The first two pickles: a number that marks such files, and the version of their layout.
const START: &[u8] = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.";

/// A tensor of a [`StateDict`], row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct StateTensor {
    /// Its dimensions; none for a single number.
    pub sizes: Vec<usize>,
    /// Its numbers, as many as the product of the dimensions, all finite.
    pub values: Vec<f32>,
}

/// Tensors of 32-bit floats by name.
pub type StateDict = BTreeMap<String, StateTensor>;

/// Reads the tensors of a file. Those of integers, which count batches, are left out.
///
/// Memory stays within three times the length of the file, and a few MB.
///
/// # Errors
/// Any [`TorchFileError`].
pub fn read_state_dict(bytes: &[u8]) -> Result<StateDict, TorchFileError> {
    if bytes.len() > FILE_BYTES_MAX {
        return Err(TorchFileError::TooMany { what: "bytes", max: FILE_BYTES_MAX });
    }
    if !bytes.starts_with(START) {
        return Err(TorchFileError::AnotherFormat);
    }
    let (system, root, at) = read_pickle(bytes, START.len())?;
    if entry(&system, root, "little_endian") != Some(TRUE) {
        return Err(TorchFileError::Structure { what: "little-endian numbers" });
    }
    let (values, root, at) = read_pickle(bytes, at)?;
    let (keys, keys_root, at) = read_pickle(bytes, at)?;
    let tensors = tensors(&values, root)?;
    let storages = Storages::read(bytes, at, key_list(&keys, keys_root)?, &tensors)?;
    let mut n_left = storages.n_numbers;
    let mut dict = StateDict::new();
    for (name, storage, strided) in tensors {
        let fault = |problem| TorchFileError::Tensor { name: name.to_owned(), problem };
        let n = strided.sizes.iter().try_fold(1usize, |n, size| n.checked_mul(*size));
        // Without it a small file could name a large tensor many times.
        let rest = n.and_then(|n| n_left.checked_sub(n));
        n_left = rest.ok_or_else(|| fault("is larger than the numbers of the file"))?;
        if storage.element == Element::I64 {
            continue;
        }
        let values = storages.gather(storage, strided).map_err(fault)?;
        let tensor = StateTensor { sizes: strided.sizes.clone(), values };
        if dict.insert(name.to_owned(), tensor).is_some() {
            return Err(fault("is there twice"));
        }
    }
    Ok(dict)
}

fn entry(values: &Values, dict: ValueId, key: &str) -> Option<ValueId> {
    let Value::Dict(entries) = values.get(dict) else { return None };
    entries.iter().find(|(name, _)| values.text(*name) == Some(key)).map(|(_, value)| *value)
}

type Named<'a> = (&'a str, &'a Storage, &'a Strided);

/// Tensors of the dictionary by name.
fn tensors(values: &Values, root: ValueId) -> Result<Vec<Named<'_>>, TorchFileError> {
    let structure = |what| TorchFileError::Structure { what };
    let Value::Dict(entries) = values.get(root) else {
        return Err(structure("dictionary of tensors"));
    };
    let named = |(name, value): &(ValueId, ValueId)| {
        let name = values.text(*name).ok_or(structure("name of a tensor"))?;
        let Value::Tensor(strided) = values.get(*value) else { return Err(structure("tensor")) };
        let Value::Storage(storage) = values.get(strided.storage) else {
            return Err(structure("storage"));
        };
        Ok((name, &**storage, &**strided))
    };
    entries.iter().map(named).collect()
}

fn key_list(values: &Values, root: ValueId) -> Result<Vec<&str>, TorchFileError> {
    let structure = || TorchFileError::Structure { what: "list of storages" };
    let Value::List(items) = values.get(root) else { return Err(structure()) };
    items.iter().map(|item| values.text(*item).ok_or_else(structure)).collect()
}

/// Where the numbers of each storage lie.
struct Storages<'a> {
    of: BTreeMap<&'a str, &'a [u8]>,
    n_numbers: usize,
}

impl<'a> Storages<'a> {
    /// Each storage is its length (i64) and its numbers, in the order of `keys`.
    fn read(
        bytes: &'a [u8],
        at: usize,
        keys: Vec<&'a str>,
        tensors: &[Named<'_>],
    ) -> Result<Self, TorchFileError> {
        let known: BTreeMap<&str, &Storage> =
            tensors.iter().map(|(_, storage, _)| (storage.key.as_str(), *storage)).collect();
        let mut rest = &bytes[at..];
        let mut take =
            |n: usize| rest.split_off(..n).ok_or(TorchFileError::Truncated { part: "numbers" });
        let mut storages = Self { of: BTreeMap::new(), n_numbers: 0 };
        for key in keys {
            let storage = *known.get(key).ok_or(TorchFileError::Structure { what: "storage" })?;
            let stated = take(8)?.first_chunk().copied().map(u64::from_le_bytes);
            if stated != Some(storage.n as u64) {
                return Err(TorchFileError::Structure { what: "storage of the stated length" });
            }
            let n_bytes = storage.n.checked_mul(storage.element.n_bytes());
            let numbers = take(n_bytes.unwrap_or(usize::MAX))?;
            if storages.of.insert(key, numbers).is_some() {
                return Err(TorchFileError::Structure { what: "storage of its own key" });
            }
            storages.n_numbers += storage.n;
        }
        Ok(storages)
    }

    /// The numbers of a tensor, row-major.
    fn gather(&self, storage: &Storage, tensor: &Strided) -> Result<Vec<f32>, &'static str> {
        let bytes = self.of.get(storage.key.as_str()).ok_or("has no numbers")?;
        let numbers = bytes.as_chunks::<4>().0;
        let n: usize = tensor.sizes.iter().product();
        if n > numbers.len() {
            return Err("is larger than its storage");
        }
        let last = tensor
            .sizes
            .iter()
            .zip(&tensor.strides)
            .try_fold(tensor.offset, |last, (size, stride)| {
                last.checked_add(size.saturating_sub(1).checked_mul(*stride)?)
            });
        if n > 0 && last.is_none_or(|last| last >= numbers.len()) {
            return Err("lies outside its storage");
        }
        let mut values = Vec::with_capacity(n);
        let mut index = vec![0; tensor.sizes.len()];
        for _ in 0..n {
            let away: usize = index.iter().zip(&tensor.strides).map(|(i, stride)| i * stride).sum();
            values.push(f32::from_le_bytes(numbers[tensor.offset + away]));
            for (i, size) in index.iter_mut().zip(&tensor.sizes).rev() {
                *i += 1;
                if *i < *size {
                    break;
                }
                *i = 0;
            }
        }
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(values),
            false => Err("has a number that is not finite"),
        }
    }
}
