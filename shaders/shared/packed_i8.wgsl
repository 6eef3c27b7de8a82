// Four i8 in a word, lowest byte first.

fn unpack_i8(word: u32, byte: u32) -> i32 {
    return extractBits(bitcast<i32>(word), byte * 8u, 8u);
}

// Exact sum of the four products.
fn dot_i8(a: u32, b: u32) -> i32 {
    return unpack_i8(a, 0u) * unpack_i8(b, 0u)
        + unpack_i8(a, 1u) * unpack_i8(b, 1u)
        + unpack_i8(a, 2u) * unpack_i8(b, 2u)
        + unpack_i8(a, 3u) * unpack_i8(b, 3u);
}
