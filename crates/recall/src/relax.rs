//! A search from end to end, and what to do where nothing is found: ask for
//! less, and say what was left out.

use vitrine_conditions::{WeakerReading, fewer_words, weaker_filters, weaker_readings};
use vitrine_domain::{Constraint, Filters, Query, Relaxed};

use crate::understanding::without_words;
use crate::{
    Attempt, Deadline, ReadText, Recall, RecallError, RecallReply, RecallRequest, Understanding,
    WordCount, analysis,
};

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

    /// The vector of a text that is not empty, of as many numbers as the engine asks for;
    /// `None` where nothing is known of meaning, so that words alone are matched.
    ///
    /// # Errors
    /// A failed computation, or [`RecallError::Late`] once the deadline has passed;
    /// nothing a text could cause.
    fn encode(&self, text: &str, deadline: Deadline) -> Result<Option<Vec<f32>>, Self::Error>;

    /// Whether a word, in lower case, is one, so that it is not corrected even
    /// where no item has it.
    fn is_word(&self, word: &str) -> bool;
}

/// What answers the searches of one catalogue version.
pub struct Searcher<'a, L: ?Sized> {
    /// Finds items.
    pub engine: &'a dyn Recall,
    /// Reads conditions.
    pub understanding: &'a Understanding,
    /// Encodes texts.
    pub language: &'a L,
}

impl<L: Language + ?Sized> Searcher<'_, L> {
    /// Reads a query, encodes its words, and searches.
    ///
    /// Where nothing is found, conditions are left out until something is: those
    /// read from words, the last first; then words, the rarest first; then the
    /// filters, one kind alone or else all. Which ones depends on the query and
    /// the catalogue but not on the page. When nothing helps, nothing is left out;
    /// and what results must be free of ([`Filters::free_of`]) never is: whoever
    /// asks for it may be ill from it.
    ///
    /// The engine is asked four times at most, and each distinct text is encoded
    /// once: two, when words are left out.
    ///
    /// # Errors
    /// As [`Recall::search`] and [`Language::encode`].
    pub fn search(&self, query: &Query, deadline: Deadline) -> Result<Answer, L::Error> {
        let request = RecallRequest { query: query.clone(), ..RecallRequest::default() };
        request.validate(self.engine.n_numbers())?;
        let read = self.understanding.read(&query.text);
        let request = self.request(query, &read, deadline)?;
        let reply = self.ask(&request)?;
        let first = Answer { reply, read, request, relaxed: Vec::new() };
        let mut answer = match first.reply.n_total {
            0 => self.with_less(query, &first)?.unwrap_or(first),
            _ => first,
        };
        for word in &answer.reply.words {
            let is_named = answer.relaxed.iter().any(|relaxed| relaxed.typed == word.word);
            if word.n_items_unfiltered == 0 && !is_named {
                answer.relaxed.push(left_out(Constraint::Word, word.word.clone()));
            }
        }
        Ok(answer)
    }

    /// The request for what was read.
    fn request(
        &self,
        query: &Query,
        read: &ReadText,
        deadline: Deadline,
    ) -> Result<RecallRequest, L::Error> {
        let text = read.text.trim();
        let vector = self.encode(text, deadline)?;
        let mut spelt_right = analysis::tokens(&analysis::words(), text);
        spelt_right.retain(|word| self.language.is_word(word));
        let filters = query.filters.and(&read.all_filters());
        Ok(RecallRequest {
            query: Query { text: read.text.clone(), filters, ..query.clone() },
            vector,
            synonyms: read.synonyms.clone(),
            spelt_right,
            left_out: Vec::new(),
            deadline,
        })
    }

    fn encode(&self, text: &str, deadline: Deadline) -> Result<Option<Vec<f32>>, L::Error> {
        deadline.check()?;
        if text.is_empty() { Ok(None) } else { self.language.encode(text, deadline) }
    }

    fn ask(&self, request: &RecallRequest) -> Result<RecallReply, RecallError> {
        request.deadline.check()?;
        match request.query.filters.inverted_prices() {
            // The words contradict the filters: nothing meets both.
            Some(_) => Ok(RecallReply::default()),
            None => self.engine.search(request),
        }
    }

    /// The answer to a question that insists on less and has results.
    fn with_less(&self, query: &Query, first: &Answer) -> Result<Option<Answer>, L::Error> {
        let mut request = first.request.clone();
        spare_corrections(&mut request, &first.reply.words);
        let mut words = first.reply.words.clone();
        let mut relaxed: Vec<Relaxed> = Vec::new();
        let mut read = first.read.clone();
        let weaker = weaker_texts(&first.read);
        if !weaker.is_empty() {
            let attempt = |(read, _): &(ReadText, Vec<Relaxed>)| Attempt {
                filters: query.filters.and(&read.all_filters()),
                left_out: Vec::new(),
            };
            let attempts: Vec<Attempt> = weaker.iter().map(attempt).collect();
            // Its own may contradict each other, and do not matter here.
            request.query.filters = Filters::default();
            let probe = self.engine.probe(&request, &attempts)?;
            let place = probe.first.unwrap_or(weaker.len() - 1);
            (read, relaxed) = weaker[place].clone();
            request.query.filters = attempts[place].filters.clone();
            if probe.first.is_some() {
                let reply = self.ask(&request)?;
                return Ok(Some(Answer { reply, read, request, relaxed }));
            }
            words = probe.words;
            spare_corrections(&mut request, &words);
        }
        let steps = steps(&request.query.filters, &words);
        let attempts: Vec<Attempt> = steps.iter().map(|step| step.attempt.clone()).collect();
        let Some(place) = self.engine.probe(&request, &attempts)?.first else { return Ok(None) };
        let Step { attempt, relaxed: more } = &steps[place];
        relaxed.extend(more.iter().cloned());
        if !attempt.left_out.is_empty() {
            read.text = without_words(&read.text, &attempt.left_out);
            request.vector = self.encode(read.text.trim(), request.deadline)?;
            request.left_out = attempt.left_out.clone();
        }
        request.query.filters = attempt.filters.clone();
        let reply = self.ask(&request)?;
        Ok(Some(Answer { reply, read, request, relaxed }))
    }
}

