//! What every fuzz target checks, and what the corpus test of `vitrine-recall` checks
//! with the same code: any text is read, and any search is answered within its bounds.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::sync::OnceLock;

use vitrine_conditions::{FreeOf, Verdict, claims};
use vitrine_domain::limits::QUERY_CHARS_MAX;
use vitrine_domain::{Filters, Item, ItemId, Query, Variant};
use vitrine_recall::{
    Attempt, Deadline, EmbeddedRecall, Language, Probe, Recall, RecallError, RecallReply,
    RecallRequest, Searcher, Synonyms, TEXT_DIM, Understanding,
};

/// Most questions to the engine.
const CALLS_MAX: usize = 4;
/// Most conditions that are read from one text.
const CONDITIONS_MAX: usize = 8;

const TITLES: [&str; 12] = [
    "Peanut butter cookies",
    "Peanut free cookies",
    "Cookies without sugar, may contain nuts",
    "Whole milk",
    "Lactose free milk",
    "Free range eggs",
    "Wireless headphones",
    "No show socks",
    "Red lamp 12 OZ",
    "Toys over 5",
    "Crème brûlée",
    "Unsalted butter",
];

struct Shop {
    items: Vec<Item>,
    engine: EmbeddedRecall,
    understanding: Understanding,
}

fn shop() -> &'static Shop {
    static SHOP: OnceLock<Shop> = OnceLock::new();
    SHOP.get_or_init(|| {
        let item = |(id, title): (u64, &&str)| Item {
            id: ItemId(id),
            title: (*title).to_owned(),
            department: ["Food", "Home"][id as usize % 2].to_owned(),
            brand: ["Acme", "Bolt", ""][id as usize % 3].to_owned(),
            price_minor: id as u32 * 150,
            variants: vec![Variant::default()],
            ..Item::default()
        };
        let items: Vec<Item> = (0..).zip(&TITLES).map(item).collect();
        let n = items.len();
        let engine = EmbeddedRecall::build(&items, vec![0.0; n * TEXT_DIM], &vec![0; n]);
        let synonyms = Synonyms::with(None).expect("what ships is valid");
        Shop {
            engine: engine.expect("a legal catalogue"),
            understanding: Understanding::new(&items, "USD", synonyms),
            items,
        }
    })
}

/// The engine, and how often it was asked.
struct Counting {
    n_calls: std::sync::atomic::AtomicUsize,
}

impl Counting {
    fn count(&self) -> &'static EmbeddedRecall {
        self.n_calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        &shop().engine
    }
}

impl Recall for Counting {
    fn n_items(&self) -> usize {
        shop().engine.n_items()
    }

    fn n_numbers(&self) -> usize {
        shop().engine.n_numbers()
    }

    fn search(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        self.count().search(request)
    }

    fn probe(&self, request: &RecallRequest, attempts: &[Attempt]) -> Result<Probe, RecallError> {
        self.count().probe(request, attempts)
    }
}

#[derive(Default)]
struct Plain {
    encoded: RefCell<HashSet<String>>,
    is_twice: Cell<bool>,
}

impl Language for Plain {
    type Error = RecallError;

    fn encode(&self, text: &str, _: Deadline) -> Result<Option<Vec<f32>>, RecallError> {
        let is_new = self.encoded.borrow_mut().insert(text.to_owned());
        self.is_twice.set(self.is_twice.get() || !is_new);
        Ok(Some(vec![0.0; TEXT_DIM]))
    }

    fn is_word(&self, _: &str) -> bool {
        false
    }
}

/// Reads a text; whether it has conditions.
pub fn reading(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let read = shop().understanding.read(&text);
    assert!(read.filters.len() <= CONDITIONS_MAX);
    for filter in &read.filters {
        assert!(text.contains(&filter.typed), "{text:?}: {filter:?}");
        assert!(filter.filters != Filters::default(), "{text:?}: {filter:?}");
    }
    claims([text.as_ref()], &text);
    !read.filters.is_empty()
}

/// Searches: the first byte says which filters are set, the rest is the text. Whether
/// there are results.
pub fn relaxing(bytes: &[u8]) -> bool {
    let (bits, text) = bytes.split_first().map_or((0, &[][..]), |(bits, text)| (*bits, text));
    let text: String = String::from_utf8_lossy(text).chars().take(QUERY_CHARS_MAX).collect();
    let is_set = |bit: u8| bits & (1 << bit) != 0;
    let names = |bit: u8, name: &str| if is_set(bit) { vec![name.to_owned()] } else { vec![] };
    let filters = Filters {
        departments: names(0, "Food"),
        categories: names(1, "None"),
        brands: names(2, "Acme"),
        brands_excluded: names(3, "Bolt"),
        price_minor_min: is_set(4).then_some(300),
        price_minor_max: is_set(5).then_some(900),
        available_only: is_set(6),
        stars_min: None,
        free_of: names(7, "peanut"),
    };
    let query = Query { text, filters, facets: is_set(0), ..Query::default() };
    let engine = Counting { n_calls: 0.into() };
    let language = Plain::default();
    let searcher =
        Searcher { engine: &engine, understanding: &shop().understanding, language: &language };
    let answer = searcher.search(&query, Deadline::NONE).expect("a text is no error");
    assert!(engine.n_calls.into_inner() <= CALLS_MAX, "{query:?}");
    assert!(!language.is_twice.get() && language.encoded.borrow().len() <= 2, "{query:?}");
    let absent = query.filters.and(&answer.read.all_filters()).free_of;
    for hit in &answer.reply.hits {
        let item = &shop().items[hit.item.0 as usize];
        let said = claims([item.title.as_str()], "");
        for name in &absent {
            let verdict = FreeOf::new(name).verdict(|word| said.get(word).copied());
            assert_ne!(verdict, Verdict::Broken, "{query:?}: {}", item.title);
            let is_doubtful = hit.unconfirmed.contains(name);
            assert_eq!(is_doubtful, verdict == Verdict::Unsaid, "{query:?}: {}", item.title);
        }
    }
    answer.reply.n_total > 0
}
