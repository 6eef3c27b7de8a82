//! Scripts that put no spaces between words, and characters of double width.

/// Whether the words of a character's script stand without spaces between them: Chinese
/// characters and Japanese kana.
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A full-width letter, digit or sign (Ａ, １, ％, ￥) as its plain form; others as they are.
pub fn narrowed(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from((c as u32 - 0xfee0) as u8),
        '\u{3000}' => ' ',
        '\u{ffe5}' => '¥',
        _ => c,
    }
}

/// A text in plain width, with a space where a script without spaces begins
/// or ends: "iPhone手机壳" is "iPhone 手机壳".
pub fn spaced(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut was_unspaced = false;
    for c in text.chars().map(narrowed) {
        if is_unspaced(c) != was_unspaced {
            was_unspaced = !was_unspaced;
            out.push(' ');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_told_apart_and_widths_are_not() {
        assert_eq!(spaced("iPhone手机壳 ＡＢ１２，２０元"), "iPhone 手机壳  AB12,20 元");
        assert!("饼干カタかな々𠀀".chars().all(is_unspaced));
        assert!(!"aé1한ไ！，。%🍪".chars().any(is_unspaced));
        assert_eq!("（Ａ～ｚ）￥　".chars().map(narrowed).collect::<String>(), "(A~z)¥ ");
    }
}
