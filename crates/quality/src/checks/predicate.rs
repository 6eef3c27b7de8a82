//! Row predicates of a shop's own, in CEL (Common Expression Language).
//!
//! An expression always ends, and soon: CEL has no loops but its macros over
//! lists (`all`, `map`, …), those are refused because no field is a list, and
//! length and nesting are bounded. What is left visits each part of the
//! expression at most once a row; regular expressions take linear time.
//!
//! # Source
//! The language definition of github.com/google/cel-spec, by the crate `cel`.

use cel::common::ast::Expr;
use cel::{Context, Env, IdedExpr, Program, Value};
use std::sync::{Arc, LazyLock};

use super::subject::Subject;

/// Longest expression, in characters.
pub const EXPRESSION_CHARS_MAX: usize = 1_000;
/// Deepest nesting of brackets.
pub const NESTING_MAX: usize = 32;
/// Most operators and names of an expression.
pub const TOKENS_MAX: usize = 200;

/// Fields of a product row in an expression.
const PRODUCT_FIELDS: [&str; 15] = [
    "sku",
    "title",
    "description",
    "department",
    "category",
    "brand",
    "manufacturer",
    "size",
    "price",
    "in_stock",
    "gtin",
    "link",
    "image_link",
    "availability_date",
    "expiration_date",
];
/// Fields of a line of the log in an expression.
const LINE_FIELDS: [&str; 7] =
    ["shopper", "sku", "basket", "kind", "at_seconds", "quantity", "price"];

/// Why an expression is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PredicateError {
    /// Longer or deeper than the limits.
    #[error(
        "the expression is too large: at most {EXPRESSION_CHARS_MAX} characters, \
         {TOKENS_MAX} parts and {NESTING_MAX} brackets deep"
    )]
    TooLarge,
    /// Not CEL.
    #[error("not a CEL expression: {message}")]
    Syntax {
        /// The parser's words.
        message: String,
    },
    /// A macro over a list, which could take long.
    #[error("`all`, `exists`, `map` and `filter` are not allowed: no field is a list")]
    Loop,
    /// A name that a row does not have.
    #[error("a row has no {name:?}; it has: {}", known.join(", "))]
    UnknownField {
        /// The name.
        name: String,
        /// What there is.
        known: Vec<&'static str>,
    },
}

/// A value of a row, as an expression sees it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum RowValue<'a> {
    /// A text; empty when the row has none.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// A price in major units; NaN when there is none, which compares as false.
    Float(f64),
    /// Yes or no.
    Bool(bool),
}

/// A compiled predicate.
#[derive(Debug)]
pub struct Predicate {
    program: Program,
    /// The fields it names.
    fields: Vec<&'static str>,
}

static ENVIRONMENT: LazyLock<Arc<Env>> = LazyLock::new(|| Arc::new(Env::stdlib()));

impl Predicate {
    /// Compiles an expression over rows of `subject`.
    ///
    /// # Errors
    /// It is too large, not CEL, has a loop or names what a row does not have.
    pub fn compile(text: &str, subject: Subject) -> Result<Self, PredicateError> {
        if text.chars().count() > EXPRESSION_CHARS_MAX
            || nesting(text) > NESTING_MAX
            || tokens(text) > TOKENS_MAX
        {
            return Err(PredicateError::TooLarge);
        }
        let program = Program::compile(text).map_err(|errors| {
            let all = errors.to_string();
            let message = all.lines().next().unwrap_or("it cannot be parsed").to_owned();
            PredicateError::Syntax { message }
        })?;
        refuse_loops(program.expression())?;
        let known: &[&'static str] = match subject {
            Subject::Products => &PRODUCT_FIELDS,
            _ => &LINE_FIELDS,
        };
        let mut fields = Vec::new();
        for name in program.references().variables() {
            let field = known.iter().find(|field| **field == name).ok_or_else(|| {
                PredicateError::UnknownField { name: name.to_owned(), known: known.to_vec() }
            })?;
            fields.push(*field);
        }
        Ok(Self { program, fields })
    }

