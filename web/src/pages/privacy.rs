//! The privacy page: what this browser keeps, every request it made, and the
//! means to take it along, pause it or be rid of it.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_domain::{EventKind, PictureMode};
use vitrine_session::{
    Backend, BackendChoice, Durability, LedgerEntry, PrivacySummary, Purpose, StoreName,
};
use vitrine_words::shop::{n, t};
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    badge::backend_reason,
    consent::ConsentSetting,
    format,
    pages::by_picture::PictureSearchSetting,
    pages::home::{ChosenList, UnwantedList},
    state::Shop,
};

mod events;
mod language_model;
mod learning;
mod private_search;
mod profile;
mod transfer;

use events::EventList;
use language_model::LanguageModelSetting;
use learning::LearningSetting;
use private_search::PrivateSearchSetting;
use profile::Profile;
use transfer::TransferSetting;

/// The privacy page.
#[component]
pub fn PrivacyPage() -> impl IntoView {
    let shop = Shop::here();
    let summary = RwSignal::new(None::<PrivacySummary>);
    let ledger = RwSignal::new(Vec::<LedgerEntry>::new());
    Effect::new(move || {
        shop.revision.track();
        shop.progress.track();
        spawn_local(async move {
            summary.set(Some(shop.session().privacy().await));
            ledger.set(shop.session().ledger());
        });
    });
    view! {
        <h1 tabindex="-1">{t!("frame.privacy")}</h1>
        <p class="lead">
            {t!("privacy.lead")}
        </p>
        <div class="privacy">
            <Profile/>
            {move || summary.get().map(|summary| view! { <Stored summary=summary/> })}
            <div>
                <ConsentSetting/>
                <Controls/>
                <TransferSetting/>
                <UnwantedList/>
                <ChosenList/>
                <PrivateSearchSetting/>
                <PictureSearchSetting/>
                <LanguageModelSetting/>
                <LearningSetting/>
                <BackendSetting/>
            </div>
            <EventList/>
            <HowItWorks/>
            <LedgerTable ledger=ledger/>
        </div>
    }
}

#[component]
fn Stored(summary: PrivacySummary) -> impl IntoView {
    let n_events: u32 = summary.events.iter().map(|(_, n)| n).sum();
    let span = summary.first_and_last_at_ms.map(|(first, last)| {
        t!("privacy.span", first = format::moment(first), last = format::moment(last))
    });
    let volatile = match &summary.durability {
        Durability::Persistent => None,
        Durability::Volatile { reason } => Some(t!("privacy.volatile", reason = reason)),
    };
    let unreadable = (summary.n_dropped > 0).then(|| n!("privacy.unreadable", summary.n_dropped));
    view! {
        <section class="card" aria-labelledby="stored" data-testid="stored" data-events=n_events>
            <h2 id="stored">{t!("privacy.on_device")}</h2>
            <dl class="facts">
                {summary
                    .events
                    .iter()
                    .map(|(kind, n)| view! { <dt>{kind_name(*kind)}</dt><dd>{*n}</dd> })
                    .collect_view()}
                <dt>{t!("privacy.searches")}</dt>
                <dd data-testid="n-searches">{summary.n_searches}</dd>
                <dt>{t!("privacy.products")}</dt>
                <dd>{summary.n_items_logged}</dd>
                {summary
                    .stores
                    .iter()
                    .map(|usage| {
                        view! {
                            <dt>{store_name(usage.store)}</dt>
                            <dd>{format::bytes(usage.bytes)}</dd>
                        }
                    })
                    .collect_view()}
            </dl>
            <p class="muted small">{span}</p>
            <p class="small">{volatile}</p>
            <p class="small" data-testid="unreadable">{unreadable}</p>
        </section>
    }
}

fn kind_name(kind: EventKind) -> &'static str {
    match kind {
        EventKind::ViewItem => t!("privacy.viewed"),
        EventKind::AddToCart => t!("privacy.put"),
        EventKind::RemoveFromCart => t!("privacy.taken"),
        EventKind::Purchase => t!("privacy.bought"),
    }
}

