//! The trait that every recall engine implements.

use vitrine_domain::Filters;

use crate::{RecallError, RecallReply, RecallRequest, WordCount};

/// Finds candidates in one immutable catalogue version.
///
/// Any number of searches may run at once. A new version is a new engine, built anew
/// or from the one before: the server swaps an `Arc<dyn Recall>` and drops the old one when its last
/// search has ended. The same request to the same engine gives the same reply.
///
/// Both calls compute on the calling thread and may block it. They look at
/// [`RecallRequest::deadline`] between their parts and give up once it has passed.
pub trait Recall: Send + Sync {
    /// How many items the version has.
    fn n_items(&self) -> usize;

    /// How many numbers [`RecallRequest::vector`] has.
    fn n_numbers(&self) -> usize;

    /// Answers one search.
    ///
    /// A search with neither text nor vector is browsing: all that passes the
    /// filters, the most bought first.
    ///
    /// # Errors
    /// A limit exceeded ([`RecallRequest::validate`]), before any work; the deadline
    /// passed. Never because of what a text says.
    fn search(&self, request: &RecallRequest) -> Result<RecallReply, RecallError>;

    /// Says which of several weaker searches has results, in one pass over the words
    /// of the request. Each attempt stands for the request with its own filters and
    /// without some of the words; the request's own filters, order and page do not
    /// matter. An attempt that leaves out words is answered by words alone, because
    /// the request's vector means all of them; a search for the rest finds what the
    /// attempt promises, and perhaps more.
    ///
    /// # Errors
    /// As [`Self::search`].
    fn probe(&self, request: &RecallRequest, attempts: &[Attempt]) -> Result<Probe, RecallError>;
}

/// A search that insists on less than another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attempt {
    /// Its filters.
    pub filters: Filters,
    /// Words of the text that it does not ask for, as [`WordCount::word`] names them.
    pub left_out: Vec<String>,
}

/// What a probe found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Probe {
    /// Index of the first attempt that has results.
    pub first: Option<usize>,
    /// The words of the text, counted under the filters of the last attempt.
    pub words: Vec<WordCount>,
}
