//! What the fuzz targets check, and what tests of `vitrine-assistant` check with the same code.
#![allow(dead_code, reason = "a test that includes this file uses some of it")]

use vitrine_assistant::{
    CandidateShelf, Dialogue, DialogueContext, DigestInput, Lexicon, ShelfCard, build_digest,
};
use vitrine_conditions::Conditions;
use vitrine_domain::ItemId;

/// Texts of one conversation.
const TURNS_MAX: usize = 12;

/// Hears each line as a turn, over a shelf whose one product has the text in its digest, too;
/// whether anything would be searched for.
pub fn turns(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let lexicon = Lexicon::new();
    let conditions = Conditions::new([("Rain jacket", "Acme")].into_iter(), "EUR");
    let attributes = [("Weight".to_owned(), "420 g".to_owned())];
    let input = DigestInput { attributes: &attributes, description: &text, reviews: &[&text] };
    let digest = build_digest(&lexicon, &input);
    let card = |id| ShelfCard {
        id: ItemId(id),
        title: "Rain jacket".to_owned(),
        brand: "Acme".to_owned(),
        category: "Jackets".to_owned(),
        department: "Outdoor".to_owned(),
        sizes: "S, M".to_owned(),
        price_minor: 4_990,
        texts: digest.clone(),
    };
    let cards: Vec<ShelfCard> = (1..=5).map(card).collect();
    let shelf = CandidateShelf { cards: &cards };
    let with = DialogueContext { lexicon: &lexicon, conditions: &conditions, shelf: &shelf };
    let mut dialogue = Dialogue::new();
    let mut searches = false;
    for line in text.lines().take(TURNS_MAX) {
        let before = dialogue.to_search();
        let turn = dialogue.hear(line, &with);
        match turn.search {
            Some(search) => {
                assert_eq!(search, dialogue.to_search(), "what is looked for is what is wanted");
                searches = true;
            }
            None => assert_eq!(before, dialogue.to_search(), "and nothing is wanted in secret"),
        }
    }
    searches
}

/// Any bytes are refused or read as a model's reply, and what is kept of it cites texts that there
/// are; whether they are a reply.
#[cfg(feature = "model")]
pub fn reply(bytes: &[u8]) -> bool {
    use vitrine_assistant::model::{ModelPrompt, ModelReply, ground};
    use vitrine_assistant::{AskedProduct, whole_texts};

    let Ok(reply) = ModelReply::read(bytes) else { return false };
    let lexicon = Lexicon::new();
    let attributes = [("Weight".to_owned(), "420 g".to_owned())];
    // Its own text is one of those that it can cite.
    let input = DigestInput { attributes: &attributes, description: reply.text(), reviews: &[] };
    let texts = whole_texts(&input);
    let product = AskedProduct { title: "Rain jacket", category: "Jackets", texts: &texts };
    let prompt = ModelPrompt::new(&lexicon, &product, reply.text());
    let answer = ground(&lexicon, &prompt, &reply);
    assert_eq!(answer.is_unsaid(), answer.sentences.is_empty());
    for sentence in &answer.sentences {
        assert!(!sentence.cited.is_empty(), "what is kept cites");
        assert!(sentence.cited.iter().all(|place| *place < prompt.texts().len()));
    }
    true
}
