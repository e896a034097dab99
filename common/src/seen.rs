//! `seen.parquet`: which rows a version, or an ancestor of it, was given, by names that outlive the log of a data set.
//!
//! A row is named by its key, and by its content: what is predicted from. So it is known again when it comes back with a column
//! changed, under another key, after a deletion, or in a fresh installation in another order. A name is the first 64 bits of a
//! SHA-256: of a million rows, one that is new is taken for a known one with a probability of 1e-13.

use bytes::Bytes;
use sha2::{Digest, Sha256};

pub use crate::columnar::FormatError;
use crate::columnar::{self, Column, Values};

/// Contents name rows only where there is at least one in so many rows: of few inputs with few values each, equal ones say nothing.
const ROWS_A_CONTENT: usize = 4;

/// What a row is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowName {
    key: u64,
    content: Option<u64>,
}

impl RowName {
    /// Of a row with this key, and with this content where there is more to it than the key says.
    pub fn new(key: &str, content: Option<&[u8]>) -> Self {
        Self { key: name(b"key", key.as_bytes()), content: content.map(|content| name(b"content", content)) }
    }

    fn all(&self) -> impl Iterator<Item = u64> {
        std::iter::once(self.key).chain(self.content)
    }
}

/// What a version did with a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Use {
    /// Weights, scaling, stopping or calibration were fitted on it.
    Fitted,
    /// It judged the version.
    HeldOut,
}

/// The rows a version, or an ancestor, was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Names of rows that were fitted on, in order.
    fitted: Vec<u64>,
    /// Names of rows that judged and were never fitted on, in order.
    held_out: Vec<u64>,
}

impl Seen {
    /// Of these rows.
    pub fn of(rows: impl IntoIterator<Item = (RowName, Use)>) -> Self {
        let rows: Vec<(RowName, Use)> = rows.into_iter().collect();
        let mut contents: Vec<u64> = rows.iter().filter_map(|(name, _)| name.content).collect();
        contents.sort_unstable();
        contents.dedup();
        let tell_apart = contents.len() * ROWS_A_CONTENT >= rows.len();
        let names = |wanted: Use| {
            let rows = rows.iter().filter(|(_, of)| *of == wanted);
            rows.flat_map(|(name, _)| std::iter::once(name.key).chain(name.content.filter(|_| tell_apart))).collect()
        };
        Self::tidy(names(Use::Fitted), names(Use::HeldOut))
    }

    fn tidy(mut fitted: Vec<u64>, mut held_out: Vec<u64>) -> Self {
        fitted.sort_unstable();
        fitted.dedup();
        held_out.retain(|name| fitted.binary_search(name).is_err());
        held_out.sort_unstable();
        held_out.dedup();
        Self { fitted, held_out }
    }

    /// The same for one that goes on from a parent.
    #[must_use]
    pub fn after(mut self, parent: &Self) -> Self {
        self.fitted.extend(&parent.fitted);
        self.held_out.extend(&parent.held_out);
        Self::tidy(self.fitted, self.held_out)
    }

    /// Whether anything was fitted on the row.
    pub fn fitted(&self, row: &RowName) -> bool {
        row.all().any(|name| self.fitted.binary_search(&name).is_ok())
    }

    /// Whether the row was fitted on or held out.
    pub fn given(&self, row: &RowName) -> bool {
        self.fitted(row) || row.all().any(|name| self.held_out.binary_search(&name).is_ok())
    }

    /// The rows as a Parquet file with the columns `name` and `fitted`. The same rows always give the same bytes.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn encode(&self) -> Result<Bytes, FormatError> {
        let names = self.fitted.iter().chain(&self.held_out).map(|name| name.cast_signed());
        let fitted = std::iter::repeat_n(true, self.fitted.len());
        columnar::write(&[
            Column::new("name", Values::Whole(names.collect())),
            Column::new(
                "fitted",
                Values::Flag(fitted.chain(std::iter::repeat_n(false, self.held_out.len())).collect()),
            ),
        ])
    }

    /// Reads what [`Seen::encode`] wrote. Whether it is the file that was meant, its hash tells; check that first.
    ///
    /// # Errors
    /// Not such a file.
    pub fn decode(file: Bytes) -> Result<Self, FormatError> {
        let columns = columnar::read(file, columnar::Room::ARTIFACT)?;
        let [Column { values: Values::Whole(names), .. }, Column { values: Values::Flag(fitted), .. }] = &columns[..]
        else {
            return Err(FormatError::Columns { found: columnar::names(&columns), expected: "name, fitted".into() });
        };
        let of = |wanted: bool| {
            let rows = names.iter().zip(fitted).filter(|(_, fitted)| **fitted == wanted);
            rows.map(|(name, _)| name.cast_unsigned()).collect()
        };
        Ok(Self::tidy(of(true), of(false)))
    }
}

fn name(of: &[u8], bytes: &[u8]) -> u64 {
    let digest = Sha256::new().chain_update(of).chain_update([0]).chain_update(bytes).finalize();
    digest.iter().take(8).fold(0, |name, byte| name << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(key: &str, content: &str) -> RowName {
        RowName::new(key, Some(content.as_bytes()))
    }

    fn seen() -> Seen {
        Seen::of([(row("1", "a"), Use::Fitted), (row("2", "b"), Use::HeldOut), (row("3", "a"), Use::HeldOut)])
    }

    /// G9: a row is known by its key or by its content, whatever else has changed.
    #[test]
    fn g9_a_row_is_known_again() {
        let seen = seen();
        for (again, fitted, given) in [
            (row("1", "changed"), true, true),
            (row("other", "a"), true, true),
            (row("2", "b"), false, true),
            (row("other", "b"), false, true),
            (row("9", "z"), false, false),
        ] {
            assert_eq!((seen.fitted(&again), seen.given(&again)), (fitted, given), "{again:?}");
        }
        assert!(seen.fitted(&row("3", "a")), "its content was fitted on under another key");
        assert!(!seen.given(&RowName::new("a", None)), "a key is no content");
    }

    /// Sixty people of two kinds are not two people.
    #[test]
    fn few_contents_name_no_rows() {
        let rows = (0..60).map(|n| (row(&n.to_string(), ["x", "y"][n % 2]), Use::Fitted));
        let seen = Seen::of(rows);
        assert!(!seen.given(&row("new", "x")) && seen.given(&row("7", "z")));
    }

    #[test]
    fn what_an_ancestor_was_fitted_on_is_seen() {
        let child = Seen::of([(row("1", "a"), Use::HeldOut), (row("4", "d"), Use::Fitted)]).after(&seen());
        assert!(child.fitted(&row("1", "a")) && child.fitted(&row("4", "d")));
        assert!(child.given(&row("2", "b")) && !child.fitted(&row("2", "b")));
    }

    #[test]
    fn it_is_read_as_it_was_written() {
        let bytes = seen().encode().unwrap();
        assert_eq!(Seen::decode(bytes.clone()).unwrap(), seen());
        assert_eq!(seen().encode().unwrap(), bytes);
        assert!(Seen::decode(Bytes::from_static(b"garbage")).is_err());
        let none = Seen::default();
        assert_eq!(Seen::decode(none.encode().unwrap()).unwrap(), none);
    }

    /// Artifacts rely on these never changing.
    #[test]
    fn names_are_the_same_in_every_build() {
        let known = RowName { key: name(b"key", b"ann"), content: None };
        assert_eq!(RowName::new("ann", None), known);
        assert_eq!(format!("{:016x}", known.key), "ed46df9ad1f00f3c");
    }
}
