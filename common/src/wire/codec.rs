//! How messages look on the wire: MessagePack with named fields, in an envelope `{v, body}`.
//!
//! Fields are named because compact arrays cannot tell a skipped option from its neighbour, and so that a field can be added
//! without a new version. What comes in is measured before it is decoded: size, nesting and completeness.

use bytes::Bytes;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::bounds;

/// The version this build speaks.
pub const VERSION: u32 = 1;

/// What a message may cost to decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Most bytes.
    pub bytes: usize,
    /// Most levels of arrays and maps, the envelope included.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: 8 << 20, depth: 32 }
    }
}

/// A message is not one.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CodecError {
    /// Longer than allowed.
    #[error("the message has {bytes} bytes, at most {limit} are allowed")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// What is allowed.
        limit: usize,
    },
    /// Nested deeper than allowed.
    #[error("the message is nested deeper than {limit} levels")]
    TooDeep {
        /// What is allowed.
        limit: usize,
    },
    /// It ends too early.
    #[error("the message is cut off")]
    Truncated,
    /// Something follows it.
    #[error("{0} bytes follow the message")]
    Trailing(usize),
    /// Another build wrote it.
    #[error("the message is of version {found}, this build speaks version {VERSION}: run the same release everywhere")]
    Version {
        /// The version it claims.
        found: u32,
    },
    /// It is not MessagePack, or not this message.
    #[error("the message cannot be understood: {0}")]
    Malformed(String),
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    v: u32,
    body: T,
}

/// The part of an envelope that every version has.
#[derive(Deserialize)]
struct Head {
    v: u32,
}

/// Encodes a message.
///
/// # Errors
/// The type cannot be written as MessagePack (maps or sequences of unknown length); no message of ours is such a type.
pub fn encode<T: Serialize + ?Sized>(body: &T) -> Result<Bytes, CodecError> {
    match rmp_serde::to_vec_named(&Envelope { v: VERSION, body }) {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => Err(CodecError::Malformed(error.to_string())),
    }
}

/// Decodes a message, after checking its size and nesting.
///
/// # Errors
/// Everything that is not a message of this type and version.
pub fn decode<T: DeserializeOwned>(bytes: &[u8], limits: Limits) -> Result<T, CodecError> {
    bounds::check(bytes, limits)?;
    let malformed = |error: rmp_serde::decode::Error| CodecError::Malformed(error.to_string());
    // The version first: the body of another one may look different.
    match rmp_serde::from_slice::<Head>(bytes).map_err(malformed)?.v {
        VERSION => Ok(rmp_serde::from_slice::<Envelope<T>>(bytes).map_err(malformed)?.body),
        found => Err(CodecError::Version { found }),
    }
}
