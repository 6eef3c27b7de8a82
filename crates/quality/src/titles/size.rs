//! Package sizes: "22 LB" → "22 lb".

/// Units of package sizes as a reader expects them.
const UNITS: [(&str, &str); 38] = [
    ("BAG", "bag"),
    ("BOX", "box"),
    ("CAN", "can"),
    ("CM", "cm"),
    ("CT", "ct"),
    ("CTN", "carton"),
    ("CUP", "cup"),
    ("DOZ", "dozen"),
    ("DZ", "dozen"),
    ("EA", "each"),
    ("EACH", "each"),
    ("FL", "fl"),
    ("FT", "ft"),
    ("G", "g"),
    ("GA", "gal"),
    ("GAL", "gal"),
    ("GM", "g"),
    ("GR", "g"),
    ("HALF", "half"),
    ("IN", "in"),
    ("KG", "kg"),
    ("L", "L"),
    ("LB", "lb"),
    ("LD", "loads"),
    ("LOAD", "loads"),
    ("LOADS", "loads"),
    ("LT", "L"),
    ("ML", "ml"),
    ("MM", "mm"),
    ("OZ", "oz"),
    ("PC", "pieces"),
    ("PK", "pack"),
    ("PT", "pt"),
    ("QT", "qt"),
    ("ROLL", "roll"),
    ("ROLLS", "rolls"),
    ("SQ", "sq"),
    ("YD", "yd"),
];

/// A package size in readable units. Stock numbers and letters that tills put
/// in front of the size are dropped; what is not a size in capitals stays as it is.
pub fn readable_size(size: &str) -> String {
    let size = super::collapsed(size);
    if !super::is_terse(&size) {
        return size;
    }
    let mut words: Vec<&str> = size.split(' ').collect();
    let leads = words.iter().take_while(|word| is_noise(word)).count();
    if leads > 0 && leads < words.len() {
        words.drain(..leads);
    }
    if words.len() == 1 && is_garment_size(words[0]) {
        return words[0].to_owned();
    }
    let words: Vec<String> = words.into_iter().map(readable_word).collect();
    let text = words.join(" ");
    let mut chars = text.chars();
    match chars.next() {
        Some(first) if first.is_alphabetic() => first.to_uppercase().chain(chars).collect(),
        _ => text,
    }
}

/// Stock numbers of five digits and more, and letters that are no unit.
fn is_noise(word: &&str) -> bool {
    let stock = word.len() >= 5 && word.bytes().all(|byte| byte.is_ascii_digit());
    stock || (word.len() == 1 && word.bytes().all(|byte| byte.is_ascii_uppercase()))
}

/// "XL", "2XL", "M".
fn is_garment_size(word: &str) -> bool {
    let letters = word.trim_start_matches(|c: char| c.is_ascii_digit() || c == 'X');
    word.len() <= 4 && matches!(letters, "S" | "M" | "L")
}

/// "10.00" → "10", ".5" → "0.5", "4/OZ" → "4/oz", "OZ" → "oz".
fn readable_word(word: &str) -> String {
    let parts: Vec<String> = word.split('/').map(readable_part).collect();
    parts.join("/")
}

fn readable_part(part: &str) -> String {
    if let Some((_, unit)) = UNITS.iter().find(|(unit, _)| *unit == part) {
        return (*unit).to_owned();
    }
    if part.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return readable_number(part);
    }
    match part.strip_prefix('X').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())) {
        Some(rest) => format!("× {}", readable_number(rest)),
        None if part == "X" => "×".to_owned(),
        None => part.to_lowercase(),
    }
}

/// A decimal without trailing zeros and with a leading one; anything else as it is.
fn readable_number(text: &str) -> String {
    let Some((whole, fraction)) = text.split_once('.') else { return text.to_lowercase() };
    let plain = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !plain(whole) || !plain(fraction) {
        return text.to_lowercase();
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    match fraction.trim_end_matches('0') {
        "" => whole.to_owned(),
        fraction => format!("{whole}.{fraction}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_of_the_real_feed() {
        for (size, readable) in [
            ("22 LB", "22 lb"),
            ("1/2 GAL", "1/2 gal"),
            (".5 L", "0.5 L"),
            ("18.40 OZ", "18.4 oz"),
            ("21.50 OZ", "21.5 oz"),
            ("6.0 OZ", "6 oz"),
            ("60    OZ", "60 oz"),
            ("971697  PK", "Pack"),
            ("532382 5 PK", "5 pack"),
            ("P     5 OZ", "5 oz"),
            ("12 PK/12 OZ", "12 pack/12 oz"),
            ("4 X6 X1 IN", "4 × 6 × 1 in"),
            ("CTN", "Carton"),
            ("PT", "Pt"),
            ("8.45 FL OZ", "8.45 fl oz"),
            ("400 SQ FT", "400 sq ft"),
            ("HALF GAL", "Half gal"),
            ("750 ml", "750 ml"),
            ("2XL", "2XL"),
            ("", ""),
        ] {
            assert_eq!(readable_size(size), readable, "{size:?}");
        }
    }
}
