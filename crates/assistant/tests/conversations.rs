//! Scripted conversations over a made-up shop: the right product is among the first three at the
//! end.

mod shop;

use serde::Deserialize;
use shop::{ShelfOfShop, data};
use vitrine_assistant::{CandidateShelf, Dialogue, TurnReply};
use vitrine_domain::ItemId;

/// Places among which the right product must be.
const FIRST: usize = 3;

#[derive(Deserialize)]
struct Conversation {
    name: String,
    turns: Vec<String>,
    expected: Vec<u64>,
}

/// The first products after all turns.
fn first_after(shop: &ShelfOfShop, turns: &[String]) -> Vec<u64> {
    let cards = shop.cards();
    let shelf = CandidateShelf { cards: &cards };
    let mut dialogue = Dialogue::new(&shop.lexicon, &shop.conditions);
    for turn in turns {
        dialogue.hear(turn, &shelf);
    }
    let TurnReply::Candidates { ids, .. } = dialogue.candidates(&shelf) else {
        unreachable!("candidates are asked for")
    };
    ids.into_iter().take(FIRST).map(|ItemId(id)| id).collect()
}

#[test]
fn conversations_end_with_the_right_product_among_the_first_three() {
    let shop = ShelfOfShop::open();
    let conversations: Vec<Conversation> = data("conversations.json");
    assert_eq!(conversations.len(), 30);
    let mut wrong = Vec::new();
    for Conversation { name, turns, expected } in &conversations {
        let first = first_after(&shop, turns);
        if !expected.iter().all(|id| first.contains(id)) {
            wrong.push(format!("{name}: {expected:?} is not among {first:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} of 30:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn a_conversation_is_the_same_every_time() {
    let shop = ShelfOfShop::open();
    for Conversation { turns, .. } in data::<Vec<Conversation>>("conversations.json") {
        assert_eq!(first_after(&shop, &turns), first_after(&shop, &turns));
    }
}
