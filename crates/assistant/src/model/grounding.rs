//! Keeps of a model's answer what the texts say.

use crate::lexicon::Lexicon;
use crate::text::sentences;

use super::citations::{parts, tidied};
use super::support::{Source, says};
use super::{ModelPrompt, ModelReply};

/// Most sentences of an answer; what comes after is dropped.
const SENTENCES_MAX: usize = 8;

/// A sentence of a model that the texts which it cites say, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroundedSentence {
    /// The sentence, without citations.
    pub text: String,
    /// Places in [`ModelPrompt::texts`] that it cites, ascending.
    pub cited: Vec<usize>,
}

/// What of a model's answer the texts say; where that is nothing, the shop doesn't say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroundedAnswer {
    /// Its sentences, in their order.
    pub sentences: Vec<GroundedSentence>,
    /// How many others it had.
    pub n_dropped: usize,
}

impl GroundedAnswer {
    /// Whether nothing is left: the shop doesn't say.
    pub fn is_unsaid(&self) -> bool {
        self.sentences.is_empty()
    }
}

/// Holds each sentence of a reply against the texts that it cites, and drops those of which
/// something is not in them: a number, a measure, a word, a negation or its absence, a word such
/// as "only" or "safe". A sentence must cite, and cite texts that there are.
///
/// The check is by words: it drops what a reader would call a fair paraphrase, and it cannot tell
/// whether a text is right. Show the cited texts beside each sentence.
pub fn ground(lexicon: &Lexicon, prompt: &ModelPrompt, reply: &ModelReply) -> GroundedAnswer {
    let sources: Vec<Source> =
        prompt.texts().iter().map(|text| Source::of(lexicon, text)).collect();
    let text = tidied(reply.text());
    let said = sentences(&text);
    let n_whole = said.len() - usize::from(reply.is_cut).min(said.len());
    let checked = said.iter().take(n_whole.min(SENTENCES_MAX));
    let kept: Vec<GroundedSentence> =
        checked.filter_map(|sentence| grounded(lexicon, &sources, sentence)).collect();
    GroundedAnswer { n_dropped: said.len() - kept.len(), sentences: kept }
}

fn grounded(lexicon: &Lexicon, sources: &[Source], sentence: &str) -> Option<GroundedSentence> {
    let mut cited: Vec<usize> = Vec::new();
    let mut text = String::new();
    for part in parts(sentence) {
        text.push_str(&part.text);
        if !part.text.chars().any(char::is_alphanumeric) {
            return None;
        }
        let place = |number: u64| usize::try_from(number).ok()?.checked_sub(1);
        let places: Option<Vec<usize>> = part
            .numbers
            .iter()
            .map(|number| place(*number).filter(|place| *place < sources.len()))
            .collect();
        let places = places.filter(|places| !places.is_empty())?;
        let own: Vec<&Source> = places.iter().map(|place| &sources[*place]).collect();
        if !says(lexicon, sources, &own, &part.text) {
            return None;
        }
        cited.extend(places);
    }
    cited.sort_unstable();
    cited.dedup();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = [" .", " !", " ?", " ,"].iter().fold(text, |text, gap| text.replace(gap, &gap[1..]));
    let text = text.trim_start_matches(['-', '*', '•', ' ']).to_owned();
    Some(GroundedSentence { text, cited })
}
