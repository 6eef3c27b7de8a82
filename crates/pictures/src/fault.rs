//! Why one picture could not be read. An import counts these and goes on.

use std::io;

use serde::{Deserialize, Serialize};
use vitrine_fetch::RefusedUrl;

use crate::UnsupportedFormat;
use crate::limits::{DECODE_BYTES_MAX, PICTURE_PIXELS_MAX, REDIRECTS_MAX};

/// What is wrong with the bytes of a picture. The same bytes always have the same fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, thiserror::Error)]
#[non_exhaustive]
pub enum ContentFault {
    /// No known kind of picture; often a page that says that the picture is gone.
    #[error("not a picture; open the address in a browser to see what it is")]
    NotAPicture,
    /// An SVG file can hold script and refer to other files.
    #[error("SVG is not read, since it can hold script; give a JPEG, PNG, WebP or GIF")]
    Svg,
    /// A kind of picture that is not read.
    #[error("{} is not read; JPEG, PNG, WebP and GIF are", format.name())]
    Unsupported {
        /// Which kind.
        format: UnsupportedFormat,
    },
    /// The header states more pixels than are decoded.
    #[error(
        "{width}×{height} pixels, but at most {PICTURE_PIXELS_MAX} are decoded; give a smaller one"
    )]
    TooManyPixels {
        /// Stated width, in pixels.
        width: u32,
        /// Stated height, in pixels.
        height: u32,
    },
    /// Decoding would take more memory than is allowed.
    #[error(
        "decoding {width}×{height} pixels of this kind takes more than {DECODE_BYTES_MAX} bytes; \
         give one of eight bits a channel, or a smaller one"
    )]
    TooMuchMemory {
        /// Stated width, in pixels.
        width: u32,
        /// Stated height, in pixels.
        height: u32,
    },
    /// It begins as a picture, but cannot be decoded.
    #[error("damaged or cut off; upload the picture again")]
    Damaged,
}

/// Why an address is not read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedAddress {
    /// There is nothing in it.
    #[error("the address is empty")]
    Empty,
    /// More than [`crate::limits::ADDRESS_BYTES_MAX`] bytes.
    #[error("the address is too long")]
    TooLong,
    /// It begins with `http`, but is no URL.
    #[error("the address is not a valid URL")]
    NotAUrl,
    /// Neither `http` nor `https` nor a path.
    #[error("only http, https and paths below the picture folder are read")]
    Scheme,
    /// A user name or password is in the URL.
    #[error("the address holds a user name or password")]
    Credentials,
    /// A path that leaves the picture folder, itself or by a symbolic link.
    #[error("the path leads out of the picture folder")]
    OutsideRoot,
    /// A path, but no picture folder is set.
    #[error("the address is a path, and no picture folder is set")]
    NoRoot,
    /// The path names a folder or a device.
    #[error("the path names no regular file")]
    NotAFile,
    /// The host is in a private, local or reserved network.
    #[error(
        "the host is in a private or local network; name it among the private hosts if it is the \
         shop's own"
    )]
    PrivateNetwork,
}

impl From<RefusedUrl> for RefusedAddress {
    fn from(refused: RefusedUrl) -> Self {
        match refused {
            RefusedUrl::TooLong => Self::TooLong,
            RefusedUrl::Scheme => Self::Scheme,
            RefusedUrl::Credentials => Self::Credentials,
            RefusedUrl::PrivateNetwork => Self::PrivateNetwork,
            _ => Self::NotAUrl,
        }
    }
}

/// Why a picture could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PictureFault {
    /// The address is not read from.
    #[error(transparent)]
    Refused(#[from] RefusedAddress),
    /// No such file, or status 404 or 410.
    #[error("not found; correct the address or upload the picture")]
    NotFound,
    /// The server gave a status that no repetition would change.
    #[error("the server answered with status {status}")]
    Status {
        /// The HTTP status.
        status: u16,
    },
    /// The server asked for fewer requests, also after waiting.
    #[error("the server asked for fewer requests; import again later, or with fewer at once")]
    Busy,
    /// The server failed each time.
    #[error("the server failed with status {status}; import again later")]
    ServerFailed {
        /// The last HTTP status, 5xx.
        status: u16,
    },
    /// No answer within the time limit.
    #[error("timed out; import again later")]
    TimedOut,
    /// The host's name is unknown, or no connection came about or held.
    #[error("the host cannot be reached, or the connection broke; import again later")]
    Unreachable,
    /// TLS failed: a certificate that is not trusted, or no common version.
    #[error("no trusted TLS connection; check the host's certificate and ca-certificates here")]
    Tls,
    /// Requests to this host failed so often in a row that it was not asked again.
    #[error("not asked for: its host failed too often in a row; import again later")]
    HostGivenUp,
    /// More redirects than are followed, or one without a target.
    #[error("more than {REDIRECTS_MAX} redirects, or one that leads nowhere")]
    Redirects,
    /// Not in the cache, and requests are switched off.
    #[error("not in the cache, and nothing is fetched offline; import once online")]
    Offline,
    /// The file has more bytes than are read.
    #[error("more than {bytes_max} bytes; give a smaller file")]
    TooLarge {
        /// The limit.
        bytes_max: usize,
    },
    /// The disk refused.
    #[error("the file cannot be read: {0}")]
    Disk(io::ErrorKind),
    /// The bytes are no picture that is read.
    #[error(transparent)]
    Content(#[from] ContentFault),
}

impl PictureFault {
    /// A few words to count it under, the same for all of a kind ("not found").
    pub fn label(&self) -> &'static str {
        match self {
            Self::Refused(RefusedAddress::PrivateNetwork) => "in a private network",
            Self::Refused(RefusedAddress::OutsideRoot) => "outside the picture folder",
            Self::Refused(_) => "refused addresses",
            Self::NotFound => "not found",
            Self::Status { .. } => "denied by the server",
            Self::Busy => "busy server",
            Self::ServerFailed { .. } => "failed server",
            Self::TimedOut => "timed out",
            Self::Unreachable => "unreachable",
            Self::Tls => "without a trusted TLS connection",
            Self::HostGivenUp => "of hosts that were given up",
            Self::Redirects => "redirected too often",
            Self::Offline => "not in the cache",
            Self::TooLarge { .. } => "too many bytes",
            Self::Disk(_) => "unreadable files",
            Self::Content(ContentFault::NotAPicture) => "not a picture",
            Self::Content(ContentFault::Svg) => "SVG",
            Self::Content(ContentFault::Unsupported { .. }) => "in a format that is not read",
            Self::Content(
                ContentFault::TooManyPixels { .. } | ContentFault::TooMuchMemory { .. },
            ) => "too many pixels",
            Self::Content(ContentFault::Damaged) => "damaged",
        }
    }

    /// Whether the picture may well be there another time, so that an older copy of it
    /// still stands.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(
            self,
            Self::Busy
                | Self::ServerFailed { .. }
                | Self::TimedOut
                | Self::Unreachable
                | Self::Tls
                | Self::HostGivenUp
        )
    }
}
