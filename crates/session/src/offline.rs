//! Search without the server: its conditions and its rules over the synced cards.

use std::collections::HashMap;

use vitrine_conditions::{
    ReadConditions, WeakerReading, fewer_words, weaker_filters, weaker_readings,
};
use vitrine_domain::facets::{FACET_VALUES_MAX, price_ranges};
use vitrine_domain::limits::RESULT_DEPTH_MAX;
use vitrine_domain::sorting::sort_by_key;
use vitrine_domain::{
    Constraint, Facet, Facets, Filters, FreeOfCount, Passes, Query, ReadFilter, Relaxed, Sort,
};

use crate::catalogue::Catalogue;
use crate::judge::{Judge, Judgement};
use crate::lexical;
use crate::session::Session;
use crate::{Backend, FoundBecause, SearchOrder, SearchResults, Tile};

/// What is asked of the synced cards.
#[derive(Clone)]
struct Asked {
    words: Vec<String>,
    /// Conditions read from words.
    read: Vec<ReadFilter>,
    /// Conditions set beside the words.
    set: Filters,
    /// What is not asked for any more, because nothing met it.
    relaxed: Vec<Relaxed>,
}

impl Asked {
    /// All conditions as one.
    fn filters(&self) -> Filters {
        self.read.iter().fold(self.set.clone(), |all, read| all.and(&read.filters))
    }
}

/// What a question finds.
struct Answer {
    asked: Asked,
    filters: Filters,
    /// Cards with all words, best first.
    matching: Vec<u32>,
    /// How each of them meets the filters.
    judged: HashMap<u32, Judgement>,
}

impl Answer {
    fn new(catalogue: &Catalogue, asked: Asked) -> Self {
        let filters = asked.filters();
        let judge = Judge::new(catalogue, &filters);
        let matching = lexical::search(catalogue, &asked.words);
        let judged = matching.iter().map(|index| (*index, judge.of(*index))).collect();
        Self { asked, filters, matching, judged }
    }

    fn n_total(&self) -> usize {
        self.judged.values().filter(|judgement| judgement.passes.all()).count()
    }
}

impl Session {
    /// `None` when nothing is synced.
    pub(crate) fn offline(&self, query: &Query) -> Option<SearchResults> {
        let pair = self.active()?;
        let catalogue = &pair.catalogue;
        let ReadConditions { text, filters: read } = pair.conditions().read(&query.text);
        let words = lexical::wanted(&text);
        let asked = Asked { words, read, set: query.filters.clone(), relaxed: Vec::new() };
        let mut answer = Answer::new(catalogue, asked);
        if answer.n_total() == 0 {
            answer = Answer::new(catalogue, with_less(catalogue, answer.asked));
        }
        let n_total = answer.n_total() as u32;
        let Answer { asked, filters, matching, judged } = answer;
        let passes = |index: &u32| judged[index].passes;
        let mut found: Vec<u32> =
            matching.iter().copied().filter(|index| passes(index).all()).collect();
        let unconfirmed = found.iter().map(|index| &judged[index].unconfirmed);
        let free_of = counts(&filters, unconfirmed);
        sort_by_key(&mut found, |index| judged[index].unconfirmed.len());
        found.truncate(RESULT_DEPTH_MAX as usize);
        if query.sort != Sort::Relevance {
            sort_by_key(&mut found, |&index| {
                let price = catalogue.price(index);
                let listed = catalogue.listed_minute(index);
                (query.sort.key(price.price_minor, price.n_buyers, listed), catalogue.id(index))
            });
        }
        let shown = self.inner.state.borrow().shown_prices();
        let page = found.iter().skip(query.page.offset as usize).take(query.page.limit as usize);
        let tile = |(index, place): (&u32, u32)| {
            let unconfirmed = judged[index].unconfirmed.clone();
            let found =
                FoundBecause { unconfirmed, place_found: place, place, ..FoundBecause::default() };
            let card = shown.card(pair.catalogue.card(*index));
            Tile { card, score: None, found: Some(found) }
        };
        let mut results = SearchResults {
            tiles: page.zip(query.page.offset + 1..).map(tile).collect(),
            n_total,
            corrections: Vec::new(),
            filters_read: asked.read,
            synonyms: Vec::new(),
            relaxed: asked.relaxed,
            free_of,
            intent: None,
            facets: query.facets.then(|| facets(catalogue, &matching, passes)),
            order: SearchOrder::Offline,
            offline: true,
            catalogue: pair.manifest.catalogue.version,
            backend: Backend::Cpu,
            ranking_ms: 0.0,
            total_ms: 0.0,
        };
        if let Some(input) = self.rank_input().filter(|_| query.sort == Sort::Relevance) {
            let table = &input.model().table;
            self.reorder(&mut results, &input, table, query.page.offset);
        }
        Some(results)
    }
}

