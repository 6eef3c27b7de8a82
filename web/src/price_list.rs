//! Which prices the shop shows: a choice among its price lists, and what is said of tax.

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_words::shop::{around, t};

use crate::{front, state::Shop};

/// Attribute of the page's root by which whoever hosts it presets a list, by its key.
const PRESET_ATTRIBUTE: &str = "data-price-list";

/// The list that the page presets.
pub fn preset() -> Option<String> {
    document().document_element()?.get_attribute(PRESET_ATTRIBUTE)
}

/// The choice; nothing where the shop has no lists.
#[component]
pub fn PriceListSelect() -> impl IntoView {
    let shop = Shop::here();
    let lists = Memo::new(move |_| shop.status.read().price_lists.clone());
    let chosen = move || shop.status.read().price_list.clone().map_or_else(String::new, |l| l.key);
    let choose = move |event: web_sys::Event| {
        let key = event_target_value(&event);
        spawn_local(async move {
            shop.session().set_price_list(Some(key.as_str()).filter(|key| !key.is_empty())).await;
            front::forget_tiles();
            // Amounts of one currency are not drawn with the sign of another.
            shop.feed.set(None);
            shop.changed();
        });
    };
    let options = move || {
        let lists = lists.get().into_iter();
        lists.map(|list| view! { <option value=list.key>{list.name}</option> }).collect_view()
    };
    let (before, behind) = around!("price_list.label");
    view! {
        <Show when=move || !lists.read().is_empty()>
            <label>
                {before}
                <select data-testid="price-list" prop:value=chosen on:change=choose>
                    <option value="">{t!("price_list.standard")}</option>
                    {options}
                </select>
                {behind}
            </label>
        </Show>
    }
}

/// Whether the prices that are shown include tax; nothing where the shop does not say.
#[component]
pub fn TaxNote() -> impl IntoView {
    let shop = Shop::here();
    let note = move || {
        let is_included = shop.status.read().tax_included?;
        Some(if is_included {
            t!("price_list.tax_included")
        } else {
            t!("price_list.tax_excluded")
        })
    };
    view! { <small class="muted" data-testid="tax">{note}</small> }
}
