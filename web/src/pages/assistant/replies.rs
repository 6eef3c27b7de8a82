//! What the assistant says, turn by turn.

use std::collections::HashMap;

use leptos::prelude::*;
use vitrine_domain::{ItemId, Query};
use vitrine_session::{
    CardAnswer, ComparisonAspect, ComparisonCell, ComparisonRow, ComparisonTable, ItemCard,
    SplitFacet, SplitOption, SplittingQuestion, TurnReply,
};
use vitrine_words::shop::{n, t};

use super::QuestionChoice;
use super::contact::Contact;
use crate::{
    pages::ask::said_of,
    router::Route,
    state::Shop,
    tile::{TileGrid, money},
};

/// Products that one press compares.
const COMPARED: usize = 3;

/// One reply.
#[component]
pub fn Reply(said: String, reply: TurnReply, number: u32) -> impl IntoView {
    let words = |words: &'static str| view! { <p>{words}</p> }.into_any();
    match reply {
        TurnReply::Unclear => view! {
            <p>{t!("assistant.unclear")}</p>
            <SearchInstead text=said/>
        }
        .into_any(),
        TurnReply::Greeting => words(t!("assistant.greeting")),
        TurnReply::Thanks => words(t!("assistant.thanks")),
        TurnReply::WhichProduct => view! {
            <p>{t!("assistant.which")}</p>
            <SearchInstead text=said/>
        }
        .into_any(),
        TurnReply::Answers(answers) => answers.into_iter().map(answer).collect_view().into_any(),
        TurnReply::Prices(prices) => prices.into_iter().map(price).collect_view().into_any(),
        TurnReply::Candidates { ids, n_meeting, question } => {
            view! { <Candidates ids=ids n_meeting=n_meeting question=question number=number/> }
                .into_any()
        }
        TurnReply::Comparison(table) => view! { <Compared table=table/> }.into_any(),
        TurnReply::HandOver(draft) => view! { <Contact draft=draft/> }.into_any(),
    }
}

/// The search that the shopper may have meant; following it is the shopper's decision.
#[component]
fn SearchInstead(text: String) -> impl IntoView {
    let query = Query { text: text.clone(), ..Query::default() };
    view! {
        <p>
            <a href=Route::Search(query).href() data-testid="search-instead">
                {t!("assistant.search_instead", text = text)}
            </a>
        </p>
    }
}

fn title_of(id: ItemId) -> String {
    Shop::here().session().item(id).map_or_else(String::new, |card| card.title)
}

fn product_link(id: ItemId) -> impl IntoView {
    view! { <a href=Route::Item(id).href()>{title_of(id)}</a> }
}

fn answer(found: CardAnswer) -> impl IntoView {
    view! {
        <section class="answer-of">
            <h2 class="small-heading">{product_link(found.id)}</h2>
            {said_of(found.answer)}
        </section>
    }
}

fn price((id, minor): (ItemId, u32)) -> impl IntoView {
    let price = match minor {
        0 => t!("ask.unsaid").to_owned(),
        _ => money(minor.into()),
    };
    view! { <p>{product_link(id)} ": " <strong>{price}</strong></p> }
}

/// Candidates with the question that tells most about which is meant.
#[component]
fn Candidates(
    ids: Vec<ItemId>,
    n_meeting: usize,
    question: Option<SplittingQuestion>,
    number: u32,
) -> impl IntoView {
    let shop = Shop::here();
    let words = match (n_meeting, ids.is_empty()) {
        (0, true) => t!("assistant.nothing").to_owned(),
        (0, false) => t!("assistant.nearest").to_owned(),
        (found, _) => n!("assistant.found", found),
    };
    let warned: HashMap<ItemId, String> =
        ids.iter().map(|id| (*id, shop.session().conversation_doubt(*id))).collect();
    let shown = ids.clone();
    let cards = Memo::new(move |_| {
        shop.follow_catalogue();
        shown.iter().filter_map(|id| shop.session().item(*id)).collect::<Vec<ItemCard>>()
    });
    let first: Vec<ItemId> = ids.iter().copied().take(COMPARED).collect();
    let can_compare = first.len() > 1;
    view! {
        <p data-testid="assistant-found" data-meeting=n_meeting.to_string()>{words}</p>
        {question.map(|question| view! { <Splitting question=question number=number/> })}
        <TileGrid cards=cards testid="assistant-cards" label=t!("assistant.candidates").to_owned() nested=true warnings=Signal::stored(warned) />
        {can_compare
            .then(|| {
                view! {
                    <button
                        type="button"
                        class="button"
                        data-testid="assistant-compare"
                        on:click=move |_| shop.conversation.compare(shop, first.clone())
                    >
                        {n!("assistant.compare_first", first.len())}
                    </button>
                }
            })}
    }
}

