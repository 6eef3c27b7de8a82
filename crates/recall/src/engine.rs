//! The trait that every recall engine implements.

use async_trait::async_trait;

use crate::{RecallError, RecallReply, RecallRequest};

/// Finds candidates in one immutable catalogue version.
///
/// Any number of searches may run at once. A new version is a new engine: the
/// server swaps an `Arc<dyn Recall>` and drops the old one when its last
/// search has ended. The same request to the same engine gives the same reply.
///
/// Searching is async because a cluster answers over the network. An engine in
/// process computes within the first poll: a server calls it from a thread
/// that may block.
#[async_trait]
pub trait Recall: Send + Sync {
    /// How many items the version has.
    fn n_items(&self) -> usize;

    /// Answers one search.
    ///
    /// A search with neither text nor vector is browsing: all that passes the
    /// filters, the most bought first.
    ///
    /// # Errors
    /// A limit exceeded ([`RecallRequest::validate`]), before any work; a
    /// failed engine. Never because of what a text says.
    async fn search(&self, request: &RecallRequest) -> Result<RecallReply, RecallError>;

    /// Answers many, each as [`Self::search`] would; replies in the order of
    /// the requests. Engines that save round trips override it.
    async fn search_batch(
        &self,
        requests: &[RecallRequest],
    ) -> Vec<Result<RecallReply, RecallError>> {
        let mut replies = Vec::with_capacity(requests.len());
        for request in requests {
            replies.push(self.search(request).await);
        }
        replies
    }
}
