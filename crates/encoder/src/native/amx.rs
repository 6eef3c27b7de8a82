//! The bfloat16 product on the tile registers of AMX.
//!
//! # Source
//! Intel, "Architecture Instruction Set Extensions Programming Reference", chapter 3.
#![allow(unsafe_code, reason = "tile instructions, which Rust has no stable functions for")]

use std::arch::asm;
use std::arch::x86_64::{__cpuid_count, _xgetbv};

use super::matrix::{Line, PANEL, PackedMatrix, Rows};

/// Rows of a tile, and its columns of 32 bits.
const TILE: usize = 16;
/// Bytes of a row of a tile: two bfloat16 for each of 16 columns, or 16 f32.
const TILE_ROW_BYTES: usize = 64;

/// The eight tile registers, each \[16, 64 bytes\]: the processor's, and in tests a copy in
/// memory that shows that the right tiles are multiplied.
trait Tiles {
    /// # Safety
    /// The tiles are there and shaped.
    unsafe fn zero<const TO: usize>(&mut self);
    /// # Safety
    /// As [`Self::zero`]; 16 rows of 64 bytes, `stride` bytes apart, are readable.
    unsafe fn load<const TO: usize>(&mut self, from: *const u8, stride: usize);
    /// `TO` += `ROWS` · `WEIGHTS`.
    ///
    /// # Safety
    /// As [`Self::zero`].
    unsafe fn multiply<const TO: usize, const ROWS: usize, const WEIGHTS: usize>(&mut self);
    /// # Safety
    /// As [`Self::zero`]; 16 rows of 64 bytes, `stride` bytes apart, are writable.
    unsafe fn store<const FROM: usize>(&self, to: *mut u8, stride: usize);
}

/// Whether this processor has the tiles with bfloat16, the system saves them, and it lets
/// this process have them.
pub(super) fn is_available() -> bool {
    /// CPUID leaf 7: AMX-BF16 and AMX-TILE.
    const AMX_BITS: u32 = 1 << 22 | 1 << 24;
    /// XSAVE state of the tiles' configuration and of their contents.
    const XCR0_BITS: u64 = 1 << 17 | 1 << 18;
    const OSXSAVE: u32 = 1 << 27;
    if __cpuid_count(0, 0).eax < 7 || __cpuid_count(1, 0).ecx & OSXSAVE == 0 {
        return false;
    }
    if __cpuid_count(7, 0).edx & AMX_BITS != AMX_BITS {
        return false;
    }
    // SAFETY: OSXSAVE says that XGETBV may be used.
    let enabled = unsafe { xcr0() };
    enabled & XCR0_BITS == XCR0_BITS && is_permitted()
}

#[target_feature(enable = "xsave")]
fn xcr0() -> u64 {
    // SAFETY: register 0 exists wherever XSAVE does.
    unsafe { _xgetbv(0) }
}

/// Asks the system for the tiles' state, for the whole process.
#[cfg(target_os = "linux")]
fn is_permitted() -> bool {
    const ARCH_PRCTL: i64 = 158;
    const ARCH_REQ_XCOMP_PERM: i64 = 0x1023;
    const XFEATURE_XTILEDATA: i64 = 18;
    let result: i64;
    // SAFETY: this call of the system reads and writes no memory of ours.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") ARCH_PRCTL => result,
            in("rdi") ARCH_REQ_XCOMP_PERM,
            in("rsi") XFEATURE_XTILEDATA,
            out("rcx") _,
            out("r11") _,
            options(nostack),
        );
    }
    result == 0
}

#[cfg(not(target_os = "linux"))]
fn is_permitted() -> bool {
    false
}

/// # Shapes
/// As [`super::Kernel::multiply`]; `out` has room for rows up to a multiple of 16.
///
/// # Safety
/// [`is_available`] has said yes in this process.
pub(super) unsafe fn multiply(rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
    let mut tiles = Hardware::shaped();
    // SAFETY: by contract the tiles are there, and they were just shaped.
    unsafe { multiply_on(&mut tiles, rows, matrix, out) }
}

/// Two tiles of rows with two panels at a time: four products for four loads.
///
/// # Safety
/// The tiles are there and shaped.
#[inline(always)]
unsafe fn multiply_on(tiles: &mut impl Tiles, rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
    let n_row_tiles = rows.n_rows.div_ceil(TILE);
    let n_panels = matrix.n_out / PANEL;
    assert!(rows.dim == matrix.n_in && rows.dim.is_multiple_of(32) && n_panels.is_multiple_of(2));
    assert!(rows.lines.len() >= n_row_tiles * TILE * rows.dim / 32);
    assert!(matrix.lines.len() == n_panels * matrix.n_pairs());
    assert!(out.len() >= n_row_tiles * TILE * matrix.n_out);
    let product = Product {
        rows: rows.lines.as_ptr().cast(),
        row_bytes: rows.dim * 2,
        lines: matrix.lines.as_ptr(),
        n_pairs: matrix.n_pairs(),
        out: out.as_mut_ptr().cast(),
        out_row_bytes: matrix.n_out * 4,
    };
    for panel in (0..n_panels).step_by(2) {
        for row_tile in (0..n_row_tiles).step_by(2) {
            // SAFETY: both lie inside the matrices, whose sizes were checked above.
            unsafe {
                match n_row_tiles - row_tile {
                    1 => product.one_by_two(tiles, row_tile, panel),
                    _ => product.two_by_two(tiles, row_tile, panel),
                }
            }
        }
    }
}