/// A question with its answers; only that of the newest turn can be answered.
#[component]
fn Splitting(question: SplittingQuestion, number: u32) -> impl IntoView {
    let shop = Shop::here();
    let asked = match &question.facet {
        SplitFacet::Department => t!("assistant.which_department").to_owned(),
        SplitFacet::Category => t!("assistant.which_category").to_owned(),
        SplitFacet::Brand => t!("assistant.which_brand").to_owned(),
        SplitFacet::Price => t!("assistant.which_price").to_owned(),
        SplitFacet::Attribute(name) => t!("assistant.which_attribute", name = name),
    };
    let facet = question.facet;
    let option = move |option: SplitOption| {
        let label = match (&option.label, &option.filters) {
            (label, _) if !label.is_empty() => label.clone(),
            (_, filters) => match (filters.price_minor_min, filters.price_minor_max) {
                (Some(min), Some(max)) => format!("{} – {}", money(min.into()), money(max.into())),
                (None, Some(max)) => t!("assistant.up_to", price = money(max.into())),
                (Some(min), None) => t!("assistant.from", price = money(min.into())),
                (None, None) => String::new(),
            },
        };
        let said = label.clone();
        let n_cards = option.n_cards;
        let choice = QuestionChoice { facet: facet.clone(), option };
        view! {
            <li>
                <button
                    type="button"
                    data-testid="assistant-option"
                    disabled=move || shop.conversation.is_thinking()
                    on:click=move |_| shop.conversation.choose(shop, choice.clone(), said.clone())
                >
                    {label}
                    <span class="muted">{format!(" {n_cards}")}</span>
                </button>
            </li>
        }
    };
    let options = question.options;
    view! {
        <Show when=move || shop.conversation.is_newest(number)>
            <p><strong>{asked.clone()}</strong></p>
            <ul class="chips read">
                {options.clone().into_iter().map(option.clone()).collect_view()}
            </ul>
        </Show>
    }
}

/// Products side by side, what differs first.
#[component]
fn Compared(table: ComparisonTable) -> impl IntoView {
    let best = table.best.map(|id| t!("assistant.best", title = title_of(id)));
    let heads = table.ids.iter().map(|id| view! { <th scope="col">{product_link(*id)}</th> });
    let (heads, rows) = (heads.collect_view(), table.rows.into_iter().map(row).collect_view());
    view! {
        <p hidden=best.is_none()><strong>{best.clone()}</strong></p>
        <div class="scrolls" tabindex="0" role="region" aria-label=t!("assistant.comparison")>
            <table class="compact" data-testid="comparison">
                <thead><tr><td></td>{heads}</tr></thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
    }
}

fn row(row: ComparisonRow) -> impl IntoView {
    let name = match row.aspect {
        ComparisonAspect::Price => t!("assistant.price").to_owned(),
        ComparisonAspect::Brand => t!("assistant.brand").to_owned(),
        ComparisonAspect::Size => t!("assistant.size").to_owned(),
        ComparisonAspect::Attribute(name) => name,
    };
    let cell = move |(place, cell): (usize, ComparisonCell)| {
        let is_better = row.better == Some(place);
        let words = match cell {
            ComparisonCell::Unsaid => "–".to_owned(),
            ComparisonCell::Price(minor) => money(minor.into()),
            ComparisonCell::Said { text, .. } => text,
        };
        let better =
            is_better.then(|| view! { <span class="muted small">{t!("assistant.better")}</span> });
        view! { <td>{words} " " {better}</td> }
    };
    let differs = row.differs;
    view! {
        <tr class:differs=differs>
            <th scope="row">{name}</th>
            {row.cells.into_iter().enumerate().map(cell).collect_view()}
        </tr>
    }
}
