//! The file of checks: TOML, one `[[check]]` a check, each read by itself.
//!
//! A check that cannot be read becomes a [`Fault`] with file and line; the
//! others are not affected by it, not even by broken TOML.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::kinds::Kind;
use super::predicate::Predicate;
use super::subject::Subject;

/// Longest file of checks, in bytes.
pub const CHECKS_FILE_BYTES_MAX: usize = 1 << 20;
/// Most checks of one import.
pub const CHECKS_MAX: usize = 500;

const HEADER: &str = "[[check]]";
const BUILT_IN: &str = include_str!("../../checks/default.toml");

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Worth mending.
    Warning,
    /// Beyond its threshold nothing is published.
    Error,
}

/// What becomes of failing rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// They are reported and kept.
    #[default]
    None,
    /// They are kept out, with reason and original.
    Quarantine,
    /// They are corrected; the original is listed.
    Fix,
}

/// A field that a check can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "each is the field of that name")]
pub enum Field {
    Sku,
    Title,
    Description,
    Department,
    Category,
    Brand,
    Manufacturer,
    Size,
    Price,
    Gtin,
    Link,
    ImageLink,
    AvailabilityDate,
    ExpirationDate,
    Shopper,
    Basket,
}

impl Field {
    fn is_of(self, subject: Subject) -> bool {
        match self {
            Self::Sku | Self::Price => subject != Subject::Drift,
            Self::Shopper | Self::Basket => subject == Subject::Interactions,
            _ => subject == Subject::Products,
        }
    }
}

/// A check as written in the file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Declared {
    name: String,
    what: String,
    on: Subject,
    kind: Kind,
    field: Option<Field>,
    r#where: Option<String>,
    limit: Option<f64>,
    severity: Severity,
    #[serde(default)]
    threshold: f64,
    #[serde(default)]
    repair: Repair,
    #[serde(default = "yes")]
    enabled: bool,
}

fn yes() -> bool {
    true
}

/// A check that can run.
#[derive(Debug)]
pub struct Check {
    /// How reports and `--allow-check` call it.
    pub name: String,
    /// A sentence for people.
    pub what: String,
    /// Products, interactions or drift.
    pub on: Subject,
    /// What is looked at.
    pub kind: Kind,
    /// Which field, for kinds that look at one.
    pub field: Option<Field>,
    /// The row predicate of [`Kind::Predicate`].
    pub predicate: Option<Predicate>,
    /// The kind's own bound; 0 when it has none.
    pub limit: f64,
    /// How bad it is.
    pub severity: Severity,
    /// Share of rows that may fail, 0 to 1.
    pub threshold: f64,
    /// What becomes of failing rows.
    pub repair: Repair,
    enabled: bool,
}

/// A check that cannot run, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The file that declares it.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// Why.
    pub message: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file, self.line, self.message)
    }
}

/// All checks of an import.
#[derive(Debug, Default)]
pub struct Checks {
    checks: Vec<Check>,
    /// Declarations that could not be read.
    pub faults: Vec<Fault>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Preamble {
    built_in: Option<bool>,
}

impl Checks {
    /// Text of the checks that ship with Vitrine.
    pub fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// The checks that ship with Vitrine.
    pub fn built_in() -> Self {
        let mut checks = Self::default();
        checks.read("built-in", BUILT_IN);
        checks
    }

    /// The built-in checks and a shop's own; `file` is its name in messages.
    ///
    /// What cannot be read of it is in [`Self::faults`], and the rest runs.
    pub fn with_own(file: &str, text: &str) -> Self {
        let first = text.lines().take_while(|line| line.trim() != HEADER);
        let head: String = first.flat_map(|line| [line, "\n"]).collect();
        let (preamble, fault) = match toml::from_str::<Preamble>(&head) {
            Ok(preamble) => (preamble, None),
            Err(error) => (Preamble::default(), Some(fault_of(file, 1, &head, &error))),
        };
        let mut checks =
            if preamble.built_in == Some(false) { Self::default() } else { Self::built_in() };
        checks.faults.extend(fault);
        if text.len() > CHECKS_FILE_BYTES_MAX {
            let message = format!("more than {CHECKS_FILE_BYTES_MAX} bytes: split the file");
            checks.faults.push(Fault { file: file.to_owned(), line: 1, message });
        } else {
            checks.read(file, text);
        }
        checks
    }

