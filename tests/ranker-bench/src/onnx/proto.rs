//! The little of protocol buffers that writing ONNX needs.
//!
//! # Source
//! <https://protobuf.dev/programming-guides/encoding>; field numbers from
//! `onnx.proto3` of ONNX 1.15.

/// A message under construction.
#[derive(Default)]
pub struct Message(Vec<u8>);

/// Wire type of a number.
const VARINT: u64 = 0;
/// Wire type of bytes after their length.
const LENGTH: u64 = 2;
/// Wire type of an f32.
const FIXED32: u64 = 5;

impl Message {
    /// A whole number that is not negative.
    pub fn int(mut self, field: u64, value: u64) -> Self {
        self.varint(field << 3 | VARINT);
        self.varint(value);
        self
    }

    /// A real number.
    pub fn float(mut self, field: u64, value: f32) -> Self {
        self.varint(field << 3 | FIXED32);
        self.0.extend(value.to_le_bytes());
        self
    }

    /// Bytes, or a string.
    pub fn bytes(mut self, field: u64, value: impl AsRef<[u8]>) -> Self {
        let value = value.as_ref();
        self.varint(field << 3 | LENGTH);
        self.varint(value.len() as u64);
        self.0.extend(value);
        self
    }

    /// A message inside this one.
    pub fn message(self, field: u64, value: Self) -> Self {
        self.bytes(field, value.0)
    }

    /// The same field for each value.
    pub fn each<T>(
        self,
        values: impl IntoIterator<Item = T>,
        add: impl Fn(Self, T) -> Self,
    ) -> Self {
        values.into_iter().fold(self, add)
    }

    /// What has been written.
    pub fn finish(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_writes_the_examples_of_the_specification() {
        assert_eq!(Message::default().int(1, 150).finish(), [0x08, 0x96, 0x01]);
        let testing = [&[0x12, 0x07][..], b"testing"].concat();
        assert_eq!(Message::default().bytes(2, "testing").finish(), testing);
        let inner = Message::default().int(1, 150);
        assert_eq!(Message::default().message(3, inner).finish(), [0x1a, 0x03, 0x08, 0x96, 0x01]);
        assert_eq!(Message::default().float(2, 1.0).finish(), [0x15, 0, 0, 0x80, 0x3f]);
    }
}
