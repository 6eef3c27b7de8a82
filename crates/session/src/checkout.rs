//! The basket as it is handed to the shop's own checkout, when the shopper asks for it.

use std::fmt::Write;

use serde::Serialize;
use thiserror::Error;
use vitrine_domain::ItemId;

use crate::basket::Line;
use crate::session::Session;
use crate::{BasketLine, Change};

/// What stands for the lines in the address of a checkout.
const LINES_MARK: &str = "{lines}";
/// Where a tab keeps what it handed over.
const HANDED_OVER: &str = "handed-over";
/// Most characters of an address: servers commonly refuse longer ones.
pub const CHECKOUT_ADDRESS_CHARS_MAX: usize = 8_000;

/// One line for the checkout.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CheckoutLine {
    /// The shop's identifier of the variant; `None` where the device knows only the card.
    pub sku: Option<String>,
    /// The card.
    pub item: ItemId,
    /// Readable title.
    pub title: String,
    /// Pieces.
    pub quantity: u32,
    /// Price of one piece in minor units, as the shopper saw it; 0 in a shop without prices.
    pub price_minor: u32,
    /// Code of the currency of that price.
    pub currency: String,
}

/// Why a checkout cannot be opened by its address.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckoutError {
    /// Neither https nor of the page's own origin.
    #[error(
        "the checkout address {template:?} is neither https nor of this page's origin: give an https address or a path"
    )]
    NotSafe {
        /// The address as it was given.
        template: String,
    },
    /// It has no place for the lines.
    #[error("the checkout address {template:?} has no {{lines}}: put it where the lines belong")]
    NoLines {
        /// The address as it was given.
        template: String,
    },
    /// A line that the shop could not read.
    #[error(
        "the shop's number of {title:?} is not on this device yet: try again when the catalogue is"
    )]
    NoSku {
        /// Title of the card.
        title: String,
    },
    /// Longer than [`CHECKOUT_ADDRESS_CHARS_MAX`].
    #[error(
        "the basket is too long for an address: take {n_over} characters of lines out, or listen to vitrine-checkout"
    )]
    TooLong {
        /// By how much.
        n_over: usize,
    },
}

impl CheckoutLine {
    fn of(line: &BasketLine, currency: &str) -> Self {
        let usual = || line.card.variants.first().map(|variant| variant.sku.as_str());
        Self {
            sku: line.sku().or_else(usual).map(str::to_owned),
            item: line.card.id,
            title: line.card.title.clone(),
            quantity: line.quantity,
            price_minor: line.price_minor,
            currency: currency.to_owned(),
        }
    }
}

impl Session {
    /// The lines of the basket that can be bought, for the shop's own checkout, once it is noted
    /// that it gets them: the page may be left as soon as this is over. The tab keeps the note,
    /// reloads included, until they are bought, others are handed over, or everything is deleted.
    /// Sends nothing: whoever asks hands them over.
    pub async fn hand_over(&self) -> Vec<CheckoutLine> {
        let (currency, mut basket) = (self.status().currency, self.basket().lines);
        basket.retain(|line| line.obstacle.is_none());
        let is_handed_over = |line: &Line| basket.iter().any(|of| line.is_of(of.card.id, of.sku()));
        let lines: Vec<Line> = self.lines().into_iter().filter(is_handed_over).collect();
        let tab = &self.inner.adapters.tab;
        match serde_json::to_string(&lines) {
            // A tab without room keeps it until it is loaded again, if at all.
            Ok(text) if !lines.is_empty() => drop(tab.keep_stored(HANDED_OVER, &text).await),
            _ => tab.forget(HANDED_OVER),
        }
        basket.iter().map(|line| CheckoutLine::of(line, &currency)).collect()
    }

    /// The checkout did not take what was handed over, or everything is deleted.
    pub fn forget_handed_over(&self) {
        self.inner.adapters.tab.forget(HANDED_OVER);
    }

    /// Buys what this tab handed over, whatever is in the basket by now; what was put in
    /// since stays in it. Returns how many lines that were: none where nothing was handed over,
    /// or it was bought already.
    pub async fn buy_handed_over(&self) -> usize {
        self.catch_up(Change::Log).await;
        let _in_order = self.inner.log_lock.lock().await;
        let kept = self.inner.adapters.tab.kept(HANDED_OVER);
        self.forget_handed_over();
        let lines: Option<Vec<Line>> = kept.and_then(|text| serde_json::from_str(&text).ok());
        self.buy(lines.unwrap_or_default()).await
    }
}

/// What a page that hosts the shop is told: `{"lines": […]}`.
pub fn checkout_json(lines: &[CheckoutLine]) -> String {
    serde_json::json!({ "lines": lines }).to_string()
}

