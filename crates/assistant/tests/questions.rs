//! Questions as people put them, about the made-up shop. The mistakes on `questions.json` have been
//! read and what was general about them mended; those on `questions-held-out.json` have not. The
//! shares are those of docs/experiments/answers.md.

mod shop;

use serde::Deserialize;
use shop::{ShelfOfShop, data};
use vitrine_assistant::{AnswerVerdict, answer, read_question};
use vitrine_domain::ItemId;

/// Files with the share of answers that must be exact, and that of abstentions where nothing
/// answers.
const KEPT: [(&str, f64, f64); 2] =
    [("questions.json", 0.88, 1.0), ("questions-held-out.json", 0.75, 0.93)];

#[derive(Deserialize)]
struct Asked {
    product: u64,
    question: String,
    /// A part of the text that answers; `None` where nothing does.
    expected: Option<String>,
    /// "Yes" or "No", where only that is right.
    verdict: Option<String>,
}

#[test]
fn most_questions_are_answered_exactly_or_not_at_all() {
    let shop = ShelfOfShop::open();
    for (file, exact_min, abstention_min) in KEPT {
        holds(&shop, file, exact_min, abstention_min);
    }
}

fn holds(shop: &ShelfOfShop, file: &str, exact_min: f64, abstention_min: f64) {
    let (mut right, mut wrong) = ([0.0; 2], Vec::new());
    let mut n = [0.0; 2];
    for asked in data::<Vec<Asked>>(file) {
        let card = shop.whole_card(ItemId(asked.product)).expect("a product");
        let question = read_question(&shop.lexicon, &asked.question);
        let said = answer(&shop.lexicon, &card.asked(), &question, None);
        let is_right = match &asked.expected {
            None => said.verdict == AnswerVerdict::Unsaid,
            Some(expected) => {
                let is_so = asked
                    .verdict
                    .as_ref()
                    .is_none_or(|verdict| *verdict == format!("{:?}", said.verdict));
                is_so
                    && said
                        .quotes
                        .iter()
                        .any(|quote| quote.text.to_lowercase().contains(&expected.to_lowercase()))
            }
        };
        let kind = usize::from(asked.expected.is_none());
        n[kind] += 1.0;
        right[kind] += f64::from(u8::from(is_right));
        if !is_right {
            let quotes: Vec<&str> = said.quotes.iter().map(|quote| quote.text.as_str()).collect();
            wrong.push(format!(
                "{} {} → {:?} {:.2} {quotes:?}, expected {:?}",
                card.title, asked.question, said.verdict, said.score, asked.expected
            ));
        }
    }
    let shares = [right[0] / n[0], right[1] / n[1]];
    assert!(
        shares[0] >= exact_min && shares[1] >= abstention_min,
        "exact {:.3} of {}, abstains {:.3} of {}\n{}",
        shares[0],
        n[0],
        shares[1],
        n[1],
        wrong.join("\n")
    );
}
