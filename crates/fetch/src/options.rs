//! How a client asks.

use std::time::Duration;

/// How a client asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchOptions {
    /// Who asks, and why: `User-Agent`.
    pub user_agent: String,
    /// Media types that are of use: `Accept`.
    pub accept: String,
    /// Most time from the look-up of a name to a connection; `None` for no limit of its own.
    pub connect_timeout: Option<Duration>,
    /// Most time in which a server that is connected sends nothing; `None` for no limit of
    /// its own.
    pub silence_timeout: Option<Duration>,
    /// Most time for a request, from the look-up of the name to the last byte. A redirect
    /// that begins in that time is one more request.
    pub total_timeout: Duration,
    /// Most redirects that one request follows.
    pub redirects_max: usize,
    /// Most idle connections that are kept for each host.
    pub idle_connections_max: usize,
    /// Host names, without port, that may lie in a private network. All others are
    /// connected to at public addresses alone.
    pub private_hosts: Vec<String>,
}

impl FetchOptions {
    /// Twenty seconds for everything, three redirects, one idle connection, no private host.
    pub fn new(user_agent: &str) -> Self {
        Self {
            user_agent: user_agent.to_owned(),
            accept: "*/*".to_owned(),
            connect_timeout: None,
            silence_timeout: None,
            total_timeout: Duration::from_secs(20),
            redirects_max: 3,
            idle_connections_max: 1,
            private_hosts: Vec::new(),
        }
    }
}
