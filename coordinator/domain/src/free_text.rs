//! What people write for people: reasons, notes, categories, tags. It is kept as it is and shown in one line.

/// Longest text, characters.
const LONGEST: usize = 1000;

/// A text that is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotPlain {
    /// A control character where people read: no database, log or terminal takes them all alike.
    #[error("character {position} of the {what} is the control character U+{code:04X}: write it without, in one line")]
    ControlCharacter {
        /// What it is, in words.
        what: &'static str,
        /// From 1.
        position: usize,
        /// Of Unicode.
        code: u32,
    },
    /// Nobody reads so much where it is shown.
    #[error("the {what} is longer than {LONGEST} characters")]
    TooLong {
        /// What it is, in words.
        what: &'static str,
    },
}

/// Whether a text has no control characters, and at most 1000 others; `what` it is, in words.
///
/// # Errors
/// It has one, or more.
pub fn plain(what: &'static str, text: &str) -> Result<(), NotPlain> {
    if text.chars().nth(LONGEST).is_some() {
        return Err(NotPlain::TooLong { what });
    }
    match text.chars().zip(1..).find(|(character, _)| character.is_control()) {
        None => Ok(()),
        Some((character, position)) => Err(NotPlain::ControlCharacter { what, position, code: character.into() }),
    }
}

/// The same of a text that may be left out.
///
/// # Errors
/// As of [`plain`].
pub fn plain_if_any(what: &'static str, text: Option<&str>) -> Result<(), NotPlain> {
    text.map_or(Ok(()), |text| plain(what, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_people_is_taken_and_control_characters_are_not() {
        for text in ["", "new driver", "el proveedor falló", "不要", "a\u{202e}b", "🙂"] {
            assert_eq!(plain("reason", text), Ok(()), "{text:?}");
        }
        for (text, position, code) in [
            ("a\0b", 2, 0),
            ("\u{1b}[2J", 1, 0x1b),
            ("é\n", 2, 0xa),
            ("\t", 1, 9),
            ("\u{7f}", 1, 0x7f),
            ("\u{9b}", 1, 0x9b),
        ] {
            let refused = Err(NotPlain::ControlCharacter { what: "reason", position, code });
            assert_eq!(plain("reason", text), refused, "{text:?}");
        }
        assert_eq!(plain("reason", &"ñ".repeat(1000)), Ok(()));
        assert_eq!(plain("reason", &"ñ".repeat(1001)), Err(NotPlain::TooLong { what: "reason" }));
        assert_eq!(plain_if_any("reason", None), Ok(()));
        assert_eq!(plain_if_any("reason", Some("a\0b")), plain("reason", "a\0b"));
        let said = plain("reason", "a\0b").unwrap_err().to_string();
        assert_eq!(said, "character 2 of the reason is the control character U+0000: write it without, in one line");
    }
}
