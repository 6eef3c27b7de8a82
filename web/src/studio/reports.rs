//! The reports: what the import did with every row, and what the gate said.

use leptos::prelude::*;
use vitrine_words::studio::t;

use super::metrics::MetricsTable;
use super::pictures::PictureFindings;
use super::quality::QualityCards;
use super::reviews::ReviewFindings;
use super::state::Studio;
use vitrine_studio_api::{Gate, GateCheck, GateReport, Interval};

/// The view.
#[component]
pub fn ReportsView() -> impl IntoView {
    let studio = Studio::here();
    let gate = move || match studio.report.get().gate {
        Some(report) => view! { <GateView report=report/> }.into_any(),
        None => view! {
            <p class="notice" data-testid="no-gate">
                {t!("reports.no_gate")}
            </p>
        }
        .into_any(),
    };
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">{t!("frame.reports")}</h1>
                <p>{t!("reports.lead")}</p>
            </div>
        </div>
        <section aria-labelledby="quality" data-testid="quality">
            <h2 id="quality" class="report-heading">{t!("reports.quality")}</h2>
            {move || view! { <QualityCards quality=studio.report.get().quality/> }}
        </section>
        <section aria-labelledby="reviews" data-testid="reviews">
            <h2 id="reviews" class="report-heading">{t!("reviews.heading")}</h2>
            {move || view! { <ReviewFindings report=studio.report.get().reviews/> }}
        </section>
        <section aria-labelledby="pictures" data-testid="pictures">
            <h2 id="pictures" class="report-heading">{t!("pictures.heading")}</h2>
            {move || view! { <PictureFindings report=studio.report.get().pictures/> }}
        </section>
        <section aria-labelledby="gate" data-testid="gate">
            <h2 id="gate" class="report-heading">{t!("reports.gate")}</h2>
            {gate}
        </section>
    }
}

/// "0.518 [0.505, 0.531]".
pub fn interval(interval: Interval) -> String {
    format!("{:.3} [{:.3}, {:.3}]", interval.mean, interval.lower, interval.upper)
}

#[component]
fn GateView(report: GateReport) -> impl IntoView {
    view! {
        <Verdict gate=report.gate.clone()/>
        <h3 class="report-heading">{t!("reports.measured")}</h3>
        <MetricsTable report=report/>
    }
}

#[component]
fn Verdict(gate: Gate) -> impl IntoView {
    let n_failed = gate.checks.iter().filter(|check| !check.passed).count();
    let words = if gate.passed {
        t!("reports.passed", n = gate.checks.len())
    } else {
        t!("reports.refused", n = n_failed, all = gate.checks.len())
    };
    view! {
        <p class="notice" class:error=!gate.passed data-testid="verdict" data-passed=gate.passed.to_string()>
            <strong>{words}</strong>
        </p>
        <div class="table-scroll" tabindex="0" role="region" aria-label=t!("reports.conditions")>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{t!("reports.condition")}</th>
                        <th scope="col" class="number">{t!("reports.interval")}</th>
                        <th scope="col" class="number">{t!("reports.threshold")}</th>
                        <th scope="col">{t!("reports.holds")}</th>
                    </tr>
                </thead>
                <tbody>
                    {gate.checks.into_iter().map(|check| view! { <CheckRow check=check/> }).collect_view()}
                </tbody>
            </table>
        </div>
        <p class="muted small">
            {t!("reports.note")}
        </p>
    }
}

#[component]
fn CheckRow(check: GateCheck) -> impl IntoView {
    view! {
        <tr data-testid="check">
            <td>{condition_words(&check.condition)}</td>
            <td class="number">{interval(check.estimate)}</td>
            <td class="number">{format!("{:.2}", check.threshold)}</td>
            <td>{if check.passed { t!("reports.yes") } else { t!("reports.no") }}</td>
        </tr>
    }
}

/// A condition of the gate, which reports have in English; as it is where it is another.
fn condition_words(condition: &str) -> String {
    let named = |before: &str, behind: &str| condition.strip_prefix(before)?.strip_suffix(behind);
    if let Some(name) = named("not worse than ", " on all purchases (upper bound)") {
        t!("reports.not_worse_all", name = name)
    } else if let Some(name) = named("not worse than ", " on new purchases (upper bound)") {
        t!("reports.not_worse_new", name = name)
    } else if condition == "not worse than the model that is served (upper bound)" {
        t!("reports.not_worse_served").to_owned()
    } else if let Some(name) = named("better than ", ", which is served (mean)") {
        t!("reports.better", name = name)
    } else {
        condition.to_owned()
    }
}
