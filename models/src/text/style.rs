//! Writing styles: slices of texts that a classifier may treat unevenly.

use super::tokens::{LINK, MENTION, Tokens};

/// Texts shorter than this many characters are short.
const SHORT: usize = 50;
/// Texts of at least this many characters are long.
const LONG: usize = 100;
/// Letters a text needs before it can be all capitals.
const MIN_LETTERS: usize = 8;

/// The styles of a text, in a fixed order; one of them is always its length.
pub fn styles(text: &str) -> Vec<&'static str> {
    let tokens = Tokens::of(text);
    let has = |mark: char| tokens.text.contains(mark);
    let mut letters = text.chars().filter(|c| c.is_alphabetic() && (c.is_uppercase() || c.is_lowercase()));
    let (letters, capitals) = letters.by_ref().fold((0, 0), |(n, up), c| (n + 1, up + usize::from(c.is_uppercase())));
    let length = text.chars().count();
    let found = [
        (tokens.iter().any(|token| token.text.len() > 1 && token.text.starts_with('#')), "hashtag"),
        (has(MENTION), "mention"),
        (has(LINK), "link"),
        (letters >= MIN_LETTERS && capitals * 10 >= letters * 8, "capitals"),
        (tokens.text.chars().any(is_pictograph), "emoji"),
        (length < SHORT, "short"),
        ((SHORT..LONG).contains(&length), "medium"),
        (length >= LONG, "long"),
    ];
    found.into_iter().filter_map(|(is, name)| is.then_some(name)).collect()
}

fn is_pictograph(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{1f300}'..='\u{1faff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn styles_are_told_apart() {
        assert_eq!(styles("see #tag by @ann http://x.org &#128514;"), ["hashtag", "mention", "link", "emoji", "short"]);
        assert_eq!(styles("WHY ARE YOU SHOUTING"), ["capitals", "short"]);
        assert_eq!(styles("OK"), ["short"]);
        assert_eq!(styles(&"ab ".repeat(20)), ["medium"]);
        assert_eq!(styles(&"ab ".repeat(40)), ["long"]);
    }
}
