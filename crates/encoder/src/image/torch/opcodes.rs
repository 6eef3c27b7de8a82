//! The opcodes of pickle's protocol 2 that make data.
//!
//! Source: `pickletools.py` of CPython 3.12, which describes each.

use super::TorchFileError;
use super::values::{
    EMPTY_TUPLE, Element, FALSE, Global, NONE, Storage, Strided, TEXT_BYTES_MAX, TRUE, Value,
    ValueId, Values,
};

/// Deepest stack, and most marks on it.
const STACK_MAX: usize = 1 << 16;
/// Most values that are put into lists and dictionaries, the same one counted each time.
const ENTRIES_MAX: usize = 1 << 18;
/// Most entries of the memo. EfficientNet-lite0 has 2,659.
const MEMO_MAX: usize = 1 << 16;
/// Most dimensions of a tensor.
const DIMENSIONS_MAX: usize = 8;
const PROTOCOL: u8 = 2;

/// One pickle while it is read.
struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Values,
    stack: Vec<ValueId>,
    /// Heights of the stack at its marks.
    marks: Vec<usize>,
    /// Values that were put into lists and dictionaries.
    n_entries: usize,
    memo: Vec<Option<ValueId>>,
}

/// Reads the pickle that begins at byte `at`: its values, the one that it is, and where it ends.
///
/// # Errors
/// Any [`TorchFileError`] of opcodes.
pub(super) fn read_pickle(
    bytes: &[u8],
    at: usize,
) -> Result<(Values, ValueId, usize), TorchFileError> {
    let mut machine = Machine {
        bytes,
        at,
        values: Values::new(),
        stack: Vec::new(),
        marks: Vec::new(),
        n_entries: 0,
        memo: Vec::new(),
    };
    loop {
        let from = machine.at;
        let opcode = machine.byte()?;
        if opcode == b'.' {
            let root = machine.pop("STOP")?;
            return Ok((machine.values, root, machine.at));
        }
        machine.step(opcode, from)?;
    }
}

type Step = Result<(), TorchFileError>;

