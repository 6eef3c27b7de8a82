//! What only a product's page shows: description, characteristics, the page in the shop.

use leptos::prelude::*;
use vitrine_domain::ItemId;
use vitrine_words::shop::t;

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
        rows.extend(listed.map(|date| (t!("product.listed").to_owned(), date)));
        let link = details.link;
        let is_said = !(details.description.is_empty() && rows.is_empty() && link.is_empty());
        is_said.then(|| {
            let has_no_link = link.is_empty();
            let row = |(name, value): (String, String)| {
                view! { <div><dt>{name}</dt><dd>{value}</dd></div> }
            };
            view! {
                <section class="section details" data-testid="details" aria-label=t!("product.about")>
                    <h2>{t!("product.about")}</h2>
                    <p>{details.description}</p>
                    <dl>{rows.into_iter().map(row).collect_view()}</dl>
                    <p class="small" hidden=has_no_link>
                        <a href=link rel="noreferrer noopener" target="_blank">
                            {t!("product.page")}
                        </a>
                        <span class="muted">{t!("product.page_tells")}</span>
                    </p>
                </section>
            }
        })
    }
}
