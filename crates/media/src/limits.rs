//! What a medium may cost, and how much of it is kept.

/// Most pixels of the canvas of a moving picture: a square of 2,048. Canvas, frame and
/// [`KEY_FRAMES_MAX`] kept pictures of it together take less than 256 MB.
pub const CANVAS_PIXELS_MAX: u64 = 2_048 * 2_048;
/// Most frames of a moving picture.
pub const FRAMES_MAX: usize = 1_000;
/// Most bytes that all frames of a moving picture take when decoded, each as large as the canvas
/// with four bytes a pixel. It bounds time, since frames are not kept.
pub const ANIMATION_BYTES_MAX: u64 = 1 << 30;
/// Most pictures that are kept of a moving picture.
pub const KEY_FRAMES_MAX: usize = 8;
/// A frame is a key frame when the numbers of its thumbnail differ from those of the key frame
/// before it by more than this on average, of 255.
pub const KEY_FRAME_CHANGE: u32 = 8;
/// Longer and shorter side of the thumbnails by which frames are compared, in cells.
pub const CHANGE_CELLS: u32 = 16;

/// Most bytes of a transcript's file.
pub const TRANSCRIPT_BYTES_MAX: usize = 2_000_000;
/// Most cues of a transcript, malformed ones among them.
pub const CUES_MAX: usize = 20_000;
/// Most bytes of the text that is kept of a recording.
pub const TEXT_BYTES_MAX: usize = 64 << 10;
/// Most bytes of one text. Recognised speech without full stops is cut into such pieces.
pub const SENTENCE_BYTES_MAX: usize = 1_000;
/// Most lines that a rolling caption repeats of the one before: captions have at most four rows.
pub const ROLL_UP_LINES_MAX: usize = 4;
