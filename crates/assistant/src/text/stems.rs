//! Words without their endings.

/// Shortest word that loses an ending.
const STEM_CHARS_MIN: usize = 4;

/// It would become the article, which points at nothing.
const PRONOUN: &str = "they";

/// A word, in lower case and without accents, without the endings of English and German that
/// say number, tense or case. Crude on purpose: what it joins wrongly is joined in questions and
/// in texts alike, and no table of exceptions has to be loaded.
pub(crate) fn stem(word: &str) -> &str {
    if !word.is_ascii() || word.len() < STEM_CHARS_MIN || word == PRONOUN {
        return word;
    }
    let base = without_ending(without_plural(word));
    match base.len() >= STEM_CHARS_MIN {
        true => base.strip_suffix(['e', 'y', 'i']).unwrap_or(base),
        false => base,
    }
}

fn without_plural(word: &str) -> &str {
    if word.len() > STEM_CHARS_MIN + 1 && word.ends_with("ies") {
        return &word[..word.len() - 2];
    }
    let is_hissing = ["sses", "ches", "shes", "xes"].iter().any(|ending| word.ends_with(ending));
    match word.as_bytes() {
        _ if is_hissing => &word[..word.len() - 2],
        [.., b's' | b'u' | b'i', b's'] => word,
        [.., b's'] => &word[..word.len() - 1],
        _ => word,
    }
}

fn without_ending(word: &str) -> &str {
    let shorter = |ending: &str, n_left: usize| {
        word.strip_suffix(ending).filter(|left| left.len() >= n_left && has_vowel(left))
    };
    // "Dimmable" of "dim", but "portable" not of "port".
    let able = word
        .strip_suffix("able")
        .filter(|left| left.len() > STEM_CHARS_MIN || undoubled(left).len() < left.len());
    if let Some(left) = able {
        return undoubled(left);
    }
    let verb = shorter("ing", 3).or_else(|| shorter("ed", 3)).map(undoubled);
    verb.or_else(|| shorter("en", 4)).unwrap_or(word)
}

fn has_vowel(part: &str) -> bool {
    part.contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

/// "stopp" of "stopped" as "stop"; "fill" and "pass" as they are.
fn undoubled(left: &str) -> &str {
    match left.as_bytes() {
        [.., a, b] if a == b && !matches!(a, b'l' | b's' | b'z' | b'e' | b'o') => {
            &left[..left.len() - 1]
        }
        _ => left,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        for forms in [
            &["pocket", "pockets"][..],
            &["battery", "batteries"],
            &["hike", "hikes", "hiking", "hiked"],
            &["run", "runs", "running"],
            &["wash", "washes", "washed", "washing"],
            &["print", "prints", "printing", "printed"],
            &["fabric", "fabrics"],
            &["farbe", "farben"],
            &["box", "boxes"],
            &["dim", "dimmable"],
            &["adjust", "adjustable", "adjusted"],
        ] {
            let stems: Vec<&str> = forms.iter().map(|form| stem(form)).collect();
            assert!(stems.iter().all(|found| *found == stems[0]), "{forms:?}: {stems:?}");
        }
    }

    #[test]
    fn short_words_and_other_scripts_are_left_alone() {
        for word in ["usb", "they", "red", "bed", "ring", "glass", "plus", "防水", "кот"] {
            assert_eq!(stem(word), word);
        }
    }
}
