//! Texts that came from outside, as a terminal may show them: what would steer it, or turn words around, is written out.

use std::borrow::Cow;

/// A text on one line. Control characters (C0, DEL, C1, so every escape sequence), line breaks among them, and what changes the
/// direction or the lines of a text, are written as `\u{1b}`; all else stays as it is.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, steers)
}

/// The same for what has lines of its own: `\n` stays.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    shown(text, |c| c != '\n' && steers(c))
}

/// A JSON document of the same meaning without such characters: in JSON they can only stand within texts, as `\u009b`, and outside of
/// texts only where `\n` sets its lines.
pub fn visible_json(document: &str) -> Cow<'_, str> {
    if !document.contains(|c: char| c != '\n' && steers(c)) {
        return document.into();
    }
    let mut shown = String::with_capacity(document.len() + 16);
    for c in document.chars() {
        if c != '\n' && steers(c) {
            let mut units = [0; 2];
            c.encode_utf16(&mut units).iter().for_each(|unit| shown += &format!("\\u{unit:04x}"));
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

/// Whether a terminal, or a reader's eye, would be led elsewhere by it.
pub fn steers(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    // Tags are never drawn: whole sentences fit into what looks like nothing.
    let hides = matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    c.is_control() || turns || breaks || hides
}

fn shown(text: &str, is_written_out: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_written_out) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_written_out(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_steers_a_terminal_is_written_out_and_all_else_stays() {
        assert_eq!(visible("\u{1b}[2Jgone\r\n"), r"\u{1b}[2Jgone\u{d}\u{a}");
        assert_eq!(
            visible("C1 \u{9b}31m, DEL \u{7f}, user\u{202e}txt.exe"),
            r"C1 \u{9b}31m, DEL \u{7f}, user\u{202e}txt.exe"
        );
        assert_eq!(visible_lines("one\n\ttwo"), "one\n\\u{9}two");
        for plain in ["", "Ñandú – 東京 👩‍🔬", "a \\u{1b} that was written so"] {
            assert!(matches!(visible(plain), Cow::Borrowed(same) if same == plain), "{plain}");
        }
        assert_eq!(visible_json("{\n  \"a\": \"\u{9b}\u{e0041}\"\n}"), "{\n  \"a\": \"\\u009b\\udb40\\udc41\"\n}");
    }

    proptest! {
        /// Whatever a text holds, nothing of it steers; and what holds nothing of that kind is left alone.
        #[test]
        fn nothing_that_steers_is_left(text in any::<String>()) {
            prop_assert!(!visible(&text).contains(steers));
            prop_assert!(!visible_lines(&text).contains(|c: char| c != '\n' && steers(c)));
            if !text.contains(steers) {
                let shown = visible(&text);
                prop_assert_eq!(shown.as_ref(), text.as_str());
            }
        }

        /// Whoever reads the JSON gets the very text.
        #[test]
        fn json_stays_faithful(texts in prop::collection::vec(any::<String>(), 0..4)) {
            let document = serde_json::to_string_pretty(&texts).unwrap();
            let shown = visible_json(&document);
            prop_assert!(!shown.contains(|c: char| c != '\n' && steers(c)));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&shown).unwrap(), texts);
        }
    }
}
