//! What reviews speak about, in words.

use vitrine_words::common::t;

use crate::format;

/// The words for an aspect that every shop has; what a shop has of its own is called as its buyers
/// call it.
pub fn aspect_words(name: &str) -> String {
    known(name).map_or_else(|| format::capitalised(name), str::to_owned)
}

fn known(name: &str) -> Option<&'static str> {
    Some(match name {
        "fit" => t!("aspect.fit"),
        "material" => t!("aspect.material"),
        "quality" => t!("aspect.quality"),
        "price" => t!("aspect.price"),
        "comfort" => t!("aspect.comfort"),
        "look" => t!("aspect.look"),
        "colour" => t!("aspect.colour"),
        "delivery" => t!("aspect.delivery"),
        "care" => t!("aspect.care"),
        "taste" => t!("aspect.taste"),
        "service" => t!("aspect.service"),
        _ => return None,
    })
}
