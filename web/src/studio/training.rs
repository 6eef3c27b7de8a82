//! The loss curves of the newest training, drawn while it runs.

use std::time::Duration;

use leptos::leptos_dom::helpers::IntervalHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_studio_api::{Course, Ending, LossPoint};
use vitrine_words::studio::t;

use super::failure::{Asked, FailureNotice};
use super::state::Studio;

/// How often an open view asks for new points.
const REFRESH_INTERVAL: Duration = Duration::from_secs(2);
/// A training that has said nothing for so long was interrupted.
const SILENT_SECONDS: u64 = 180;
/// Units of a chart, across and down.
const WIDE: f32 = 600.0;
const HIGH: f32 = 180.0;

/// What is drawn: code, title, what it means, what it is counted in.
fn series() -> [[&'static str; 4]; 3] {
    let (pass, step) = (t!("training.pass"), t!("training.step"));
    [
        ["next_item", t!("training.next_item"), t!("training.next_item_means"), pass],
        ["listwise", t!("training.listwise"), t!("training.listwise_means"), step],
        ["retrieval", t!("training.retrieval"), t!("training.retrieval_means"), step],
    ]
}

/// The view.
#[component]
pub fn TrainingView() -> impl IntoView {
    let studio = Studio::here();
    let course = RwSignal::new(Asked::Asking);
    let ask = move || {
        spawn_local(async move {
            let answer = Asked::of(studio.client().training().await);
            // The view may be gone by now.
            if course.try_with_untracked(|before| *before != answer) == Some(true) {
                course.set(answer);
            }
        });
    };
    ask();
    let again = set_interval_with_handle(ask, REFRESH_INTERVAL);
    on_cleanup(move || drop(again.map(|handle: IntervalHandle| handle.clear())));
    let shown = move || match course.get() {
        Asked::Not | Asked::Asking => {
            view! { <p class="muted">{t!("training.asking")}</p> }.into_any()
        }
        Asked::Failed(failure) => view! { <FailureNotice failure=failure/> }.into_any(),
        Asked::Answered(course) => view! { <Charts course=course/> }.into_any(),
    };
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">{t!("frame.training")}</h1>
                <p>{t!("training.lead")}</p>
            </div>
        </div>
        {shown}
    }
}

/// Where the training stands, in words.
fn standing(course: &Course) -> String {
    let Some(seconds) = course.seconds_since else {
        return t!("training.untrained").to_owned();
    };
    match course.ended {
        Some(Ending::Published) => t!("training.published").to_owned(),
        Some(Ending::Refused) => t!("training.refused").to_owned(),
        Some(Ending::Stopped) => t!("training.stopped").to_owned(),
        None if seconds > SILENT_SECONDS => t!("training.silent", n = seconds / 60),
        None => t!("training.running", n = seconds),
    }
}

#[component]
fn Charts(course: Course) -> impl IntoView {
    let standing = standing(&course);
    let chart = |[code, title, meaning, unit]: [&'static str; 4]| {
        let points: Vec<LossPoint> =
            course.points.iter().filter(|point| point.series == code).cloned().collect();
        (!points.is_empty())
            .then(|| view! { <Chart title=title meaning=meaning unit=unit points=points/> })
    };
    view! {
        <p class="notice" data-testid="standing" aria-live="off">{standing}</p>
        <div class="charts">{series().map(chart).into_iter().flatten().collect_view()}</div>
    }
}

#[component]
fn Chart(
    title: &'static str,
    meaning: &'static str,
    unit: &'static str,
    /// At least one.
    points: Vec<LossPoint>,
) -> impl IntoView {
    let values = || points.iter().map(|point| point.value);
    let (least, most) = values().fold((f32::MAX, f32::MIN), |(a, b), v| (a.min(v), b.max(v)));
    let (first, last) = (points[0].clone(), points[points.len() - 1].clone());
    let summary = t!(
        "training.summary",
        title = title,
        unit = unit,
        first = format!("{:.3}", first.value),
        first_at = first.at,
        last = format!("{:.3}", last.value),
        last_at = last.at,
        all = last.of
    );
    let place = |point: &LossPoint| {
        let x = WIDE * point.at as f32 / point.of.max(1) as f32;
        let y = HIGH * (most - point.value) / (most - least).max(f32::EPSILON);
        format!("{x:.1},{y:.1}")
    };
    let line = points.iter().map(place).collect::<Vec<_>>().join(" ");
    // One figure is no course yet: its value says it all.
    let is_drawn = points.len() > 1;
    let newest = place(&last);
    let (x, y) = newest.split_once(',').unwrap_or_default();
    let (x, y) = (x.to_owned(), y.to_owned());
    view! {
        <figure class="card chart" data-testid="chart">
            <figcaption>
                <h2 class="report-heading">{title}</h2>
                <p class="muted small">{meaning}</p>
            </figcaption>
            <p class="chart-value">{format!("{:.3}", last.value)}</p>
            {is_drawn.then(|| view! {
                <div class="chart-plot">
                    <span class="most" aria-hidden="true">{format!("{most:.2}")}</span>
                    <svg
                        role="img"
                        aria-label=summary
                        viewBox=format!("0 -6 {WIDE} {}", HIGH + 12.0)
                        preserveAspectRatio="none"
                    >
                        <polyline points=line/>
                        <line x1=x.clone() x2=x y1=y.clone() y2=y/>
                    </svg>
                    <span class="least" aria-hidden="true">{format!("{least:.2}")}</span>
                </div>
            })}
            <p class="muted small chart-foot" aria-hidden="true">
                <span>"0"</span>
                <span>{t!("training.at", unit = unit, at = last.at, all = last.of)}</span>
            </p>
        </figure>
    }
}
