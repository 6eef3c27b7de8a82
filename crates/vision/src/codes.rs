//! Vectors in few bytes, for shards: how far a picture lies from the catalogue's middle along
//! the directions in which its pictures differ most.

use crate::{PICTURE_DIM, VisionError};

/// Bytes of a code.
pub const CODE_BYTES: usize = 64;
/// The code of one picture.
pub type PictureCode = [i8; CODE_BYTES];

const MAGIC: [u8; 8] = *b"VITRVPRJ";
const FORMAT: u32 = 1;
const HEADER_BYTES: usize = 12;
const CHECK_BYTES: usize = 32;
const WHAT: &str = "picture projection";
const N_VALUES: usize = PICTURE_DIM + CODE_BYTES * PICTURE_DIM + 1;
const FILE_BYTES: usize = HEADER_BYTES + 4 * N_VALUES + CHECK_BYTES;
/// Largest number that is read. Directions have norm 1.
const VALUE_MAX: f32 = 1e3;
/// Deviations of a coordinate that a byte reaches to; beyond it is cut off.
const REACH: f64 = 4.0;

/// A map from vectors of [`PICTURE_DIM`] numbers to codes of [`CODE_BYTES`].
#[derive(Clone, Debug, PartialEq)]
pub struct PictureProjection {
    mean: Vec<f32>,
    /// Rows are directions.
    directions: Vec<f32>,
    /// Length of one step of a code.
    step: f32,
}

impl PictureProjection {
    /// # Shapes
    /// `mean` \[1280\]; `directions` \[64, 1280\], of norm 1 or zero; `deviation`: the largest
    /// standard deviation of a coordinate.
    ///
    /// # Errors
    /// [`VisionError::Shape`], [`VisionError::NotFinite`].
    pub fn new(mean: Vec<f32>, directions: Vec<f32>, deviation: f64) -> Result<Self, VisionError> {
        for (layer, found, needed) in
            [(0, mean.len(), PICTURE_DIM), (1, directions.len(), CODE_BYTES * PICTURE_DIM)]
        {
            if found != needed {
                return Err(VisionError::Shape { layer, found, needed });
            }
        }
        let step = (deviation * REACH / 127.0).max(f64::from(f32::MIN_POSITIVE)) as f32;
        Self { mean, directions, step }.checked()
    }

    /// The code of a vector; zero for a vector of zeros, which is no picture.
    ///
    /// # Shapes
    /// \[1280\] → \[64\]; what a shorter vector lacks counts as 0.
    pub fn code(&self, vector: &[f32]) -> PictureCode {
        if vector.iter().all(|x| *x == 0.0) {
            return [0; CODE_BYTES];
        }
        let centred: Vec<f32> = vector.iter().zip(&self.mean).map(|(x, mean)| x - mean).collect();
        let rows = self.directions.chunks_exact(PICTURE_DIM);
        let mut code = [0; CODE_BYTES];
        for (out, direction) in code.iter_mut().zip(rows) {
            let along: f32 = direction.iter().zip(&centred).map(|(a, b)| a * b).sum();
            *out = (along / self.step).round().clamp(-127.0, 127.0) as i8;
        }
        code
    }

    /// How much two pictures look alike, from −1 to 1: the cosine of their codes, 0 where one
    /// is zero.
    pub fn likeness(a: &PictureCode, b: &PictureCode) -> f32 {
        let dot = |a: &PictureCode, b: &PictureCode| -> i32 {
            a.iter().zip(b).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum()
        };
        let norms = (dot(a, a) as f64 * dot(b, b) as f64).sqrt();
        if norms > 0.0 { (f64::from(dot(a, b)) / norms) as f32 } else { 0.0 }
    }

