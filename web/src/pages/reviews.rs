//! What buyers wrote of a product: stars, what is praised and blamed, sentences word for word.

use leptos::prelude::*;
use vitrine_browser::format::decimal;
use vitrine_domain::{ItemId, Rating};
use vitrine_session::{AspectRow, QuoteRow, ReviewRow};
use vitrine_words::shop::{n, t};

use crate::aspects::aspect_words;
use crate::{format, state::Shop};

const MS_A_DAY: i64 = 86_400_000;

/// All that is published of a product's reviews; nothing where it has none, or while they are not
/// on the device.
#[component]
pub fn Reviews(id: ItemId) -> impl IntoView {
    let shop = Shop::here();
    move || {
        shop.follow_catalogue();
        shop.session().reviews(id).map(section)
    }
}

fn section(row: ReviewRow) -> impl IntoView {
    let n_rated = row.n_rated();
    let mean = Rating::of_stars(row.stars).map(|rating| {
        let mean = decimal(f64::from(rating.hundredths) / 100.0, 1);
        t!("reviews.mean", mean = mean, n = n!("reviews.n", n_rated))
    });
    let bar = |(n, stars): (&u32, u8)| {
        view! {
            <li>
                <span>{format!("{stars} ★")}</span>
                <meter
                    min="0"
                    max=n_rated.to_string()
                    value=n.to_string()
                    aria-label=t!("reviews.stars", stars = stars)
                ></meter>
                <span>{format::number((*n).into())}</span>
            </li>
        }
    };
    let bars = row.stars.iter().zip([1u8, 2, 3, 4, 5]).rev().map(bar).collect_view();
    let has_aspects = !row.aspects.is_empty();
    let aspects = row.aspects.into_iter().map(aspect).collect_view();
    let quotes = row.quotes.into_iter().map(quote).collect_view();
    view! {
        <section class="section reviews" data-testid="reviews" aria-label=t!("reviews.heading")>
            <h2>{t!("reviews.heading")}</h2>
            <p data-testid="reviews-mean">{mean}</p>
            <div class="reviews-numbers">
                <ul class="stars">{bars}</ul>
                <ul class="aspects" data-testid="aspects" hidden=!has_aspects>{aspects}</ul>
            </div>
            {quotes}
            <p class="muted small" hidden=!has_aspects>{t!("reviews.note")}</p>
        </section>
    }
}

/// What most reviews that speak of it think, and how many think what.
fn aspect(row: AspectRow) -> impl IntoView {
    let mood = if row.n_good >= row.n_bad { "good" } else { "bad" };
    let name = aspect_words(&row.name);
    let good = t!("reviews.good", n = format::number(row.n_good.into()));
    let bad = t!("reviews.bad", n = format::number(row.n_bad.into()));
    view! {
        <li class="aspect" data-mood=mood>
            <strong>{name}</strong>
            " "
            <small>{format!("{good} · {bad}")}</small>
        </li>
    }
}

fn quote(row: QuoteRow) -> impl IntoView {
    let stars = usize::from(row.stars.min(5));
    let given = format!("{}{}", "★".repeat(stars), "☆".repeat(5 - stars));
    // Noon is of the same day wherever it is read.
    let day = row.day.map(|day| i64::from(day) * MS_A_DAY + MS_A_DAY / 2);
    let day = day.map(|at_ms| format!(" · {}", format::day(at_ms)));
    let verified = row.is_verified.then(|| format!(" · {}", t!("reviews.verified")));
    view! {
        <blockquote class="quote">
            <p>{t!("reviews.quote", text = row.text)}</p>
            <footer class="muted small">
                <span role="img" hidden=stars == 0 aria-label=t!("reviews.stars", stars = stars)>
                    {given}
                </span>
                {verified}
                {day}
            </footer>
        </blockquote>
    }
}