/// The first question that asks for less and has an answer, in the server's order: words
/// that no card has are left out, then conditions read from words, then words, then
/// filters. Where nothing helps, only the words that no card has are.
fn with_less(catalogue: &Catalogue, asked: Asked) -> Asked {
    let matched = lexical::matched(catalogue, &asked.words);
    let n_with = |bit: usize, meets: &dyn Fn(u32) -> bool| {
        let has = |(_, bits): &(u32, &u32)| *bits >> bit & 1 == 1;
        (0u32..).zip(&matched).filter(has).filter(|(index, _)| meets(*index)).count()
    };
    let without_word =
        |word: &str| Relaxed { constraint: Constraint::Word, typed: word.to_owned() };
    let known: Vec<usize> =
        (0..asked.words.len()).filter(|bit| n_with(*bit, &|_| true) > 0).collect();
    let unknown = (0..asked.words.len()).filter(|bit| !known.contains(bit));
    let unknown: Vec<Relaxed> = unknown.map(|bit| without_word(&asked.words[bit])).collect();
    if known.is_empty() && !asked.words.is_empty() {
        // Of words that no card has nothing is found, not everything.
        return Asked { relaxed: unknown, ..asked };
    }
    let words = |bits: &[usize]| bits.iter().map(|bit| asked.words[*bit].clone()).collect();
    let has_answer = |asked: &Asked, bits: &[usize]| {
        let filters = asked.filters();
        let judge = Judge::new(catalogue, &filters);
        let wanted = bits.iter().fold(0u32, |all, bit| all | 1 << bit);
        let mut fit = (0u32..).zip(&matched).filter(|(_, has)| *has & wanted == wanted);
        fit.any(|(index, _)| judge.of(index).passes.all())
    };
    let first = Asked {
        words: words(&known),
        relaxed: unknown,
        read: asked.read.clone(),
        set: asked.set.clone(),
    };
    if has_answer(&first, &known) {
        return first;
    }
    let relaxed = |more: Vec<Relaxed>, of: &Asked| [of.relaxed.clone(), more].concat();
    let mut base = first.clone();
    for WeakerReading { filters, left_out } in weaker_readings(&first.read) {
        base = Asked { read: filters, relaxed: relaxed(left_out, &first), ..first.clone() };
        if has_answer(&base, &known) {
            return base;
        }
    }
    let filters = base.filters();
    let judge = Judge::new(catalogue, &filters);
    let meets = |index: u32| judge.of(index).passes.all();
    let counts = known.iter().map(|bit| (asked.words[*bit].as_str(), n_with(*bit, &meets)));
    for dropped in fewer_words(counts.collect::<Vec<_>>()) {
        let bits: Vec<usize> =
            known.iter().copied().filter(|bit| !dropped.contains(&asked.words[*bit])).collect();
        let left_out = dropped.iter().map(|word| without_word(word)).collect();
        let less = Asked { words: words(&bits), relaxed: relaxed(left_out, &base), ..base.clone() };
        if has_answer(&less, &bits) {
            return less;
        }
    }
    for (set, left_out) in weaker_filters(&filters) {
        // What was read and is not left out is among the filters.
        let read = base.read.clone();
        let less = Asked { set, relaxed: relaxed(left_out, &base), read, ..base.clone() };
        if has_answer(&less, &known) {
            return less;
        }
    }
    first
}

/// How many results confirm each condition, by what each leaves unconfirmed.
fn counts<'a>(
    filters: &Filters,
    unconfirmed: impl Iterator<Item = &'a Vec<String>> + Clone,
) -> Vec<FreeOfCount> {
    let count = |name: &String| FreeOfCount {
        name: name.clone(),
        n_results: unconfirmed.clone().filter(|names| !names.contains(name)).count() as u32,
    };
    filters.free_of.iter().map(count).collect()
}

/// What filters would leave of the matching cards, counted as the server does.
fn facets(
    catalogue: &Catalogue,
    matching: &[u32],
    passes: impl Fn(&u32) -> Passes + Copy,
) -> Facets {
    let counted = |counts: fn(Passes) -> bool| {
        matching.iter().copied().filter(move |index| counts(passes(index)))
    };
    let most = |mut facets: Vec<Facet>| {
        facets.truncate(FACET_VALUES_MAX);
        facets
    };
    let brand = |index| catalogue.raw(index).brand.as_str();
    let departments = counted(Passes::for_departments).map(|index| catalogue.department(index));
    let categories = counted(Passes::for_categories).map(|index| catalogue.category(index));
    Facets {
        departments: most(catalogue.facets(departments)),
        categories: most(catalogue.facets(categories)),
        brands: most(catalogue.facets(counted(Passes::for_brands).map(brand))),
        prices: price_ranges(
            counted(Passes::for_prices).map(|i| catalogue.price(i).price_minor).collect(),
        ),
        n_available: counted(Passes::for_availability)
            .filter(|index| catalogue.is_available(*index))
            .count() as u32,
    }
}