    /// The file: magic, format, mean, directions and step as f32, BLAKE3 of all before.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(FILE_BYTES);
        bytes.extend(MAGIC);
        bytes.extend(FORMAT.to_le_bytes());
        let values = self.mean.iter().chain(&self.directions).chain([&self.step]);
        bytes.extend(values.flat_map(|value| value.to_le_bytes()));
        let check = blake3::hash(&bytes);
        bytes.extend(check.as_bytes());
        bytes
    }

    /// Reads a file. Memory stays within twice its length.
    ///
    /// # Errors
    /// Not such a file, of another format, of another length, damaged, or with numbers that
    /// cannot be computed with.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, VisionError> {
        if !bytes.starts_with(&MAGIC) || bytes.len() < HEADER_BYTES {
            return Err(VisionError::AnotherFile { what: WHAT });
        }
        let word = |four: &[u8; 4]| u32::from_le_bytes(*four);
        let words = bytes[MAGIC.len()..].as_chunks::<4>().0;
        let format = word(&words[0]);
        if format != FORMAT {
            return Err(VisionError::AnotherFormat { what: WHAT, found: format, read: FORMAT });
        }
        if bytes.len() != FILE_BYTES {
            return Err(VisionError::Length { what: WHAT, found: bytes.len(), needed: FILE_BYTES });
        }
        let (content, stated) = bytes.split_at(FILE_BYTES - CHECK_BYTES);
        if blake3::hash(content).as_bytes() != stated {
            return Err(VisionError::Damaged { what: WHAT });
        }
        let mut values = words[1..][..N_VALUES].iter().map(|four| f32::from_bits(word(four)));
        let mean = values.by_ref().take(PICTURE_DIM).collect();
        let directions = values.by_ref().take(CODE_BYTES * PICTURE_DIM).collect();
        let step = values.next().unwrap_or_default();
        Self { mean, directions, step }.checked()
    }

    fn checked(self) -> Result<Self, VisionError> {
        let is_small = |value: &f32| value.abs() <= VALUE_MAX;
        let fault = |layer| Err(VisionError::NotFinite { what: WHAT, layer });
        if !self.mean.iter().all(is_small) {
            return fault(0);
        }
        if !self.directions.iter().all(is_small) {
            return fault(1);
        }
        if !(self.step.is_normal() && self.step > 0.0 && self.step <= VALUE_MAX) {
            return fault(2);
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Along the first dimensions, about a middle of 0.1.
    fn projection() -> PictureProjection {
        let mut directions = vec![0.0; CODE_BYTES * PICTURE_DIM];
        (0..CODE_BYTES).for_each(|d| directions[d * PICTURE_DIM + d] = 1.0);
        PictureProjection::new(vec![0.1; PICTURE_DIM], directions, 0.127).unwrap()
    }

    #[test]
    fn a_code_is_where_a_vector_lies_about_the_middle() {
        let mut vector = vec![0.1; PICTURE_DIM];
        vector[0] += 0.040;
        vector[1] -= 0.012;
        vector[2] += 9.0;
        // A step is 4 · 0.127 / 127.
        let code = projection().code(&vector);
        assert_eq!((code[..4].to_vec(), code[63]), (vec![10, -3, 127, 0], 0));
        assert_eq!(projection().code(&[0.0; PICTURE_DIM]), [0; CODE_BYTES]);
    }

    #[test]
    fn likeness_is_a_cosine_and_zero_for_nothing() {
        let code = |a: i8, b: i8| {
            let mut code = [0; CODE_BYTES];
            (code[0], code[1]) = (a, b);
            code
        };
        assert_eq!(PictureProjection::likeness(&code(3, 4), &code(6, 8)), 1.0);
        assert_eq!(PictureProjection::likeness(&code(3, 0), &code(-3, 0)), -1.0);
        assert_eq!(PictureProjection::likeness(&code(0, 0), &code(1, 0)), 0.0);
    }

    #[test]
    fn what_is_changed_cut_or_no_number_is_refused() {
        let bytes = projection().to_bytes();
        assert_eq!(PictureProjection::from_bytes(&bytes), Ok(projection()));
        for end in [0, 8, 11, 12, bytes.len() - 1] {
            assert!(PictureProjection::from_bytes(&bytes[..end]).is_err());
        }
        let mut changed = bytes;
        changed[20] ^= 1;
        let damaged = VisionError::Damaged { what: WHAT };
        assert_eq!(PictureProjection::from_bytes(&changed), Err(damaged));
        let none = PictureProjection::new(vec![], vec![], 1.0);
        assert!(matches!(none, Err(VisionError::Shape { .. })));
        let nan = vec![f32::NAN; CODE_BYTES * PICTURE_DIM];
        let nan = PictureProjection::new(vec![0.0; PICTURE_DIM], nan, 1.0);
        assert_eq!(nan, Err(VisionError::NotFinite { what: WHAT, layer: 1 }));
    }
}