    /// Checks that run, in the order of the file.
    pub fn iter(&self) -> impl Iterator<Item = &Check> {
        self.checks.iter().filter(|check| check.enabled)
    }

    /// Checks of `subject` that run, in the order of the file.
    pub fn on(&self, subject: Subject) -> Vec<&Check> {
        self.iter().filter(|check| check.on == subject).collect()
    }

    /// Whether there is an enabled check of that name.
    pub fn has(&self, name: &str) -> bool {
        self.iter().any(|check| check.name == name)
    }

    fn read(&mut self, file: &str, text: &str) {
        let mut blocks: Vec<(usize, String)> = Vec::new();
        for (idx, line) in text.lines().enumerate() {
            if line.split('#').next().unwrap_or("").trim() == HEADER {
                blocks.push((idx + 1, String::new()));
            } else if let Some((_, block)) = blocks.last_mut() {
                block.push_str(line);
                block.push('\n');
            }
        }
        for (line, block) in blocks {
            match read_one(&block) {
                Ok(check) => self.put(file, line, check),
                Err(Unfit::Toml(error)) => {
                    self.faults.push(fault_of(file, line + 1, &block, &error));
                }
                Err(Unfit::Says { key, message }) => {
                    let at = block.lines().position(|text| key_of(text) == key);
                    let line = at.map_or(line, |at| line + 1 + at);
                    self.faults.push(Fault { file: file.to_owned(), line, message });
                }
            }
        }
    }

