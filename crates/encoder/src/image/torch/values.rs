//! What pickles of weights are made of. Values lie side by side and name each other by number,
//! so that however deeply they are nested, nothing here calls itself.

use super::TorchFileError;

/// Most values of one pickle. EfficientNet-lite0 has 6,000.
const VALUES_MAX: usize = 1 << 16;
/// Most bytes of a text.
pub(super) const TEXT_BYTES_MAX: usize = 256;

/// Number of a value.
pub(super) type ValueId = u32;

/// The names that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    OrderedDict,
    FloatStorage,
    LongStorage,
    RebuildTensor,
}

impl Global {
    pub(super) fn named(module: &str, name: &str) -> Option<Self> {
        match (module, name) {
            ("collections", "OrderedDict") => Some(Self::OrderedDict),
            ("torch", "FloatStorage") => Some(Self::FloatStorage),
            ("torch", "LongStorage") => Some(Self::LongStorage),
            ("torch._utils", "_rebuild_tensor_v2") => Some(Self::RebuildTensor),
            _ => None,
        }
    }
}

/// What numbers of a storage are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    F32,
    I64,
}

impl Element {
    pub(super) fn n_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::I64 => 8,
        }
    }
}

/// Numbers that lie behind the pickles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Storage {
    pub(super) key: String,
    pub(super) element: Element,
    pub(super) n: usize,
}

/// A part of a storage in some shape.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Strided {
    pub(super) storage: ValueId,
    pub(super) offset: usize,
    pub(super) sizes: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    None,
    Bool(bool),
    Int(i32),
    Text(String),
    Global(Global),
    Tuple(Vec<ValueId>),
    List(Vec<ValueId>),
    Dict(Vec<(ValueId, ValueId)>),
    Storage(Box<Storage>),
    Tensor(Box<Strided>),
}

/// All values of a pickle.
#[derive(Debug)]
pub(super) struct Values {
    all: Vec<Value>,
}

/// Values that cost a byte in a file are there once.
pub(super) const NONE: ValueId = 0;
pub(super) const FALSE: ValueId = 1;
pub(super) const TRUE: ValueId = 2;
pub(super) const EMPTY_TUPLE: ValueId = 3;

impl Values {
    pub(super) fn new() -> Self {
        let shared = [Value::None, Value::Bool(false), Value::Bool(true), Value::Tuple(Vec::new())];
        Self { all: shared.into() }
    }

    /// # Errors
    /// [`TorchFileError::TooMany`].
    pub(super) fn push(&mut self, value: Value) -> Result<ValueId, TorchFileError> {
        if self.all.len() >= VALUES_MAX {
            return Err(TorchFileError::TooMany { what: "values", max: VALUES_MAX });
        }
        self.all.push(value);
        Ok((self.all.len() - 1) as ValueId)
    }

    pub(super) fn get(&self, id: ValueId) -> &Value {
        self.all.get(id as usize).unwrap_or(&Value::None)
    }

    pub(super) fn get_mut(&mut self, id: ValueId) -> Option<&mut Value> {
        self.all.get_mut(id as usize)
    }

    pub(super) fn text(&self, id: ValueId) -> Option<&str> {
        match self.get(id) {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A number that counts something.
    pub(super) fn count(&self, id: ValueId) -> Option<usize> {
        match self.get(id) {
            Value::Int(n) => usize::try_from(*n).ok(),
            _ => None,
        }
    }

    pub(super) fn tuple(&self, id: ValueId) -> Option<&[ValueId]> {
        match self.get(id) {
            Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    pub(super) fn global(&self, id: ValueId) -> Option<Global> {
        match self.get(id) {
            Value::Global(global) => Some(*global),
            _ => None,
        }
    }

    /// A tuple of numbers that count something, at most `n_max`.
    pub(super) fn counts(&self, id: ValueId, n_max: usize) -> Option<Vec<usize>> {
        let items = self.tuple(id).filter(|items| items.len() <= n_max)?;
        items.iter().map(|item| self.count(*item)).collect()
    }
}
