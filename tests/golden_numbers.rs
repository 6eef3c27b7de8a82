//! Golden files of numbers: what a refactoring must not move.
//!
//! Tests of any crate include this file with `#[path]`, so that there is one way to read,
//! compare and rewrite them. `VITRINE_BLESS=1` with the test's own command writes them anew.

use std::fs;
use std::path::Path;

/// Largest difference of what is computed once, on any processor.
pub const DIFFERENCE_MAX: f64 = 1e-5;

/// One line of a golden file: a name, then numbers.
pub fn line(name: &str, numbers: impl IntoIterator<Item = impl ToString>) -> String {
    let mut line = name.to_owned();
    for number in numbers {
        line.push(' ');
        line.push_str(&number.to_string());
    }
    line
}

/// Compares lines with the file, word by word: whole numbers and words have to be the same,
/// other numbers within `difference_max`, absolute below 1 and relative above.
///
/// # Panics
/// When they differ, or there is no such file.
pub fn check_within(path: &Path, difference_max: f64, lines: &[String]) {
    if std::env::var_os("VITRINE_BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("a file is in a folder")).expect("a folder");
        fs::write(path, lines.join("\n") + "\n").expect("the source tree can be written");
    }
    let stored = fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let stored: Vec<&str> = stored.lines().collect();
    assert_eq!(stored.len(), lines.len(), "{}: number of lines", path.display());
    for (n, (stored, line)) in stored.iter().zip(lines).enumerate() {
        let (stored, found): (Vec<&str>, Vec<&str>) =
            (stored.split(' ').collect(), line.split(' ').collect());
        assert_eq!(stored.len(), found.len(), "{} line {}", path.display(), n + 1);
        for (a, b) in stored.iter().zip(&found) {
            let place = || format!("{} line {}: {a} became {b}", path.display(), n + 1);
            assert!(is_same(a, b, difference_max), "{}", place());
        }
    }
}

fn is_same(stored: &str, found: &str, difference_max: f64) -> bool {
    let is_whole = |word: &str| word.parse::<i128>().is_ok();
    if stored == found {
        return true;
    }
    match (stored.parse::<f64>(), found.parse::<f64>()) {
        (Ok(a), Ok(b)) if !(is_whole(stored) && is_whole(found)) => {
            (a - b).abs() <= difference_max * a.abs().max(1.0)
        }
        _ => false,
    }
}

#[test]
fn numbers_are_compared_by_value_and_whole_ones_exactly() {
    let is_same = |stored, found| is_same(stored, found, DIFFERENCE_MAX);
    assert!(is_same("0.5", "0.500001") && is_same("1", "1.000001") && is_same("a", "a"));
    assert!(is_same("20000.0", "20000.1"));
    assert!(!is_same("0.5", "0.5001") && !is_same("3", "4") && !is_same("a", "b"));
    assert!(!is_same("0.5", "NaN"));
}
