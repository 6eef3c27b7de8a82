//! Moving to another device: the log as a file that only a passphrase opens, written here and
//! taken up there.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_browser::BrowserCipher;
use vitrine_session::{PASSPHRASE_CHARS_MIN, TRANSFER_BYTES_MAX, TransferError};
use vitrine_words::shop::{n, t};
use wasm_bindgen_futures::JsFuture;

use super::download;
use crate::state::Shop;

/// Name of the file that is written.
const FILE_NAME: &str = "my-shop-data.vitrine";

/// Passphrase, *Export* and *Import*.
#[component]
pub fn TransferSetting() -> impl IntoView {
    let shop = Shop::here();
    let passphrase = RwSignal::new(String::new());
    let file = NodeRef::<html::Input>::new();
    let busy = RwSignal::new(false);
    let said = RwSignal::new(None::<Result<String, String>>);
    let run = move |import: bool| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        said.set(None);
        let chosen = file.get_untracked();
        spawn_local(async move {
            let passphrase = passphrase.get_untracked();
            let done = match import {
                true => take_up(shop, &passphrase, chosen).await,
                false => save(shop, &passphrase).await,
            };
            said.set(Some(done.map_err(|error| error.words())));
            busy.set(false);
        });
    };
    let words = move || match said.get() {
        Some(Ok(words) | Err(words)) => words,
        None if busy.get() => t!("transfer.working").to_owned(),
        None => String::new(),
    };
    let hint = t!("transfer.passphrase", n = PASSPHRASE_CHARS_MIN);
    view! {
        <section class="card" aria-labelledby="transfer" data-testid="transfer">
            <h2 id="transfer">{t!("transfer.heading")}</h2>
            <p class="muted">
                {t!("transfer.words")}
            </p>
            <label class="field-label">
                {hint}
                <input
                    class="field"
                    type="password"
                    autocomplete="off"
                    data-testid="passphrase"
                    prop:value=passphrase
                    on:input=move |event| passphrase.set(event_target_value(&event))
                />
            </label>
            <label class="field-label">
                {t!("transfer.file")}
                <input
                    class="field"
                    type="file"
                    accept=".vitrine"
                    node_ref=file
                    data-testid="transfer-file"
                />
            </label>
            <div class="actions">
                <button
                    type="button"
                    class="button"
                    data-testid="transfer-export"
                    disabled=busy
                    on:click=move |_| run(false)
                >
                    {t!("transfer.save")}
                </button>
                <button
                    type="button"
                    class="button"
                    data-testid="transfer-import"
                    disabled=busy
                    on:click=move |_| run(true)
                >
                    {t!("transfer.take_up")}
                </button>
            </div>
            <p
                class="notice"
                class:error=move || matches!(&*said.read(), Some(Err(_)))
                role="status"
                data-testid="transfer-said"
                hidden=move || words().is_empty()
            >
                {words}
            </p>
        </section>
    }
}

async fn save(shop: Shop, passphrase: &str) -> Result<String, TransferError> {
    let file = shop.session().export_sealed(&BrowserCipher, passphrase).await?;
    let bytes = js_sys::Uint8Array::from(file.as_slice());
    download(&bytes.into(), FILE_NAME, "application/octet-stream")
        .map_err(|error| TransferError::Platform(format!("{error:?}")))?;
    Ok(t!("transfer.saved", name = FILE_NAME))
}

async fn take_up(
    shop: Shop,
    passphrase: &str,
    input: Option<web_sys::HtmlInputElement>,
) -> Result<String, TransferError> {
    let file = input.and_then(|input| input.files()).and_then(|files| files.get(0));
    let Some(file) = file else { return Ok(t!("transfer.choose").to_owned()) };
    // Not even read when it is too large.
    if file.size() > TRANSFER_BYTES_MAX as f64 {
        return Err(TransferError::TooLarge);
    }
    let read = JsFuture::from(file.array_buffer()).await;
    let bytes = read.map_err(|_| TransferError::Damaged)?;
    let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
    let n = shop.session().import_sealed(&BrowserCipher, passphrase, &bytes).await?;
    shop.changed();
    Ok(n!("transfer.taken", n))
}
