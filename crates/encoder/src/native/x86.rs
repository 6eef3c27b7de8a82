//! The integer product on AVX-512 and AVX2.
//!
//! Rows and panels are multiplied tile by tile, and the sums of a tile stay in registers.
#![allow(unsafe_code, reason = "vector loads through pointers and calls of detected features")]

use std::arch::asm;
use std::arch::x86_64::{
    __m256i, __m512i, _mm256_add_epi32, _mm256_cvtepi32_ps, _mm256_loadu_ps, _mm256_loadu_si256,
    _mm256_madd_epi16, _mm256_mul_ps, _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_si256,
    _mm256_storeu_ps, _mm512_cvtepi32_ps, _mm512_load_si512, _mm512_loadu_ps, _mm512_mul_ps,
    _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_si512, _mm512_storeu_ps,
};

use super::matrix::{DIM_STEP, Line, PANEL, PackedMatrix, Rows};

/// Panels of one tile on AVX-512.
const PANELS: usize = DIM_STEP / PANEL;

/// # Shapes
/// As [`super::Kernel::multiply`].
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) fn multiply_avx512(rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
    let tile = Tile::new(rows, matrix, out);
    for panel in (0..matrix.n_out / PANEL).step_by(PANELS) {
        let mut row = 0;
        while row < rows.n_rows {
            // SAFETY: the rows and panels are inside the matrices that `Tile::new` measured.
            row += unsafe {
                match rows.n_rows - row {
                    1 => tile.avx512::<1>(row, panel),
                    2 => tile.avx512::<2>(row, panel),
                    3 => tile.avx512::<3>(row, panel),
                    4 | 7 | 8 => tile.avx512::<4>(row, panel),
                    5 | 9 | 10 => tile.avx512::<5>(row, panel),
                    _ => tile.avx512::<6>(row, panel),
                }
            };
        }
    }
}

/// # Shapes
/// As [`super::Kernel::multiply`].
#[target_feature(enable = "avx2")]
pub(super) fn multiply_avx2(rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
    let tile = Tile::new(rows, matrix, out);
    for panel in 0..matrix.n_out / PANEL {
        let mut row = 0;
        while row < rows.n_rows {
            // SAFETY: the rows and the panel are inside the matrices that `Tile::new` measured.
            row += unsafe {
                match rows.n_rows - row {
                    1 => tile.avx2::<1>(row, panel),
                    2 => tile.avx2::<2>(row, panel),
                    3 => tile.avx2::<3>(row, panel),
                    _ => tile.avx2::<4>(row, panel),
                }
            };
        }
    }
}

/// `sum` + the products of both pairs of 16-bit integers in each of 16 places.
///
/// In assembly, because the compiler makes two instructions of the function for it
/// (`_mm512_dpwssd_epi32`), which takes twice the time here.
#[inline]
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
fn add_products(mut sum: __m512i, a: __m512i, b: __m512i) -> __m512i {
    // SAFETY: registers alone are read and written.
    unsafe {
        asm!(
            "vpdpwssd {sum}, {a}, {b}",
            sum = inout(zmm_reg) sum,
            a = in(zmm_reg) a,
            b = in(zmm_reg) b,
            options(pure, nomem, nostack, preserves_flags),
        );
    }
    sum
}

/// Pointers into the three matrices of a product.
struct Tile {
    /// Pairs of activations. \[n_rows, n_pairs\]
    pairs: *const i32,
    row_scales: *const f32,
    /// \[n_out / 16, n_pairs\]
    lines: *const Line,
    column_scales: *const f32,
    n_pairs: usize,
    /// \[n_rows, n_out\]
    out: *mut f32,
    n_out: usize,
}

