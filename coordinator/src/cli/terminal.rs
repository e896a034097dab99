//! Pieces of a file on a terminal: what would steer it is written out.

use std::io::{Result, Write};

use common::visible::visible_lines;

/// Writes texts so that nothing in them steers a terminal; what is no UTF-8 is shown as such.
pub(crate) struct Terminal<W: Write> {
    to: W,
    /// The beginning of a character whose end is in the next piece.
    begun: Vec<u8>,
}

impl<W: Write> Terminal<W> {
    pub(crate) fn new(to: W) -> Self {
        Self { to, begun: Vec::new() }
    }

    fn show(&mut self, bytes: &[u8]) -> Result<()> {
        self.to.write_all(visible_lines(&String::from_utf8_lossy(bytes)).as_bytes())
    }
}

impl<W: Write> Write for Terminal<W> {
    fn write(&mut self, piece: &[u8]) -> Result<usize> {
        self.begun.extend_from_slice(piece);
        let bytes = std::mem::take(&mut self.begun);
        let whole = match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.len(),
            Err(error) if error.error_len().is_none() => error.valid_up_to(),
            // Bytes that are no text at all: the last may still begin a character.
            Err(_) => bytes.len() - unfinished(&bytes),
        };
        self.show(&bytes[..whole])?;
        self.begun = bytes[whole..].to_vec();
        Ok(piece.len())
    }

    fn flush(&mut self) -> Result<()> {
        let rest = std::mem::take(&mut self.begun);
        self.show(&rest)?;
        self.to.flush()
    }
}

/// Bytes at the end that may begin a character.
fn unfinished(bytes: &[u8]) -> usize {
    let begins = |byte: u8| byte >= 0xc0;
    bytes.iter().rev().take(3).position(|byte| begins(*byte)).map_or(0, |place| place + 1)
}

#[cfg(test)]
mod tests {
    use common::visible::steers;
    use proptest::prelude::*;

    use super::*;

    fn shown(pieces: &[&[u8]]) -> String {
        let mut all = Vec::new();
        let mut terminal = Terminal::new(&mut all);
        pieces.iter().for_each(|piece| terminal.write_all(piece).unwrap());
        terminal.flush().unwrap();
        String::from_utf8(all).unwrap()
    }

    proptest! {
        /// However a text is cut, all of it is shown, and nothing steers.
        #[test]
        fn pieces_are_shown_as_the_whole_is(text in any::<String>(), cut in any::<prop::sample::Index>()) {
            let bytes = text.as_bytes();
            let cut = cut.index(bytes.len() + 1);
            prop_assert_eq!(shown(&[&bytes[..cut], &bytes[cut..]]), visible_lines(&text));
        }

        #[test]
        fn bytes_that_are_no_text_do_not_steer(bytes in prop::collection::vec(any::<u8>(), 0..64), cut in any::<prop::sample::Index>()) {
            let cut = cut.index(bytes.len() + 1);
            prop_assert!(!shown(&[&bytes[..cut], &bytes[cut..]]).contains(|c: char| c != '\n' && steers(c)));
        }
    }
}
