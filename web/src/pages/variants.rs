//! The sizes and makers of a card, to choose from.

use std::collections::HashSet;

use leptos::prelude::*;
use vitrine_domain::Availability;
use vitrine_session::VariantView;

use crate::{format, state::Shop, tile::now_ms};

/// A choice that a shopper can tell from the others.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Choice {
    label: String,
    /// The most bought of the variants that look alike.
    pub variant: VariantView,
}

/// The variants in words: the size, and the maker where one size has several.
/// Variants with the same words are one choice.
pub fn choices(variants: &[VariantView]) -> Vec<Choice> {
    let is_ambiguous = |variant: &VariantView| {
        let twins = variants.iter().filter(|other| other.size == variant.size);
        twins.map(|other| &other.manufacturer).collect::<HashSet<_>>().len() > 1
    };
    let label = |variant: &VariantView| {
        let size = if variant.size.is_empty() { "One size" } else { &variant.size };
        if is_ambiguous(variant) && !variant.manufacturer.is_empty() {
            format!("{size}, maker {}", variant.manufacturer)
        } else {
            size.to_owned()
        }
    };
    let mut seen = HashSet::new();
    variants
        .iter()
        .map(|variant| Choice { label: label(variant), variant: variant.clone() })
        .filter(|choice| seen.insert(choice.label.clone()))
        .collect()
}

/// Radio buttons, one a choice; nothing when there is nothing to choose.
#[component]
pub fn ChoiceList(choices: Vec<Choice>, chosen: RwSignal<usize>) -> impl IntoView {
    (choices.len() > 1).then(|| {
        view! {
            <fieldset class="variants" data-testid="variants">
                <legend>"Size"</legend>
                <div class="variant-list">
                    {choices
                        .into_iter()
                        .enumerate()
                        .map(|(place, choice)| {
                            view! { <ChoiceButton choice=choice place=place chosen=chosen /> }
                        })
                        .collect_view()}
                </div>
            </fieldset>
        }
    })
}

#[component]
fn ChoiceButton(choice: Choice, place: usize, chosen: RwSignal<usize>) -> impl IntoView {
    let shop = Shop::here();
    let minor = u64::from(choice.variant.price_at(now_ms()));
    let is_out = choice.variant.availability == Availability::OutOfStock;
    let price = move || match (is_out, minor) {
        (true, _) => Some("sold out".to_owned()),
        (false, 0) => None,
        (false, minor) => Some(format::price(minor, &shop.currency())),
    };
    view! {
        <label class="variant">
            <input
                type="radio"
                name="variant"
                value=choice.variant.sku.clone()
                prop:checked=move || chosen.get() == place
                on:change=move |_| chosen.set(place)
            />
            <span>
                {choice.label}
                <small>{price}</small>
            </span>
        </label>
    }
}
