//! Recordings: the words of a WebVTT transcript.
//!
//! The format is read by code of its own, since no crate fits. `servo-webvtt` 0.7 is under the
//! MPL, which `deny.toml` does not allow. `fasrt` 0.5 writes into its own source folder when it is
//! built, which fails where packages are read-only. `vtt` 1.0, `subtp` 0.2, `webvtt-parser` 1.4
//! and `webvtt` 0.2 say of themselves that they parse a file as a whole and keep cue texts as they are, so that one
//! malformed cue would lose the rest (read in their documentation, not tried). What
//! libraries do well is left to them: named characters to `html-escape`, sentences to
//! `unicode-segmentation`.

mod cues;
mod transcript;
mod words;

use crate::limits::{CUES_MAX, TRANSCRIPT_BYTES_MAX};
use crate::{Medium, MediumContent, MediumError};
use cues::{CueBlock, CueBlocks, after_signature};
use transcript::TranscriptBuilder;
use words::cue_lines;

/// WebVTT, as videos and recordings on the web have it. Each text is a sentence, also one that
/// goes on over several cues; lines that a rolling caption repeats are said once.
///
/// Malformed cues are skipped and counted. Bytes that are no UTF-8 become U+FFFD, as the format
/// wants it. Behind [`crate::limits::TEXT_BYTES_MAX`] the text is cut.
#[derive(Clone, Copy, Debug, Default)]
pub struct WebVtt;

impl Medium for WebVtt {
    fn recognises(&self, bytes: &[u8]) -> bool {
        after_signature(bytes).is_some()
    }

    fn read(&self, bytes: &[u8]) -> Result<MediumContent, MediumError> {
        if bytes.len() > TRANSCRIPT_BYTES_MAX {
            let found = bytes.len();
            return Err(MediumError::TooManyBytes { found, limit: TRANSCRIPT_BYTES_MAX });
        }
        let body = after_signature(bytes).ok_or(MediumError::NotWebVtt)?;
        let body = String::from_utf8_lossy(body);
        let mut transcript = TranscriptBuilder::default();
        let mut n_skipped = 0;
        for (at, block) in CueBlocks::new(&body).enumerate() {
            if at == CUES_MAX {
                return Err(MediumError::TooManyCues);
            }
            match block {
                CueBlock::Cue(text) => transcript.push(cue_lines(&text)),
                CueBlock::Malformed => n_skipped += 1,
            }
        }
        let (texts, is_cut) = transcript.finish();
        Ok(MediumContent { texts, n_skipped, is_cut, ..MediumContent::default() })
    }
}
