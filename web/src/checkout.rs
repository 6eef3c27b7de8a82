//! The basket on its way to the shop's own checkout, when the shopper presses the button.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_session::{CheckoutError, CheckoutLine, Session, checkout_address, checkout_json};
use vitrine_words::shop::t;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CustomEvent, CustomEventInit};

use crate::state::Shop;

/// Attribute of the page's root: the address of the shop's checkout, or empty where the page
/// that hosts the shop takes the basket over by itself.
const ADDRESS_ATTRIBUTE: &str = "data-checkout";
/// Told to the page when the shopper wants to buy.
const WANTED: &str = "vitrine-checkout";
/// Told by the page once the shop's checkout has sold the basket.
const PURCHASED: &str = "vitrine-purchased";

/// What became of the basket.
pub enum HandOver {
    /// The page that hosts the shop has it.
    Taken,
    /// The browser leaves for the shop's checkout.
    Leaving,
    /// There is no checkout: this is a demo.
    Demo,
    /// The shop has said that there is a checkout, but nobody took the basket.
    Unanswered,
    /// The address cannot be led to.
    Failed(CheckoutError),
}

/// The address that the page names; empty where it listens instead.
pub fn template() -> Option<String> {
    document().document_element()?.get_attribute(ADDRESS_ATTRIBUTE)
}

/// Host of the checkout, where its address names one.
pub fn host() -> Option<String> {
    let template = template()?;
    let rest = template.strip_prefix("https://")?;
    rest.split(['/', '?', '#']).next().map(str::to_owned)
}

/// Hands the basket over: to the page, else to the address that it names. What was handed over
/// is what a page says later to have sold.
pub async fn hand_over(session: &Session) -> HandOver {
    // The page may leave, and answer, before it has returned.
    let outcome = offer(&session.hand_over().await);
    if !matches!(outcome, HandOver::Taken | HandOver::Leaving) {
        session.forget_handed_over();
    }
    outcome
}

fn offer(lines: &[CheckoutLine]) -> HandOver {
    if is_taken(lines) {
        return HandOver::Taken;
    }
    let Some(template) = template() else { return HandOver::Demo };
    if template.is_empty() {
        return HandOver::Unanswered;
    }
    let origin = location().origin().unwrap_or_default();
    match checkout_address(&template, &origin, lines) {
        Ok(address) => match location().assign(&address) {
            Ok(()) => HandOver::Leaving,
            Err(_) => HandOver::Failed(CheckoutError::NotSafe { template }),
        },
        Err(error) => HandOver::Failed(error),
    }
}

/// Asks the page; whether it takes the basket over.
fn is_taken(lines: &[CheckoutLine]) -> bool {
    let Ok(detail) = js_sys::JSON::parse(&checkout_json(lines)) else { return false };
    let init = CustomEventInit::new();
    init.set_cancelable(true);
    init.set_detail(&detail);
    let event = CustomEvent::new_with_event_init_dict(WANTED, &init);
    event.is_ok_and(|event| document().dispatch_event(&event).is_ok_and(|goes_on| !goes_on))
}

/// Notes the purchase on this device when the page says that what it was handed was sold.
pub fn follow(shop: Shop) {
    let purchased = Closure::<dyn Fn(web_sys::Event)>::new(move |_| {
        spawn_local(async move {
            if shop.session().buy_handed_over().await > 0 {
                shop.announcement.set(t!("said.bought").to_owned());
                shop.changed();
            }
        });
    });
    let listener = purchased.as_ref().unchecked_ref();
    // A document takes any listener; this one stays as long as the page.
    let _ = document().add_event_listener_with_callback(PURCHASED, listener);
    purchased.forget();
}
