//! What was done just now, with a way back.

use leptos::{html, prelude::*};
use vitrine_words::shop::t;

/// Says what was done, and offers to undo it; nothing while there are no words.
#[component]
pub fn Toast(
    words: Signal<Option<String>>,
    undo: Callback<()>,
    testid: &'static str,
    undo_testid: &'static str,
) -> impl IntoView {
    let button = NodeRef::<html::Button>::new();
    // The button that had the focus went with what was removed.
    Effect::new(move || {
        if words.read().is_some() {
            request_animation_frame(move || {
                let _ = button.get_untracked().map(|button| button.focus());
            });
        }
    });
    view! {
        // There before its words are, so that they are read out.
        <div role="status">
            <Show when=move || words.read().is_some()>
                <div class="toast" data-testid=testid>
                    <p>{words}</p>
                    <button
                        type="button"
                        class="link-button"
                        node_ref=button
                        data-testid=undo_testid
                        on:click=move |_| undo.run(())
                    >
                        {t!("toast.undo")}
                    </button>
                </div>
            </Show>
        </div>
    }
}
