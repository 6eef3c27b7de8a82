//! The box to search in, on whichever page: a combobox where it has suggestions.

use leptos::{html, prelude::*};
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_session::{ItemCard, PhotoSize, Suggestion, SuggestionKind};
use vitrine_words::common::t;

use crate::{
    icons::{Icon, SEARCH},
    tile::picture,
};

/// Suggestions shown at once.
const SUGGESTIONS: usize = 8;

/// Where suggestions come from, and what choosing one does.
#[derive(Clone, Copy)]
pub struct Typeahead {
    /// Answers an unfinished text with at most so many.
    pub suggest: Callback<(String, usize), Vec<Completion>>,
    /// Follows one.
    pub choose: Callback<Suggestion>,
    /// Forgets a search of this device.
    pub forget: Callback<String>,
    /// Changes when there is more to suggest than there was.
    pub more: Signal<u32>,
}

/// One way to go on.
#[derive(Clone, PartialEq)]
pub struct Completion {
    pub suggestion: Suggestion,
    /// Whether it is a search of this device, which can be forgotten.
    pub is_recent: bool,
    /// The card of a product.
    pub card: Option<ItemCard>,
}

/// The open list. Which option is active, if any, is part of it.
#[derive(Clone, Default, PartialEq)]
struct Open {
    options: Vec<Completion>,
    active: Option<usize>,
}

