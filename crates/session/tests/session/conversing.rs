//! Conversations: held on the device, sent nowhere, kept nowhere.

use pollster::block_on;
use vitrine_domain::ItemId;
use vitrine_session::{Session, TurnReply};

use crate::device::Device;
use crate::server::FakeServer;
use crate::shop::Shop;

/// A shop that says of its products how much they weigh.
fn shop() -> Shop {
    Shop { is_weighed: true, ..Shop::new(120) }
}

async fn reply(session: &Session, text: &str) -> TurnReply {
    session.converse(text).await.expect("synced").reply
}

#[test]
fn a_conversation_finds_asks_and_compares_and_nothing_is_sent() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        server.take_paths();
        let n_events = session.history().len();

        let TurnReply::Candidates { ids, n_meeting, .. } = reply(&session, "milk").await else {
            panic!("milk is looked for")
        };
        assert!(n_meeting > 0 && !ids.is_empty());
        assert!(ids.iter().all(|id| shop.product(*id).title.contains("milk")));
        assert_eq!(session.conversation_wishes().len(), 1);

        let TurnReply::Answers(answers) = reply(&session, "how heavy is it?").await else {
            panic!("a question is answered")
        };
        assert!(answers.iter().all(|found| found.answer.quotes[0].text.ends_with(" g")));

        let TurnReply::Comparison(table) = reply(&session, "compare these").await else {
            panic!("they are compared")
        };
        assert!(table.ids.len() > 1 && !table.rows.is_empty());
        assert_eq!(session.compare(&table.ids).expect("here").ids, table.ids);
        assert_eq!(session.compare(&table.ids[..1]), None);

        let TurnReply::HandOver(draft) = reply(&session, "I want to talk to a person").await else {
            panic!("a person is wanted")
        };
        assert_eq!(draft.text(&[]), "", "nothing is told that is not ticked");

        assert!(session.drop_conversation_wish(0).await.is_some());
        assert!(session.conversation_wishes().is_empty());
        assert_eq!(server.take_paths(), [""; 0]);
        assert_eq!(session.history().len(), n_events, "no log has it");
    });
}

#[test]
fn a_press_that_comes_twice_answers_no_question_that_follows() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let TurnReply::Candidates { question: Some(asked), .. } = reply(&session, "milk").await
        else {
            panic!("many milks are told apart by a question")
        };
        let option = &asked.options[0];
        assert!(session.choose_answer(&asked.facet, option).await.is_some());
        let wanted = session.conversation_wishes();
        assert_eq!(session.choose_answer(&asked.facet, option).await, None);
        assert_eq!(session.conversation_wishes(), wanted);
    });
}

#[test]
fn it_ends_with_the_tab_and_with_what_is_deleted() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        reply(&session, "bread").await;
        assert!(!session.conversation_wishes().is_empty());
        let other_tab = device.open_synced().await;
        assert!(other_tab.conversation_wishes().is_empty(), "a tab has its own");
        session.delete_all().await.expect("deleted");
        assert!(session.conversation_wishes().is_empty());
        reply(&session, "bread").await;
        session.end_conversation();
        assert!(session.conversation_wishes().is_empty());
    });
}

#[test]
fn what_candidates_do_not_say_is_forgotten_with_it() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        let found = reply(&session, "milk without peanuts").await;
        let TurnReply::Candidates { ids, .. } = found else { panic!("milk is looked for") };
        let is_doubted = |id: &&ItemId| !session.conversation_doubt(**id).is_empty();
        let doubted = *ids.iter().find(is_doubted).expect("no product says that it has none");
        session.end_conversation();
        assert_eq!(session.conversation_doubt(doubted), "");
    });
}

#[test]
fn a_question_in_the_search_box_is_told_from_a_search() {
    block_on(async {
        let shop = shop();
        let server = FakeServer::new(&shop);
        let device = Device::new(&server);
        let session = device.open_synced().await;
        assert!(session.is_question("is the bread organic?"));
        assert!(!session.is_question("organic bread"));
        assert!(!session.is_question("milk under 5"));
        let title = shop.products[0].title.clone();
        assert!(!session.is_question(&title));
    });
}