fn store_name(store: StoreName) -> &'static str {
    match store {
        StoreName::Shards => t!("privacy.store_shards"),
        StoreName::Meta => t!("privacy.store_meta"),
        StoreName::Events => t!("privacy.store_events"),
        StoreName::Cards => t!("privacy.store_cards"),
        StoreName::Ledger => t!("privacy.store_ledger"),
    }
}

#[component]
fn Controls() -> impl IntoView {
    let shop = Shop::here();
    let confirm = NodeRef::<html::Dialog>::new();
    let failure = RwSignal::new(None::<String>);
    let paused = move || shop.status.read().settings.paused;
    let pause = move |_| {
        let to = !paused();
        spawn_local(async move {
            shop.session().set_paused(to).await;
            shop.changed();
            let said = if to { t!("said.paused") } else { t!("said.recording") };
            shop.announcement.set(said.to_owned());
        });
    };
    let export = move |_| {
        let done = shop.session().export().map_err(|error| error.words());
        let done = done.and_then(|text| {
            download(&text.into(), "my-shop-data.json", "application/json")
                .map_err(|error| format!("{error:?}"))
        });
        failure.set(done.err());
    };
    // Fails only when it is already open.
    let ask = move |_| drop(confirm.get().map(|dialog| dialog.show_modal()));
    view! {
        <section class="card" aria-labelledby="controls">
            <h2 id="controls">{t!("privacy.decide")}</h2>
            <p class="muted">
                {move || if paused() {
                    t!("privacy.is_paused")
                } else {
                    t!("privacy.is_recording")
                }}
            </p>
            <div class="actions">
                <button
                    type="button"
                    class="button"
                    data-testid="pause"
                    aria-pressed=move || paused().to_string()
                    on:click=pause
                >
                    {move || if paused() { t!("privacy.resume") } else { t!("privacy.pause") }}
                </button>
                <button type="button" class="button" data-testid="export" on:click=export>
                    {t!("privacy.export")}
                </button>
                <button type="button" class="button danger" data-testid="delete" on:click=ask>
                    {t!("privacy.delete")}
                </button>
            </div>
            <p class="notice error" role="alert" hidden=move || failure.read().is_none()>
                {move || failure.get()}
            </p>
            <ConfirmDelete dialog=confirm failure=failure/>
        </section>
    }
}

#[component]
fn ConfirmDelete(
    dialog: NodeRef<html::Dialog>,
    failure: RwSignal<Option<String>>,
) -> impl IntoView {
    let shop = Shop::here();
    let close = move || {
        if let Some(dialog) = dialog.get() {
            dialog.close();
        }
    };
    let delete = move |_| {
        close();
        spawn_local(async move {
            let done = shop.delete_all().await;
            failure.set(done.err().map(|error| error.words()));
            shop.announcement.set(t!("privacy.deleted").to_owned());
        });
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="delete-title" data-testid="delete-dialog">
            <h2 id="delete-title">{t!("privacy.delete_ask")}</h2>
            <p>
                {t!("privacy.delete_words")}
            </p>
            <div class="actions">
                <button type="button" class="button" on:click=move |_| close()>{t!("privacy.keep")}</button>
                <button
                    type="button"
                    class="button danger"
                    data-testid="delete-confirm"
                    on:click=delete
                >
                    {t!("privacy.delete_yes")}
                </button>
            </div>
        </dialog>
    }
}

/// Hands a text or bytes to the browser as a file; nothing is sent.
fn download(content: &JsValue, name: &str, kind: &str) -> Result<(), JsValue> {
    let parts = js_sys::Array::of1(content);
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let blob = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options)?;
    let url = web_sys::Url::create_object_url_with_blob(&blob)?;
    let link: web_sys::HtmlAnchorElement = document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    web_sys::Url::revoke_object_url(&url)
}

