//! What the logs of a folder say now, for who does not write them: an import or a training
//! beside a running server.

use std::collections::HashSet;
use std::io;
use std::path::Path;
use std::sync::Arc;

use crate::change_log::apply_record;
use crate::error::CatalogueError;
use crate::order::OrderLine;
use crate::order_log::line_of;
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
            if let Some(line) = line_of(path, number, record)?
                && known.insert(line.digest())
            {
                lines.push(line);
            }
            Ok(())
        })?;
        Ok(lines)
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
