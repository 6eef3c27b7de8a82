//! What the logs of a folder say now, for who does not write them: an import or a training
//! beside a running server.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::change_log::apply_record;
use crate::error::CatalogueError;
use crate::line_log::line_of;
use crate::log_line::LogLine as _;
use crate::order::OrderLine;
use crate::review::LoggedReview;
use crate::segments;
use crate::snapshot::{self, LoadedState};
use crate::state::ProductState;

/// Attempts to read a log whose writer drops segments meanwhile.
const ATTEMPTS: usize = 5;

/// Every product of a log of changes, and the number of the last record in them; no product
/// and 0 where there is no log. What is being written at this moment may be in or not.
///
/// # Errors
/// [`CatalogueError::Damaged`], [`CatalogueError::UnknownRecord`], or the disk refuses.
pub fn read_products(dir: &Path) -> Result<(u64, Vec<Arc<ProductState>>), CatalogueError> {
    if !dir.is_dir() {
        return Ok((0, Vec::new()));
    }
    retried(|| {
        let (LoadedState { number, mut state, .. }, _) = snapshot::load_newest(dir)?;
        let last = segments::read_after(dir, number, &mut |path, number, record| {
            apply_record(&mut state, path, number, record)
        })?;
        Ok((last, state.products().cloned().collect()))
    })
}

/// Every line of a log of orders, each once, in the order in which they came; none where
/// there is no log.
///
/// # Errors
/// As [`read_products`].
pub fn read_order_lines(dir: &Path) -> Result<Vec<OrderLine>, CatalogueError> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    retried(|| {
        let (mut known, mut lines) = (HashSet::new(), Vec::new());
        segments::read_after(dir, 0, &mut |path, number, record| {
            if let Some(line) = line_of::<OrderLine>(path, number, record)?
                && known.insert(line.digest())
            {
                lines.push(line);
            }
            Ok(())
        })?;
        Ok(lines)
    })
}

/// Every review of a log of reviews, each once and as it was pushed last, in the order in which
/// they came first; one that was taken away has no content. None where there is no log.
///
/// # Errors
/// As [`read_products`].
pub fn read_reviews(dir: &Path) -> Result<Vec<LoggedReview>, CatalogueError> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    retried(|| {
        let (mut place_of, mut reviews) = (HashMap::new(), Vec::<LoggedReview>::new());
        segments::read_after(dir, 0, &mut |path, number, record| {
            let Some(review) = line_of::<LoggedReview>(path, number, record)? else {
                return Ok(());
            };
            let next = reviews.len();
            match place_of.entry(review.digest()) {
                Entry::Vacant(place) => {
                    place.insert(next);
                    reviews.push(review);
                }
                Entry::Occupied(place) => reviews[*place.get()] = review,
            }
            Ok(())
        })?;
        Ok(reviews)
    })
}

fn retried<T>(mut read: impl FnMut() -> Result<T, CatalogueError>) -> Result<T, CatalogueError> {
    for _ in 1..ATTEMPTS {
        match read() {
            // A segment that a snapshot covers was removed after it was listed.
            Err(CatalogueError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
    }
    read()
}
