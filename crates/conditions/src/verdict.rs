//! Whether a product meets a condition to be free of something, by what it says.

use crate::claims::Says;
use crate::phrases::singular;
use crate::substances::{in_all_languages, named};

/// What products must be free of, by everything that it is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FreeOf {
    /// In singular and lower case; any may be claimed to be absent.
    names: Vec<String>,
    /// Words that say that it is there, though not by name.
    kinds: Vec<&'static str>,
}

/// How a product meets a condition to be free of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It says that it is free of it.
    Met,
    /// It says that it has it.
    Broken,
    /// It says neither.
    Unsaid,
}

impl FreeOf {
    /// The condition of a name as [`crate::Conditions`] reads it, or of any other word.
    pub fn new(name: &str) -> Self {
        let words: Vec<String> =
            name.to_lowercase().split_whitespace().map(|word| singular(word).to_owned()).collect();
        let name = words.join(" ");
        match named(&name) {
            Some(substance) => Self {
                names: in_all_languages(substance, |of| of.names, |(_, names, _)| names)
                    .map(str::to_owned)
                    .collect(),
                kinds: in_all_languages(substance, |of| of.kinds, |(_, _, kinds)| kinds).collect(),
            },
            None => Self { names: vec![name], kinds: Vec::new() },
        }
    }

    /// Every word that claims have to be asked for, with whether it is a name.
    pub fn words(&self) -> impl Iterator<Item = (&str, bool)> {
        let names = self.names.iter().map(|name| (name.as_str(), true));
        names.chain(self.kinds.iter().map(|kind| (*kind, false)))
    }

    /// The verdict on a product of which `says` knows the claims.
    pub fn verdict(&self, says: impl Fn(&str) -> Option<Says>) -> Verdict {
        let mut verdict = Verdict::Unsaid;
        for (word, is_name) in self.words() {
            match (says(word), verdict) {
                (Some(Says::Contains), _) => return Verdict::Broken,
                (Some(Says::IsFreeOf), _) if is_name => verdict = Verdict::Met,
                (Some(Says::Mentions), Verdict::Unsaid) => verdict = Verdict::Broken,
                _ => {}
            }
        }
        verdict
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verdict_needs_a_claim() {
        let nut = FreeOf::new("Nuts");
        let verdict = |said: &[(&str, Says)]| {
            nut.verdict(|word| said.iter().find(|(of, _)| *of == word).map(|(_, says)| *says))
        };
        assert_eq!(verdict(&[]), Verdict::Unsaid);
        assert_eq!(verdict(&[("nut", Says::IsFreeOf)]), Verdict::Met);
        assert_eq!(verdict(&[("almond", Says::Mentions)]), Verdict::Broken);
        assert_eq!(verdict(&[("almond", Says::IsFreeOf)]), Verdict::Unsaid);
        let both = [("nut", Says::IsFreeOf), ("almond", Says::Mentions)];
        assert_eq!(verdict(&both), Verdict::Met);
        let inside = [("nut", Says::IsFreeOf), ("almond", Says::Contains)];
        assert_eq!(verdict(&inside), Verdict::Broken);
        // "Non-alcoholic" promises what "alcohol free" does.
        let says = |word: &str| (word == "alcoholic").then_some(Says::IsFreeOf);
        assert_eq!(FreeOf::new("alcohol").verdict(says), Verdict::Met);
        let of_any_word = FreeOf::new("wires");
        assert_eq!(of_any_word.words().collect::<Vec<_>>(), [("wire", true)]);
    }
}
