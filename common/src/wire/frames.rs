//! Frames on a pipe between a supervisor and its executor: the length as `u32`, little-endian, then the body.
//!
//! The executor is synchronous, the supervisor is not; both speak through here.

use std::io::{self, Read, Write};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Most bytes of one frame.
pub const MAX_FRAME: usize = 64 << 20;

/// A frame could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// The length says more than [`MAX_FRAME`]: the pipe carries something else.
    #[error("a frame of {length} bytes, at most {MAX_FRAME} are allowed")]
    TooLarge {
        /// What the length says.
        length: usize,
    },
    /// The other side went away in the middle of a frame.
    #[error("the pipe ended in the middle of a frame")]
    Truncated,
    /// The pipe failed.
    #[error("the pipe failed")]
    Io(#[source] io::Error),
}

impl From<io::Error> for FrameError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Truncated,
            _ => Self::Io(error),
        }
    }
}

fn header(body: &[u8]) -> Result<[u8; 4], FrameError> {
    let too_large = FrameError::TooLarge { length: body.len() };
    match u32::try_from(body.len()) {
        Ok(length) if body.len() <= MAX_FRAME => Ok(length.to_le_bytes()),
        _ => Err(too_large),
    }
}

fn body_length(header: [u8; 4]) -> Result<usize, FrameError> {
    let length = u32::from_le_bytes(header) as usize;
    if length <= MAX_FRAME { Ok(length) } else { Err(FrameError::TooLarge { length }) }
}

/// Writes one frame and flushes.
///
/// # Errors
/// The body is too large, or the pipe failed.
pub fn write_frame(pipe: &mut impl Write, body: &[u8]) -> Result<(), FrameError> {
    pipe.write_all(&header(body)?)?;
    pipe.write_all(body)?;
    Ok(pipe.flush()?)
}

/// Reads one frame; `None` when the other side closed the pipe between frames.
///
/// # Errors
/// The length is absurd, the frame is cut off, or the pipe failed.
pub fn read_frame(pipe: &mut impl Read) -> Result<Option<Bytes>, FrameError> {
    let mut header = [0; 4];
    loop {
        match pipe.read(&mut header[..1]) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    pipe.read_exact(&mut header[1..])?;
    let mut body = vec![0; body_length(header)?];
    pipe.read_exact(&mut body)?;
    Ok(Some(body.into()))
}

/// Writes one frame and flushes. Not cancel-safe: a frame half written spoils the pipe.
///
/// # Errors
/// The body is too large, or the pipe failed.
pub async fn send_frame(pipe: &mut (impl AsyncWrite + Unpin), body: &[u8]) -> Result<(), FrameError> {
    pipe.write_all(&header(body)?).await?;
    pipe.write_all(body).await?;
    Ok(pipe.flush().await?)
}

/// Reads one frame; `None` when the other side closed the pipe between frames. Not cancel-safe: give it a task of its own.
///
/// # Errors
/// The length is absurd, the frame is cut off, or the pipe failed.
pub async fn receive_frame(pipe: &mut (impl AsyncRead + Unpin)) -> Result<Option<Bytes>, FrameError> {
    let mut header = [0; 4];
    if pipe.read(&mut header[..1]).await? == 0 {
        return Ok(None);
    }
    pipe.read_exact(&mut header[1..]).await?;
    let mut body = vec![0; body_length(header)?];
    pipe.read_exact(&mut body).await?;
    Ok(Some(body.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn what_one_side_writes_the_other_reads() {
        let (mut near, mut far) = tokio::io::duplex(16);
        let sent = [b"one".as_slice(), b"", &[7; 100]];
        let sender = tokio::spawn(async move {
            for body in sent {
                send_frame(&mut near, body).await.unwrap();
            }
        });
        let mut pipe = Vec::new();
        for body in sent {
            assert_eq!(receive_frame(&mut far).await.unwrap().unwrap(), body);
            write_frame(&mut pipe, body).unwrap();
        }
        sender.await.unwrap();
        assert_eq!(receive_frame(&mut far).await.unwrap(), None);

        let mut pipe = pipe.as_slice();
        for body in sent {
            assert_eq!(read_frame(&mut pipe).unwrap().unwrap(), body);
        }
        assert_eq!(read_frame(&mut pipe).unwrap(), None);
    }

    #[test]
    fn an_absurd_length_is_refused_before_memory_is_taken() {
        let header = u32::MAX.to_le_bytes();
        assert!(matches!(read_frame(&mut header.as_slice()), Err(FrameError::TooLarge { .. })));
    }

    proptest! {
        /// However a pipe of one frame is cut, the cut is noticed.
        #[test]
        fn a_cut_is_noticed(body in proptest::collection::vec(any::<u8>(), 0..50), cut in any::<prop::sample::Index>()) {
            let mut pipe = Vec::new();
            write_frame(&mut pipe, &body).unwrap();
            pipe.truncate(cut.index(pipe.len()));
            let read = read_frame(&mut pipe.as_slice());
            prop_assert!(matches!(read, Err(FrameError::Truncated)) || (pipe.is_empty() && matches!(read, Ok(None))));
        }
    }
}