    /// Whether the row fails; `None` when the expression has no truth value on
    /// this row (a text compared with a number, a division by zero).
    pub fn fails<'a>(&self, value_of: impl Fn(&str) -> RowValue<'a>) -> Option<bool> {
        let mut context = Context::with_env(Arc::clone(&ENVIRONMENT));
        for field in &self.fields {
            let value = match value_of(field) {
                RowValue::Text(text) => Value::from(text),
                RowValue::Int(value) => Value::Int(value),
                RowValue::Float(value) => Value::Float(value),
                RowValue::Bool(value) => Value::Bool(value),
            };
            context.add_variable_from_value(*field, value);
        }
        match self.program.execute(&context) {
            Ok(Value::Bool(fails)) => Some(fails),
            _ => None,
        }
    }
}

/// Deepest nesting of brackets; those in strings count, which errs on the safe side.
fn nesting(text: &str) -> usize {
    let mut depth: usize = 0;
    let mut deepest = 0;
    for c in text.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}

/// Runs of letters and digits, and single signs: what the parser recurses over.
fn tokens(text: &str) -> usize {
    let mut n = 0;
    let mut in_word = false;
    let mut quote = None;
    for c in text.chars() {
        match quote {
            Some(open) if c == open => quote = None,
            Some(_) => continue,
            None if c == '"' || c == '\'' => quote = Some(c),
            None => {}
        }
        let word = c.is_alphanumeric() || c == '_' || c == '.';
        let goes_on = word && in_word;
        n += usize::from(!c.is_whitespace() && !goes_on);
        in_word = word;
    }
    n
}

fn refuse_loops(expression: &IdedExpr) -> Result<(), PredicateError> {
    match &expression.expr {
        Expr::Comprehension(_) => Err(PredicateError::Loop),
        Expr::Call(call) => {
            let target = call.target.as_deref();
            target.into_iter().chain(&call.args).try_for_each(refuse_loops)
        }
        Expr::List(list) => list.elements.iter().try_for_each(refuse_loops),
        Expr::Select(select) => refuse_loops(&select.operand),
        // No field is a map or a struct either; what they contain is not looked at.
        Expr::Map(_) | Expr::Struct(_) => Err(PredicateError::Loop),
        Expr::Ident(_) | Expr::Literal(_) | Expr::Unspecified => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fails(text: &str) -> Option<bool> {
        let predicate = Predicate::compile(text, Subject::Products).expect("CEL");
        predicate.fails(|field| match field {
            "price" => RowValue::Float(12.5),
            "in_stock" => RowValue::Bool(true),
            "title" => RowValue::Text("Oat drink"),
            _ => RowValue::Text(""),
        })
    }

    #[test]
    fn rows_are_judged() {
        assert_eq!(fails("price > 10.0 && brand == ''"), Some(true));
        assert_eq!(fails("title.startsWith('Oat') && !in_stock"), Some(false));
        assert_eq!(fails("title.matches('^[a-z]+$')"), Some(false));
        assert_eq!(fails("size(title) > 5 && size == ''"), Some(true), "a function and a field");
        assert_eq!(fails("department in ['', 'GROCERY']"), Some(true));
        assert_eq!(fails("title > 3"), None);
        assert_eq!(fails("price"), None);
    }

    #[test]
    fn what_never_ends_is_refused() {
        let error = |text: &str| Predicate::compile(text, Subject::Products).expect_err(text);
        let ones = format!("[{}]", ["1"; 50].join(","));
        let nested = format!("{ones}.all(a, {ones}.all(b, a + b > 0))");
        assert_eq!(error(&nested), PredicateError::TooLarge);
        assert_eq!(error("[1,2].all(a, [1,2].all(b, a < b))"), PredicateError::Loop);
        assert_eq!(error("[1,2].map(a, a + 1).size() > 2"), PredicateError::Loop);
        assert_eq!(error(&"(".repeat(5_000)), PredicateError::TooLarge);
        assert_eq!(error(&"!".repeat(900)), PredicateError::TooLarge);
        assert_eq!(error(&"-".repeat(900)), PredicateError::TooLarge);
        assert!(matches!(error(&"!".repeat(150)), PredicateError::Syntax { .. }));
        assert!(matches!(error("price >"), PredicateError::Syntax { .. }));
        assert!(matches!(error(""), PredicateError::Syntax { .. }));
        assert!(matches!(error("prize > 3"), PredicateError::UnknownField { .. }));
        assert!(matches!(error("quantity > 3"), PredicateError::UnknownField { .. }));
    }
}
