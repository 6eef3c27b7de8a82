//! What only a product's page shows: description, characteristics, the page in the shop.

use leptos::prelude::*;
use vitrine_domain::ItemId;

use crate::{format, state::Shop};

/// All that the shop says of a product besides what its tile shows; nothing while that is
/// not on the device, or where the shop says nothing.
#[component]
pub fn Details(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    move || {
        shop.follow_catalogue();
        let details = shop.session().details(id);
        let mut rows = details.characteristics;
        let listed = details.listed_at_ms.map(format::day);
        rows.extend(listed.map(|date| ("Listed".to_owned(), date)));
        let link = details.link;
        let is_said = !(details.description.is_empty() && rows.is_empty() && link.is_empty());
        is_said.then(|| {
            let has_no_link = link.is_empty();
            let row = |(name, value): (String, String)| {
                view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
            };
            view! {
                <section class="section details" data-testid="details" aria-label="About this product">
                    <h2>"About this product"</h2>
                    <p>{details.description}</p>
                    <dl>{rows.into_iter().map(row).collect_view()}</dl>
                    <p class="small" hidden=has_no_link>
                        <a href=link rel="noreferrer noopener" target="_blank">
                            "The product's page in the shop"
                        </a>
                        <span class="muted">" – opening it tells the shop that you look at this."</span>
                    </p>
                </section>
            }
        })
    }
}
