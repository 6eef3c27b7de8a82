//! The sizes and makers of a card, to choose from.

use leptos::prelude::*;
use vitrine_session::{ItemCard, Obstacle, VariantView, variant_labels};
use vitrine_words::shop::t;

use crate::{
    format,
    state::Shop,
    tile::{money, now_ms, obstacle_words_within, unit_price},
};

/// Radio buttons, one a variant that is on the device; nothing when there is nothing to choose.
#[component]
pub fn VariantList(card: ItemCard, chosen: RwSignal<usize>) -> impl IntoView {
    let session = Shop::here().session();
    let n_here = card.variants.len();
    let is_part = card.n_variants as usize > n_here;
    let count = is_part.then(|| {
        let all = format::number(card.n_variants.into());
        t!("product.options", n = n_here, all = all)
    });
    (n_here > 1 || is_part).then(|| {
        let labels = variant_labels(&card.variants);
        let choices = card.variants.iter().zip(labels).enumerate().map(|(place, (of, label))| {
            let facts = facts(of, session.obstacle(&card, Some(&of.sku)));
            let sku = of.sku.clone();
            view! { <Choice label=label facts=facts sku=sku place=place chosen=chosen/> }
        });
        view! {
            <fieldset class="variants" data-testid="variants">
                <legend>{t!("product.size")}</legend>
                <div class="variant-list">{choices.collect_view()}</div>
                <p class="muted small" data-testid="variants-count">{count}</p>
            </fieldset>
        }
    })
}

/// Price, price of a unit and stock of a variant, as far as the shop says; or why it cannot be
/// bought.
fn facts(variant: &VariantView, obstacle: Option<Obstacle>) -> Vec<String> {
    if let Some(obstacle) = obstacle {
        return vec![obstacle_words_within(obstacle).to_owned()];
    }
    let minor = variant.price_at(now_ms());
    let price = (minor > 0).then(|| money(minor.into()));
    let left = variant.n_left(1).map(|n| t!("basket.left", n = n));
    [price, unit_price(variant), left].into_iter().flatten().collect()
}

#[component]
fn Choice(
    label: String,
    facts: Vec<String>,
    sku: String,
    place: usize,
    chosen: RwSignal<usize>,
) -> impl IntoView {
    view! {
        <label class="variant">
            <input
                type="radio"
                name="variant"
                value=sku
                prop:checked=move || chosen.get() == place
                on:change=move |_| chosen.set(place)
            />
            <span>
                {label}
                {facts.into_iter().map(|fact| view! { <small>{fact}</small> }).collect_view()}
            </span>
        </label>
    }
}
