//! The product in plain Rust: the reference of the integer kernels, and what runs where no
//! other does.

use super::matrix::{Entry, Line, PANEL, PackedMatrix, Rows};

/// # Shapes
/// As [`super::Kernel::multiply`].
pub(super) fn multiply(rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
    let n_lines = rows.dim / 32;
    for row in 0..rows.n_rows {
        let values = &rows.lines[row * n_lines..][..n_lines];
        let panels = matrix.lines.chunks_exact(matrix.n_pairs());
        let out = &mut out[row * matrix.n_out..][..matrix.n_out];
        for ((panel, out), scales) in
            panels.zip(out.as_chunks_mut::<PANEL>().0).zip(matrix.scales.as_chunks::<PANEL>().0)
        {
            *out = match matrix.entry {
                Entry::Integer => {
                    let sums = integers(values, panel);
                    let row_scale = rows.scales[row];
                    std::array::from_fn(|at| sums[at] as f32 * (row_scale * scales[at]))
                }
                Entry::Bfloat16 => floats(values, panel),
            };
        }
    }
}

fn integers(values: &[Line], panel: &[Line]) -> [i32; PANEL] {
    let mut sums = [0; PANEL];
    let pairs = values.iter().flat_map(|line| line.0.as_chunks::<2>().0);
    for ([a, b], weights) in pairs.zip(panel) {
        let (a, b) = (i32::from(*a as i16), i32::from(*b as i16));
        for (sum, [v, w]) in sums.iter_mut().zip(weights.0.as_chunks::<2>().0) {
            *sum += a * i32::from(*v as i16) + b * i32::from(*w as i16);
        }
    }
    sums
}

fn floats(values: &[Line], panel: &[Line]) -> [f32; PANEL] {
    let float = |bits: u16| f32::from_bits(u32::from(bits) << 16);
    let mut sums = [0.0; PANEL];
    let pairs = values.iter().flat_map(|line| line.0.as_chunks::<2>().0);
    for ([a, b], weights) in pairs.zip(panel) {
        for (sum, [v, w]) in sums.iter_mut().zip(weights.0.as_chunks::<2>().0) {
            *sum += float(*a) * float(*v) + float(*b) * float(*w);
        }
    }
    sums
}