/// Pointers into the three matrices of a product.
struct Product {
    rows: *const u8,
    row_bytes: usize,
    lines: *const Line,
    n_pairs: usize,
    out: *mut u8,
    out_row_bytes: usize,
}

impl Product {
    /// # Safety
    /// Two tiles of rows and two panels from there exist; the tiles are there and shaped.
    #[inline(always)]
    unsafe fn two_by_two(&self, tiles: &mut impl Tiles, row_tile: usize, panel: usize) {
        // SAFETY: by contract.
        unsafe {
            tiles.zero::<0>();
            tiles.zero::<1>();
            tiles.zero::<2>();
            tiles.zero::<3>();
            for step in 0..self.n_pairs / TILE {
                tiles.load::<4>(self.row(row_tile, step), self.row_bytes);
                tiles.load::<6>(self.weights(panel, step), TILE_ROW_BYTES);
                tiles.load::<7>(self.weights(panel + 1, step), TILE_ROW_BYTES);
                tiles.multiply::<0, 4, 6>();
                tiles.load::<5>(self.row(row_tile + 1, step), self.row_bytes);
                tiles.multiply::<1, 4, 7>();
                tiles.multiply::<2, 5, 6>();
                tiles.multiply::<3, 5, 7>();
            }
            tiles.store::<0>(self.out(row_tile, panel), self.out_row_bytes);
            tiles.store::<1>(self.out(row_tile, panel + 1), self.out_row_bytes);
            tiles.store::<2>(self.out(row_tile + 1, panel), self.out_row_bytes);
            tiles.store::<3>(self.out(row_tile + 1, panel + 1), self.out_row_bytes);
        }
    }

    /// # Safety
    /// One tile of rows and two panels from there exist; the tiles are there and shaped.
    #[inline(always)]
    unsafe fn one_by_two(&self, tiles: &mut impl Tiles, row_tile: usize, panel: usize) {
        // SAFETY: by contract.
        unsafe {
            tiles.zero::<0>();
            tiles.zero::<1>();
            for step in 0..self.n_pairs / TILE {
                tiles.load::<4>(self.row(row_tile, step), self.row_bytes);
                tiles.load::<6>(self.weights(panel, step), TILE_ROW_BYTES);
                tiles.multiply::<0, 4, 6>();
                tiles.load::<7>(self.weights(panel + 1, step), TILE_ROW_BYTES);
                tiles.multiply::<1, 4, 7>();
            }
            tiles.store::<0>(self.out(row_tile, panel), self.out_row_bytes);
            tiles.store::<1>(self.out(row_tile, panel + 1), self.out_row_bytes);
        }
    }

    /// # Safety
    /// The tile of rows exists and has this step.
    #[inline(always)]
    unsafe fn row(&self, row_tile: usize, step: usize) -> *const u8 {
        // SAFETY: by contract.
        unsafe { self.rows.add(row_tile * TILE * self.row_bytes + step * TILE_ROW_BYTES) }
    }

    /// # Safety
    /// The panel exists and has this step.
    #[inline(always)]
    unsafe fn weights(&self, panel: usize, step: usize) -> *const u8 {
        // SAFETY: by contract.
        unsafe { self.lines.add(panel * self.n_pairs + step * TILE).cast() }
    }

    /// # Safety
    /// The tile of the result exists.
    #[inline(always)]
    unsafe fn out(&self, row_tile: usize, panel: usize) -> *mut u8 {
        // SAFETY: by contract.
        unsafe { self.out.add(row_tile * TILE * self.out_row_bytes + panel * TILE_ROW_BYTES) }
    }
}

/// The tiles of the core that runs this thread; given back when dropped.
struct Hardware;

impl Hardware {
    fn shaped() -> Self {
        /// As `LDTILECFG` reads it.
        #[repr(C, align(64))]
        struct Shape {
            palette: u8,
            start_row: u8,
            reserved: [u8; 14],
            row_bytes: [u16; 16],
            n_rows: [u8; 16],
        }
        let mut shape = Shape {
            palette: 1,
            start_row: 0,
            reserved: [0; 14],
            row_bytes: [0; 16],
            n_rows: [0; 16],
        };
        shape.row_bytes[..8].fill(TILE_ROW_BYTES as u16);
        shape.n_rows[..8].fill(TILE as u8);
        // SAFETY: reads the 64 bytes of `shape`; who makes this knows that there are tiles.
        unsafe { asm!("ldtilecfg [{}]", in(reg) &raw const shape, options(nostack, readonly)) }
        Self
    }
}

