//! What reviews tell: aspects that are blamed most, and what became worse of late.

use leptos::prelude::*;
use vitrine_browser::format::decimal;
use vitrine_studio_api::{
    BlamedProduct, DroppedFigure, DroppedSubject, ReviewReport, SuddenDrop, WorstAspect,
};
use vitrine_words::studio::{n, t};

use crate::aspects::aspect_words;
use crate::format;

const MS_A_DAY: i64 = 86_400_000;

/// Both tables, or why there is none.
#[component]
pub fn ReviewFindings(report: ReviewReport) -> impl IntoView {
    if report.n_reviews == 0 {
        return view! { <p class="muted">{t!("reviews.none")}</p> }.into_any();
    }
    let counted = n!("reviews.counted", report.n_reviews as usize);
    view! {
        <p class="muted">{counted}</p>
        <Drops days=report.recent_days drops=report.drops/>
        <Worst aspects=report.worst/>
    }
    .into_any()
}

#[component]
fn Drops(days: Option<(i64, i64)>, drops: Vec<SuddenDrop>) -> impl IntoView {
    let heading = view! { <h3 class="report-heading">{t!("reviews.drops")}</h3> };
    let Some((from, until)) = days else {
        return view! { {heading} <p class="muted">{t!("reviews.drops_undated")}</p> }.into_any();
    };
    if drops.is_empty() {
        return view! { {heading} <p class="muted">{t!("reviews.drops_none")}</p> }.into_any();
    }
    let period = t!("reviews.drops_period", from = day(from), until = day(until));
    view! {
        {heading}
        <div class="table-scroll" tabindex="0" role="region" aria-label=t!("reviews.drops")>
            <table data-testid="drops">
                <thead>
                    <tr>
                        <th scope="col">{t!("reviews.subject")}</th>
                        <th scope="col">{t!("reviews.figure")}</th>
                        <th scope="col" class="number">{t!("reviews.before")}</th>
                        <th scope="col" class="number">{t!("reviews.recent")}</th>
                    </tr>
                </thead>
                <tbody>{drops.into_iter().map(drop_row).collect_view()}</tbody>
            </table>
        </div>
        <p class="muted small">{period}</p>
    }
    .into_any()
}

fn drop_row(drop: SuddenDrop) -> impl IntoView {
    let subject = match drop.subject {
        DroppedSubject::Product(_, title) => title,
        DroppedSubject::Category(name) => t!("reviews.of_category", category = name),
    };
    let (figure, value): (String, fn(f32) -> String) = match drop.figure {
        DroppedFigure::Stars => (t!("reviews.stars").to_owned(), stars),
        DroppedFigure::Blame(aspect) => {
            (t!("reviews.blame", aspect = aspect_words(&aspect)), percent)
        }
    };
    let cell =
        |of: f32, n: u32| t!("reviews.of_reviews", value = value(of), n = format::number(n.into()));
    let (before, recent) = (cell(drop.before, drop.n_before), cell(drop.recent, drop.n_recent));
    view! {
        <tr>
            <th scope="row">{subject}</th>
            <td>{figure}</td>
            <td class="number">{before}</td>
            <td class="number">{recent}</td>
        </tr>
    }
}

#[component]
fn Worst(aspects: Vec<WorstAspect>) -> impl IntoView {
    let heading = view! { <h3 class="report-heading">{t!("reviews.worst")}</h3> };
    if aspects.is_empty() {
        return view! { {heading} <p class="muted">{t!("reviews.worst_none")}</p> }.into_any();
    }
    view! {
        {heading}
        <div class="table-scroll" tabindex="0" role="region" aria-label=t!("reviews.worst")>
            <table data-testid="worst-aspects">
                <thead>
                    <tr>
                        <th scope="col">{t!("reviews.category")}</th>
                        <th scope="col">{t!("reviews.aspect")}</th>
                        <th scope="col" class="number">{t!("reviews.blamed")}</th>
                        <th scope="col" class="number">{t!("reviews.at_least")}</th>
                        <th scope="col">{t!("reviews.said")}</th>
                        <th scope="col">{t!("reviews.products")}</th>
                    </tr>
                </thead>
                <tbody>{aspects.into_iter().map(worst_row).collect_view()}</tbody>
            </table>
        </div>
        <p class="muted small">{t!("reviews.worst_note")}</p>
    }
    .into_any()
}

fn worst_row(worst: WorstAspect) -> impl IntoView {
    let [n, all] = [worst.n_blaming, worst.n_reviews].map(|n| format::number(n.into()));
    let quote = |text: String| view! { <p class="small">{t!("reviews.quote", text = text)}</p> };
    let product = |of: BlamedProduct| {
        let n = format::number(of.n_blaming.into());
        view! { <p class="small">{t!("reviews.product", title = of.title, n = n)}</p> }
    };
    view! {
        <tr>
            <th scope="row">{worst.category}</th>
            <td>{aspect_words(&worst.aspect)}</td>
            <td class="number">{t!("reviews.blaming", n = n, all = all)}</td>
            <td class="number">{percent(worst.share_at_least)}</td>
            <td>{worst.quotes.into_iter().map(quote).collect_view()}</td>
            <td>{worst.products.into_iter().map(product).collect_view()}</td>
        </tr>
    }
}

fn stars(mean: f32) -> String {
    decimal(mean.into(), 1)
}

fn percent(share: f32) -> String {
    t!("reviews.percent", n = decimal(f64::from(share) * 100.0, 0))
}

fn day(day: i64) -> String {
    // Noon is of the same day wherever it is read.
    format::date(day * MS_A_DAY + MS_A_DAY / 2)
}
