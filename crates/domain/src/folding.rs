//! Letters with an accent, ligatures, raised digits and characters of full width as the plain
//! ones that people type in their place.

/// Full-width forms of ASCII, and how far each lies from it.
const FULL_WIDTH: std::ops::RangeInclusive<char> = '\u{ff01}'..='\u{ff5e}';
const FULL_WIDTH_OFFSET: u32 = 0xfee0;

/// Where characters lie that stand for plain ones: those of other scripts are left at once.
const MAY_BE_MARKED: [std::ops::RangeInclusive<char>; 5] = [
    '\u{aa}'..='\u{2af}',
    '\u{1e00}'..='\u{1eff}',
    '\u{2070}'..='\u{2089}',
    '\u{2460}'..='\u{2468}',
    '\u{fb00}'..='\u{fb06}',
];

/// Plain letters or digits, and the characters of lower case that stand for them: what the
/// compatibility decomposition of Unicode makes of the Latin blocks without its marks, and
/// letters with strokes and hooks, which it leaves as they are.
const PLAIN: &[(&str, &str)] = &[
    ("0", "⁰₀"),
    ("1", "①¹₁"),
    ("2", "②²₂"),
    ("3", "③³₃"),
    ("4", "④⁴₄"),
    ("5", "⑤⁵₅"),
    ("6", "⑥⁶₆"),
    ("7", "⑦⁷₇"),
    ("8", "⑧⁸₈"),
    ("9", "⑨⁹₉"),
    ("a", "ªàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặ"),
    ("ae", "æǽǣ"),
    ("b", "ḃḅḇƀɓ"),
    ("c", "çćĉċčḉƈ"),
    ("d", "ďḋḍḏḑḓđðɖɗ"),
    ("dz", "ǆǳ"),
    ("e", "èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệ"),
    ("f", "ḟƒ"),
    ("ff", "ﬀ"),
    ("ffi", "ﬃ"),
    ("ffl", "ﬄ"),
    ("fi", "ﬁ"),
    ("fl", "ﬂ"),
    ("g", "ĝğġģǧǵḡǥɠ"),
    ("h", "ĥȟḣḥḧḩḫẖħ"),
    ("i", "ìíîïĩīĭįǐȉȋḭḯỉịı"),
    ("ij", "ĳ"),
    ("j", "ĵǰɉ"),
    ("k", "ķǩḱḳḵƙ"),
    ("l", "ĺļľḷḹḻḽłƚɫɬ"),
    ("lj", "ǉ"),
    ("m", "ḿṁṃ"),
    ("n", "ñńņňǹṅṇṉṋŋɲ"),
    ("nj", "ǌ"),
    ("o", "ºòóôõöōŏőơǒǫǭȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợøǿɵ"),
    ("oe", "œ"),
    ("p", "ṕṗƥ"),
    ("r", "ŕŗřȑȓṙṛṝṟɍ"),
    ("s", "śŝşšſșṡṣṥṧṩẛ"),
    ("ss", "ß"),
    ("st", "ﬅﬆ"),
    ("t", "ţťțṫṭṯṱẗŧ"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữựʉ"),
    ("v", "ṽṿ"),
    ("w", "ŵẁẃẅẇẉẘ"),
    ("x", "ẋẍ"),
    ("y", "ýÿŷȳẏẙỳỵỷỹƴ"),
    ("z", "źżžẑẓẕƶȥ"),
];

/// Adds a character of lower case as it is compared: without marks, in plain width.
pub fn push_folded(out: &mut String, c: char) {
    if c.is_ascii() {
        out.push(c);
    } else if FULL_WIDTH.contains(&c) {
        out.extend(char::from_u32(u32::from(c) - FULL_WIDTH_OFFSET));
    } else if !MAY_BE_MARKED.iter().any(|range| range.contains(&c)) {
        out.push(c);
    } else {
        match PLAIN.iter().find(|(_, marked)| marked.contains(c)) {
            Some((plain, _)) => out.push_str(plain),
            None => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folded(text: &str) -> String {
        let mut out = String::new();
        text.chars().for_each(|c| push_folded(&mut out, c));
        out
    }

    #[test]
    fn marks_ligatures_and_width_are_folded_and_other_scripts_are_left() {
        assert_eq!(folded("crème brûlée"), "creme brulee");
        assert_eq!(
            folded("straße œuvre smørrebrød łódź þorn"),
            "strasse oeuvre smorrebrod lodz thorn"
        );
        assert_eq!(folded("ａｂｃ１２ m² h₂o ③"), "abc12 m2 h2o 3");
        assert_eq!(folded("ﬁlter coﬀee nº 5"), "filter coffee no 5");
        for text in ["绿茶", "カタ", "чай", "τσάι", "가", "🍵", ""] {
            assert_eq!(folded(text), text);
        }
    }

    #[test]
    fn each_character_stands_for_one_thing() {
        let mut all: Vec<char> = PLAIN.iter().flat_map(|(_, marked)| marked.chars()).collect();
        let n = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), n);
        assert!(all.iter().all(|c| c.is_alphanumeric() && c.to_lowercase().eq([*c])));
        assert!(all.iter().all(|c| MAY_BE_MARKED.iter().any(|range| range.contains(c))));
    }
}
