//! Figures by model and kind of purchase, as the gate measured them.

use leptos::prelude::*;
use vitrine_studio_api::{GateReport, ModelReport, Segment, SegmentReport};
use vitrine_words::studio::t;

use super::reports::interval;

/// The table.
#[component]
pub fn MetricsTable(report: GateReport) -> impl IntoView {
    let n_items = report.n_items;
    view! {
        <div class="table-scroll tall" tabindex="0" role="region" aria-label=t!("metrics.label")>
            <table data-testid="metrics">
                <thead>
                    <tr>
                        <th scope="col">{t!("metrics.model")}</th>
                        <th scope="col">{t!("metrics.purchases")}</th>
                        <th scope="col" class="number">{t!("metrics.shoppers")}</th>
                        <th scope="col" class="number">"NDCG@10"</th>
                        <th scope="col" class="number">"HR@10"</th>
                        <th scope="col" class="number">"Recall@500"</th>
                        <th scope="col" class="number">"MRR"</th>
                    </tr>
                </thead>
                {report
                    .models
                    .into_iter()
                    .map(|model| view! { <ModelRows model=model n_items=n_items/> })
                    .collect_view()}
            </table>
        </div>
        <p class="muted small">
            {t!("metrics.note")}
        </p>
    }
}

#[component]
fn ModelRows(model: ModelReport, n_items: u64) -> impl IntoView {
    let n_rows = model.segments.len().to_string();
    let percent = format!("{:.1}", model.coverage_at_10 * 100.0);
    let coverage = t!("metrics.coverage", percent = percent, n = n_items);
    let mut head = Some(view! {
        <th scope="rowgroup" rowspan=n_rows class="model">
            {model.name}
            <small class="muted">{coverage}</small>
        </th>
    });
    let row = |figures: SegmentReport| {
        view! {
            <tr>
                {head.take()}
                <td>{segment_words(figures.segment)}</td>
                <td class="number">{figures.n_shoppers}</td>
                <td class="number">{interval(figures.ndcg_at_10)}</td>
                <td class="number">{interval(figures.hit_rate_at_10)}</td>
                <td class="number">{format!("{:.3}", figures.recall_at_500)}</td>
                <td class="number">{format!("{:.3}", figures.mean_reciprocal_rank)}</td>
            </tr>
        }
    };
    view! { <tbody>{model.segments.into_iter().map(row).collect_view()}</tbody> }
}

fn segment_words(segment: Segment) -> &'static str {
    match segment {
        Segment::All => t!("metrics.all"),
        Segment::Repeat => t!("metrics.repeat"),
        Segment::New => t!("metrics.new"),
        Segment::LittleHistory => t!("metrics.little_history"),
        Segment::WithoutPast => t!("metrics.without_past"),
    }
}
