//! What the pages of a column claim to hold, before any of them is unpacked: a page of a few bytes may unpack to gigabytes.
//!
//! The Parquet library unpacks a page as large as its header says. Headers are structs in Thrift's compact protocol; of theirs only the
//! two sizes matter here, and the rest is passed over.

use super::FormatError;

/// Deeper nesting is in no header.
const DEEPEST: u8 = 8;
/// The fields of a page's header: its size unpacked, and packed.
const UNPACKED: i64 = 2;
const PACKED: i64 = 3;

/// The bytes that the pages of a column chunk unpack to, by their own words.
///
/// # Errors
/// They are not pages.
pub(super) fn unpacked(chunk: &[u8]) -> Result<u64, FormatError> {
    let (mut rest, mut total) = (chunk, 0_u64);
    while !rest.is_empty() {
        let mut header = Header { rest, unpacked: None, packed: None };
        header.read(0, true).ok_or_else(damaged)?;
        let size = |size: Option<i64>| size.and_then(|size| u64::try_from(size).ok()).ok_or_else(damaged);
        total = total.saturating_add(size(header.unpacked)?);
        let packed = usize::try_from(size(header.packed)?).map_err(|_| damaged())?;
        rest = header.rest.get(packed..).ok_or_else(damaged)?;
    }
    Ok(total)
}

fn damaged() -> FormatError {
    FormatError::Parquet("a page has no readable header".into())
}

/// A header on its way through; `None` where its bytes end too early or say nothing.
struct Header<'a> {
    rest: &'a [u8],
    unpacked: Option<i64>,
    packed: Option<i64>,
}

impl Header<'_> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(*first)
    }

    fn skip(&mut self, count: u64) -> Option<()> {
        self.rest = self.rest.get(usize::try_from(count).ok()?..)?;
        Some(())
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(value);
            }
        }
        None
    }

    fn integer(&mut self) -> Option<i64> {
        self.varint().map(|value| (value >> 1) as i64 ^ -((value & 1) as i64))
    }

    /// A struct, to its end; the outermost is the header itself.
    fn read(&mut self, depth: u8, outermost: bool) -> Option<()> {
        let mut field = 0_i64;
        loop {
            let byte = self.byte()?;
            let kind = byte & 0x0f;
            if byte == 0 {
                return Some(());
            }
            field = match byte >> 4 {
                0 => self.integer()?,
                step => field + i64::from(step),
            };
            match (outermost, field, kind) {
                (true, UNPACKED, 5) => self.unpacked = Some(self.integer()?),
                (true, PACKED, 5) => self.packed = Some(self.integer()?),
                // Of a field, its kind says whether it is true.
                (_, _, 1 | 2) => {}
                _ => self.pass(kind, depth)?,
            }
        }
    }

    fn pass(&mut self, kind: u8, depth: u8) -> Option<()> {
        if depth == DEEPEST {
            return None;
        }
        match kind {
            1..=3 => self.skip(1),
            4..=6 => self.varint().map(drop),
            7 => self.skip(8),
            8 => {
                let length = self.varint()?;
                self.skip(length)
            }
            9 | 10 => {
                let byte = self.byte()?;
                let count = if byte >> 4 == 15 { self.varint()? } else { u64::from(byte >> 4) };
                (0..count).try_for_each(|_| self.pass(byte & 0x0f, depth + 1))
            }
            12 => self.read(depth + 1, false),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A header of a dictionary page as Parquet's definition has it, with sizes of 300 and 2 bytes, and its two bytes.
    const PAGE: &[u8] = &[0x15, 4, 0x15, 0xd8, 4, 0x15, 4, 0x4c, 0x15, 10, 0x15, 0, 0x12, 0, 0, 7, 7];

    #[test]
    fn sizes_are_read_and_the_rest_is_passed_over() {
        assert_eq!(unpacked(PAGE).unwrap(), 300);
        assert_eq!(unpacked(&[PAGE, PAGE].concat()).unwrap(), 600);
        for broken in [&PAGE[..PAGE.len() - 1], &PAGE[..5], &[0], &[0x15, 4, 0]] {
            assert!(unpacked(broken).is_err(), "{broken:?}");
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics(garbage in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _some_sum_or_an_error = unpacked(&garbage);
        }
    }
}
