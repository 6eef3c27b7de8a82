//! Why nothing was fetched.

use std::error::Error as _;
use std::io;
use std::time::Duration;

use crate::guard::PrivateHost;

/// Why an address is not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RefusedUrl {
    /// It is no URL with a host.
    #[error("the address is not a valid URL; correct it")]
    NotAUrl,
    /// More than [`crate::URL_BYTES_MAX`] bytes.
    #[error("the address is too long; give a shorter one")]
    TooLong,
    /// Neither `http` nor `https`.
    #[error("only http and https are fetched; give such an address")]
    Scheme,
    /// A user name or password is in the URL.
    #[error("the address holds a user name or password; give one without")]
    Credentials,
    /// The host is in a private, local or reserved network.
    #[error(
        "the host is in a private or local network; name it among the private hosts if it is the \
         shop's own"
    )]
    PrivateNetwork,
}

/// Why nothing was fetched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FetchFault {
    /// The address, or one that a redirect names, is not asked.
    #[error(transparent)]
    Refused(#[from] RefusedUrl),
    /// The server gave a status that is neither 200 nor a redirect, nor 304 to a request with a
    /// [`crate::Validator`].
    #[error("the server answered with status {status}; check the address, or ask again later")]
    Status {
        /// The HTTP status.
        status: u16,
        /// How long the server asked to be left alone: `Retry-After`.
        retry_after: Option<Duration>,
    },
    /// No response within the time limit.
    #[error("timed out; ask again later")]
    TimedOut,
    /// The host's name is unknown, or no connection came about or held.
    #[error("the host cannot be reached, or the connection broke; ask again later")]
    Unreachable,
    /// TLS failed: a certificate that is not trusted, or no common version.
    #[error("no trusted TLS connection; check the host's certificate and ca-certificates here")]
    Tls,
    /// More redirects than are followed, or one without a target.
    #[error("more than {redirects_max} redirects, or one that leads nowhere; give its target")]
    Redirects {
        /// The limit.
        redirects_max: usize,
    },
    /// The body has more bytes than the caller takes.
    #[error("more than {bytes_max} bytes; give a smaller file")]
    TooLarge {
        /// The limit.
        bytes_max: u64,
    },
    /// The key has characters that no header has.
    #[error("the key has characters other than visible ASCII; give it as it was issued")]
    Key,
    /// The caller's cancel flag is set.
    #[error("cancelled; start it again")]
    Cancelled,
    /// What came could not be written.
    #[error("what was fetched cannot be written; make room or check the folder")]
    Write(#[source] io::Error),
}

impl From<ureq::Error> for FetchFault {
    fn from(error: ureq::Error) -> Self {
        match error {
            ureq::Error::Timeout(_) => Self::TimedOut,
            ureq::Error::Other(other) if other.is::<PrivateHost>() => {
                Self::Refused(RefusedUrl::PrivateNetwork)
            }
            ureq::Error::BadUri(_) | ureq::Error::Http(_) => Self::Refused(RefusedUrl::NotAUrl),
            ureq::Error::Tls(_) | ureq::Error::Rustls(_) => Self::Tls,
            ureq::Error::Io(error) => {
                let is_tls = error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>())
                    || error.source().is_some_and(|inner| inner.is::<rustls::Error>());
                match error.kind() {
                    _ if is_tls => Self::Tls,
                    io::ErrorKind::TimedOut => Self::TimedOut,
                    _ => Self::Unreachable,
                }
            }
            _ => Self::Unreachable,
        }
    }
}