#[component]
fn BackendSetting() -> impl IntoView {
    let shop = Shop::here();
    let choices = [
        (BackendChoice::Auto, "auto", t!("backend.auto")),
        (BackendChoice::Gpu, "gpu", t!("backend.gpu")),
        (BackendChoice::Cpu, "cpu", t!("backend.cpu")),
    ];
    let option = move |(choice, code, label): (BackendChoice, &'static str, &'static str)| {
        let choose = move |_| {
            spawn_local(async move {
                shop.session().set_backend(choice).await;
                shop.changed();
            });
        };
        view! {
            <label class="variant">
                <input
                    type="radio"
                    name="backend"
                    value=code
                    prop:checked=move || shop.status.read().settings.backend == choice
                    on:change=choose
                />
                <span>{label}</span>
            </label>
        }
    };
    let last = move || {
        let status = shop.status.read();
        let time = format::milliseconds(status.ranking_ms?);
        Some(match status.backend {
            Backend::Gpu => t!("backend.last_gpu", time = time),
            Backend::Cpu => t!("backend.last_cpu", time = time),
        })
    };
    view! {
        <section class="card" aria-labelledby="backend">
            <h2 id="backend">{t!("backend.heading")}</h2>
            <fieldset class="variants" data-testid="backend">
                <legend class="visually-hidden">{t!("backend.heading")}</legend>
                <div class="segments">{choices.map(option).collect_view()}</div>
            </fieldset>
            <p class="muted small">{move || backend_reason(&shop.status.read())}</p>
            <p class="muted small">{last}</p>
        </section>
    }
}

#[component]
fn HowItWorks() -> impl IntoView {
    let shop = Shop::here();
    let pictures = move || match shop.status.read().picture_mode {
        PictureMode::Private => t!("how.pictures_private"),
        PictureMode::Open => t!("how.pictures_open"),
    };
    let pages = move || match shop.status.read().picture_mode {
        PictureMode::Private => t!("how.pages_private"),
        PictureMode::Open => t!("how.pages_open"),
    };
    let addresses = move || shop.status.read().has_real_urls.then(|| t!("how.addresses"));
    view! {
        <section class="card whole how" aria-labelledby="how">
            <h2 id="how">{t!("how.heading")}</h2>
            <p>
                {t!("how.same")}
                {pages}
            </p>
            <p data-testid="pictures">{pictures}</p>
            <p data-testid="addresses">{addresses}</p>
            <p data-testid="sealed">
                {t!("how.sealed")}
            </p>
            <p>
                {t!("how.search")}
            </p>
        </section>
    }
}

#[component]
fn LedgerTable(ledger: RwSignal<Vec<LedgerEntry>>) -> impl IntoView {
    let rows = move || {
        ledger
            .get()
            .into_iter()
            .rev()
            .map(|entry| view! { <LedgerRow entry=entry/> })
            .collect_view()
    };
    view! {
        <section class="card whole" aria-labelledby="ledger" data-testid="ledger">
            <h2 id="ledger">{t!("ledger.heading")}</h2>
            <p class="muted small">
                {move || n!("ledger.note", ledger.read().len())}
            </p>
            <div class="table-scroll" tabindex="0" role="region" aria-label=t!("ledger.label")>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{t!("ledger.when")}</th>
                            <th scope="col">{t!("ledger.what_for")}</th>
                            <th scope="col">{t!("ledger.request")}</th>
                            <th scope="col" class="number">{t!("ledger.sent")}</th>
                            <th scope="col" class="number">{t!("ledger.received")}</th>
                            <th scope="col" class="number">{t!("ledger.status")}</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
            </div>
        </section>
    }
}

#[component]
fn LedgerRow(entry: LedgerEntry) -> impl IntoView {
    let purpose = match entry.purpose {
        Purpose::Manifest => t!("ledger.manifest"),
        Purpose::Shard => t!("ledger.shard"),
        Purpose::Picture => t!("ledger.picture"),
        Purpose::Search => t!("ledger.search"),
        Purpose::AskModel => t!("ledger.model"),
    };
    let status =
        entry.status.map_or_else(|| t!("ledger.no_answer").to_owned(), |status| status.to_string());
    view! {
        <tr data-testid="request">
            <td>{format::moment(entry.at_ms)}</td>
            <td>{purpose}</td>
            <td class="url">
                <code>{format!("{} {}", entry.method, entry.path)}</code>
                {entry.body.map(|body| view! { <br/><code>{body}</code> })}
            </td>
            <td class="number">{format::bytes(entry.bytes_sent)}</td>
            <td class="number">{format::bytes(entry.bytes_received)}</td>
            <td class="number">{status}</td>
        </tr>
    }
}
