//! Lines of a stream, each of bounded length: a line of 2 GB is counted and skipped without ever being in memory.

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// Longest line that is read, bytes. A row of prices has about 70.
pub(super) const LONGEST: usize = 16 * 1024;

/// A line of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its bytes, without the end of line.
    Bytes(Vec<u8>),
    /// It was longer than [`LONGEST`] and has been skipped.
    TooLong,
}

/// The next line; `None` at the end of the stream.
pub(super) async fn next(source: &mut (impl AsyncBufRead + Unpin)) -> std::io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    let mut any = false;
    loop {
        let piece = source.fill_buf().await?;
        if piece.is_empty() {
            break;
        }
        any = true;
        let end = piece.iter().position(|&b| b == b'\n');
        let take = end.unwrap_or(piece.len());
        if too_long || line.len() + take > LONGEST {
            too_long = true;
            line = Vec::new();
        } else {
            line.extend_from_slice(&piece[..take]);
        }
        source.consume(end.map_or(take, |end| end + 1));
        if end.is_some() {
            break;
        }
    }
    Ok(match (any, too_long) {
        (false, _) => None,
        (true, true) => Some(Line::TooLong),
        (true, false) => {
            if line.last() == Some(&b'\r') {
                line.pop();
            }
            Some(Line::Bytes(line))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_too_long_is_skipped_and_the_next_one_read() {
        let text = [b"a,b\r\n".to_vec(), vec![b'x'; 3 * LONGEST], b"\nlast".to_vec()].concat();
        let mut source = tokio::io::BufReader::with_capacity(1000, text.as_slice());
        assert_eq!(next(&mut source).await.unwrap(), Some(Line::Bytes(b"a,b".to_vec())));
        assert_eq!(next(&mut source).await.unwrap(), Some(Line::TooLong));
        assert_eq!(next(&mut source).await.unwrap(), Some(Line::Bytes(b"last".to_vec())));
        assert_eq!(next(&mut source).await.unwrap(), None);
    }
}