    /// Adds a check, or puts it in the place of the one with its name.
    fn put(&mut self, file: &str, line: usize, check: Check) {
        match self.checks.iter().position(|known| known.name == check.name) {
            Some(known) => self.checks[known] = check,
            None if self.checks.len() < CHECKS_MAX => self.checks.push(check),
            None => self.faults.push(Fault {
                file: file.to_owned(),
                line,
                message: format!("more than {CHECKS_MAX} checks"),
            }),
        }
    }
}

enum Unfit {
    Toml(toml::de::Error),
    Says { key: &'static str, message: String },
}

fn fault_of(file: &str, first_line: usize, block: &str, error: &toml::de::Error) -> Fault {
    let start = error.span().map_or(0, |span| span.start.min(block.len()));
    let line = first_line + block.as_bytes()[..start].iter().filter(|&&b| b == b'\n').count();
    Fault { file: file.to_owned(), line, message: error.message().to_owned() }
}

fn key_of(line: &str) -> &str {
    line.split('=').next().unwrap_or("").trim()
}

fn read_one(block: &str) -> Result<Check, Unfit> {
    let declared: Declared = toml::from_str(block).map_err(Unfit::Toml)?;
    let says = |key, message: String| Err(Unfit::Says { key, message });
    let Declared { kind, on, .. } = declared;
    if declared.name.is_empty() || declared.name.contains(char::is_whitespace) {
        return says("name", "a name is one word".to_owned());
    }
    if !kind.subjects().contains(&on) {
        return says("kind", format!("{kind:?} is no kind for {on:?}"));
    }
    let needs_field = matches!(kind, Kind::Missing | Kind::Invalid | Kind::Repeated);
    match declared.field {
        None if needs_field => return says("kind", format!("{kind:?} needs a `field`")),
        Some(_) if !needs_field => return says("field", format!("{kind:?} takes no `field`")),
        Some(field) if !field.is_of(on) => {
            return says("field", format!("{on:?} have no field {field:?}"));
        }
        Some(field) if kind == Kind::Repeated && !matches!(field, Field::Sku | Field::Gtin) => {
            return says("field", "only `sku` and `gtin` tell products apart".to_owned());
        }
        _ => {}
    }
    let fixable =
        kind.can_fix() && (kind != Kind::Missing || declared.field == Some(Field::Category));
    if declared.repair == Repair::Fix && !fixable {
        return says("repair", format!("{kind:?} cannot be fixed: use none or quarantine"));
    }
    if !(0.0..=1.0).contains(&declared.threshold) {
        return says("threshold", "a threshold is a share between 0 and 1".to_owned());
    }
    let limit = match (declared.limit, kind.default_limit()) {
        (Some(_), None) => return says("limit", format!("{kind:?} takes no `limit`")),
        (Some(limit), Some(_)) if limit.is_finite() && limit > 0.0 => limit,
        (Some(_), Some(_)) => return says("limit", "a limit is a positive number".to_owned()),
        (None, default) => default.unwrap_or(0.0),
    };
    let predicate = match (&declared.r#where, kind) {
        (Some(text), Kind::Predicate) => match Predicate::compile(text, on) {
            Ok(predicate) => Some(predicate),
            Err(error) => return says("where", error.to_string()),
        },
        (None, Kind::Predicate) => return says("kind", "a predicate needs `where`".to_owned()),
        (Some(_), _) => return says("where", format!("{kind:?} takes no `where`")),
        (None, _) => None,
    };
    Ok(Check {
        name: declared.name,
        what: declared.what,
        on,
        kind,
        field: declared.field,
        predicate,
        limit,
        severity: declared.severity,
        threshold: declared.threshold,
        repair: declared.repair,
        enabled: declared.enabled,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_checks_are_valid() {
        let checks = Checks::built_in();
        assert_eq!(checks.faults, []);
        assert!(checks.on(Subject::Products).len() > 20);
        assert!(checks.has("near_duplicate"));
    }

    #[test]
    fn a_fault_names_file_and_line_and_the_others_run() {
        let text = "\
# mine
[[check]]
name = \"dear\"
what = \"dear\"
on = \"products\"
kind = \"predicate\"
where = \"price > 1000.0 &&\"
severity = \"info\"

[[check]]
name = \"broken
what = 3

[[check]]
name = \"cheap\"
what = \"cheap\"
on = \"products\"
kind = \"predicate\"
where = \"price < 1.0\"
severity = \"info\"

[[check]]
name = \"mojibake\"
what = \"mine\"
on = \"products\"
kind = \"mojibake\"
severity = \"error\"
limit = 3
";
        let checks = Checks::with_own("shop.toml", text);
        let at: Vec<usize> = checks.faults.iter().map(|fault| fault.line).collect();
        assert_eq!(at, [7, 11, 28], "{:?}", checks.faults);
        assert!(checks.faults.iter().all(|fault| fault.file == "shop.toml"));
        assert!(checks.has("cheap"));
        assert!(!checks.has("dear"));
        assert!(checks.has("mojibake"), "the built-in one stays");
    }

    #[test]
    fn a_shop_replaces_turns_off_and_leaves_out() {
        let own = "[[check]]\nname='gap'\nwhat='g'\non='interactions'\nkind='gap'\n\
                   severity='error'\nenabled=false\n";
        let checks = Checks::with_own("a", own);
        assert_eq!(checks.faults, []);
        assert!(!checks.has("gap") && checks.has("spike"));
        let alone = Checks::with_own("a", &format!("built_in = false\n{own}"));
        assert_eq!(alone.iter().count(), 0);
        let typo = Checks::with_own("a", "built_on = false\n");
        assert_eq!(typo.faults.len(), 1);
    }

    #[test]
    fn contradictions_are_refused() {
        let refused = |rest: &str| {
            let text = format!("built_in = false\n[[check]]\nname='a'\nwhat='a'\n{rest}");
            let checks = Checks::with_own("a", &text);
            assert_eq!(checks.iter().count(), 0, "{rest}");
            checks.faults[0].message.clone()
        };
        for (rest, word) in [
            ("on='drift'\nkind='html'\nseverity='info'\n", "no kind"),
            ("on='products'\nkind='missing'\nseverity='info'\n", "needs a `field`"),
            ("on='products'\nkind='missing'\nfield='shopper'\nseverity='info'\n", "no field"),
            ("on='products'\nkind='html'\nseverity='info'\nthreshold=7\n", "share"),
            ("on='interactions'\nkind='bot'\nseverity='info'\nrepair='fix'\n", "cannot be fixed"),
            ("on='products'\nkind='misfiled'\nseverity='info'\nlimit=nan\n", "positive"),
            ("on='products'\nkind='predicate'\nseverity='info'\n", "needs `where`"),
        ] {
            assert!(refused(rest).contains(word), "{rest}: {}", refused(rest));
        }
    }
}
