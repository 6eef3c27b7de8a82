//! When the page itself breaks: say so in words, and log what happened.

/// Shows the message of the index page instead of the shop at a panic.
pub fn install_hook() {
    std::panic::set_hook(Box::new(|info| {
        console_error_panic_hook::hook(info);
        show();
    }));
}

/// Shows the message and hides the shop. Uses nothing of the framework, which
/// may be what broke.
pub fn show() {
    let Some(document) = web_sys::window().and_then(|window| window.document()) else { return };
    if let Some(message) = document.get_element_by_id("fatal") {
        // There is nobody left to tell about a failure here.
        let _ = message.remove_attribute("hidden");
    }
    if let Some(app) = document.get_element_by_id("app") {
        let _ = app.set_attribute("hidden", "");
    }
}

/// Logs a failure that the page survives.
pub fn note(what: &str, error: &dyn std::fmt::Debug) {
    leptos::logging::error!("{what}: {error:?}");
}
