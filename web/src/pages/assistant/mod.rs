//! A conversation about what the shop has: understood, found and answered on this device.

mod contact;
mod replies;

use leptos::prelude::*;
use leptos::task::spawn_local;
use vitrine_domain::{ItemId, limits::QUERY_CHARS_MAX};
use vitrine_session::{SplitFacet, SplitOption, TurnReply};
use vitrine_words::shop::t;

use self::replies::Reply;
use crate::state::Shop;

/// Turns that stay on the page.
const TURNS_MAX: usize = 30;

/// What was said and answered, until the tab is closed.
#[derive(Clone, Copy)]
pub struct Conversation {
    turns: RwSignal<Vec<Turn>>,
    wishes: RwSignal<Vec<String>>,
    /// What was said before anything was synced.
    waiting: RwSignal<Option<String>>,
    /// Turns that are under way.
    n_thinking: RwSignal<usize>,
    n_said: StoredValue<u32>,
    /// Counts conversations, so that a turn of one that was ended shows in none after it.
    generation: StoredValue<u32>,
}

/// What a shopper said, and what came back.
#[derive(Clone)]
struct Turn {
    number: u32,
    said: String,
    reply: TurnReply,
}

/// An answer of a question, as the shopper sees it.
#[derive(Clone)]
struct QuestionChoice {
    facet: SplitFacet,
    option: SplitOption,
}

impl Conversation {
    /// Nothing said yet.
    pub fn new() -> Self {
        Self {
            turns: RwSignal::new(Vec::new()),
            wishes: RwSignal::new(Vec::new()),
            waiting: RwSignal::new(None),
            n_thinking: RwSignal::new(0),
            n_said: StoredValue::new(0),
            generation: StoredValue::new(0),
        }
    }

    /// Whether a turn is under way.
    fn is_thinking(self) -> bool {
        self.n_thinking.get() > 0
    }

    /// Says something in the shopper's name; once the catalogue is here, if it is not yet.
    pub fn say(self, shop: Shop, text: String) {
        if !is_ready(shop) {
            self.waiting.set(Some(text));
            return;
        }
        self.answer(shop, text.clone(), async move {
            let turn = shop.session().converse(&text).await;
            Some(turn.map_or(TurnReply::Unclear, |turn| turn.reply))
        });
    }

    /// Chooses an answer of the last question, which is called so. Nothing happens while a turn is
    /// under way, nor where that question was answered already.
    fn choose(self, shop: Shop, choice: QuestionChoice, label: String) {
        if untrack(|| self.is_thinking()) {
            return;
        }
        self.answer(shop, label, async move {
            let turn = shop.session().choose_answer(&choice.facet, &choice.option).await;
            turn.map(|turn| turn.reply)
        });
    }

    /// Takes a wish back; nothing happens while a turn is under way, which may move the wishes.
    fn drop_wish(self, shop: Shop, place: usize, typed: String) {
        if untrack(|| self.is_thinking()) {
            return;
        }
        let said = t!("assistant.without", wish = typed);
        self.answer(shop, said, async move {
            let reply = shop.session().drop_conversation_wish(place).await;
            Some(reply.unwrap_or(TurnReply::Unclear))
        });
    }

    /// Puts products side by side.
    fn compare(self, shop: Shop, ids: Vec<ItemId>) {
        self.answer(shop, t!("assistant.compare").to_owned(), async move {
            let table = shop.session().compare(&ids);
            Some(table.map_or(TurnReply::Unclear, TurnReply::Comparison))
        });
    }

    /// Shows a reply when it comes; without one, or where all was forgotten meanwhile, nothing.
    fn answer(
        self,
        shop: Shop,
        said: String,
        reply: impl Future<Output = Option<TurnReply>> + 'static,
    ) {
        let generation = self.generation.get_value();
        self.n_thinking.update(|n| *n += 1);
        spawn_local(async move {
            let reply = reply.await;
            if self.generation.get_value() != generation {
                return;
            }
            if let Some(reply) = reply {
                self.show(shop, said, reply);
            }
            self.n_thinking.update(|n| *n -= 1);
        });
    }

    fn show(self, shop: Shop, said: String, reply: TurnReply) {
        self.n_said.update_value(|n| *n += 1);
        let number = self.n_said.get_value();
        self.turns.update(|turns| {
            turns.insert(0, Turn { number, said, reply });
            turns.truncate(TURNS_MAX);
        });
        let wishes = shop.session().conversation_wishes();
        self.wishes.set(wishes.into_iter().map(|(_, typed)| typed).collect());
    }

