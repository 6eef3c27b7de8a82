//! What a person of the shop is told, and nothing that the shopper did not tick.

/// What a line is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HandOverPart {
    /// What the shopper wants.
    Wish,
    /// A product that was asked about.
    Product,
    /// A question to which the shop's texts have no answer.
    Question,
}

/// A line that may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOverLine {
    /// What it is about.
    pub part: HandOverPart,
    /// What it says.
    pub text: String,
}

/// Lines for a person of the shop; none is told until it is ticked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HandOverDraft {
    /// All lines that could be told.
    pub lines: Vec<HandOverLine>,
}

impl HandOverDraft {
    /// The text with exactly the ticked lines, in their order, a line each; a line without a
    /// tick of its own is not ticked.
    pub fn text(&self, ticked: &[bool]) -> String {
        let chosen = self.lines.iter().zip(ticked).filter(|(_, is_ticked)| **is_ticked);
        chosen.map(|(line, _)| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_what_is_ticked_is_told() {
        let line = |text: &str| HandOverLine { part: HandOverPart::Wish, text: text.to_owned() };
        let draft = HandOverDraft { lines: vec![line("a"), line("b"), line("c")] };
        assert_eq!(draft.text(&[]), "");
        assert_eq!(draft.text(&[false; 3]), "");
        assert_eq!(draft.text(&[true, false, true]), "a\nc");
        assert_eq!(draft.text(&[true; 9]), "a\nb\nc");
    }
}