/// The address of the shop's checkout: `template` with `sku:quantity,…` for `{lines}`, each
/// sku percent-encoded. `origin` is that of the page, as `https://shop.example`.
///
/// # Errors
/// When the address is not safe to lead to, has no place for the lines, or would be too long,
/// and when the sku of a line is not known.
pub fn checkout_address(
    template: &str,
    origin: &str,
    lines: &[CheckoutLine],
) -> Result<String, CheckoutError> {
    if !is_safe(template, origin) {
        return Err(CheckoutError::NotSafe { template: template.to_owned() });
    }
    if !template.contains(LINES_MARK) {
        return Err(CheckoutError::NoLines { template: template.to_owned() });
    }
    let mut text = String::new();
    for line in lines {
        let Some(sku) = &line.sku else {
            return Err(CheckoutError::NoSku { title: line.title.clone() });
        };
        if !text.is_empty() {
            text.push(',');
        }
        encode(sku, &mut text);
        // Writing into a string does not fail.
        let _ = write!(text, ":{}", line.quantity);
    }
    let address = template.replace(LINES_MARK, &text);
    match address.len().checked_sub(CHECKOUT_ADDRESS_CHARS_MAX) {
        None | Some(0) => Ok(address),
        Some(n_over) => Err(CheckoutError::TooLong { n_over }),
    }
}

/// Whether an address is https, or certainly of the page's origin. The lines must not choose
/// the host.
fn is_safe(template: &str, origin: &str) -> bool {
    // Browsers read a backslash as a slash, and drop line breaks.
    if template.contains(|c: char| c == '\\' || c.is_control() || c.is_whitespace()) {
        return false;
    }
    if let Some(rest) = template.strip_prefix("https://") {
        let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
        return !host.is_empty() && !host.contains(LINES_MARK) && !host.contains('@');
    }
    let path = template.strip_prefix(origin).unwrap_or(template);
    path.starts_with('/') && !path.starts_with("//")
}

/// Percent-encodes all but RFC 3986's unreserved characters.
fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                into.push(char::from(byte));
            }
            // Writing into a string does not fail.
            _ => drop(write!(into, "%{byte:02X}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "http://localhost:8080";

    fn line(sku: &str, quantity: u32) -> CheckoutLine {
        CheckoutLine {
            sku: Some(sku.into()),
            item: ItemId(1),
            title: "Milk".into(),
            quantity,
            price_minor: 100,
            currency: "USD".into(),
        }
    }

    #[test]
    fn lines_are_skus_and_quantities_and_no_sku_can_break_them() {
        let lines = [line("A-1", 2), line("ä,b:3&x=1", 1)];
        let address = checkout_address("https://shop.example/cart?add={lines}", HERE, &lines);
        let expected = "https://shop.example/cart?add=A-1:2,%C3%A4%2Cb%3A3%26x%3D1:1";
        assert_eq!(address.as_deref(), Ok(expected));
        assert_eq!(
            checkout_address("/cart/{lines}", HERE, &lines[..1]).as_deref(),
            Ok("/cart/A-1:2")
        );
        let own = format!("{HERE}/cart/{{lines}}");
        assert!(checkout_address(&own, HERE, &lines).is_ok());
    }

    #[test]
    fn only_https_or_the_own_origin_is_led_to() {
        let bad = [
            "http://shop.example/{lines}",
            "//shop.example/{lines}",
            "/\\shop.example/{lines}",
            "javascript:alert({lines})",
            "https://{lines}.example/",
            "https://shop.example@evil.example/{lines}",
            "https:///{lines}",
            "http://localhost:8080.evil.example/{lines}",
            "cart/{lines}",
            " /cart/{lines}",
        ];
        for template in bad {
            let refused = CheckoutError::NotSafe { template: template.to_owned() };
            assert_eq!(checkout_address(template, HERE, &[]), Err(refused));
        }
    }

    #[test]
    fn what_an_address_cannot_say_is_an_error() {
        let no_lines = CheckoutError::NoLines { template: "/cart".into() };
        assert_eq!(checkout_address("/cart", HERE, &[line("a", 1)]), Err(no_lines));
        let unknown = CheckoutLine { sku: None, ..line("a", 1) };
        let no_sku = CheckoutError::NoSku { title: "Milk".into() };
        assert_eq!(checkout_address("/{lines}", HERE, &[unknown]), Err(no_sku));
        let long = "x".repeat(CHECKOUT_ADDRESS_CHARS_MAX - 3);
        assert!(checkout_address("/{lines}", HERE, &[line(&long, 1)]).is_ok());
        let too_long = Err(CheckoutError::TooLong { n_over: 1 });
        assert_eq!(checkout_address("/{lines}", HERE, &[line(&long, 10)]), too_long);
    }

    #[test]
    fn the_event_has_the_fields_that_are_documented() {
        let json = checkout_json(&[line("a", 2)]);
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        let json = &json["lines"][0];
        let fields = ["currency", "item", "price_minor", "quantity", "sku", "title"];
        let object = json.as_object().expect("an object");
        let mut names: Vec<&str> = object.keys().map(String::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, fields);
        assert_eq!(object["item"], ItemId(1).to_string());
    }
}
