//! What a text is read as: entities decoded, mentions and links each one mark, lower case, elongations cut, then words
//! and signs.

use std::borrow::Cow;
use std::ops::Range;

/// Stands for any mention of a user.
pub(crate) const MENTION: char = '\u{e000}';
/// Stands for any link.
pub(crate) const LINK: char = '\u{e001}';
/// A letter or sign is not repeated more often than this ("sooooo" is "soo").
const MOST_REPEATS: usize = 2;

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// Letters, digits, `_` and `'`, with a leading `#` if it is a tag.
    Word,
    /// One sign, emoji, mention or link.
    Sign,
}

/// One token of a text.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Token<'a> {
    pub(crate) kind: TokenKind,
    pub(crate) text: &'a str,
}

/// A text as it is read: pieces parted by one blank, with a blank at either end, so that an n-gram of words or of
/// characters is always a slice of it.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub(crate) text: String,
    /// Tokens as ranges of bytes.
    pub(crate) spans: Vec<(TokenKind, Range<usize>)>,
}

impl Tokens {
    pub(crate) fn of(text: &str) -> Self {
        let once = decoded(text);
        let text = normalised(&decoded(&once));
        let spans = spans(&text);
        Self { text, spans }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Token<'_>> {
        self.spans.iter().map(|(kind, span)| Token { kind: *kind, text: &self.text[span.clone()] })
    }
}

/// Replaces the HTML entities that feeds leave behind, by number and the most common ones by name.
fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('&') {
        return Cow::Borrowed(text);
    }
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(';').and_then(|(name, rest)| Some((entity(name)?, rest))) {
            Some((c, rest)) => {
                out.push(c);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    Cow::Owned(out)
}

fn entity(name: &str) -> Option<char> {
    let code = match name.strip_prefix('#') {
        Some(number) => match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        },
        None => return NAMED.iter().find(|(known, _)| *known == name).map(|(_, c)| *c),
    };
    char::from_u32(code)
}

const NAMED: [(&str, char); 8] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("hellip", '…'),
    ("mdash", '—'),
];

fn normalised(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    out.push(' ');
    let (mut last, mut repeats) = (' ', 0);
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if let Some((mark, length)) = mark(rest, c) {
            blank(&mut out);
            out.push(mark);
            out.push(' ');
            rest = &rest[length..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c.is_whitespace() {
            blank(&mut out);
            last = ' ';
            continue;
        }
        for c in c.to_lowercase() {
            repeats = if c == last { repeats + 1 } else { 1 };
            last = c;
            if repeats <= MOST_REPEATS || c.is_numeric() {
                out.push(c);
            }
        }
    }
    blank(&mut out);
    out
}

/// Ends with a blank, and only one.
fn blank(out: &mut String) {
    if !out.ends_with(' ') {
        out.push(' ');
    }
}

/// The mark that a mention or link at the start of `rest` becomes, and its length in bytes.
fn mark(rest: &str, first: char) -> Option<(char, usize)> {
    match first {
        '@' => {
            let name = rest[1..].find(|c: char| !in_word(c)).unwrap_or(rest.len() - 1);
            (name > 0).then_some((MENTION, 1 + name))
        }
        'h' | 'H' => {
            let head = rest.get(..8).unwrap_or(rest).to_ascii_lowercase();
            let is_link = head.starts_with("http://") || head.starts_with("https://");
            is_link.then(|| (LINK, rest.find(char::is_whitespace).unwrap_or(rest.len())))
        }
        _ => None,
    }
}

fn in_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn spans(text: &str) -> Vec<(TokenKind, Range<usize>)> {
    let mut spans = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let after = at + c.len_utf8();
        let word_end = |from: usize| text[from..].find(|c| !in_word(c) && c != '\'').map_or(text.len(), |n| from + n);
        let end = match c {
            ' ' => after,
            '#' => word_end(after),
            c if in_word(c) || c == '\'' => word_end(after),
            _ => after,
        };
        if c != ' ' {
            let is_word = in_word(c) || end > after;
            spans.push((if is_word { TokenKind::Word } else { TokenKind::Sign }, at..end));
        }
        at = end;
    }
    spans
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn texts(text: &str) -> Vec<String> {
        Tokens::of(text).iter().map(|token| token.text.to_owned()).collect()
    }

    #[test]
    fn feeds_are_read_as_people_read_them() {
        assert_eq!(
            Tokens::of("RT @Ann_1: Sooooo GOOD &amp;amp; \n #Fun100000").text,
            " rt \u{e000} : soo good & #fun100000 "
        );
        assert_eq!(texts("don't!! #yes # &#128514;"), ["don't", "!", "!", "#yes", "#", "\u{1f602}"]);
        assert_eq!(texts("see https://x.org/a?b=1\"c d"), ["see", "\u{e001}", "d"]);
        assert_eq!(texts("a@ b & c &unknown; &#x41;"), ["a", "@", "b", "&", "c", "&", "unknown", ";", "a"]);
        assert_eq!(texts("http:/no hello @"), ["http", ":", "/", "no", "hello", "@"]);
        assert!(texts("").is_empty() && texts(" \t\n").is_empty());
    }

    proptest! {
        /// D6: whatever comes in, reading never panics, and blanks are as the n-grams rely on.
        #[test]
        fn any_text_is_read(text in ".{0,80}") {
            let tokens = Tokens::of(&text);
            prop_assert!(tokens.text.starts_with(' ') && tokens.text.ends_with(' '));
            prop_assert!(!tokens.text.contains("  "));
            let joined: String = tokens.iter().map(|token| token.text).collect();
            prop_assert_eq!(joined, tokens.text.replace(' ', ""));
        }
    }
}
