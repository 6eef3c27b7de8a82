//! The search engine of the device: the server's own, over the synced cards.

use std::rc::Rc;

use vitrine_domain::pace::Pace;
use vitrine_domain::{ContentHash, Item, ItemId, Query, ShardKind, TEXT_CODE_DIM, Variant};
use vitrine_recall::{
    Answer, CodeSpace, Deadline, EmbeddedRecall, IndexRevision, ItemTerms, Language, N_SIGNALS,
    QueryTable, RecallError, Relevance, Searcher, Synonyms, TextLanguage, Understanding,
};
use vitrine_wire::QueryTableShard;

use crate::catalogue::Catalogue;
use crate::pair::Pair;

/// Cards that become items between two breaths.
const STRETCH_CARDS: usize = 256;

/// Of so many cards one may have other texts for the index of the version before to go on.
const CHANGED_ONE_IN: usize = 50;

/// What a card without a code has in its place.
const NO_CODE: [i8; TEXT_CODE_DIM] = [0; TEXT_CODE_DIM];

/// Answers searches over the cards of one pair.
pub(crate) struct Finder {
    /// What the index was made of, in the order of their ids.
    items: Vec<Item>,
    /// Whether each has a code.
    has_code: Vec<bool>,
    /// The shard that says what words mean, how searches are read and how results are ordered.
    table: Option<ContentHash>,
    engine: EmbeddedRecall,
    understanding: Rc<Understanding>,
    words: Rc<Words>,
}

/// What words mean, as far as the device has the table.
struct Words(Option<QueryTable>);

impl Language for Words {
    type Error = RecallError;

    fn encode(&self, text: &str, _: Deadline) -> Result<Option<Vec<f32>>, RecallError> {
        Ok(self.0.as_ref().map(|table| table.encode(text)))
    }

    fn is_word(&self, word: &str) -> bool {
        self.0.as_ref().is_some_and(|table| table.has_word(word))
    }
}

impl Finder {
    /// Indexes the cards, in pieces; out of the finder of the version `before`, where little has
    /// changed since. Without the shop's table searches go by words alone, without its synonyms and
    /// with the built-in weights.
    ///
    /// # Errors
    /// None that a published catalogue could cause.
    pub async fn of(
        pair: &Pair,
        before: Option<&Self>,
        pace: &dyn Pace,
    ) -> Result<Self, RecallError> {
        let (catalogue, currency) = (&pair.catalogue, &pair.manifest.currency);
        let mut items = Vec::with_capacity(catalogue.n_items() as usize);
        for index in 0..catalogue.n_items() {
            if (index as usize).is_multiple_of(STRETCH_CARDS) {
                pace.breathe().await;
            }
            items.push(item(catalogue, index));
        }
        let rows = catalogue.rows();
        let n_buyers = |index| catalogue.price(index).n_buyers;
        let popularity: Vec<u32> = (0..catalogue.n_items()).map(n_buyers).collect();
        let shard = rows.query_table.as_ref();
        let codes = |items: &[Item]| -> Vec<i8> {
            let code = |item: &Item| rows.text_code(item.id).map_or(NO_CODE, |row| row.code);
            items.iter().flat_map(code).collect()
        };
        let has_code: Vec<bool> =
            items.iter().map(|item| rows.text_code(item.id).is_some()).collect();
        let mut shards = pair.manifest.shards.iter();
        let table_shard = shards.find(|shard| shard.kind == ShardKind::QueryTable);
        let table_hash = table_shard.filter(|_| shard.is_some()).map(|shard| shard.hash);
        let phrases = || shard.map(|shard| shard.synonyms.clone()).unwrap_or_default();
        let understanding = |items: &[Item]| {
            Rc::new(Understanding::new(items, currency, Synonyms::of_phrases(phrases())))
        };
        if let Some(before) = before.filter(|before| before.table == table_hash)
            && let Some((engine, has_new)) = before.after(&items, (&popularity, &has_code), &codes)
        {
            let known = Rc::clone(&before.understanding);
            return Ok(Self {
                // Brands and titles are read from all cards.
                understanding: if has_new { understanding(&items) } else { known },
                words: Rc::clone(&before.words),
                table: table_hash,
                items,
                has_code,
                engine,
            });
        }
        let said = shard.and_then(|shard| TextLanguage::of_code(&shard.language).ok());
        let titles = items.iter().map(|item| item.title.as_str());
        let language = said.unwrap_or_else(|| TextLanguage::detect(titles));
        let space = shard.map_or_else(CodeSpace::of_nothing, space);
        let codes = codes(&items);
        let engine =
            EmbeddedRecall::build_coded(&items, space, &codes, &popularity, language, pace).await?;
        pace.breathe().await;
        Ok(Self {
            engine: engine.with_relevance(shard.map_or_else(Relevance::default, relevance)),
            understanding: understanding(&items),
            words: Rc::new(Words(shard.map(table))),
            table: table_hash,
            items,
            has_code,
        })
    }

