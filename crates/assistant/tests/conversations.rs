//! Scripted conversations over made-up shops: the right product is among the first three at the
//! end, whether the dialogue has all cards before it or those that a search for its words finds.

mod shop;

use serde::Deserialize;
use shop::{SearchedShelf, ShelfOfShop, data};
use vitrine_assistant::{Dialogue, ProductShelf, TurnReply};
use vitrine_domain::ItemId;

/// Places among which the right product must be.
const FIRST: usize = 3;
/// Files of conversations with how many they have: wordings as the author would put them, and as
/// people put them in chats.
const FILES: [(&str, usize); 2] = [("conversations.json", 30), ("conversations-chat.json", 20)];

#[derive(Deserialize)]
struct Conversation {
    name: String,
    /// The file of the shop that it is held in.
    #[serde(default = "first_shop")]
    shop: String,
    turns: Vec<String>,
    expected: Vec<u64>,
    /// What is right where only what a search finds is shown, if not the same.
    searched: Option<Vec<u64>>,
}

fn first_shop() -> String {
    "catalogue.json".to_owned()
}

/// The first products after all turns.
fn first_after(shop: &ShelfOfShop, shelf: &dyn ProductShelf, turns: &[String]) -> Vec<u64> {
    let with = shop.with(shelf);
    let mut dialogue = Dialogue::new();
    for turn in turns {
        dialogue.hear(turn, &with);
    }
    let TurnReply::Candidates { ids, .. } = dialogue.candidates(&with) else {
        unreachable!("candidates are asked for")
    };
    ids.into_iter().take(FIRST).map(|ItemId(id)| id).collect()
}

/// The conversations that end otherwise than expected.
fn wrong(file: &str, n_conversations: usize, is_searched: bool) -> Vec<String> {
    let conversations: Vec<Conversation> = data(file);
    assert_eq!(conversations.len(), n_conversations);
    let mut wrong = Vec::new();
    for Conversation { name, shop, turns, expected, searched } in &conversations {
        let shop = ShelfOfShop::of(data(shop));
        let first = match is_searched {
            true => first_after(&shop, &SearchedShelf(&shop), turns),
            false => first_after(&shop, &shop.shelf(), turns),
        };
        let expected = searched.as_ref().filter(|_| is_searched).unwrap_or(expected);
        if !expected.iter().all(|id| first.contains(id)) {
            wrong.push(format!("{name}: {expected:?} is not among {first:?}"));
        }
    }
    wrong
}

#[test]
fn conversations_end_with_the_right_product_among_the_first_three() {
    let mut all = Vec::new();
    for (file, n_conversations) in FILES {
        for is_searched in [false, true] {
            let wrong = wrong(file, n_conversations, is_searched);
            all.extend(
                wrong.iter().map(|wrong| format!("{file}, searched {is_searched}: {wrong}")),
            );
        }
    }
    assert!(all.is_empty(), "{}:\n{}", all.len(), all.join("\n"));
}

#[test]
fn a_conversation_is_the_same_every_time() {
    let shop = ShelfOfShop::open();
    for Conversation { turns, .. } in data::<Vec<Conversation>>("conversations.json") {
        let first = || first_after(&shop, &SearchedShelf(&shop), &turns);
        assert_eq!(first(), first());
    }
}
