//! What the session says about itself: where it ranked, how far it is synced.

use leptos::prelude::*;
use vitrine_session::{Backend, BackendChoice, GpuState, Progress, Status};
use vitrine_words::common::{around, t};

use crate::format;

/// Which backend made the last ranking and how long it took.
#[component]
pub fn RankingBadge(status: RwSignal<Status>) -> impl IntoView {
    let backend = move || match status.read().backend {
        Backend::Gpu => "WebGPU",
        Backend::Cpu => "WebAssembly",
    };
    let code = move || if status.read().backend == Backend::Gpu { "gpu" } else { "cpu" };
    let fallback = move || {
        let status = status.read();
        status.settings.backend != BackendChoice::Cpu
            && matches!(status.gpu, GpuState::Unavailable { .. })
    };
    let (before, behind) = around!("badge.ranked_by");
    view! {
        <Show when=move || status.read().ranking_ms.is_some()>
            <p
                class="badge"
                class:fallback=fallback
                data-testid="badge"
                data-backend=code
                data-ms=move || status.read().ranking_ms.map(|ms| format!("{ms:.3}"))
                title=move || backend_reason(&status.read())
            >
                <span>{before}<strong>{backend}</strong>{behind}</span>
                <span>{move || status.read().ranking_ms.map(format::milliseconds)}</span>
                <span class="visually-hidden">{move || backend_reason(&status.read())}</span>
            </p>
        </Show>
    }
}

/// Why the ranking runs where it runs, as far as is known.
pub fn backend_reason(status: &Status) -> String {
    if status.backend_reason.is_empty() {
        return t!("badge.unmeasured").to_owned();
    }
    let measured = match &status.gpu {
        GpuState::Ready { gpu_ms, cpu_ms, .. } => t!(
            "badge.measured",
            gpu = format::milliseconds(*gpu_ms),
            cpu = format::milliseconds(*cpu_ms)
        ),
        _ => String::new(),
    };
    let reason = &status.backend_reason;
    match status.backend {
        Backend::Gpu => t!("badge.on_gpu", reason = reason, measured = measured),
        Backend::Cpu => t!("badge.on_cpu", reason = reason, measured = measured),
    }
}

/// How much of the catalogue is here, while it is coming.
#[component]
pub fn SyncProgress(progress: RwSignal<Option<Progress>>) -> impl IntoView {
    let syncing = move || progress.get().filter(|p| p.n_shards > 0 && !p.is_complete());
    view! {
        {move || {
            syncing()
                .map(|p| {
                    view! {
                        <div class="sync" data-testid="sync">
                            <progress
                                max=p.bytes_total.to_string()
                                value=p.bytes_done.to_string()
                                aria-label=t!("sync.label")
                            ></progress>
                            <span>
                                {t!(
                                    "sync.progress",
                                    done = format::bytes(p.bytes_done),
                                    all = format::bytes(p.bytes_total),
                                )}
                            </span>
                        </div>
                    }
                })
        }}
    }
}
