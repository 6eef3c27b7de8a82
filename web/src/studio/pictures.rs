//! Pictures that deserve a look: of another category than their product, or on several products.

use leptos::prelude::*;
use vitrine_studio_api::{PictureGap, PictureReport, RepeatedPicture, WrongPicture};
use vitrine_words::studio::{n, t};

use crate::format;

/// Both tables, or why there is none.
#[component]
pub fn PictureFindings(report: PictureReport) -> impl IntoView {
    let PictureReport { n_seen, missing, n_wrong, wrong, n_repeated, repeated } = report;
    let counted = match n_seen {
        0 => t!("pictures.none").to_owned(),
        n_seen => n!("pictures.counted", n_seen as usize),
    };
    let is_fine = n_seen > 0 && missing.is_empty() && wrong.is_empty() && repeated.is_empty();
    let is_all = missing.is_empty();
    let gaps = missing.into_iter().map(|gap| view! { <p>{gap_words(gap)}</p> }).collect_view();
    view! {
        <p class="muted">{counted}</p>
        <p class="muted" hidden=!is_fine>{t!("pictures.fine")}</p>
        <div class="notice" hidden=is_all data-testid="pictures-missing">{gaps}</div>
        {(!wrong.is_empty()).then(|| view! { <Wrong pictures=wrong n_wrong=n_wrong/> })}
        {(!repeated.is_empty())
            .then(|| view! { <Repeated pictures=repeated n_repeated=n_repeated/> })}
    }
}

/// Why pictures were not looked at or compared.
fn gap_words(gap: PictureGap) -> String {
    let number = |n: u32| format::number(n.into());
    match gap {
        PictureGap::NoNetwork => t!("pictures.no_network").to_owned(),
        PictureGap::FewPictures { n_pictures, n_pictures_min } => {
            let (of, min) = (number(n_pictures), number(n_pictures_min));
            t!("pictures.few_pictures", of = of, min = min)
        }
        PictureGap::FewCategories => t!("pictures.few_categories").to_owned(),
        PictureGap::ManyCategories { n_pictures, n_categories } => {
            let (pictures, categories) = (number(n_pictures), number(n_categories));
            t!("pictures.too_many", pictures = pictures, categories = categories)
        }
        PictureGap::ManyPictures { n_pictures_max, .. } => {
            t!("pictures.only_files", max = number(n_pictures_max))
        }
        _ => t!("pictures.some_missing").to_owned(),
    }
}

/// How many are shown of how many, where these are not all.
fn shown_of(n_shown: usize, n: u32) -> Option<impl IntoView> {
    let words = |n: u64| {
        let shown = format::number(n_shown as u64);
        t!("pictures.shown_of", shown = shown, all = format::number(n))
    };
    let is_part = n as usize > n_shown;
    is_part.then(|| view! { <p class="muted">{words(n.into())}</p> })
}

#[component]
fn Wrong(pictures: Vec<WrongPicture>, n_wrong: u32) -> impl IntoView {
    let shown = shown_of(pictures.len(), n_wrong);
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
        {shown}
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
fn Repeated(pictures: Vec<RepeatedPicture>, n_repeated: u32) -> impl IntoView {
    let shown = shown_of(pictures.len(), n_repeated);
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
        {shown}
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