    /// Whether a turn is the last one.
    fn is_newest(self, number: u32) -> bool {
        self.turns.read().first().is_some_and(|turn| turn.number == number)
    }

    /// Says what waited for the catalogue.
    fn catch_up(self, shop: Shop) {
        if is_ready(shop)
            && let Some(text) = self.waiting.get_untracked()
        {
            self.waiting.set(None);
            untrack(|| self.say(shop, text));
        }
    }

    /// Forgets all of it, turns that are under way with it.
    pub fn end(self, shop: Shop) {
        shop.session().end_conversation();
        self.generation.update_value(|generation| *generation = generation.wrapping_add(1));
        self.n_thinking.set(0);
        self.waiting.set(None);
        self.turns.set(Vec::new());
        self.wishes.set(Vec::new());
    }
}

/// Whether there is something to talk about.
fn is_ready(shop: Shop) -> bool {
    shop.status.read().n_items_synced > 0
}

/// The page.
#[component]
pub fn AssistantPage() -> impl IntoView {
    let shop = Shop::here();
    let conversation = shop.conversation;
    let typed = RwSignal::new(String::new());
    let send = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let text = typed.get_untracked().trim().to_owned();
        if !text.is_empty() && !untrack(|| conversation.is_thinking()) {
            conversation.say(shop, text);
            typed.set(String::new());
        }
    };
    Effect::new(move |_| conversation.catch_up(shop));
    let is_ready = move || is_ready(shop);
    let examples = move || {
        let examples =
            [t!("assistant.example_1"), t!("assistant.example_2"), t!("assistant.example_3")];
        let say = move |text: &'static str| {
            view! {
                <li>
                    <button
                        type="button"
                        disabled=move || conversation.is_thinking()
                        on:click=move |_| conversation.say(shop, text.to_owned())
                    >
                        {text}
                    </button>
                </li>
            }
        };
        let is_new = conversation.turns.read().is_empty();
        is_new.then(|| view! { <ul class="chips read">{examples.map(say).collect_view()}</ul> })
    };
    view! {
        <h1 tabindex="-1">{t!("assistant.heading")}</h1>
        <p class="lead">{t!("assistant.lead")}</p>
        <div class="ask"><form on:submit=send>
            <input
                class="field"
                data-testid="assistant-field"
                aria-label=t!("assistant.label")
                placeholder=t!("assistant.placeholder")
                autocomplete="off"
                maxlength=QUERY_CHARS_MAX.to_string()
                prop:value=typed
                on:input=move |event| typed.set(event_target_value(&event))
            />
            <button
                type="submit"
                class="button primary"
                data-testid="assistant-send"
                disabled=move || !is_ready() || conversation.is_thinking()
            >
                {t!("ask.send")}
            </button>
        </form></div>
        {examples}
        <Wishes/>
        <p class="muted" role="status" hidden=move || conversation.waiting.read().is_none()>{t!("by_picture.waiting")}</p>
        <p class="muted" role="status" hidden=move || !conversation.is_thinking()>{t!("assistant.thinking")}</p>
        <ol class="turns" aria-live="polite" data-testid="turns">
            <For each=move || conversation.turns.get() key=|turn| turn.number let:turn>
                <li class="turn" data-testid="turn">
                    <p class="said">{turn.said.clone()}</p>
                    <Reply said=turn.said reply=turn.reply number=turn.number/>
                </li>
            </For>
        </ol>
    }
}

/// What the shopper wants so far; each can be taken back, and all of it forgotten.
#[component]
fn Wishes() -> impl IntoView {
    let shop = Shop::here();
    let conversation = shop.conversation;
    let chip = move |(place, typed): (usize, String)| {
        let (said, dropped) = (typed.clone(), typed.clone());
        view! {
            <li>
                <button
                    type="button"
                    data-testid="assistant-wish"
                    aria-label=t!("assistant.take_back", wish = said)
                    on:click=move |_| conversation.drop_wish(shop, place, dropped.clone())
                >
                    {typed}
                    " ×"
                </button>
            </li>
        }
    };
    view! {
        <Show when=move || !conversation.turns.read().is_empty()>
            <div class="wanted">
                <ul class="chips read" aria-label=t!("assistant.wishes")>
                    {move || conversation.wishes.get().into_iter().enumerate().map(chip).collect_view()}
                </ul>
                <button
                    type="button"
                    class="link-button"
                    data-testid="assistant-forget"
                    on:click=move |_| conversation.end(shop)
                >
                    {t!("assistant.forget")}
                </button>
            </div>
        </Show>
    }
}
