//! A search from end to end, and what to do where nothing is found: ask for
//! less, step by step, and say what was left out.

use vitrine_domain::{Constraint, Filters, Query, ReadFilter, Relaxed};

use crate::understanding::without_word;
use crate::{ReadText, Recall, RecallError, RecallReply, RecallRequest, Understanding};

/// A search that was answered, perhaps after asking for less.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Answer {
    /// The engine's answer to what was asked in the end.
    pub reply: RecallReply,
    /// What was asked: words and the conditions read from them.
    pub read: ReadText,
    /// Vector of those words; `None` without any.
    pub vector: Option<Vec<f32>>,
    /// What nothing met and was left out, and words that no item has.
    pub relaxed: Vec<Relaxed>,
}

/// Reads a query, encodes its words with `encode`, and searches.
///
/// Where nothing is found, conditions are left out until something is: those
/// read from words, the last first; then words, the rarest first; then the
/// filters, one kind alone or else all. Which ones depends on the query and
/// the catalogue but not on the page. When nothing helps, nothing is left out.
///
/// # Errors
/// As [`Recall::search`], and whatever `encode` fails with.
pub async fn search_relaxed<E: From<RecallError>>(
    engine: &dyn Recall,
    understanding: &Understanding,
    query: &Query,
    encode: impl FnMut(&str) -> Result<Vec<f32>, E>,
) -> Result<Answer, E> {
    let request = RecallRequest { query: query.clone(), ..RecallRequest::default() };
    request.validate()?;
    let read = understanding.read(&query.text);
    let mut search = Search { engine, understanding, query, encode };
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

struct Search<'a, F> {
    engine: &'a dyn Recall,
    understanding: &'a Understanding,
    query: &'a Query,
    encode: F,
}

impl<E: From<RecallError>, F: FnMut(&str) -> Result<Vec<f32>, E>> Search<'_, F> {
    async fn ask(&mut self, read: ReadText, filters: &Filters) -> Result<Answer, E> {
        let text = read.text.trim();
        let vector = if text.is_empty() { None } else { Some((self.encode)(text)?) };
        let filters = filters.and(&read.all_filters());
        let reply = match filters.inverted_prices() {
            // The words contradict the filters: nothing meets both.
            Some(_) => RecallReply::default(),
            None => {
                let query = Query { text: read.text.clone(), filters, ..self.query.clone() };
                let synonyms = read.synonyms.clone();
                let request = RecallRequest { query, vector: vector.clone(), synonyms };
                self.engine.search(&request).await?
            }
        };
        Ok(Answer { reply, read, vector, relaxed: Vec::new() })
    }

    /// The first answer with results to a question that insists on less.
    async fn with_less(&mut self, first: &Answer) -> Result<Option<Answer>, E> {
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
    let kinds =
        [Constraint::Availability, Constraint::Price, Constraint::Brand, Constraint::Department];
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
        Constraint::Word | Constraint::ReadFilter => {}
    }
    filters
}