/// What was read without more and more of its conditions, each with what it leaves out.
fn weaker_texts(read: &ReadText) -> Vec<(ReadText, Vec<Relaxed>)> {
    let weaker = weaker_readings(&read.filters).into_iter();
    weaker
        .map(|WeakerReading { filters, left_out }| (ReadText { filters, ..read.clone() }, left_out))
        .collect()
}

/// One way to ask for less.
struct Step {
    attempt: Attempt,
    relaxed: Vec<Relaxed>,
}

/// The ways to ask for less than the words and filters of a query, in their order:
/// without more and more of the words, then without filters.
fn steps(filters: &Filters, words: &[WordCount]) -> Vec<Step> {
    let without_words = |left_out_words: Vec<String>| Step {
        relaxed: left_out_words
            .iter()
            .map(|word| left_out(Constraint::Word, word.clone()))
            .collect(),
        attempt: Attempt { filters: filters.clone(), left_out: left_out_words },
    };
    let without_filters = |(filters, relaxed): (Filters, Vec<Relaxed>)| Step {
        relaxed,
        attempt: Attempt { filters, left_out: Vec::new() },
    };
    let words = fewer_words(words.iter().map(|word| (word.word.as_str(), word.n_items as usize)));
    let fewer = words.into_iter().map(without_words);
    fewer.chain(weaker_filters(filters).into_iter().map(without_filters)).collect()
}

/// A word that no item has was compared with the whole vocabulary already, in vain.
fn spare_corrections(request: &mut RecallRequest, words: &[WordCount]) {
    let unknown = words.iter().filter(|word| word.n_items_unfiltered == 0);
    request.spelt_right.extend(unknown.map(|word| word.word.clone()));
}

fn left_out(constraint: Constraint, typed: String) -> Relaxed {
    Relaxed { constraint, typed }
}
