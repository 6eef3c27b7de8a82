//! The privacy page: what this browser keeps, every request it made, and the
//! means to take it along, pause it or be rid of it.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_domain::{EventKind, PictureMode};
use vitrine_session::{
    Backend, BackendChoice, Durability, LedgerEntry, PrivacySummary, Purpose, StoreName,
};
use wasm_bindgen::{JsCast, JsValue};

use crate::{
    badge::backend_reason,
    consent::ConsentSetting,
    format,
    pages::home::{ChosenList, UnwantedList},
    state::Shop,
};

mod events;
mod learning;
mod profile;
mod transfer;

use events::EventList;
use learning::LearningSetting;
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
        <h1 tabindex="-1">"Your privacy"</h1>
        <p class="lead">
            "The server knows the catalogue. Only this browser knows you. What you look at, put into the basket and buy is written to a log on this device, and the order of the shop is worked out from it right here. No request carries any of it."
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
        format!("First {}, last {}.", format::moment(first), format::moment(last))
    });
    let volatile = match &summary.durability {
        Durability::Persistent => None,
        Durability::Volatile { reason } => Some(format!("Gone when this tab closes: {reason}")),
    };
    let unreadable = (summary.n_dropped > 0).then(|| {
        let records = format::counted(summary.n_dropped as usize, "record", "records");
        format!("{records} cannot be read and are left out: this browser no longer has their key, or they are damaged.")
    });
    view! {
        <section class="card" aria-labelledby="stored" data-testid="stored" data-events=n_events>
            <h2 id="stored">"On this device"</h2>
            <dl class="facts">
                {summary
                    .events
                    .iter()
                    .map(|(kind, n)| view! { <dt>{kind_name(*kind)}</dt><dd>{*n}</dd> })
                    .collect_view()}
                <dt>"Recent searches"</dt>
                <dd data-testid="n-searches">{summary.n_searches}</dd>
                <dt>"Different products among them"</dt>
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
        EventKind::ViewItem => "Product pages opened",
        EventKind::AddToCart => "Put into the basket",
        EventKind::RemoveFromCart => "Taken out of the basket",
        EventKind::Purchase => "Bought",
    }
}

fn store_name(store: StoreName) -> &'static str {
    match store {
        StoreName::Shards => "Public catalogue and model",
        StoreName::Meta => "Settings",
        StoreName::Events => "Your log",
        StoreName::Cards => "Products in your log",
        StoreName::Ledger => "List of requests",
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
            shop.announcement.set(if to { "Paused." } else { "Recording." }.to_owned());
        });
    };
    let export = move |_| {
        let done = shop.session().export().map_err(|error| error.to_string());
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
            <h2 id="controls">"Yours to decide"</h2>
            <p class="muted">
                {move || if paused() {
                    "Recording is paused: nothing new is logged. The shop still orders itself by what it knows."
                } else {
                    "Recording is on: each click makes the next feed fit better."
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
                    {move || if paused() { "Resume recording" } else { "Pause recording" }}
                </button>
                <button type="button" class="button" data-testid="export" on:click=export>
                    "Export as a file"
                </button>
                <button type="button" class="button danger" data-testid="delete" on:click=ask>
                    "Delete everything"
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
            failure.set(done.err().map(|error| error.to_string()));
            shop.announcement.set("Your data on this device is deleted.".to_owned());
        });
    };
    view! {
        <dialog node_ref=dialog aria-labelledby="delete-title" data-testid="delete-dialog">
            <h2 id="delete-title">"Delete everything about you?"</h2>
            <p>
                "Your log, your basket, answers to searches and the list of requests go, for good: there is no copy anywhere else. The public catalogue and your settings stay."
            </p>
            <div class="actions">
                <button type="button" class="button" on:click=move |_| close()>"Keep it"</button>
                <button
                    type="button"
                    class="button danger"
                    data-testid="delete-confirm"
                    on:click=delete
                >
                    "Delete"
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
        (BackendChoice::Auto, "auto", "Automatic"),
        (BackendChoice::Gpu, "gpu", "Graphics card"),
        (BackendChoice::Cpu, "cpu", "Processor"),
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
        let on = match status.backend {
            Backend::Gpu => "the graphics card (WebGPU)",
            Backend::Cpu => "the processor (WebAssembly)",
        };
        status.ranking_ms.map(|ms| format!("The last took {} on {on}.", format::milliseconds(ms)))
    };
    view! {
        <section class="card" aria-labelledby="backend">
            <h2 id="backend">"Where ranking runs"</h2>
            <fieldset class="variants" data-testid="backend">
                <legend class="visually-hidden">"Where ranking runs"</legend>
                <div class="segments">{choices.map(option).collect_view()}</div>
            </fieldset>
            <p class="muted small">{move || backend_reason(&shop.status.read())}</p>
            <p class="muted small">{last}</p>
        </section>
    }
}

