//! What looks at pictures, once it was made of the published network.

use vitrine_domain::ContentHash;
use vitrine_vision::{PictureProjection, VisionNetwork};

/// What makes codes of pictures.
pub(crate) struct Eye {
    /// The shard that it was made of.
    pub of: ContentHash,
    pub network: VisionNetwork,
    pub projection: PictureProjection,
}
