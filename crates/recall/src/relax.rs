//! A search from end to end, and what to do where nothing is found: ask for
//! less, step by step, and say what was left out.

use vitrine_domain::{CategoryChance, Constraint, Filters, Query, ReadFilter, Relaxed};

use crate::understanding::without_word;
use crate::{ReadText, Recall, RecallError, RecallReply, RecallRequest, Understanding, analysis};

/// A search that was answered, perhaps after asking for less.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The engine's answer to what was asked in the end.
    pub reply: RecallReply,
    /// What was asked: words and the conditions read from them.
    pub read: ReadText,
    /// The same as the engine was asked.
    pub request: RecallRequest,
    /// What nothing met and was left out, and words that no item has.
    pub relaxed: Vec<Relaxed>,
}

/// What a text means, and which words are spelt right: an encoder knows both.
pub trait Language {
    /// Why a text cannot be encoded; takes what goes wrong in recall, too.
    type Error: From<RecallError>;

    /// The vector of a text that is not empty. \[384\]
    ///
    /// # Errors
    /// A failed computation; nothing a text could cause.
    fn encode(&self, text: &str) -> Result<Vec<f32>, Self::Error>;

    /// Categories that a text with this vector is likely after, with their
    /// chances; none where that was not learned.
    fn categories(&self, vector: &[f32]) -> Vec<CategoryChance>;

    /// Whether a word, in lower case, is one, so that it is not corrected even
    /// where no item has it.
    fn is_word(&self, word: &str) -> bool;
}

/// Reads a query, encodes its words, and searches.
///
/// Where nothing is found, conditions are left out until something is: those
/// read from words, the last first; then words, the rarest first; then the
/// filters, one kind alone or else all. Which ones depends on the query and
/// the catalogue but not on the page. When nothing helps, nothing is left out.
///
/// # Errors
/// As [`Recall::search`] and [`Language::encode`].
pub async fn search_relaxed<L: Language>(
    engine: &dyn Recall,
    understanding: &Understanding,
    language: &L,
    query: &Query,
) -> Result<Answer, L::Error> {
    let request = RecallRequest { query: query.clone(), ..RecallRequest::default() };
    request.validate()?;
    let read = understanding.read(&query.text);
    let search = Search { engine, understanding, language, query };
    let first = search.ask(read, &query.filters).await?;
    let mut answer = match first.reply.n_total {
        0 => search.with_less(&first).await?.unwrap_or(first),
        _ => first,
    };
    for word in &answer.reply.words {
        let is_named = answer.relaxed.iter().any(|relaxed| relaxed.typed == word.word);
        if word.n_items_unfiltered == 0 && !is_named {
            let typed = word.word.clone();
            answer.relaxed.push(Relaxed { constraint: Constraint::Word, typed });
        }
    }
    Ok(answer)
}

struct Search<'a, L> {
    engine: &'a dyn Recall,
    understanding: &'a Understanding,
    language: &'a L,
    query: &'a Query,
}

impl<L: Language> Search<'_, L> {
    async fn ask(&self, read: ReadText, filters: &Filters) -> Result<Answer, L::Error> {
        let text = read.text.trim();
        let vector = if text.is_empty() { None } else { Some(self.language.encode(text)?) };
        let filters = filters.and(&read.all_filters());
        let mut spelt_right = analysis::tokens(&analysis::words(), text);
        spelt_right.retain(|word| self.language.is_word(word));
        let categories = vector.as_deref().map(|vector| self.language.categories(vector));
        let request = RecallRequest {
            query: Query { text: read.text.clone(), filters, ..self.query.clone() },
            categories: categories.unwrap_or_default(),
            vector,
            synonyms: read.synonyms.clone(),
            spelt_right,
        };
        let reply = match request.query.filters.inverted_prices() {
            // The words contradict the filters: nothing meets both.
            Some(_) => RecallReply::default(),
            None => self.engine.search(&request).await?,
        };
        Ok(Answer { reply, read, request, relaxed: Vec::new() })
    }

    /// The first answer with results to a question that insists on less.
    async fn with_less(&self, first: &Answer) -> Result<Option<Answer>, L::Error> {
        let filters = &self.query.filters;
        let mut relaxed = Vec::new();
        let mut last = first.clone();
        while let Some(ReadFilter { typed, .. }) = last.read.filters.pop() {
            relaxed.push(Relaxed { constraint: Constraint::ReadFilter, typed });
            last = self.ask(last.read, filters).await?;
            if last.reply.n_total > 0 {
                return Ok(Some(Answer { relaxed, ..last }));
            }
        }
        // One word that items with the filters have is enough to end this.
        while last.reply.words.len() > 1 && last.reply.words.iter().any(|word| word.n_items > 0) {
            let Some(rarest) = last.reply.words.iter().min_by_key(|word| word.n_items) else {
                break;
            };
            let typed = rarest.word.clone();
            let rest = without_word(&last.read.text, &typed);
            relaxed.push(Relaxed { constraint: Constraint::Word, typed });
            last = self.ask(self.understanding.read(&rest), filters).await?;
            if last.reply.n_total > 0 {
                return Ok(Some(Answer { relaxed, ..last }));
            }
        }
        let kinds = set_filters(filters);
        let alone = kinds.iter().map(std::slice::from_ref);
        let together = (kinds.len() > 1).then_some(kinds.as_slice());
        for dropped in alone.chain(together) {
            let fewer = dropped.iter().fold(filters.clone(), without_filter);
            let answer = self.ask(last.read.clone(), &fewer).await?;
            if answer.reply.n_total > 0 {
                relaxed.extend(
                    dropped.iter().map(|constraint| Relaxed {
                        constraint: *constraint,
                        typed: String::new(),
                    }),
                );
                return Ok(Some(Answer { relaxed, ..answer }));
            }
        }
        Ok(None)
    }
}

/// The kinds of filters that are set, in the order in which to try without.
fn set_filters(filters: &Filters) -> Vec<Constraint> {
    use Constraint::{Availability, Brand, Category, Department, Price};
    let kinds = [Availability, Price, Brand, Category, Department];
    kinds.into_iter().filter(|kind| without_filter(filters.clone(), kind) != *filters).collect()
}

fn without_filter(mut filters: Filters, kind: &Constraint) -> Filters {
    match kind {
        Constraint::Availability => filters.available_only = false,
        Constraint::Price => (filters.price_minor_min, filters.price_minor_max) = (None, None),
        Constraint::Brand => {
            filters.brands.clear();
            filters.brands_excluded.clear();
        }
        Constraint::Department => filters.departments.clear(),
        Constraint::Category => filters.categories.clear(),
        Constraint::Word | Constraint::ReadFilter => {}
    }
    filters
}
