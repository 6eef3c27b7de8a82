//! The shop's language model: asked where the shopper has allowed it and the shop offers it, told
//! the question and the product, and nothing else.

use pollster::block_on;
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_domain::{EventKind, ItemId};
use vitrine_session::{
    CitedText, ModelAnswer, ModelSentence, Purpose, Session, SessionError, Settings,
};

use crate::device::Device;
use crate::server::{FakeServer, Fault};
use crate::shop::Shop;

const PATH: &str = "/v1/ask/model";
const QUESTION: &str = "Is it machine washable?";

fn shop(has_language_model: bool) -> Shop {
    let description = "It is machine washable.".to_owned();
    Shop { has_language_model, description, ..Shop::new(20) }
}

fn answer() -> ModelAnswer {
    let text = "It is machine washable.".to_owned();
    let cited = vec![CitedText { text: text.clone(), ..CitedText::default() }];
    ModelAnswer { sentences: vec![ModelSentence { text, cited }], n_dropped: 1 }
}

/// A server of the shop that answers questions, too.
fn server(shop: &Shop) -> std::rc::Rc<FakeServer> {
    let server = FakeServer::new(shop);
    let bytes = vitrine_wire::encode_model_answer(&answer()).expect("a valid answer");
    server.published.borrow_mut().bodies.insert(PATH.to_owned(), bytes);
    server
}

/// Does whatever a shopper does, and says it to the assistant.
async fn shop_around(device: &Device, session: &Session, shop: &Shop) {
    let id = shop.products[3].id;
    device.act(session, EventKind::ViewItem, id).await;
    session.put_into_basket(id, None).await;
    session.not_interested(shop.products[4].id).await;
    session.converse("milk under 20, not soap").await.expect("synced");
    session.converse("is it machine washable?").await.expect("synced");
    session.speak_of(id);
}

#[test]
fn without_the_shoppers_word_nothing_is_sent_whatever_is_asked() {
    block_on(async {
        let shop = shop(true);
        let server = server(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        assert!(session.status().has_language_model);
        assert!(!session.status().settings.language_model, "off unless it is turned on");
        server.take_paths();
        shop_around(&device, &session, &shop).await;
        for product in &shop.products {
            for question in [QUESTION, "", "How heavy is it?"] {
                session.ask(product.id, question);
                let asked = session.ask_model(product.id, question).await;
                assert!(matches!(asked, Err(SessionError::ModelNotAllowed)), "{asked:?}");
            }
        }
        assert_eq!(server.take_paths(), [""; 0]);
    });
}

#[test]
fn with_it_one_request_has_the_question_and_the_product_and_nothing_else() {
    block_on(async {
        let shop = shop(true);
        let server = server(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.set_language_model(true).await;
        server.take_paths();
        shop_around(&device, &session, &shop).await;
        let id = shop.products[0].id;
        session.ask(id, QUESTION);
        assert_eq!(server.take_paths(), [""; 0], "what the dialogue hears is sent nowhere");

        let n_events = session.history().len();
        let answered = session.ask_model(id, &format!(" {QUESTION}\n")).await;
        assert_eq!(answered.expect("answered"), answer());
        let body = format!(r#"{{"item":"{id}","question":"{QUESTION}"}}"#);
        let expected = ("POST".to_owned(), PATH.to_owned(), body.clone());
        assert_eq!(server.requests.take(), [expected]);
        assert_eq!(session.history().len(), n_events, "and nothing is recorded");
        let entry = session.ledger().pop().expect("it is listed");
        assert_eq!((entry.purpose, entry.body), (Purpose::AskModel, Some(body)));
    });
}

#[test]
fn the_word_is_kept_and_may_be_taken_back() {
    block_on(async {
        let shop = shop(true);
        let server = server(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        session.set_language_model(true).await;
        let later = device.open().await;
        assert!(later.status().settings.language_model);
        let persona = later.persona(Vec::new(), None).await.expect("a persona");
        let asked = persona.ask_model(shop.products[0].id, QUESTION).await;
        assert!(matches!(asked, Err(SessionError::ModelNotAllowed)), "{asked:?}");
        later.set_language_model(false).await;
        let asked = later.ask_model(shop.products[0].id, QUESTION).await;
        assert!(matches!(asked, Err(SessionError::ModelNotAllowed)), "{asked:?}");
        assert!(!device.open().await.status().settings.language_model);
        let unknown = r#"{"paused": true}"#;
        let earlier: Settings = serde_json::from_str(unknown).expect("settings");
        assert!(!earlier.language_model, "settings of before it say nothing of it");
    });
}

#[test]
fn a_shop_that_offers_none_is_never_asked() {
    block_on(async {
        let shop = shop(false);
        let server = server(&shop);
        let session = Device::new(&server).open_synced().await;
        session.set_language_model(true).await;
        server.take_paths();
        let asked = session.ask_model(shop.products[0].id, QUESTION).await;
        assert!(matches!(asked, Err(SessionError::ModelNotOffered)), "{asked:?}");
        assert_eq!(server.take_paths(), [""; 0]);
    });
}

#[test]
fn what_is_no_question_about_a_card_is_not_sent_and_what_is_no_answer_is_an_error() {
    block_on(async {
        let shop = shop(true);
        let server = server(&shop);
        let session = Device::new(&server).open_synced().await;
        session.set_language_model(true).await;
        server.take_paths();
        let id = shop.products[0].id;
        let long = "x".repeat(QUERY_CHARS_MAX + 1);
        for question in ["", " \n", &long] {
            let asked = session.ask_model(id, question).await;
            assert!(matches!(asked, Err(SessionError::QuestionLength { .. })), "{asked:?}");
        }
        let asked = session.ask_model(ItemId(u64::MAX), QUESTION).await;
        assert!(matches!(asked, Err(SessionError::NotSynced)), "{asked:?}");
        assert_eq!(server.take_paths(), [""; 0]);

        server.set_fault(Fault::Status(503));
        let asked = session.ask_model(id, QUESTION).await;
        assert!(matches!(asked, Err(SessionError::Status { status: 503, .. })), "{asked:?}");
        server.set_fault(Fault::Rubbish);
        let asked = session.ask_model(id, QUESTION).await;
        assert!(matches!(asked, Err(SessionError::Wire { .. })), "{asked:?}");
        server.set_fault(Fault::Down);
        let asked = session.ask_model(id, QUESTION).await;
        assert!(matches!(asked, Err(SessionError::Transport(_))), "{asked:?}");
    });
}
