//! Pictures that deserve a look: of another category than their product, or on several products.

use leptos::prelude::*;
use vitrine_studio_api::{PictureReport, RepeatedPicture, WrongPicture};
use vitrine_words::studio::{n, t};

use crate::format;

/// Both tables, or why there is none.
#[component]
pub fn PictureFindings(report: PictureReport) -> impl IntoView {
    let PictureReport { n_seen, missing, wrong, repeated } = report;
    let counted = match n_seen {
        0 => t!("pictures.none").to_owned(),
        n_seen => n!("pictures.counted", n_seen as usize),
    };
    let is_fine = n_seen > 0 && missing.is_empty() && wrong.is_empty() && repeated.is_empty();
    view! {
        <p class="muted">{counted}</p>
        <p class="muted" hidden=!is_fine>{t!("pictures.fine")}</p>
        <p class="notice" hidden=missing.is_empty() data-testid="pictures-missing">
            {missing_words(&missing)}
        </p>
        {(!wrong.is_empty()).then(|| view! { <Wrong pictures=wrong/> })}
        {(!repeated.is_empty()).then(|| view! { <Repeated pictures=repeated/> })}
    }
}

/// Why pictures were not looked at or compared, which reports have in English; as it is where it is
/// another.
fn missing_words(missing: &str) -> String {
    if missing.starts_with("the network that looks at pictures is not here") {
        t!("pictures.no_network").to_owned()
    } else if missing.contains("pictures are needed to compare them") {
        t!("pictures.few_pictures").to_owned()
    } else if missing == "pictures are in fewer than two categories" {
        t!("pictures.few_categories").to_owned()
    } else if missing.ends_with("are too many to be compared with their categories") {
        t!("pictures.too_many").to_owned()
    } else {
        missing.to_owned()
    }
}

#[component]
fn Wrong(pictures: Vec<WrongPicture>) -> impl IntoView {
    let row = |picture: WrongPicture| {
        view! {
            <tr>
                <th scope="row">{picture.title}</th>
                <td>{picture.category}</td>
                <td>{picture.looks_like}</td>
            </tr>
        }
    };
    view! {
        <h3 class="report-heading">{t!("pictures.wrong")}</h3>
        <div class="table-scroll tall" tabindex="0" role="region" aria-label=t!("pictures.wrong")>
            <table data-testid="wrong-pictures">
                <thead>
                    <tr>
                        <th scope="col">{t!("pictures.title")}</th>
                        <th scope="col">{t!("pictures.category")}</th>
                        <th scope="col">{t!("pictures.looks_like")}</th>
                    </tr>
                </thead>
                <tbody>{pictures.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}

#[component]
fn Repeated(pictures: Vec<RepeatedPicture>) -> impl IntoView {
    let row = |picture: RepeatedPicture| {
        let titles = picture.cards.into_iter();
        let titles = titles.map(|(_, title)| view! { <p class="small">{title}</p> }).collect_view();
        view! {
            <tr>
                <td>{titles}</td>
                <td class="number">{format::number(picture.n_cards.into())}</td>
            </tr>
        }
    };
    view! {
        <h3 class="report-heading">{t!("pictures.repeated")}</h3>
        <div class="table-scroll tall" tabindex="0" role="region" aria-label=t!("pictures.repeated")>
            <table data-testid="repeated-pictures">
                <thead>
                    <tr>
                        <th scope="col">{t!("pictures.cards")}</th>
                        <th scope="col" class="number">{t!("pictures.n_cards")}</th>
                    </tr>
                </thead>
                <tbody>{pictures.into_iter().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
}
