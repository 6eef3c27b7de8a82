//! Which frames of a moving picture are kept.

use vitrine_pictures::PicturePixels;

use crate::limits::{CHANGE_CELLS, KEY_FRAME_CHANGE, KEY_FRAMES_MAX};

const CHANNELS: usize = 3;

/// Key frames so far. At most [`KEY_FRAMES_MAX`] pictures are held.
#[derive(Default)]
pub(super) struct KeyFrames {
    /// Thumbnail of the latest key frame, also of one that is no longer kept.
    latest: Option<Thumbnail>,
    /// With the change that each brought, in their order.
    kept: Vec<(u64, PicturePixels)>,
    is_cut: bool,
}

impl KeyFrames {
    /// Looks at the next frame. All frames are of one size.
    pub(super) fn push(&mut self, picture: PicturePixels) {
        let thumbnail = Thumbnail::of(&picture);
        // The first is never given up.
        let change = self.latest.as_ref().map_or(u64::MAX, |latest| latest.change(&thumbnail));
        if change <= thumbnail.change_min() {
            return;
        }
        self.latest = Some(thumbnail);
        self.kept.push((change, picture));
        if self.kept.len() > KEY_FRAMES_MAX {
            self.is_cut = true;
            let least = self.kept.iter().map(|(change, _)| *change).min();
            // Of equal ones the last is given up.
            let place = self.kept.iter().rposition(|(change, _)| Some(*change) == least);
            if let Some(place) = place {
                self.kept.remove(place);
            }
        }
    }

    /// Pictures in their order, and whether there were more.
    pub(super) fn finish(self) -> (Vec<PicturePixels>, bool) {
        (self.kept.into_iter().map(|(_, picture)| picture).collect(), self.is_cut)
    }
}

/// Mean colours of the cells of a grid, [`CHANGE_CELLS`] to a side or as many as there are pixels.
struct Thumbnail(Vec<u8>);

impl Thumbnail {
    fn of(picture: &PicturePixels) -> Self {
        let (width, height) = (picture.width as usize, picture.height as usize);
        let columns = CHANGE_CELLS.min(picture.width) as usize;
        let rows = CHANGE_CELLS.min(picture.height) as usize;
        let mut sums = vec![[0u64; CHANNELS]; columns * rows];
        let mut counts = vec![0u64; columns * rows];
        for (y, line) in picture.rgb.chunks_exact(width * CHANNELS).enumerate() {
            let first = y * rows / height * columns;
            for (x, pixel) in line.chunks_exact(CHANNELS).enumerate() {
                let cell = first + x * columns / width;
                counts[cell] += 1;
                for (sum, number) in sums[cell].iter_mut().zip(pixel) {
                    *sum += u64::from(*number);
                }
            }
        }
        let means = sums.iter().zip(&counts).flat_map(|(sums, n)| sums.map(|sum| (sum / n) as u8));
        Self(means.collect())
    }

    /// Sum of the differences of all numbers.
    fn change(&self, other: &Self) -> u64 {
        self.0.iter().zip(&other.0).map(|(a, b)| u64::from(a.abs_diff(*b))).sum()
    }

    /// The most that frames differ by when none of them is a key frame.
    fn change_min(&self) -> u64 {
        self.0.len() as u64 * u64::from(KEY_FRAME_CHANGE)
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Reverse;

    use proptest::prelude::*;

    use super::*;

    fn grey(tone: u8) -> PicturePixels {
        PicturePixels { width: 20, height: 3, rgb: vec![tone; 180] }
    }

    fn kept(tones: &[u8]) -> (Vec<u8>, bool) {
        let mut frames = KeyFrames::default();
        tones.iter().for_each(|tone| frames.push(grey(*tone)));
        let (pictures, is_cut) = frames.finish();
        (pictures.iter().map(|picture| picture.rgb[0]).collect(), is_cut)
    }

    #[test]
    fn a_frame_is_kept_when_it_differs_from_the_key_frame_before() {
        let change = KEY_FRAME_CHANGE as u8;
        let (first, still) = (100, 100 + change);
        assert_eq!(kept(&[first, still, still, first]), (vec![first], false));
        // Slow changes add up.
        assert_eq!(kept(&[first, still, still + 1, 2 * change]).0, [first, still + 1, 2 * change]);
    }

    #[test]
    fn of_many_the_first_and_those_that_changed_most_are_kept() {
        // The changes are 10, 100, 20, 100, 30, 100, 40, 100, 50 and 50.
        let tones = [0, 10, 110, 90, 190, 160, 60, 100, 200, 150, 200];
        assert_eq!(kept(&tones), (vec![0, 110, 190, 60, 100, 200, 150, 200], true));
        let equal: Vec<u8> = (0..10).map(|i| i * 20).collect();
        assert_eq!(kept(&equal), (equal[..KEY_FRAMES_MAX].to_vec(), true));
    }

    proptest! {
        /// All key frames are found first here, and those that changed most chosen at the end.
        #[test]
        fn holding_few_frames_chooses_as_holding_all_does(
            tones in prop::collection::vec(0..=255u8, 1..40)
        ) {
            let mut all = vec![(u8::MAX, 0, tones[0])];
            for (place, tone) in tones.iter().enumerate() {
                let change = tone.abs_diff(all[all.len() - 1].2);
                if u32::from(change) > KEY_FRAME_CHANGE {
                    all.push((change, place, *tone));
                }
            }
            let is_cut = all.len() > KEY_FRAMES_MAX;
            all[1..].sort_by_key(|(change, place, _)| (Reverse(*change), *place));
            all.truncate(KEY_FRAMES_MAX);
            all.sort_by_key(|(_, place, _)| *place);
            let expected: Vec<u8> = all.iter().map(|(_, _, tone)| *tone).collect();
            prop_assert_eq!(kept(&tones), (expected, is_cut));
        }
    }

    #[test]
    fn cells_are_means_of_their_pixels() {
        let mut picture = grey(10);
        picture.rgb[..3].copy_from_slice(&[250, 10, 10]);
        let cells = Thumbnail::of(&picture).0;
        assert_eq!(cells.len(), 16 * 3 * 3);
        // The first cell has two pixels of the first line.
        assert_eq!(cells[..6], [130, 10, 10, 10, 10, 10]);
    }
}
