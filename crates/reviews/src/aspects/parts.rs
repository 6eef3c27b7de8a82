//! What a clause names and thinks: its phrases, turned round by negations and by what is not so.

use super::senses::{AspectId, Hit, Sense};
use crate::languages::{is_degree, is_negator, joins_alternatives};
use crate::text::{Clause, Token, TokenKind};

/// Words behind a negation that it reaches.
const NEGATION_REACH: usize = 4;
/// Characters, in scripts without spaces.
const NEGATION_REACH_CHARACTERS: usize = 2;

/// An opinion in a sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Opinion {
    pub start: usize,
    pub end: usize,
    pub is_good: bool,
    /// The aspect that it names by itself.
    pub of: Option<AspectId>,
    /// Whether it is of what is named beside it, too.
    pub is_free: bool,
}

/// The name of an aspect in a sentence.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    pub start: usize,
    pub end: usize,
    pub id: AspectId,
}

/// What a clause has.
#[derive(Debug, Default)]
pub(super) struct ClauseParts {
    pub names: Vec<Name>,
    pub opinions: Vec<Opinion>,
    /// Opinions of an aspect that are of it only if they are of nothing that is named.
    pub alone: Vec<(Opinion, AspectId)>,
}

/// The parts of each clause of a sentence.
pub(super) fn parts_of_all(
    clauses: &[Clause],
    tokens: &[Token],
    hits: &[Hit<'_>],
) -> Vec<ClauseParts> {
    let mut parts = Vec::with_capacity(clauses.len());
    let (mut is_unreal, mut stretch) = (false, 0);
    for clause in clauses {
        // What was hoped ends where what disagrees with it begins.
        is_unreal &= clause.stretch == stretch;
        stretch = clause.stretch;
        let range = &clause.tokens;
        let here = hits.iter().filter(|hit| range.start <= hit.start && hit.end <= range.end);
        let mut reading = Reading {
            tokens,
            range_start: range.start,
            range_end: range.end,
            hits: here.collect(),
            is_unreal,
            is_unsure: false,
            parts: ClauseParts::default(),
        };
        (0..reading.hits.len()).for_each(|at| reading.take(at));
        is_unreal = reading.is_unreal;
        parts.push(reading.parts);
    }
    parts
}

/// A clause that is being read.
struct Reading<'a> {
    tokens: &'a [Token],
    range_start: usize,
    range_end: usize,
    hits: Vec<&'a Hit<'a>>,
    /// Whether what follows is not so.
    is_unreal: bool,
    /// Whether what follows in the clause may be so or not.
    is_unsure: bool,
    parts: ClauseParts,
}

impl Reading<'_> {
    /// Reads a phrase.
    fn take(&mut self, at: usize) {
        let hit = self.hits[at];
        let (start, end) = (hit.start, hit.end);
        let is_too_much = at > 0 && self.hits[at - 1].end == start && is_excess(self.hits[at - 1]);
        if self.is_only_degree(at) {
            return;
        }
        let is_turned = self.is_negated(start) != self.is_unreal;
        let opinion = |is_good: bool, of: Option<AspectId>| Opinion {
            start,
            end,
            is_good: (is_good && !is_too_much) != is_turned,
            of,
            is_free: of.is_none(),
        };
        let is_free = hit.senses.iter().any(|sense| matches!(sense, Sense::Opinion(_)));
        let mut spoken: Option<Opinion> = None;
        for sense in hit.senses {
            let said = match *sense {
                Sense::Names(id) => {
                    self.parts.names.push(Name { start, end, id });
                    continue;
                }
                Sense::Says(id, is_good) => Opinion { is_free, ..opinion(is_good, Some(id)) },
                Sense::SaysOfMuch(id) if is_too_much || self.is_behind_degree(start) => {
                    opinion(false, Some(id))
                }
                Sense::SaysOfMuch(_) => continue,
                Sense::SaysAlone(id, is_good) => {
                    let said = opinion(is_good, None);
                    self.parts.alone.push((said, id));
                    said
                }
                Sense::Opinion(is_good) => match spoken {
                    Some(_) => continue,
                    None => opinion(is_good, None),
                },
                Sense::Excess if end < self.range_end && self.is_of_more(at) => {
                    Opinion { is_good: is_turned, ..opinion(false, None) }
                }
                Sense::Excess => continue,
                Sense::Unsure => {
                    self.is_unsure = true;
                    continue;
                }
                Sense::Unreal => {
                    self.is_unreal = true;
                    continue;
                }
            };
            // Of what was feared nobody knows how it is.
            if self.is_unsure || self.is_unreal && said.is_good {
                self.parts.alone.retain(|(other, _)| other.start != start);
                continue;
            }
            spoken = Some(said);
            self.parts.opinions.push(said);
        }
    }

    /// Whether a phrase only says how much there is of what the next one says: "ridiculously soft".
    fn is_only_degree(&self, at: usize) -> bool {
        let hit = self.hits[at];
        let is_degree = hit.end == hit.start + 1 && is_degree(&self.tokens[hit.start].text);
        let next = self.hits.get(at + 1).filter(|next| next.start == hit.end);
        is_degree && next.is_some_and(|next| is_judging(next))
    }

    fn is_of_more(&self, at: usize) -> bool {
        let end = self.hits[at].end;
        let is_said = self.hits.get(at + 1).is_some_and(|next| next.start == end);
        self.tokens[end].is_word() && !is_said
    }

    fn is_behind_degree(&self, start: usize) -> bool {
        start > self.range_start && is_degree(&self.tokens[start - 1].text)
    }

    /// Whether a negation in the clause reaches a phrase; it does not reach over another opinion, unless
    /// both are alternatives.
    fn is_negated(&self, start: usize) -> bool {
        let mut reach = match self.tokens[start].kind {
            TokenKind::Character => NEGATION_REACH_CHARACTERS,
            _ => NEGATION_REACH,
        };
        let mut are_alternatives = false;
        for at in (self.range_start..start).rev() {
            let hit = self.hits.iter().find(|hit| (hit.start..hit.end).contains(&at));
            let token = &self.tokens[at];
            are_alternatives |= joins_alternatives(&token.text);
            match hit {
                // An idiom: "not only".
                Some(hit) if hit.senses.is_empty() => {}
                Some(hit) if is_opinion(hit) => {
                    if !are_alternatives {
                        return false;
                    }
                    reach += hit.end - hit.start;
                }
                _ if is_negator(&token.text) => return true,
                _ if is_degree(&token.text) => reach += 1,
                _ => {}
            }
            reach -= 1;
            if reach == 0 {
                return false;
            }
        }
        false
    }
}

fn is_excess(hit: &Hit<'_>) -> bool {
    hit.senses.contains(&Sense::Excess)
}

fn is_judging(hit: &Hit<'_>) -> bool {
    is_opinion(hit) || hit.senses.iter().any(|sense| matches!(sense, Sense::SaysOfMuch(_)))
}

fn is_opinion(hit: &Hit<'_>) -> bool {
    hit.senses.iter().any(|sense| {
        !matches!(
            sense,
            Sense::Names(_) | Sense::Excess | Sense::Unreal | Sense::Unsure | Sense::SaysOfMuch(_)
        )
    })
}