impl Machine<'_> {
    fn step(&mut self, opcode: u8, from: usize) -> Step {
        match opcode {
            0x80 => self.protocol(),
            b'(' => self.mark(),
            b'N' => self.push_id(NONE),
            0x88 => self.push_id(TRUE),
            0x89 => self.push_id(FALSE),
            b')' => self.push_id(EMPTY_TUPLE),
            b'}' => self.push(Value::Dict(Vec::new())),
            b']' => self.push(Value::List(Vec::new())),
            b'K' | b'M' | b'J' => self.int(opcode),
            b'X' => self.text(),
            b'c' => self.global(),
            b'q' | b'r' => self.put(opcode),
            b'h' | b'j' => self.get(opcode),
            0x85..=0x87 => self.tuple_of(usize::from(opcode - 0x84)),
            b't' => {
                let items = self.since_mark("TUPLE")?;
                self.push(Value::Tuple(items))
            }
            b'a' => {
                let item = self.pop("APPEND")?;
                self.append(vec![item])
            }
            b'e' => {
                let items = self.since_mark("APPENDS")?;
                self.append(items)
            }
            b's' => {
                let value = self.pop("SETITEM")?;
                let key = self.pop("SETITEM")?;
                self.set_items(&[key, value])
            }
            b'u' => {
                let items = self.since_mark("SETITEMS")?;
                self.set_items(&items)
            }
            b'Q' => self.persistent(),
            b'R' => self.reduce(),
            b'b' => self.build(),
            _ => Err(TorchFileError::Opcode { opcode, at: from }),
        }
    }

    fn take(&mut self, n: usize) -> Result<&[u8], TorchFileError> {
        let end = self.at.checked_add(n).filter(|end| *end <= self.bytes.len());
        let end = end.ok_or(TorchFileError::Truncated { part: "pickles" })?;
        let taken = &self.bytes[self.at..end];
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, TorchFileError> {
        Ok(self.take(1)?[0])
    }

    fn word(&mut self) -> Result<u32, TorchFileError> {
        let four = self.take(4)?.first_chunk().copied().unwrap_or_default();
        Ok(u32::from_le_bytes(four))
    }

    fn misfit<T>(&self, of: &'static str) -> Result<T, TorchFileError> {
        Err(TorchFileError::Operands { of, at: self.at })
    }

    fn push(&mut self, value: Value) -> Step {
        let id = self.values.push(value)?;
        self.push_id(id)
    }

    fn push_id(&mut self, id: ValueId) -> Step {
        if self.stack.len() >= STACK_MAX {
            return Err(TorchFileError::TooMany { what: "values on the stack", max: STACK_MAX });
        }
        self.stack.push(id);
        Ok(())
    }

    /// The top of the stack, down to the last mark.
    fn pop(&mut self, of: &'static str) -> Result<ValueId, TorchFileError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.pop().filter(|_| self.stack.len() >= floor) {
            Some(id) => Ok(id),
            None => self.misfit(of),
        }
    }

    fn top(&self, of: &'static str) -> Result<ValueId, TorchFileError> {
        let floor = self.marks.last().copied().unwrap_or(0);
        match self.stack.last() {
            Some(id) if self.stack.len() > floor => Ok(*id),
            _ => self.misfit(of),
        }
    }

    fn since_mark(&mut self, of: &'static str) -> Result<Vec<ValueId>, TorchFileError> {
        match self.marks.pop() {
            Some(height) if height <= self.stack.len() => Ok(self.stack.split_off(height)),
            _ => self.misfit(of),
        }
    }

    fn protocol(&mut self) -> Step {
        if self.byte()? == PROTOCOL { Ok(()) } else { self.misfit("PROTO") }
    }

    fn mark(&mut self) -> Step {
        if self.marks.len() >= STACK_MAX {
            return Err(TorchFileError::TooMany { what: "marks", max: STACK_MAX });
        }
        self.marks.push(self.stack.len());
        Ok(())
    }

    fn int(&mut self, opcode: u8) -> Step {
        let n = match opcode {
            b'K' => i32::from(self.byte()?),
            b'M' => {
                let low = self.byte()?;
                i32::from(u16::from_le_bytes([low, self.byte()?]))
            }
            _ => self.word()?.cast_signed(),
        };
        self.push(Value::Int(n))
    }

    fn text(&mut self) -> Step {
        let n = self.word()? as usize;
        if n > TEXT_BYTES_MAX {
            return Err(TorchFileError::TooMany { what: "bytes of a text", max: TEXT_BYTES_MAX });
        }
        match std::str::from_utf8(self.take(n)?).map(str::to_owned) {
            Ok(text) => self.push(Value::Text(text)),
            Err(_) => self.misfit("BINUNICODE"),
        }
    }

    /// A line without its end.
    fn line(&mut self) -> Result<String, TorchFileError> {
        let rest = &self.bytes[self.at..];
        let within = &rest[..rest.len().min(TEXT_BYTES_MAX)];
        let Some(n) = within.iter().position(|byte| *byte == b'\n') else {
            return self.misfit("GLOBAL");
        };
        self.at += n + 1;
        Ok(String::from_utf8_lossy(&within[..n]).into_owned())
    }

    fn global(&mut self) -> Step {
        let (module, name) = (self.line()?, self.line()?);
        match Global::named(&module, &name) {
            Some(global) => self.push(Value::Global(global)),
            None => Err(TorchFileError::Global { module, name }),
        }
    }

    fn memo_index(&mut self, is_short: bool) -> Result<usize, TorchFileError> {
        let index = if is_short { usize::from(self.byte()?) } else { self.word()? as usize };
        match index < MEMO_MAX {
            true => Ok(index),
            false => Err(TorchFileError::TooMany { what: "remembered values", max: MEMO_MAX }),
        }
    }

    fn put(&mut self, opcode: u8) -> Step {
        let index = self.memo_index(opcode == b'q')?;
        let id = self.top("PUT")?;
        if index >= self.memo.len() {
            self.memo.resize(index + 1, None);
        }
        self.memo[index] = Some(id);
        Ok(())
    }

    fn get(&mut self, opcode: u8) -> Step {
        let index = self.memo_index(opcode == b'h')?;
        match self.memo.get(index) {
            Some(Some(id)) => self.push_id(*id),
            _ => self.misfit("GET"),
        }
    }

    fn tuple_of(&mut self, n: usize) -> Step {
        let mut items = Vec::with_capacity(n);
        for _ in 0..n {
            items.push(self.pop("TUPLE")?);
        }
        items.reverse();
        self.push(Value::Tuple(items))
    }

    /// A remembered value costs two bytes of the file each time it is put in, and more of memory.
    fn count_entries(&mut self, n: usize) -> Step {
        self.n_entries += n;
        match self.n_entries <= ENTRIES_MAX {
            true => Ok(()),
            false => Err(TorchFileError::TooMany { what: "entries", max: ENTRIES_MAX }),
        }
    }

    fn append(&mut self, items: Vec<ValueId>) -> Step {
        self.count_entries(items.len())?;
        let list = self.top("APPEND")?;
        match self.values.get_mut(list) {
            Some(Value::List(list)) => {
                list.extend(items);
                Ok(())
            }
            _ => self.misfit("APPEND"),
        }
    }

    fn set_items(&mut self, items: &[ValueId]) -> Step {
        self.count_entries(items.len())?;
        let dict = self.top("SETITEM")?;
        let (pairs, rest) = items.as_chunks::<2>();
        match self.values.get_mut(dict) {
            Some(Value::Dict(entries)) if rest.is_empty() => {
                entries.extend(pairs.iter().map(|[key, value]| (*key, *value)));
                Ok(())
            }
            _ => self.misfit("SETITEM"),
        }
    }

    /// A storage: ("storage", its type, its key, "cpu", how many numbers, None).
    fn persistent(&mut self) -> Step {
        let id = self.pop("BINPERSID")?;
        let values = &self.values;
        let storage = values.tuple(id).and_then(|items| {
            let [what, kind, key, _, n, view] = items.first_chunk()?;
            let element = match values.global(*kind)? {
                Global::FloatStorage => Element::F32,
                Global::LongStorage => Element::I64,
                _ => return None,
            };
            let is_whole = items.len() == 6 && *view == NONE;
            let is_storage = values.text(*what) == Some("storage") && is_whole;
            let key = values.text(*key)?.to_owned();
            is_storage.then_some(Storage { key, element, n: values.count(*n)? })
        });
        match storage {
            Some(storage) => self.push(Value::Storage(Box::new(storage))),
            None => self.misfit("BINPERSID"),
        }
    }

    /// A new dictionary, or a tensor of (storage, offset, sizes, strides, …).
    fn reduce(&mut self) -> Step {
        let arguments = self.pop("REDUCE")?;
        let function = self.pop("REDUCE")?;
        let values = &self.values;
        let arguments = values.tuple(arguments);
        let made = match (values.global(function), arguments) {
            (Some(Global::OrderedDict), Some([])) => Some(Value::Dict(Vec::new())),
            (Some(Global::RebuildTensor), Some([storage, offset, sizes, strides, ..])) => {
                let is_storage = matches!(values.get(*storage), Value::Storage(_));
                let shape = |id| values.counts(id, DIMENSIONS_MAX);
                let tensor = (values.count(*offset), shape(*sizes), shape(*strides));
                match tensor {
                    (Some(offset), Some(sizes), Some(strides))
                        if is_storage && sizes.len() == strides.len() =>
                    {
                        let storage = *storage;
                        Some(Value::Tensor(Box::new(Strided { storage, offset, sizes, strides })))
                    }
                    _ => None,
                }
            }
            _ => None,
        };
        match made {
            Some(value) => self.push(value),
            None => self.misfit("REDUCE"),
        }
    }

    /// Attributes of a dictionary, which weights do not need.
    fn build(&mut self) -> Step {
        self.pop("BUILD")?;
        let dict = self.top("BUILD")?;
        match self.values.get(dict) {
            Value::Dict(_) => Ok(()),
            _ => self.misfit("BUILD"),
        }
    }
}