/// What a shop says that has addresses for products and categories.
const ADDRESSES: &str = "This shop can also be reached by links that name a product or a category, such as those of search engines. Coming by one tells its server which it was, as any web page would. From then on the address is after the # again, and nothing more is told.";

#[component]
fn HowItWorks() -> impl IntoView {
    let shop = Shop::here();
    let pictures = move || match shop.status.read().picture_mode {
        PictureMode::Private => {
            "Small pictures come with the catalogue, the same for everybody. A larger one is asked for only when you press \"Show larger picture\": then the shop's server learns that somebody looks at this product, and the request is in the list below. This browser keeps the picture, so that it need not ask again."
        }
        PictureMode::Open => {
            "This shop has chosen to load larger pictures by itself: when you open a product's page, its server is asked for the picture, and so learns that somebody looks at this product. It gets no name, no cookie and no history with it. Each of these requests is in the list below."
        }
    };
    let pages = move || match shop.status.read().picture_mode {
        PictureMode::Private => "Product pages open without a request: their",
        PictureMode::Open => "Product pages send nothing but the request for their picture: their",
    };
    let addresses = move || shop.status.read().has_real_urls.then_some(ADDRESSES);
    view! {
        <section class="card whole how" aria-labelledby="how">
            <h2 id="how">"How it works"</h2>
            <p>
                "Everybody downloads the same catalogue and the same small ranking model, in the same order, whatever they do. "
                {pages} " address is after the # and never leaves the browser."
            </p>
            <p data-testid="pictures">{pictures}</p>
            <p data-testid="addresses">{addresses}</p>
            <p data-testid="sealed">
                "What is written down about you is encrypted on this device, with a key that never leaves this browser. A copy of it is of no use elsewhere; a program that runs on this page, or somebody who uses this browser, can still read it."
            </p>
            <p>
                "A search that you type goes to the server: its words and filters, without a name, a cookie or a history. Its answer is put in your order here, and this tab keeps it until it is closed, so that a reload asks nothing again."
            </p>
        </section>
    }
}

#[component]
fn LedgerTable(ledger: RwSignal<Vec<LedgerEntry>>) -> impl IntoView {
    let count = move || format::counted(ledger.read().len(), "request", "requests");
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
            <h2 id="ledger">"Every request this shop made from here"</h2>
            <p class="muted small">
                {move || format!("{}, the newest first. There is no other way out.", count())}
            </p>
            <div class="table-scroll" tabindex="0" role="region" aria-label="Requests">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">"When"</th>
                            <th scope="col">"What for"</th>
                            <th scope="col">"Request"</th>
                            <th scope="col" class="number">"Sent"</th>
                            <th scope="col" class="number">"Received"</th>
                            <th scope="col" class="number">"Status"</th>
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
        Purpose::Manifest => "Which catalogue is current",
        Purpose::Shard => "Part of the catalogue",
        Purpose::Picture => "Larger picture of one product",
        Purpose::Search => "Your search",
    };
    let status = entry.status.map_or_else(|| "no answer".to_owned(), |status| status.to_string());
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
