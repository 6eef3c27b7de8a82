//! The import summary: rows read, kept and quarantined, file by file.

use leptos::prelude::*;
use vitrine_studio_api::{ImportSummary, ImportedFile};
use vitrine_words::studio::t;

use crate::format;

/// A card for each file.
#[component]
pub fn QualityCards(quality: ImportSummary) -> impl IntoView {
    view! {
        <div class="quality">
            {quality
                .sources
                .into_iter()
                .map(|source| view! { <SourceCard source=source/> })
                .collect_view()}
        </div>
    }
}

/// What the numbers leave unaccounted for: nothing, if the import is right.
fn balance(source: &ImportedFile) -> i128 {
    let quarantined: u64 = source.quarantined.values().sum();
    i128::from(source.read) - i128::from(source.kept) - i128::from(quarantined)
}

#[component]
fn SourceCard(source: ImportedFile) -> impl IntoView {
    let balance = balance(&source);
    let sum = if balance == 0 {
        t!("quality.balanced").to_owned()
    } else {
        t!("quality.unbalanced", n = balance)
    };
    let share = move |n: u64| format!("{:.2} %", 100.0 * n as f64 / source.read.max(1) as f64);
    let row = |(name, n): (String, u64)| {
        view! {
            <tr>
                <th scope="row">{name}</th>
                <td class="number">{format::number(n)}</td>
                <td class="number">{share(n)}</td>
            </tr>
        }
    };
    let reasons = source
        .quarantined
        .into_iter()
        .map(|(code, n)| row((t!("quality.quarantined", reason = code.replace('_', " ")), n)));
    view! {
        <section class="card" aria-label=source.name.clone() data-testid="source">
            <h3 class="report-heading">{source.name.clone()}</h3>
            <table class="compact">
                <thead>
                    <tr>
                        <th scope="col">{t!("quality.rows")}</th>
                        <th scope="col" class="number">{t!("quality.number")}</th>
                        <th scope="col" class="number">{t!("quality.share")}</th>
                    </tr>
                </thead>
                <tbody>
                    {row((t!("quality.read").to_owned(), source.read))}
                    {row((t!("quality.kept").to_owned(), source.kept))}
                    {reasons.collect_view()}
                </tbody>
            </table>
            <p
                class="small"
                class:muted=balance == 0
                class:wrong=balance != 0
                data-testid="balance"
                data-balance=balance.to_string()
            >
                {sum}
            </p>
        </section>
    }
}
