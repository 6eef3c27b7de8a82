//! The outcome of reading many pictures, and a sentence about it.

use std::collections::BTreeMap;
use std::fmt;

use crate::{PictureFault, PictureHash};

/// How far the reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PictureProgress {
    /// Distinct addresses that are done.
    pub n_done: usize,
    /// Distinct addresses.
    pub n_total: usize,
    /// Those of the done ones that have a fault.
    pub n_faults: usize,
}

/// What [`crate::PictureReader::read_all`] returns.
#[derive(Clone, Debug, PartialEq)]
pub struct PictureReading {
    /// For each address, in their order, the picture whose thumbnails
    /// [`crate::PictureReader::thumbnails`] gives, or why there is none.
    pub pictures: Vec<Result<PictureHash, PictureFault>>,
    /// Distinct addresses whose thumbnails were made now.
    pub n_made: usize,
    /// Distinct addresses whose thumbnails were there and are those of what the address
    /// has now, or, offline, had.
    pub n_reused: usize,
    /// Distinct addresses whose server failed, so that the thumbnails of an earlier
    /// reading stand.
    pub n_stale: usize,
}

impl PictureReading {
    /// What could not be read, by kind.
    pub fn faults(&self) -> PictureFaults {
        let mut n_of = BTreeMap::<&'static str, usize>::new();
        for fault in self.pictures.iter().filter_map(|picture| picture.as_ref().err()) {
            *n_of.entry(fault.label()).or_default() += 1;
        }
        let mut counts: Vec<_> = n_of.into_iter().collect();
        counts.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        PictureFaults { n_addresses: self.pictures.len(), counts }
    }
}

/// Faults by kind. Its text: `312 of 4,000 pictures could not be read: 280 not found, …`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PictureFaults {
    /// All addresses, also those without a fault.
    pub n_addresses: usize,
    /// Label and number of each kind of fault that there is, the most frequent first.
    pub counts: Vec<(&'static str, usize)>,
}

impl PictureFaults {
    /// How many addresses have a fault.
    pub fn n(&self) -> usize {
        self.counts.iter().map(|(_, n)| n).sum()
    }
}

impl fmt::Display for PictureFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = grouped(self.n_addresses);
        if self.counts.is_empty() {
            return write!(f, "all {all} pictures were read");
        }
        write!(f, "{} of {all} pictures could not be read: ", grouped(self.n()))?;
        let parts: Vec<_> =
            self.counts.iter().map(|(label, n)| format!("{} {label}", grouped(*n))).collect();
        f.write_str(&parts.join(", "))
    }
}

/// A number with a comma before each group of three digits.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ContentFault;

    #[test]
    fn faults_are_counted_by_kind_the_most_frequent_first() {
        let mut pictures = vec![Ok(PictureHash([0; 32])); 3_688];
        pictures.extend(vec![Err(ContentFault::Svg.into()); 32]);
        pictures.extend(vec![Err(PictureFault::NotFound); 280]);
        let mut reading = PictureReading { pictures, n_made: 0, n_reused: 0, n_stale: 0 };
        assert_eq!(
            reading.faults().to_string(),
            "312 of 4,000 pictures could not be read: 280 not found, 32 SVG"
        );
        reading.pictures.truncate(1_000);
        assert_eq!(reading.faults().to_string(), "all 1,000 pictures were read");
    }
}