    /// The index of a later version, in a small part of the time, and whether any card says
    /// something new; `None` where too much changed.
    fn after(
        &self,
        items: &[Item],
        (popularity, has_code): (&[u32], &[bool]),
        codes: &dyn Fn(&[Item]) -> Vec<i8>,
    ) -> Option<(EmbeddedRecall, bool)> {
        let place_before = |id: ItemId| self.items.binary_search_by_key(&id, |item| item.id).ok();
        let (mut terms, mut added, mut buyers) = (Vec::new(), Vec::new(), Vec::new());
        let mut stays = vec![false; self.items.len()];
        for ((item, n_buyers), has_code) in items.iter().zip(popularity).zip(has_code) {
            let is_same = |place: &usize| {
                self.has_code[*place] == *has_code && says(&self.items[*place], item)
            };
            let place = place_before(item.id).filter(is_same);
            let Some(place) = place else {
                added.push(item.clone());
                buyers.push(*n_buyers);
                continue;
            };
            stays[place] = true;
            let before = &self.items[place];
            let Item { id, price_minor, availability, .. } = *item;
            if (price_minor, availability) != (before.price_minor, before.availability) {
                terms.push(ItemTerms { item: id, price_minor, availability });
            }
        }
        let gone = self.items.iter().zip(&stays).filter(|(_, stays)| !**stays);
        let removed: Vec<ItemId> = gone.map(|(item, _)| item.id).collect();
        if (removed.len() + added.len()) * CHANGED_ONE_IN > items.len() {
            return None;
        }
        let revision = IndexRevision {
            removed: &removed,
            terms: &terms,
            added: &added,
            codes: &codes(&added),
            popularity: &buyers,
            ..IndexRevision::default()
        };
        let engine = self.engine.revised(&revision).ok().filter(|engine| !engine.is_worn())?;
        let place = |id: ItemId| items.binary_search_by_key(&id, |item| item.id).ok();
        let n_buyers = |id: ItemId| place(id).map_or(0, |place| popularity[place]);
        Some((engine.with_popularity(n_buyers), !added.is_empty()))
    }

    /// Answers a search as the server would.
    ///
    /// # Errors
    /// A limit exceeded.
    pub fn search(&self, query: &Query) -> Result<Answer, RecallError> {
        let (engine, understanding) = (&self.engine, &*self.understanding);
        Searcher { engine, understanding, language: &*self.words }.search(query, Deadline::NONE)
    }
}

/// Whether two cards say the same, whatever they cost.
fn says(a: &Item, b: &Item) -> bool {
    fn texts(item: &Item) -> [&str; 6] {
        let Item { title, department, category, brand, description, attributes, .. } = item;
        [title, department, category, brand, description, attributes]
    }
    texts(a) == texts(b) && a.listed_at_seconds == b.listed_at_seconds && a.variants == b.variants
}

fn space(shard: &QueryTableShard) -> CodeSpace {
    let (mean, query_mean) = (shard.mean.clone(), shard.query_mean.clone());
    CodeSpace { mean, query_mean, unit: shard.unit }
}

fn table(shard: &QueryTableShard) -> QueryTable {
    QueryTable {
        intercept: shard.intercept.clone(),
        words: shard.words.clone(),
        units: shard.units.clone(),
        rows: shard.rows.clone(),
    }
}

/// The shop's weights; a later version's that has other signals is not understood.
fn relevance(shard: &QueryTableShard) -> Relevance {
    let weights: Option<[f32; N_SIGNALS]> = shard.relevance.as_slice().try_into().ok();
    weights.map_or_else(Relevance::default, Relevance::new)
}

