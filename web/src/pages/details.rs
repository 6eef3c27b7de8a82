//! What only a product's page shows: description, characteristics, the page in the shop.

use leptos::prelude::*;
use vitrine_domain::ItemId;

use crate::{format, state::Shop};

/// All that the shop says of a product besides what its tile shows; nothing while that is
/// not on the device, or where the shop says nothing.
#[component]
pub fn Details(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    let details = Memo::new(move |_| {
        shop.follow_catalogue();
        shop.session().details(id)
    });
    let is_said = move || {
        let details = details.read();
        !(details.description.is_empty()
            && details.link.is_empty()
            && details.characteristics.is_empty()
            && details.listed_at_ms.is_none())
    };
    let characteristics = move || {
        let details = details.get();
        let listed = details.listed_at_ms.map(|at_ms| ("Listed since".into(), format::date(at_ms)));
        let row =
            |(name, value): (String, String)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> };
        details.characteristics.into_iter().chain(listed).map(row).collect_view()
    };
    let link = move || {
        let link = details.read().link.clone();
        (!link.is_empty()).then(|| {
            view! {
                <p class="small">
                    <a href=link rel="noreferrer noopener" target="_blank" data-testid="shop-link">
                        "The product's page in the shop"
                    </a>
                    <span class="muted">" – opening it tells the shop that you look at this."</span>
                </p>
            }
        })
    };
    view! {
        <Show when=is_said>
            <section class="section details" data-testid="details" aria-label="About this product">
                <h2>"About this product"</h2>
                <p>{move || details.read().description.clone()}</p>
                <dl>{characteristics}</dl>
                {link}
            </section>
        </Show>
    }
}