impl Drop for Hardware {
    fn drop(&mut self) {
        // SAFETY: the tiles were shaped, so they are there.
        unsafe { asm!("tilerelease", options(nostack, nomem)) }
    }
}

impl Tiles for Hardware {
    #[inline(always)]
    unsafe fn zero<const TO: usize>(&mut self) {
        // SAFETY: by contract.
        unsafe { asm!("tilezero tmm{to}", to = const TO, options(nostack)) }
    }

    #[inline(always)]
    unsafe fn load<const TO: usize>(&mut self, from: *const u8, stride: usize) {
        // SAFETY: by contract.
        unsafe {
            asm!(
                "tileloadd tmm{to}, [{from} + {stride}]",
                to = const TO,
                from = in(reg) from,
                stride = in(reg) stride,
                options(nostack),
            );
        }
    }

    #[inline(always)]
    unsafe fn multiply<const TO: usize, const ROWS: usize, const WEIGHTS: usize>(&mut self) {
        // SAFETY: by contract.
        unsafe {
            asm!(
                "tdpbf16ps tmm{to}, tmm{rows}, tmm{weights}",
                to = const TO,
                rows = const ROWS,
                weights = const WEIGHTS,
                options(nostack),
            );
        }
    }

    #[inline(always)]
    unsafe fn store<const FROM: usize>(&self, to: *mut u8, stride: usize) {
        // SAFETY: by contract.
        unsafe {
            asm!(
                "tilestored [{to} + {stride}], tmm{from}",
                from = const FROM,
                to = in(reg) to,
                stride = in(reg) stride,
                options(nostack),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::matrix::Entry;
    use super::super::tests::assert_near;
    use super::super::{Kernel, portable, trial};
    use super::*;

    /// Tiles in memory, after the manual's pseudocode.
    struct Memory([[[u8; TILE_ROW_BYTES]; TILE]; 8]);

    impl Tiles for Memory {
        unsafe fn zero<const TO: usize>(&mut self) {
            self.0[TO] = [[0; TILE_ROW_BYTES]; TILE];
        }

        unsafe fn load<const TO: usize>(&mut self, from: *const u8, stride: usize) {
            for (row, to) in self.0[TO].iter_mut().enumerate() {
                // SAFETY: by the contract of the trait.
                *to = unsafe { from.add(row * stride).cast::<[u8; TILE_ROW_BYTES]>().read() };
            }
        }

        unsafe fn multiply<const TO: usize, const ROWS: usize, const WEIGHTS: usize>(&mut self) {
            let bfloat16 = |tile: usize, row: usize, at: usize| {
                let bytes = &self.0[tile][row][at * 2..][..2];
                f32::from_bits(u32::from(u16::from_le_bytes([bytes[0], bytes[1]])) << 16)
            };
            let mut result = self.0[TO];
            for (row, result) in result.iter_mut().enumerate() {
                for (column, sum_bytes) in result.as_chunks_mut::<4>().0.iter_mut().enumerate() {
                    let mut sum = f32::from_le_bytes(*sum_bytes);
                    for pair in 0..16 {
                        for half in 0..2 {
                            sum += bfloat16(ROWS, row, pair * 2 + half)
                                * bfloat16(WEIGHTS, pair, column * 2 + half);
                        }
                    }
                    *sum_bytes = sum.to_le_bytes();
                }
            }
            self.0[TO] = result;
        }

        unsafe fn store<const FROM: usize>(&self, to: *mut u8, stride: usize) {
            for (row, from) in self.0[FROM].iter().enumerate() {
                // SAFETY: by the contract of the trait.
                unsafe { to.add(row * stride).cast::<[u8; TILE_ROW_BYTES]>().write(*from) };
            }
        }
    }

    #[test]
    fn the_right_tiles_are_multiplied() {
        for n_rows in [1, 15, 16, 17, 32, 50] {
            let rows = trial::rows(n_rows, 128, Entry::Bfloat16);
            let matrix = trial::matrix(128, 192, Entry::Bfloat16);
            let mut expected = vec![0.0; Kernel::n_out_rows(n_rows) * 192];
            portable::multiply(&rows, &matrix, &mut expected);
            let mut found = vec![0.0; expected.len()];
            let mut tiles = Memory([[[0; TILE_ROW_BYTES]; TILE]; 8]);
            // SAFETY: these tiles are in memory.
            unsafe { multiply_on(&mut tiles, &rows, &matrix, &mut found) };
            assert_near(&found[..n_rows * 192], &expected[..n_rows * 192], 1e-4);
        }
    }
}
