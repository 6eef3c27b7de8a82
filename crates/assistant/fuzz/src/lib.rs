//! What the fuzz targets check, and what tests of `vitrine-assistant` check with the same code.
#![allow(dead_code, reason = "a test that includes this file uses some of it")]

use vitrine_assistant::{
    AnswerVerdict, AskedProduct, CandidateShelf, DIGEST_BYTES_MAX, Dialogue, DigestInput, Lexicon,
    ProductDigest, ShelfCard, TextOrigin, answer, build_digest, read_question,
};
use vitrine_conditions::Conditions;
use vitrine_domain::ItemId;

/// Questions that are asked of every digest.
const QUESTIONS: [&str; 4] =
    ["is it waterproof?", "how heavy is it", "Passt ein 13-Zoll-Laptop hinein?", "是什么材质的？"];
/// Texts of one conversation.
const TURNS_MAX: usize = 12;

/// Any bytes are refused, or are the one form of a digest, whose texts can be asked and whose
/// quotes are theirs; whether they are one.
pub fn digest(bytes: &[u8]) -> bool {
    let Ok(digest) = ProductDigest::from_bytes(bytes) else { return false };
    assert_eq!(digest.to_bytes(), bytes, "there is one form");
    let n_bytes: usize =
        digest.attributes().iter().map(|(name, value)| name.len() + value.len()).sum();
    assert!(n_bytes <= DIGEST_BYTES_MAX);
    let lexicon = Lexicon::new();
    let product = AskedProduct { title: "", digest: &digest };
    for question in QUESTIONS {
        let found = answer(&lexicon, &product, &read_question(&lexicon, question), None);
        assert_eq!(found.quotes.is_empty(), found.verdict == AnswerVerdict::Unsaid);
        for quote in &found.quotes {
            assert!(quote.text.get(quote.span.clone()).is_some(), "a span is of its text");
        }
    }
    // What was read can be built again from its own texts, within the bound.
    let of = |origin| {
        let own = digest.sentences().iter().filter(move |sentence| sentence.origin == origin);
        own.map(|sentence| sentence.text.as_str()).collect::<Vec<_>>()
    };
    let reviews = of(TextOrigin::Review);
    let description = of(TextOrigin::Description).join("\n");
    let input = DigestInput {
        attributes: digest.attributes(),
        description: &description,
        reviews: &reviews,
    };
    let built = build_digest(&lexicon, &input).to_bytes();
    assert!(built.len() <= DIGEST_BYTES_MAX && ProductDigest::from_bytes(&built).is_ok());
    true
}

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
        title: "Rain jacket",
        brand: "Acme",
        category: "Jackets",
        department: "Outdoor",
        price_minor: 4_990,
        digest: &digest,
    };
    let cards: Vec<ShelfCard<'_>> = (1..=5).map(card).collect();
    let shelf = CandidateShelf { cards: &cards };
    let mut dialogue = Dialogue::new(&lexicon, &conditions);
    let mut searches = false;
    for line in text.lines().take(TURNS_MAX) {
        let before = dialogue.to_search();
        let turn = dialogue.hear(line, &shelf);
        match turn.search {
            Some(search) => {
                assert_eq!(search, dialogue.to_search(), "what is sent is what is wanted");
                searches = true;
            }
            None => assert_eq!(before, dialogue.to_search(), "and nothing is wanted in secret"),
        }
    }
    searches
}
