//! How lists are read in pages: so many items at a time, and a cursor that says where the next ones begin.
//!
//! A cursor is a position in the order of its list, not a count: whatever comes and goes meanwhile, what stays is shown once.

use common::vocabulary::ContentHash;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::service::error::{Error, Result};
use crate::views::Page;

/// Items of a page, unless asked otherwise.
const SHOWN: u32 = 100;
/// Most items of one page.
const MOST: u32 = 1_000;
/// Digits that tell a cursor from a damaged one, and from those of other lists.
const SEAL: usize = 16;

/// The page of a list that somebody asks for; `P` is a position in the order of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PageRequest<P> {
    list: String,
    /// At most so many items.
    limit: u32,
    /// Where the page before it has ended; none: from the beginning.
    pub(crate) after: Option<P>,
}

impl<P: Serialize + DeserializeOwned> PageRequest<P> {
    /// What is asked of this list; its name has the filters in it, so that a cursor is of no other.
    ///
    /// # Errors
    /// The limit is out of range, or the cursor is damaged or of another list.
    pub(crate) fn new(list: impl Into<String>, limit: Option<u32>, cursor: Option<&str>) -> Result<Self> {
        let (list, limit) = (list.into(), self::limit(limit)?);
        let after = cursor.map(|cursor| open(&list, cursor).ok_or_else(damaged)).transpose()?;
        Ok(Self { list, limit, after })
    }

    /// Rows to read: one more than are shown says whether there is another page.
    pub(crate) fn rows(&self) -> u32 {
        self.limit + 1
    }

    /// The page, of [`Self::rows`] at most.
    ///
    /// # Errors
    /// A position cannot be written.
    pub(crate) fn page<T>(&self, mut rows: Vec<T>, position: impl Fn(&T) -> P) -> Result<Page<T>> {
        let more = rows.len() > self.limit as usize;
        rows.truncate(self.limit as usize);
        let last = rows.last().filter(|_| more);
        let next = last.map(|last| seal(&self.list, &position(last))).transpose()?;
        Ok(Page { items: rows, next })
    }

    /// The page of a list that is in memory, in the order of its positions.
    ///
    /// # Errors
    /// A position cannot be written.
    pub(crate) fn of_all<T>(&self, all: Vec<T>, position: impl Fn(&T) -> P) -> Result<Page<T>>
    where
        P: Ord,
    {
        let beyond = |item: &T| self.after.as_ref().is_none_or(|after| position(item) > *after);
        let rows = all.into_iter().filter(beyond).take(self.rows() as usize).collect();
        self.page(rows, position)
    }
}

/// Items of one answer.
///
/// # Errors
/// It is out of range.
pub(crate) fn limit(asked: Option<u32>) -> Result<u32> {
    match asked.unwrap_or(SHOWN) {
        limit @ 1..=MOST => Ok(limit),
        limit => Err(Error::invalid(format!("limit = {limit} is out of range: 1 to {MOST}"))),
    }
}

fn damaged() -> Error {
    Error::invalid(
        "this cursor is damaged, or of another list or other filters: leave it out to begin at the first page",
    )
}

fn seal<P: Serialize>(list: &str, position: &P) -> Result<String> {
    let position = serde_json::to_string(position)?;
    Ok(sealing(list, &position) + &base16ct::lower::encode_string(position.as_bytes()))
}

fn open<P: DeserializeOwned>(list: &str, cursor: &str) -> Option<P> {
    let (sealed, digits) = cursor.split_at_checked(SEAL)?;
    let position = String::from_utf8(base16ct::lower::decode_vec(digits).ok()?).ok()?;
    let fits = sealed == sealing(list, &position);
    serde_json::from_str(&position).ok().filter(|_| fits)
}

fn sealing(list: &str, position: &str) -> String {
    let mut seal = ContentHash::of(format!("{list}\n{position}").as_bytes()).to_string();
    seal.truncate(SEAL);
    seal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Numbers = PageRequest<(i64, String)>;

    fn asked(limit: u32, cursor: Option<&str>) -> Numbers {
        Numbers::new("numbers", Some(limit), cursor).unwrap()
    }

    #[test]
    fn pages_tile_a_list() {
        let all: Vec<(i64, String)> = (0..7).map(|n| (n, format!("n{n}"))).collect();
        let (mut seen, mut cursor, mut pages) = (Vec::new(), None, 0);
        loop {
            let page = asked(3, cursor.as_deref()).of_all(all.clone(), Clone::clone).unwrap();
            seen.extend(page.items);
            pages += 1;
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!((seen, pages), (all.clone(), 3));
        assert_eq!(asked(7, None).of_all(all, Clone::clone).unwrap().next, None, "a full page may be the last");
    }

    #[test]
    fn a_limit_has_bounds() {
        for (limit, fits) in [(0, false), (1, true), (1000, true), (1001, false), (u32::MAX, false)] {
            assert_eq!(Numbers::new("numbers", Some(limit), None).is_ok(), fits, "{limit}");
        }
        assert_eq!(Numbers::new("numbers", None, None).unwrap().rows(), 101);
    }

    #[test]
    fn a_cursor_is_of_one_list() {
        let cursor = seal("numbers", &(3, "x")).unwrap();
        assert_eq!(asked(1, Some(&cursor)).after, Some((3, "x".to_owned())));
        assert!(Numbers::new("numbers, those that are even", None, Some(&cursor)).is_err());
        assert!(PageRequest::<String>::new("numbers", None, Some(&cursor)).is_err(), "of another kind of position");
    }

    proptest! {
        #[test]
        fn a_damaged_cursor_is_none(text in ".*", at in 0_usize..40) {
            prop_assert!(Numbers::new("numbers", None, Some(&text)).is_err());
            let mut cursor = seal("numbers", &(3, "x")).unwrap();
            let at = at % cursor.len();
            let other = if cursor.as_bytes()[at] == b'0' { "1" } else { "0" };
            cursor.replace_range(at..=at, other);
            prop_assert!(Numbers::new("numbers", None, Some(&cursor)).is_err());
        }
    }
}
