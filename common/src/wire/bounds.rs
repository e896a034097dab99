//! Measures a MessagePack value before anything is allocated for it.

use rmp::Marker;

use super::codec::{CodecError, Limits};

/// Walks over exactly one value without decoding it. The walk needs no more memory than `limits.depth` numbers.
///
/// # Errors
/// Too large, too deep, cut off, followed by more, or holding the one byte MessagePack never uses.
pub(super) fn check(bytes: &[u8], limits: Limits) -> Result<(), CodecError> {
    if bytes.len() > limits.bytes {
        return Err(CodecError::TooLarge { bytes: bytes.len(), limit: limits.bytes });
    }
    let mut rest = Rest(bytes);
    // How many values each open array or map still needs, outermost first; the first entry stands for the value itself.
    let mut open = vec![1_u64];
    while let Some(wanted) = open.last_mut() {
        if *wanted == 0 {
            open.pop();
            continue;
        }
        *wanted -= 1;
        if let Some(children) = rest.value()? {
            if open.len() > limits.depth {
                return Err(CodecError::TooDeep { limit: limits.depth });
            }
            open.push(children);
        }
    }
    if rest.0.is_empty() { Ok(()) } else { Err(CodecError::Trailing(rest.0.len())) }
}

/// What has not been walked over yet.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    /// Steps over a scalar, or into an array or map: then the number of values inside.
    fn value(&mut self) -> Result<Option<u64>, CodecError> {
        let marker = Marker::from_u8(self.number(1)? as u8);
        let payload = match marker {
            Marker::FixPos(_) | Marker::FixNeg(_) | Marker::Null | Marker::False | Marker::True => 0,
            Marker::U8 | Marker::I8 => 1,
            Marker::U16 | Marker::I16 => 2,
            Marker::U32 | Marker::I32 | Marker::F32 => 4,
            Marker::U64 | Marker::I64 | Marker::F64 => 8,
            Marker::FixStr(length) => length.into(),
            Marker::Str8 | Marker::Bin8 => self.number(1)?,
            Marker::Str16 | Marker::Bin16 => self.number(2)?,
            Marker::Str32 | Marker::Bin32 => self.number(4)?,
            // An extension has one more byte, its type.
            Marker::FixExt1 => 2,
            Marker::FixExt2 => 3,
            Marker::FixExt4 => 5,
            Marker::FixExt8 => 9,
            Marker::FixExt16 => 17,
            Marker::Ext8 => self.number(1)? + 1,
            Marker::Ext16 => self.number(2)? + 1,
            Marker::Ext32 => self.number(4)? + 1,
            Marker::FixArray(length) => return Ok(Some(length.into())),
            Marker::Array16 => return Ok(Some(self.number(2)?)),
            Marker::Array32 => return Ok(Some(self.number(4)?)),
            Marker::FixMap(length) => return Ok(Some(2 * u64::from(length))),
            Marker::Map16 => return Ok(Some(2 * self.number(2)?)),
            Marker::Map32 => return Ok(Some(2 * self.number(4)?)),
            Marker::Reserved => return Err(CodecError::Malformed("byte 0xc1 is not MessagePack".into())),
        };
        self.take(payload)?;
        Ok(None)
    }

    /// A big-endian number of `width` bytes.
    fn number(&mut self, width: u64) -> Result<u64, CodecError> {
        Ok(self.take(width)?.iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    fn take(&mut self, count: u64) -> Result<&[u8], CodecError> {
        let count = usize::try_from(count).map_err(|_| CodecError::Truncated)?;
        let (taken, rest) = self.0.split_at_checked(count).ok_or(CodecError::Truncated)?;
        self.0 = rest;
        Ok(taken)
    }
}
