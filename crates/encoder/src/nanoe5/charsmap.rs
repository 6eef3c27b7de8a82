//! The normaliser in the form in which `tokenizers` reads it: a `precompiled_charsmap` of
//! SentencePiece, which is a double-array trie over UTF-8 and the texts that it points to.
//!
//! A unit of the trie is a u32. Bits 0 to 7 are the byte that leads to it, bit 8 says that an
//! entry ends here, bits 10 to 30, exclusive-or its own position, are its base. Byte c leads
//! from a base to the unit at base ^ c, if that bears c; the unit at the base itself holds an
//! ending entry's value, and bit 31, which is in no byte.
//!
//! Source: Yata's darts-clone as in SentencePiece; `spm_precompiled` 0.1.4, which reads it.

/// Units that share their high bits: what any byte can reach from one base.
const BLOCK: usize = 256;
/// Bytes that can follow the first of a character, from 0x80 on.
const FOLLOWING: usize = 64;
const FIRST_FOLLOWING: usize = 0x80;
const IS_END: u32 = 1 << 8;
const IS_VALUE: u32 = 1 << 31;
const BASE_SHIFT: u32 = 10;

/// `replacements` as a `precompiled_charsmap`.
///
/// Each character is there once, and none is NUL. As UTF-8 has few first bytes and every other
/// byte is one of 64, a node gets 64 units of its own and nothing need be searched; with at
/// most 2^14 entries there are fewer than the 2^21 units that a base can reach.
pub(super) fn precompiled(replacements: &[(char, String)]) -> Vec<u8> {
    // The root, and what it leads to.
    let mut units = vec![0; 2 * BLOCK];
    units[0] = (BLOCK as u32) << BASE_SHIFT;
    let ends: Vec<usize> =
        replacements.iter().map(|(character, _)| path_of(*character, &mut units)).collect();

    // Values lie in blocks of their own, where no unit bears a byte.
    units.resize(units.len().next_multiple_of(BLOCK), 0);
    let mut texts = String::new();
    for (end, (_, replacement)) in ends.into_iter().zip(replacements) {
        units[end] |= IS_END | offset(end, units.len());
        units.push(IS_VALUE | texts.len() as u32);
        texts.push_str(replacement);
        texts.push('\0');
    }
    units.resize(units.len().next_multiple_of(BLOCK), 0);

    let n_bytes = units.len() as u32 * 4;
    let units = units.into_iter().flat_map(u32::to_le_bytes);
    n_bytes.to_le_bytes().into_iter().chain(units).chain(texts.into_bytes()).collect()
}

/// The position of the unit to which the bytes of `character` lead; units on the way are made.
fn path_of(character: char, units: &mut Vec<u32>) -> usize {
    let mut utf8 = [0; 4];
    let (first, following) = match character.encode_utf8(&mut utf8).as_bytes() {
        [first, following @ ..] => (*first, following),
        [] => (0, &[][..]),
    };
    let mut at = BLOCK ^ usize::from(first);
    units[at] |= u32::from(first);
    for byte in following {
        let mut base = at ^ (units[at] >> BASE_SHIFT) as usize;
        if base == at {
            base = units.len() ^ FIRST_FOLLOWING;
            units.resize(units.len() + FOLLOWING, 0);
            units[at] |= offset(at, base);
        }
        at = base ^ usize::from(*byte);
        units[at] |= u32::from(*byte);
    }
    at
}

fn offset(at: usize, base: usize) -> u32 {
    ((at ^ base) as u32) << BASE_SHIFT
}

#[cfg(test)]
mod tests {
    use tokenizers::normalizers::Precompiled;

    use super::*;

    fn normalised(replacements: &[(char, String)], text: &str) -> String {
        Precompiled::from(&precompiled(replacements)).unwrap().normalize_string(text)
    }

    #[test]
    fn each_character_becomes_what_replaces_it_and_no_other_does() {
        // One in seven of all characters, of one to four bytes.
        let replacements: Vec<(char, String)> = (1..=0x10_ffff)
            .step_by(7 * 31)
            .filter_map(char::from_u32)
            .map(|c| (c, format!("<{:x}>", u32::from(c))))
            .collect();
        assert!(replacements.len() > 5_000);
        let precompiled = Precompiled::from(&precompiled(&replacements)).unwrap();
        for (character, replacement) in &replacements {
            let text = character.to_string();
            assert_eq!(precompiled.transform(&text), Some(replacement.as_str()), "{character:?}");
        }
        let replaced: std::collections::HashSet<char> =
            replacements.iter().map(|(c, _)| *c).collect();
        for character in (1..=0x10_ffff).filter_map(char::from_u32) {
            if !replaced.contains(&character) {
                assert_eq!(precompiled.transform(&character.to_string()), None, "{character:?}");
            }
        }
    }

    #[test]
    fn of_what_follows_a_replaced_character_nothing_is_lost() {
        let replacements =
            [('\t', " "), ('½', "1⁄2"), ('ａ', "a"), ('ﬁ', "fi"), ('𝒜', "A"), ('\u{1}', "")]
                .map(|(c, replacement)| (c, replacement.to_owned()));
        let mut replacements = replacements.to_vec();
        replacements.sort();
        let text = "a\t½ａｂﬁfi𝒜𝒞\u{1}z牛奶🍎";
        assert_eq!(normalised(&replacements, text), "a 1⁄2aｂfifiA𝒞z牛奶🍎");
        assert_eq!(normalised(&[], text), text);
    }
}
