//! The kernel of the products, chosen once.

use std::sync::OnceLock;

use super::matrix::{Entry, PANEL, PackedMatrix, Rows};
#[cfg(target_arch = "x86_64")]
use super::{amx, x86};
use super::{portable, trial};

/// What multiplies activations with weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// bfloat16 on the tile registers of AMX.
    Amx,
    /// Integers on AVX-512 with VNNI.
    Avx512,
    /// Integers on AVX2.
    Avx2,
    /// Integers in plain Rust.
    Portable,
}

impl Kernel {
    const BEST_FIRST: [Self; 4] = [Self::Amx, Self::Avx512, Self::Avx2, Self::Portable];

    /// The first that this machine has and that computes a trial product rightly.
    pub fn best() -> Self {
        static BEST: OnceLock<Kernel> = OnceLock::new();
        *BEST.get_or_init(|| {
            let is_good = |kernel: &Self| kernel.is_available() && trial::is_right(*kernel);
            Self::BEST_FIRST.into_iter().find(is_good).unwrap_or(Self::Portable)
        })
    }

    /// All that this machine has.
    pub fn available() -> impl Iterator<Item = Self> {
        Self::BEST_FIRST.into_iter().filter(|kernel| kernel.is_available())
    }

    /// Whether this machine has what it takes.
    pub fn is_available(self) -> bool {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Amx => Self::Avx512.is_available() && amx::is_available(),
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => {
                std::arch::is_x86_feature_detected!("avx512vnni")
                    && std::arch::is_x86_feature_detected!("avx512bw")
                    && std::arch::is_x86_feature_detected!("avx512dq")
                    && std::arch::is_x86_feature_detected!("avx512vl")
            }
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => std::arch::is_x86_feature_detected!("avx2"),
            #[cfg(not(target_arch = "x86_64"))]
            Self::Amx | Self::Avx512 | Self::Avx2 => false,
            Self::Portable => true,
        }
    }

    /// Its name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Amx => "AMX bf16",
            Self::Avx512 => "AVX-512 VNNI",
            Self::Avx2 => "AVX2",
            Self::Portable => "portable",
        }
    }

    /// The numbers that it multiplies.
    pub(crate) fn entry(self) -> Entry {
        match self {
            Self::Amx => Entry::Bfloat16,
            Self::Avx512 | Self::Avx2 | Self::Portable => Entry::Integer,
        }
    }

    /// Rows that the result of a product must have room for.
    pub(crate) const fn n_out_rows(n_rows: usize) -> usize {
        n_rows.next_multiple_of(PANEL)
    }

    /// `out` = `rows` · `matrix`.
    ///
    /// # Shapes
    /// `rows`: \[n, n_in\]; `matrix`: \[n_in, n_out\]; `out`: \[[`Self::n_out_rows`] of n,
    /// n_out\], of which the first n rows are the result.
    ///
    /// # Panics
    /// When the shapes do not fit, or the numbers are another kernel's.
    pub(crate) fn multiply(self, rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
        assert_eq!(matrix.entry, self.entry(), "a matrix of another kernel");
        multiply(self, rows, matrix, out);
    }
}

#[cfg(target_arch = "x86_64")]
#[allow(unsafe_code, reason = "calls of features that the choice of the kernel has detected")]
fn multiply(kernel: Kernel, rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
    match kernel {
        // SAFETY: no kernel is used that is not available.
        Kernel::Amx => unsafe { amx::multiply(rows, matrix, out) },
        // SAFETY: as above.
        Kernel::Avx512 => unsafe { x86::multiply_avx512(rows, matrix, out) },
        // SAFETY: as above.
        Kernel::Avx2 => unsafe { x86::multiply_avx2(rows, matrix, out) },
        Kernel::Portable => portable::multiply(rows, matrix, out),
    }
}

#[cfg(not(target_arch = "x86_64"))]
fn multiply(_: Kernel, rows: &Rows, matrix: &PackedMatrix, out: &mut [f32]) {
    portable::multiply(rows, matrix, out);
}
