//! Which passwords are taken: long ones that are not the first to be tried. No rule asks for
//! kinds of characters, which makes people write their passwords down.

/// Shortest password, in characters.
pub const PASSWORD_CHARS_MIN: usize = 12;
/// Longest password, in bytes of UTF-8.
pub const PASSWORD_BYTES_MAX: usize = 256;
/// A shorter login name may be part of a password by accident.
const NAME_CHARS_MIN: usize = 4;
/// Fewer different characters are a key held down.
const DIFFERENT_CHARS_MIN: usize = 4;
/// The commonest of those that are long enough, one a line, in lower case.
const COMMON: &str = include_str!("common.txt");

/// Why a password is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PasswordFault {
    /// Fewer than [`PASSWORD_CHARS_MIN`].
    #[error(
        "the password is too short: {PASSWORD_CHARS_MIN} characters or more, such as four words"
    )]
    TooShort,
    /// More than [`PASSWORD_BYTES_MAX`].
    #[error("the password is too long: {PASSWORD_BYTES_MAX} bytes at most")]
    TooLong,
    /// Among those that are tried first, or hardly more than one character repeated.
    #[error("the password is one of the commonest: choose another")]
    Common,
    /// The login name is part of it.
    #[error("the password has the login name in it: choose another")]
    HasLogin,
}

/// Takes or refuses a new password for a folded login name.
pub(crate) fn check(password: &str, login: &str) -> Result<(), PasswordFault> {
    if password.len() > PASSWORD_BYTES_MAX {
        return Err(PasswordFault::TooLong);
    }
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return Err(PasswordFault::TooShort);
    }
    let folded = password.to_lowercase();
    let mut characters: Vec<_> = folded.chars().collect();
    characters.sort_unstable();
    characters.dedup();
    if characters.len() < DIFFERENT_CHARS_MIN || COMMON.lines().any(|common| common == folded) {
        return Err(PasswordFault::Common);
    }
    // Of an address, also what stands before the @.
    let names = [login, login.split('@').next().unwrap_or(login)];
    let is_in = |name: &str| name.len() >= NAME_CHARS_MIN && folded.contains(name);
    if names.into_iter().any(is_in) {
        return Err(PasswordFault::HasLogin);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_decides_a_case() {
        let login = "anna.berg@shop.example";
        assert_eq!(check("four quiet grey mice", login), Ok(()));
        assert_eq!(check("elf zeichen", login), Err(PasswordFault::TooShort));
        assert_eq!(check("zwölf zeiche", login), Ok(()));
        let longest = "abcd".repeat(PASSWORD_BYTES_MAX / 4);
        assert_eq!(check(&longest, login), Ok(()));
        assert_eq!(check(&format!("{longest}e"), login), Err(PasswordFault::TooLong));
        assert_eq!(check("Password1234", login), Err(PasswordFault::Common));
        assert_eq!(check("ababababababab", login), Err(PasswordFault::Common));
        assert_eq!(check("my Anna.Berg is it", login), Err(PasswordFault::HasLogin));
        assert_eq!(check("anna.berg@shop.example", login), Err(PasswordFault::HasLogin));
        assert_eq!(check("bob or somebody", "bob"), Ok(()));
    }

    #[test]
    fn the_list_has_only_what_the_other_rules_let_through() {
        let lines: Vec<_> = COMMON.lines().collect();
        assert!(lines.len() >= 100, "{}", lines.len());
        for line in lines {
            assert!(line.chars().count() >= PASSWORD_CHARS_MIN, "{line}");
            assert_eq!(line, line.to_lowercase());
        }
    }
}