/// A card as the engine reads it: what its texts say, as far as they are on the device.
fn item(catalogue: &Catalogue, index: u32) -> Item {
    let (card, price) = (catalogue.raw(index), catalogue.price(index));
    let details = catalogue.rows().details(card.id).cloned().unwrap_or_default();
    // What the shop's index has, or else what the product's page says.
    let attributes = match catalogue.rows().text_code(card.id) {
        Some(row) => row.attributes.clone(),
        None => {
            let values = details.characteristics.iter().map(|(_, value)| value.as_str());
            values.collect::<Vec<_>>().join(" ")
        }
    };
    let sizes = card
        .variants
        .iter()
        .map(|variant| Variant { size: variant.size.clone(), ..Variant::default() });
    Item {
        id: card.id,
        title: card.title.clone(),
        department: catalogue.department(index).to_owned(),
        category: catalogue.category(index).to_owned(),
        brand: card.brand.clone(),
        attributes,
        description: details.description,
        listed_at_seconds: details.listed_at_seconds,
        price_minor: price.price_minor,
        availability: price.availability,
        rating: price.rating,
        variants: sizes.collect(),
        ..Item::default()
    }
}

#[cfg(test)]
mod tests {
    use vitrine_domain::pace::{Unpaced, at_once};
    use vitrine_domain::{Availability, Page, Sort};

    use super::*;

    fn items(n: u64) -> Vec<Item> {
        let words = ["milk", "bread", "tea"];
        let item = |n: u64| Item {
            id: ItemId(n),
            title: format!("{} number {n}", words[n as usize % words.len()]),
            price_minor: 100 + n as u32,
            ..Item::default()
        };
        (1..=n).map(item).collect()
    }

    fn codes(items: &[Item]) -> Vec<i8> {
        items.iter().flat_map(|item| [item.id.0 as i8; TEXT_CODE_DIM]).collect()
    }

    fn finder(items: Vec<Item>, popularity: &[u32], has_code: Vec<bool>) -> Finder {
        let codes = codes(&items);
        let engine = EmbeddedRecall::build_coded(
            &items,
            CodeSpace::of_nothing(),
            &codes,
            popularity,
            TextLanguage::default(),
            &Unpaced,
        );
        Finder {
            engine: at_once(engine).expect("a legal catalogue"),
            understanding: Rc::new(Understanding::new(&items, "EUR", Synonyms::default())),
            words: Rc::new(Words(None)),
            table: None,
            items,
            has_code,
        }
    }

    /// A later version's index is a revised one and answers as one built anew: with a card less,
    /// another price, other counts of buyers and a code that came late.
    #[test]
    fn small_changes_are_revised_and_larger_ones_are_not() {
        let n = 300;
        let mut has_code = vec![true; n];
        has_code[7] = false;
        let before = finder(items(n as u64), &vec![10; n], has_code);
        let mut later = items(n as u64);
        later.remove(20);
        later[30].price_minor = 7;
        later[31].availability = Availability::OutOfStock;
        let popularity: Vec<u32> = (0..later.len() as u32).map(|n| n * 5 % 35).collect();
        let has_code = vec![true; later.len()];
        let revised = before.after(&later, (&popularity, &has_code), &codes);
        let (engine, has_new) = revised.expect("two cards of three hundred");
        assert!(has_new);
        let anew = finder(later.clone(), &popularity, has_code.clone());
        let revised = Finder { engine, ..finder(later.clone(), &popularity, has_code.clone()) };
        for text in ["milk", "bred", "number 21", "tea under 2", ""] {
            for sort in [Sort::Relevance, Sort::PriceAscending, Sort::Popularity] {
                let page = Page { offset: 0, limit: 200 };
                let query = Query { text: text.to_owned(), sort, page, ..Query::default() };
                let ids = |finder: &Finder| {
                    let reply = finder.search(&query).expect("within limits").reply;
                    (reply.n_total, reply.hits.iter().map(|hit| hit.item).collect::<Vec<_>>())
                };
                assert_eq!(ids(&revised), ids(&anew), "{text} {sort:?}");
            }
        }

        later.iter_mut().take(20).for_each(|item| item.title.push_str(", new"));
        assert!(before.after(&later, (&popularity, &has_code), &codes).is_none());
    }
}
