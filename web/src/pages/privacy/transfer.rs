//! Moving to another device: the log as a file that only a passphrase opens, written here and
//! taken up there.

use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use vitrine_browser::BrowserCipher;
use vitrine_session::{PASSPHRASE_CHARS_MIN, TRANSFER_BYTES_MAX, TransferError};
use wasm_bindgen_futures::JsFuture;

use super::download;
use crate::{format, state::Shop};

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
            said.set(Some(done.map_err(|error| error.to_string())));
            busy.set(false);
        });
    };
    let words = move || match said.get() {
        Some(Ok(words) | Err(words)) => words,
        None if busy.get() => "Working…".to_owned(),
        None => String::new(),
    };
    let hint = format!("Passphrase, at least {PASSPHRASE_CHARS_MIN} characters");
    view! {
        <section class="card" aria-labelledby="transfer" data-testid="transfer">
            <h2 id="transfer">"Move to another device"</h2>
            <p class="muted">
                "Save your log as an encrypted file, carry it over, and take it up there with the same passphrase. Nothing is sent. What both devices know counts once. Nobody can open the file without the passphrase."
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
                "File to take up"
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
                    "Save encrypted file"
                </button>
                <button
                    type="button"
                    class="button"
                    data-testid="transfer-import"
                    disabled=busy
                    on:click=move |_| run(true)
                >
                    "Take up file"
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
    Ok(format!("Saved as {FILE_NAME}."))
}

async fn take_up(
    shop: Shop,
    passphrase: &str,
    input: Option<web_sys::HtmlInputElement>,
) -> Result<String, TransferError> {
    let file = input.and_then(|input| input.files()).and_then(|files| files.get(0));
    let Some(file) = file else { return Ok("Choose the file first.".to_owned()) };
    // Not even read when it is too large.
    if file.size() > TRANSFER_BYTES_MAX as f64 {
        return Err(TransferError::TooLarge);
    }
    let read = JsFuture::from(file.array_buffer()).await;
    let bytes = read.map_err(|_| TransferError::Damaged)?;
    let bytes = js_sys::Uint8Array::new(&bytes).to_vec();
    let n = shop.session().import_sealed(&BrowserCipher, passphrase, &bytes).await?;
    shop.changed();
    Ok(format!("{} taken up.", format::counted(n, "new entry", "new entries")))
}
