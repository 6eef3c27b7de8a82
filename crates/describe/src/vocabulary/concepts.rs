//! What there is to know: concepts by kind, and what follows from what.

use std::collections::HashMap;

use super::parse::plain_lines;

/// A concept: cotton, black, waterproof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConceptId(u16);

/// What a concept is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ConceptKind {
    Material,
    /// Something that can be in a product, or that it is free of.
    Substance,
    Colour,
    Size,
    Certification,
    Property,
    Health,
    Superlative,
    Origin,
    Promise,
    Testimonial,
    /// A brand or another proper name.
    Name,
    /// What a number measures: length, weight.
    Measured,
    /// What a number counts: pieces, pockets.
    Counted,
    /// An order to a machine.
    Order,
}

impl ConceptKind {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "material" => Self::Material,
            "substance" => Self::Substance,
            "colour" => Self::Colour,
            "size" => Self::Size,
            "certification" => Self::Certification,
            "property" => Self::Property,
            "health" => Self::Health,
            "superlative" => Self::Superlative,
            "origin" => Self::Origin,
            "promise" => Self::Promise,
            "testimonial" => Self::Testimonial,
            "name" => Self::Name,
            "measured" => Self::Measured,
            "counted" => Self::Counted,
            "order" => Self::Order,
            _ => return None,
        })
    }

    /// Whether it says what a number is about, and claims nothing itself.
    pub(crate) fn is_context(self) -> bool {
        matches!(self, Self::Measured | Self::Counted)
    }
}

#[derive(Debug)]
struct Concept {
    #[cfg(test)]
    name: &'static str,
    kind: ConceptKind,
    /// Itself and all that follows from it.
    implied: Vec<ConceptId>,
}

/// All concepts.
#[derive(Debug, Default)]
pub(crate) struct Concepts {
    concepts: Vec<Concept>,
    ids: HashMap<&'static str, ConceptId>,
}

impl Concepts {
    /// Reads `[kind]` and lines of `concept` or `concept < what follows, what follows`.
    pub(crate) fn parse(text: &'static str) -> Self {
        let mut out = Self::default();
        let mut kind = None;
        let mut parents: Vec<Vec<&str>> = Vec::new();
        for line in plain_lines(text) {
            if let Some(name) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
                kind = ConceptKind::named(name);
                continue;
            }
            let (name, above) = line.split_once('<').unwrap_or((line, ""));
            let (Some(kind), Ok(id)) = (kind, u16::try_from(out.concepts.len())) else { continue };
            out.ids.insert(name.trim(), ConceptId(id));
            out.concepts.push(Concept {
                #[cfg(test)]
                name: name.trim(),
                kind,
                implied: Vec::new(),
            });
            parents.push(above.split(',').map(str::trim).filter(|name| !name.is_empty()).collect());
        }
        let parents: Vec<Vec<ConceptId>> = parents
            .iter()
            .map(|names| names.iter().filter_map(|name| out.named(name)).collect())
            .collect();
        for at in 0..out.concepts.len() {
            let mut implied = vec![ConceptId(at as u16)];
            let mut next = 0;
            while let Some(&ConceptId(id)) = implied.get(next) {
                let new = parents[usize::from(id)].iter().filter(|id| !implied.contains(id));
                let new: Vec<ConceptId> = new.copied().collect();
                implied.extend(new);
                next += 1;
            }
            out.concepts[at].implied = implied;
        }
        out
    }

    pub(crate) fn named(&self, name: &str) -> Option<ConceptId> {
        self.ids.get(name).copied()
    }

    pub(crate) fn kind(&self, concept: ConceptId) -> ConceptKind {
        self.concepts[usize::from(concept.0)].kind
    }

    pub(crate) fn implies(&self, special: ConceptId, general: ConceptId) -> bool {
        self.concepts[usize::from(special.0)].implied.contains(&general)
    }

    #[cfg(test)]
    pub(crate) fn all(&self) -> impl Iterator<Item = ConceptId> {
        (0..self.concepts.len()).map(|at| ConceptId(at as u16))
    }

    #[cfg(test)]
    pub(crate) fn name(&self, concept: ConceptId) -> &'static str {
        self.concepts[usize::from(concept.0)].name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_understood() {
        let text = include_str!("../../vocabulary/concepts.txt");
        let concepts = Concepts::parse(text);
        let lines = plain_lines(text).filter(|line| !line.starts_with('['));
        assert_eq!(concepts.concepts.len(), lines.count());
        assert_eq!(concepts.ids.len(), concepts.concepts.len(), "a concept is there twice");
        for line in plain_lines(text) {
            match line.strip_prefix('[') {
                Some(kind) => assert!(ConceptKind::named(&kind[..kind.len() - 1]).is_some()),
                None => {
                    let above = line.split_once('<').map_or("", |(_, above)| above);
                    let mut above = above.split(',').map(str::trim).filter(|name| !name.is_empty());
                    assert!(above.all(|name| concepts.named(name).is_some()), "{line}");
                }
            }
        }
    }
}