/// A text field with a button. An empty search is none.
///
/// # Source
/// WAI-ARIA Authoring Practices, "Editable combobox with list autocomplete":
/// the arrows move, Enter takes the active option or else searches, Escape closes;
/// Delete forgets the active option where it is a search of this device.
#[component]
pub fn SearchForm(
    id: &'static str,
    /// What is searched; the placeholder too.
    label: &'static str,
    testid: &'static str,
    /// What the field shows until somebody types.
    text: Signal<String>,
    search: Callback<String>,
    /// Without it nothing is suggested.
    #[prop(optional)]
    typeahead: Option<Typeahead>,
) -> impl IntoView {
    let input = NodeRef::<html::Input>::new();
    let open = RwSignal::new(Open::default());
    let close = move || open.set(Open::default());
    let typed = move || input.get_untracked().map(|input| input.value()).unwrap_or_default();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        close();
        let text = typed();
        if !text.trim().is_empty() {
            search.run(text.trim().to_owned());
        }
    };
    let choose = move |suggestion: Suggestion| {
        close();
        if let (Some(input), true) = (input.get_untracked(), suggestion.item.is_none()) {
            input.set_value(&suggestion.text);
        }
        typeahead.inspect(|typeahead| typeahead.choose.run(suggestion));
    };
    let complete = move |_| {
        let answer = typeahead.map(|typeahead| typeahead.suggest.run((typed(), SUGGESTIONS)));
        open.set(Open { options: answer.unwrap_or_default(), active: None });
    };
    Effect::new(move |earlier: Option<()>| {
        typeahead.inspect(|typeahead| typeahead.more.track());
        let active = document().active_element();
        let has_focus = input.get_untracked().is_some_and(|own| active == Some(own.into()));
        // What was searched for already is completed no more.
        let is_new = typed() != text.get_untracked();
        if earlier.is_some() && has_focus && is_new && !typed().trim().is_empty() {
            complete(());
        }
    });
    let move_by = move |step: isize| {
        open.update(|open| {
            // One place before the first option is the field itself.
            let n = open.options.len() as isize + 1;
            let place = open.active.map_or(0, |active| active as isize + 1);
            open.active = usize::try_from((place + step).rem_euclid(n) - 1).ok();
        });
    };
    let forget = move |place: usize| {
        let Some(text) = open.try_update(|open| {
            open.active = None;
            let gone = open.options.get(place).is_some_and(|option| option.is_recent);
            gone.then(|| open.options.remove(place).suggestion.text)
        }) else {
            return;
        };
        if let Some((typeahead, text)) = typeahead.zip(text) {
            typeahead.forget.run(text);
        }
    };
    let keydown = move |event: web_sys::KeyboardEvent| {
        let is_open = !open.read_untracked().options.is_empty();
        match event.key().as_str() {
            "ArrowDown" if is_open => move_by(1),
            "ArrowUp" if is_open => move_by(-1),
            "ArrowDown" if typeahead.is_some() => complete(()),
            "Escape" if is_open => close(),
            "Enter" => {
                let Open { options, active } = open.get_untracked();
                let Some(chosen) = active.and_then(|active| options.get(active).cloned()) else {
                    return;
                };
                choose(chosen.suggestion);
            }
            "Delete" => {
                let Open { options, active } = open.get_untracked();
                let is_recent = |place: &usize| options[*place].is_recent;
                let Some(place) = active.filter(is_recent) else { return };
                forget(place);
            }
            _ => return,
        }
        event.prevent_default();
    };
    let list_id = format!("{id}-suggestions");
    let option_id = move |place: usize| format!("{id}-suggestion-{place}");
    let is_combobox = typeahead.is_some();
    let options = move || {
        let Open { options, active } = open.get();
        let option = move |(place, completion): (usize, Completion)| {
            let (note, chosen) = (note(&completion), completion.suggestion.clone());
            let Completion { suggestion, is_recent, card } = completion;
            view! {
                <li
                    id=option_id(place)
                    role="option"
                    aria-selected=(active == Some(place)).to_string()
                    data-testid="suggestion"
                    // The field keeps the focus.
                    on:mousedown=|event| event.prevent_default()
                    on:click=move |_| choose(chosen.clone())
                >
                    {card.map(|card| picture(&card, PhotoSize::Small))}
                    <span class="words">{suggestion.text}</span>
                    <span class="muted">{note}</span>
                    {is_recent.then(|| view! {
                        <span class="visually-hidden">{t!("search.delete_hint")}</span>
                        <span
                            class="forget"
                            aria-hidden="true"
                            title=t!("search.forget")
                            data-testid="forget-search"
                            on:click=move |event| {
                                event.stop_propagation();
                                forget(place);
                            }
                        >
                            "×"
                        </span>
                    })}
                </li>
            }
        };
        options.into_iter().enumerate().map(option).collect_view()
    };
    view! {
        <form class="search-form" role="search" aria-label=label action="/" on:submit=submit>
            <label class="visually-hidden" for=id>{label}</label>
            <input
                id=id
                type="search"
                node_ref=input
                placeholder=label
                autocomplete="off"
                enterkeyhint="search"
                maxlength=QUERY_CHARS_MAX.to_string()
                data-testid=testid
                prop:value=text
                role=is_combobox.then_some("combobox")
                aria-autocomplete=is_combobox.then_some("list")
                aria-controls=is_combobox.then(|| list_id.clone())
                aria-expanded=move || is_combobox.then(|| (!open.read().options.is_empty()).to_string())
                aria-activedescendant=move || open.read().active.map(option_id)
                // An empty box shows what was searched for last.
                on:focus=move |_| if typed().trim().is_empty() { complete(()) }
                on:input=move |_| complete(())
                on:keydown=keydown
                on:blur=move |_| close()
            />
            <button type="submit" aria-label=t!("search.submit") data-testid=format!("{testid}-submit")>
                <Icon shapes=SEARCH/>
            </button>
            {is_combobox.then(|| view! {
                <ul
                    id=list_id.clone()
                    role="listbox"
                    aria-label=t!("search.suggestions")
                    hidden=move || open.read().options.is_empty()
                >
                    {options}
                </ul>
            })}
        </form>
    }
}

/// What kind of thing is suggested, where its text does not say so; the category of a
/// product.
fn note(completion: &Completion) -> String {
    let category = completion.card.as_ref().map(|card| card.category.clone());
    let category = category.filter(|name| !name.is_empty());
    match completion.suggestion.kind {
        SuggestionKind::Query if completion.is_recent => t!("search.recent").to_owned(),
        SuggestionKind::Query => String::new(),
        SuggestionKind::Category => t!("search.category").to_owned(),
        SuggestionKind::Department => t!("search.department").to_owned(),
        SuggestionKind::Product => category.unwrap_or_else(|| t!("search.product").to_owned()),
    }
}
