//! When two texts are nearly the same: the canonical form, and the group that keeps near-duplicates on one side.

use sha2::{Digest, Sha256};

use super::tokens::{Token, TokenKind, Tokens};

/// What two texts have in common when they say the same: lower-case letters only, without mentions, links, retweet
/// marks, digits and punctuation, words parted by one blank. A text with nothing else (emoji, say) stays as it is,
/// trimmed and in lower case.
pub fn canonical(text: &str) -> String {
    let words = words(text);
    if words.is_empty() { text.trim().to_lowercase() } else { words.join(" ") }
}

/// The group of a text: a hash of the set of its canonical words, so that a repeated or reordered text is in the group
/// too. It depends on the text alone, so that adding rows never moves another row.
pub fn group(text: &str) -> u64 {
    let mut words = words(text);
    words.sort_unstable();
    words.dedup();
    let set = if words.is_empty() { canonical(text) } else { words.join(" ") };
    hash(&set)
}

fn hash(text: &str) -> u64 {
    Sha256::digest(text.as_bytes()).iter().take(8).fold(0, |hash, byte| hash << 8 | u64::from(*byte))
}

fn words(text: &str) -> Vec<String> {
    let tokens = Tokens::of(text);
    let words = tokens
        .iter()
        .filter(|token| token.kind == TokenKind::Word)
        .map(|Token { text, .. }| text.chars().filter(|c| c.is_alphabetic()).collect::<String>());
    words.filter(|word| !word.is_empty() && word != "rt").collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_duplicates_share_form_and_group() {
        let text = "RT @ann: Birds &amp; bees, 3 of them!! http://t.co/x1";
        assert_eq!(canonical(text), "birds bees of them");
        assert_eq!(canonical("birds bees... OF them 9 @bob https://x.org/2"), canonical(text));
        assert_eq!(group("them birds bees of of"), group(text));
        assert_ne!(group("birds bees of"), group(text));
        assert_ne!(canonical("them birds bees of"), canonical(text));
    }

    #[test]
    fn texts_without_letters_are_told_apart() {
        assert_eq!(canonical("  123 !! "), "123 !!");
        assert_ne!(group("\u{1f600}"), group("\u{1f601}"));
        assert_ne!(group("@ann"), group("@bob"));
    }

    /// Sides rely on these never changing.
    #[test]
    fn groups_are_the_same_in_every_build() {
        assert_eq!(group("Birds and bees"), 0x9fdca87de90a24b3);
    }
}