impl Tile {
    fn new(rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) -> Self {
        let (n_pairs, n_out) = (matrix.n_pairs(), matrix.n_out);
        assert!(rows.dim == matrix.n_in && n_out.is_multiple_of(DIM_STEP));
        assert!(rows.lines.len() * 16 >= rows.n_rows * n_pairs);
        assert!(rows.scales.len() == rows.n_rows && matrix.scales.len() == n_out);
        assert!(matrix.lines.len() == n_out / PANEL * n_pairs);
        assert!(out.len() >= rows.n_rows * n_out);
        Self {
            pairs: rows.lines.as_ptr().cast(),
            row_scales: rows.scales.as_ptr(),
            lines: matrix.lines.as_ptr(),
            column_scales: matrix.scales.as_ptr(),
            n_pairs,
            out: out.as_mut_ptr(),
            n_out,
        }
    }

    /// Multiplies `R` rows from `row` with [`PANELS`] panels from `panel`; returns `R`.
    ///
    /// # Safety
    /// All of these rows and panels exist.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
    unsafe fn avx512<const R: usize>(&self, row: usize, panel: usize) -> usize {
        let mut sums = [[_mm512_setzero_si512(); PANELS]; R];
        for pair in 0..self.n_pairs {
            // SAFETY: `pair` < n_pairs, and by contract the rows and panels exist.
            unsafe {
                // A closure would not have the features, and be called instead of inlined.
                let mut weights = [_mm512_setzero_si512(); PANELS];
                for (p, weights) in weights.iter_mut().enumerate() {
                    let line = self.lines.add((panel + p) * self.n_pairs + pair);
                    *weights = _mm512_load_si512(line.cast());
                }
                for (r, sums) in sums.iter_mut().enumerate() {
                    let value = *self.pairs.add((row + r) * self.n_pairs + pair);
                    let value = _mm512_set1_epi32(value);
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = add_products(*sum, value, weights);
                    }
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (p, sum) in sums.iter().enumerate() {
                let column = (panel + p) * PANEL;
                // SAFETY: by contract the row and the 16 columns exist in `out` and the scales.
                unsafe {
                    let row_scale = _mm512_set1_ps(*self.row_scales.add(row + r));
                    let scale = _mm512_loadu_ps(self.column_scales.add(column));
                    let scale = _mm512_mul_ps(row_scale, scale);
                    let result = _mm512_mul_ps(_mm512_cvtepi32_ps(*sum), scale);
                    _mm512_storeu_ps(self.out.add((row + r) * self.n_out + column), result);
                }
            }
        }
        R
    }

    /// Multiplies `R` rows from `row` with one panel; returns `R`.
    ///
    /// # Safety
    /// All of these rows and the panel exist.
    #[inline]
    #[target_feature(enable = "avx2")]
    unsafe fn avx2<const R: usize>(&self, row: usize, panel: usize) -> usize {
        let mut sums = [[_mm256_setzero_si256(); 2]; R];
        for pair in 0..self.n_pairs {
            // SAFETY: `pair` < n_pairs, and by contract the rows and the panel exist.
            unsafe {
                let line: *const __m256i = self.lines.add(panel * self.n_pairs + pair).cast();
                let weights = [_mm256_loadu_si256(line), _mm256_loadu_si256(line.add(1))];
                for (r, sums) in sums.iter_mut().enumerate() {
                    let value = *self.pairs.add((row + r) * self.n_pairs + pair);
                    let value = _mm256_set1_epi32(value);
                    for (sum, weights) in sums.iter_mut().zip(weights) {
                        *sum = _mm256_add_epi32(*sum, _mm256_madd_epi16(value, weights));
                    }
                }
            }
        }
        for (r, sums) in sums.iter().enumerate() {
            for (half, sum) in sums.iter().enumerate() {
                let column = panel * PANEL + half * 8;
                // SAFETY: by contract the row and the 8 columns exist in `out` and the scales.
                unsafe {
                    let row_scale = _mm256_set1_ps(*self.row_scales.add(row + r));
                    let scale = _mm256_loadu_ps(self.column_scales.add(column));
                    let scale = _mm256_mul_ps(row_scale, scale);
                    let result = _mm256_mul_ps(_mm256_cvtepi32_ps(*sum), scale);
                    _mm256_storeu_ps(self.out.add((row + r) * self.n_out + column), result);
                }
            }
        }
        R
    }
}
