//! Words as a shell takes them, for advice that can be copied.

use std::borrow::Cow;

/// A word, in quotes if a shell would read anything else into it.
pub fn shell_word(word: &str) -> Cow<'_, str> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_-./:=,@%+".contains(c);
    match !word.is_empty() && word.chars().all(is_plain) {
        true => Cow::Borrowed(word),
        false => Cow::Owned(format!("'{}'", word.replace('\'', r"'\''"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_change_is_quoted() {
        for plain in ["text/k2", "confirmed=spam,offer", "v1.0"] {
            assert_eq!(shell_word(plain), plain);
        }
        assert_eq!(shell_word("Monthly Income"), "'Monthly Income'");
        assert_eq!(shell_word("don't"), r"'don'\''t'");
        assert_eq!(shell_word(""), "''");
    }
}
