//! Amounts of money as text, and what they need to know of a currency.

/// Digits of a currency's minor unit: 2 for most, 0 for the yen, 3 for the dinar.
///
/// # Source
/// ISO 4217, list one.
pub fn minor_digits(currency: &str) -> u32 {
    match currency {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX"
        | "UYI" | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// An amount in minor units as plain decimals with the digits of its currency: "4.90".
pub fn amount_text(minor: u64, currency: &str) -> String {
    let digits = minor_digits(currency);
    let (unit, width) = (10_u64.pow(digits), digits as usize);
    match width {
        0 => minor.to_string(),
        _ => format!("{}.{:0width$}", minor / unit, minor % unit),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_the_digits_of_their_currency() {
        let amounts = [("EUR", 1_205), ("JPY", 1_205), ("KWD", 1_205), ("EUR", 5)];
        let amounts = amounts.map(|(currency, minor)| amount_text(minor, currency));
        assert_eq!(amounts, ["12.05", "1205", "1.205", "0.05"]);
    }
}
