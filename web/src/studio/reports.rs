//! The reports: what the import did with every row, and what the gate said.

use leptos::prelude::*;

use super::metrics::MetricsTable;
use super::quality::QualityCards;
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
                "No model is published yet: the gate has nothing to report. Run `vitrine train`."
            </p>
        }
        .into_any(),
    };
    view! {
        <div class="page-head">
            <div>
                <h1 tabindex="-1">"Reports"</h1>
                <p>"Of the catalogue and the model that the shop serves now."</p>
            </div>
        </div>
        <section aria-labelledby="quality" data-testid="quality">
            <h2 id="quality" class="report-heading">"Quality: every row of the import"</h2>
            {move || view! { <QualityCards quality=studio.report.get().quality/> }}
        </section>
        <section aria-labelledby="gate" data-testid="gate">
            <h2 id="gate" class="report-heading">"Gate: may this model be published?"</h2>
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
        <h3 class="report-heading">"Measured on shoppers' next purchases"</h3>
        <MetricsTable report=report/>
    }
}

#[component]
fn Verdict(gate: Gate) -> impl IntoView {
    let n_failed = gate.checks.iter().filter(|check| !check.passed).count();
    let words = if gate.passed {
        format!("Passed: all {} conditions hold.", gate.checks.len())
    } else {
        format!("Not passed: {n_failed} of {} conditions do not hold.", gate.checks.len())
    };
    view! {
        <p class="notice" class:error=!gate.passed data-testid="verdict" data-passed=gate.passed.to_string()>
            <strong>{words}</strong>
        </p>
        <div class="table-scroll" tabindex="0" role="region" aria-label="Conditions">
            <table>
                <thead>
                    <tr>
                        <th scope="col">"Condition"</th>
                        <th scope="col" class="number">"Measured, with 95 % interval"</th>
                        <th scope="col" class="number">"Threshold"</th>
                        <th scope="col">"Holds"</th>
                    </tr>
                </thead>
                <tbody>
                    {gate.checks.into_iter().map(|check| view! { <CheckRow check=check/> }).collect_view()}
                </tbody>
            </table>
        </div>
        <p class="muted small">
            "A difference of NDCG@10 holds when its mean is above the threshold; the ratio when its lower end reaches it."
        </p>
    }
}

#[component]
fn CheckRow(check: GateCheck) -> impl IntoView {
    view! {
        <tr data-testid="check">
            <td>{check.condition}</td>
            <td class="number">{interval(check.estimate)}</td>
            <td class="number">{format!("{:.2}", check.threshold)}</td>
            <td>{if check.passed { "yes" } else { "no" }}</td>
        </tr>
    }
}
