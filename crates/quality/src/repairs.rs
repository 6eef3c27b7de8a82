//! Repairs: what a check asked to change, listed with the original so that it
//! can be undone.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use vitrine_domain::Product;

use crate::checks::{Action, Field, Planned};
use crate::quarantine::settle;
use crate::{InteractionRow, ProductRow, QualityError, Rejection};

/// One value that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repair {
    /// File name.
    pub source: String,
    /// Its line.
    pub line: u64,
    /// The check that asked for it.
    pub check: String,
    /// The field; none is the quantity of a line of the log.
    pub field: Option<Field>,
    /// The original.
    pub before: String,
    /// What it became.
    pub after: String,
}

impl Repair {
    /// Puts the original back; repairs of one row are undone last to first.
    /// False when the row does not have what the repair made, and is left alone.
    pub fn undo(&self, row: &mut ProductRow) -> bool {
        match self.field.and_then(|field| text_mut(&mut row.product, field)) {
            Some(text) if *text == self.after => {
                text.clone_from(&self.before);
                true
            }
            _ => false,
        }
    }
}

/// Applies plans and lists what they changed, as JSON lines.
///
/// Lines go to `<path>.tmp` until [`Repairs::finish`].
pub struct Repairs {
    path: PathBuf,
    temporary: PathBuf,
    out: BufWriter<File>,
    n_repairs: u64,
}

impl Repairs {
    /// Starts a list that will be at `path`.
    ///
    /// # Errors
    /// [`QualityError::Durable`] when it cannot be created.
    pub fn create(path: &Path) -> Result<Self, QualityError> {
        let temporary = vitrine_durable::temporary(path);
        let file = vitrine_durable::create_private(&temporary)?;
        Ok(Self { path: path.to_owned(), temporary, out: BufWriter::new(file), n_repairs: 0 })
    }

    /// Changes a product as planned; the inner error is a row that is kept out.
    ///
    /// # Errors
    /// [`QualityError::File`] when the list cannot be written.
    pub fn product(
        &mut self,
        source: &str,
        line: u64,
        mut row: ProductRow,
        planned: &[Planned],
    ) -> Result<Result<ProductRow, Rejection>, QualityError> {
        if let Some(rejection) = kept_out(planned) {
            return Ok(Err(rejection));
        }
        for Planned { check, action } in planned {
            let Action::SetText { field, after } = action else { continue };
            let Some(text) = text_mut(&mut row.product, *field) else { continue };
            let before = std::mem::replace(text, after.clone());
            if before != *after {
                self.write(&Repair {
                    source: source.to_owned(),
                    line,
                    check: check.clone(),
                    field: Some(*field),
                    before,
                    after: after.clone(),
                })?;
            }
        }
        Ok(Ok(row))
    }

    /// Changes a line of the log as planned; the inner error is one that is kept out.
    ///
    /// # Errors
    /// [`QualityError::File`] when the list cannot be written.
    pub fn line(
        &mut self,
        source: &str,
        line: u64,
        mut row: InteractionRow,
        planned: &[Planned],
    ) -> Result<Result<InteractionRow, Rejection>, QualityError> {
        if let Some(rejection) = kept_out(planned) {
            return Ok(Err(rejection));
        }
        for Planned { check, action } in planned {
            let Action::SetQuantity { after, .. } = action else { continue };
            if *after < row.quantity {
                let before = std::mem::replace(&mut row.quantity, *after);
                self.write(&Repair {
                    source: source.to_owned(),
                    line,
                    check: check.clone(),
                    field: None,
                    before: before.to_string(),
                    after: after.to_string(),
                })?;
            }
        }
        Ok(Ok(row))
    }

    fn write(&mut self, repair: &Repair) -> Result<(), QualityError> {
        self.n_repairs += 1;
        serde_json::to_writer(&mut self.out, repair)
            .map_err(io::Error::from)
            .and_then(|()| self.out.write_all(b"\n"))
            .map_err(|source| QualityError::File { path: self.temporary.clone(), source })
    }

    /// Makes the list durable under its name; how many repairs it has.
    ///
    /// # Errors
    /// [`QualityError::Durable`] when the disk refuses.
    pub fn finish(self) -> Result<u64, QualityError> {
        let Self { path, temporary, out, n_repairs } = self;
        settle(out, &temporary, &path)?;
        Ok(n_repairs)
    }
}

/// The first plan that keeps the row out.
fn kept_out(planned: &[Planned]) -> Option<Rejection> {
    planned.iter().find_map(|Planned { check, action }| match action {
        Action::Quarantine { reason } | Action::SetQuantity { after: 0, reason } => {
            Some(Rejection::of_check(check, reason))
        }
        _ => None,
    })
}

fn text_mut(product: &mut Product, field: Field) -> Option<&mut String> {
    Some(match field {
        Field::Title => &mut product.title,
        Field::Description => &mut product.description,
        Field::Department => &mut product.department,
        Field::Category => &mut product.category,
        Field::Brand => &mut product.brand,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn planned(check: &str, action: Action) -> Planned {
        Planned { check: check.to_owned(), action }
    }

    #[test]
    fn repairs_are_listed_and_can_be_undone() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("repairs.jsonl");
        let mut repairs = Repairs::create(&path).expect("writable");
        let mut original = ProductRow::default();
        original.product.title = "CafÃ© &amp; tea".into();
        let set = |after: &str| Action::SetText { field: Field::Title, after: after.into() };
        let plan = [planned("mojibake", set("Café &amp; tea")), planned("html", set("Café & tea"))];
        let row = repairs.product("feed.csv", 3, original.clone(), &plan).expect("written");
        let mut row = row.expect("kept");
        assert_eq!(row.product.title, "Café & tea");
        assert_eq!(repairs.finish().expect("renamed"), 2);
        let list = std::fs::read_to_string(&path).expect("there");
        let listed: Vec<Repair> =
            list.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert!(listed.iter().rev().all(|repair| repair.undo(&mut row)));
        assert_eq!(row, original);
        assert!(!listed[1].undo(&mut row), "it is undone already");
    }

    #[test]
    fn a_plan_may_keep_a_row_out() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut repairs = Repairs::create(&folder.path().join("r")).expect("writable");
        let quarantine = Action::Quarantine { reason: "no people".into() };
        let answer = repairs.product("f", 1, ProductRow::default(), &[planned("bot", quarantine)]);
        let rejection = answer.expect("written").expect_err("kept out");
        assert_eq!((rejection.check.as_str(), rejection.message.as_str()), ("bot", "no people"));
    }
}
