//! What was chosen beside the words, each with a cross to take it back, and all at once.

use leptos::prelude::*;
use vitrine_domain::{Filters, Query};
use vitrine_words::shop::t;

use super::understood::{Chip, chip, price_words};
use crate::{router::Route, state::Shop};

/// The filters of a search as chips; nothing where there are none.
#[component]
pub fn Chosen(query: Query) -> impl IntoView {
    let shop = Shop::here();
    move || {
        let chips = chips(&query, &shop.currency_standard());
        (!chips.is_empty()).then(|| {
            let all = Query { filters: Filters::default(), ..query.clone() };
            view! {
                <ul class="chips read chosen" aria-label=t!("search.chosen") data-testid="chosen-filters">
                    {chips.into_iter().map(chip).collect_view()}
                    <li class="plain">
                        <a href=Route::Search(all).href() data-testid="clear-filters">
                            {t!("search.clear")}
                        </a>
                    </li>
                </ul>
            }
        })
    }
}

fn chips(query: &Query, currency: &str) -> Vec<Chip> {
    type List = fn(&mut Filters) -> &mut Vec<String>;
    let lists: [(bool, List); 4] = [
        (false, |filters| &mut filters.departments),
        (false, |filters| &mut filters.categories),
        (false, |filters| &mut filters.brands),
        (true, |filters| &mut filters.brands_excluded),
    ];
    let mut filters = query.filters.clone();
    let mut chips: Vec<Chip> = Vec::new();
    let chip_of = |words: String, edit: &dyn Fn(&mut Filters)| {
        let mut without = query.clone();
        edit(&mut without.filters);
        Chip { words, without }
    };
    for (is_excluded, list) in lists {
        for name in list(&mut filters).iter() {
            let words = if is_excluded { t!("search.not", name = name) } else { name.clone() };
            chips.push(chip_of(words, &|filters| list(filters).retain(|other| other != name)));
        }
    }
    chips.extend(price_words(&filters, currency).map(|words| {
        chip_of(words, &|filters| (filters.price_minor_min, filters.price_minor_max) = (None, None))
    }));
    if filters.available_only {
        let words = t!("search.available").to_owned();
        chips.push(chip_of(words, &|filters| filters.available_only = false));
    }
    if let Some(n) = filters.stars_min {
        let words = t!("search.stars", n = n);
        chips.push(chip_of(words, &|filters| filters.stars_min = None));
    }
    chips
}
