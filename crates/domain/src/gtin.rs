//! Trade item numbers.

/// Whether a text is a GTIN (EAN-8, UPC-A, EAN-13, GTIN-14): the right length and check digit,
/// and nothing but digits.
///
/// # Source
/// GS1 General Specifications, section 7.9.
pub fn is_gtin(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    if digits.len() != text.len() || !matches!(digits.len(), 8 | 12 | 13 | 14) {
        return false;
    }
    let weighted = digits.iter().rev().enumerate();
    let sum: u32 = weighted.map(|(idx, digit)| digit * if idx % 2 == 0 { 1 } else { 3 }).sum();
    sum.is_multiple_of(10) && digits.iter().any(|&digit| digit != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gtins_have_check_digits() {
        for good in ["0095205603217", "884420588030", "96385074", "00012345600012"] {
            assert!(is_gtin(good), "{good}");
        }
        for bad in [
            "0095205603218",
            "123",
            "",
            "00000000",
            "009520560321a",
            " 96385074",
            "40063813339311111",
            "٠٠٩٥٢٠٥٦",
        ] {
            assert!(!is_gtin(bad), "{bad}");
        }
    }
}
