//! Ratings: rows get dense ids, and of the same user and item the last one holds.

use std::collections::HashMap;

use crate::error::TrainError;

/// A rating as it is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatingEntry<'a> {
    /// Who rated.
    pub user: &'a str,
    /// What was rated.
    pub item: &'a str,
    /// The rating.
    pub value: f64,
    /// When, in seconds since 1970.
    pub time: Option<i64>,
    /// How much the rating counts, above 0; 1 is usual.
    pub weight: f64,
}

/// Ids by number, sorted, so that they do not depend on the order of the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ids(Vec<Box<str>>);

impl Ids {
    /// Ids that are sorted and distinct already.
    ///
    /// # Errors
    /// They are not.
    pub(crate) fn sorted(ids: Vec<Box<str>>) -> Result<Self, TrainError> {
        match ids.is_sorted_by(|a, b| a < b) {
            true => Ok(Self(ids)),
            false => Err(TrainError::Data("the ids of the model are not sorted: its file is damaged".into())),
        }
    }

    /// Those for which `keep` holds.
    pub(crate) fn only(&self, keep: impl Fn(u32) -> bool) -> Self {
        Self((0u32..).zip(&self.0).filter(|(number, _)| keep(*number)).map(|(_, id)| id.clone()).collect())
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The number of an id.
    pub fn find(&self, id: &str) -> Option<u32> {
        self.0.binary_search_by(|known| (**known).cmp(id)).ok().map(|at| at as u32)
    }

    /// The id with this number; empty if there is none.
    pub fn name(&self, number: u32) -> &str {
        self.0.get(number as usize).map_or("", |id| id)
    }

    /// All, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|id| &**id)
    }
}

/// Reads ratings one by one. Ids are interned at once, so a rating costs 24 bytes.
///
/// The rows of a data set have unique keys, but a key need not be the user and the item: who has rated twice counts once.
#[derive(Debug, Default)]
pub struct Reader {
    users: Interner,
    items: Interner,
    entries: Vec<Raw>,
}

#[derive(Debug, Default)]
struct Interner(HashMap<Box<str>, u32>);

#[derive(Debug)]
struct Raw {
    user: u32,
    item: u32,
    value: f32,
    weight: f32,
    time: i64,
}

/// The time of a rating that has none: before all others.
pub const NO_TIME: i64 = i64::MIN;

/// The ratings that hold, as columns of equal length in the order they were read in.
#[derive(Debug, Clone, PartialEq)]
pub struct Ratings {
    /// The users.
    pub users: Ids,
    /// The items.
    pub items: Ids,
    /// Who rated.
    pub user: Vec<u32>,
    /// What was rated.
    pub item: Vec<u32>,
    /// The ratings.
    pub value: Vec<f32>,
    /// How much they count.
    pub weight: Vec<f32>,
    /// When, in seconds since 1970, or [`NO_TIME`].
    pub time: Vec<i64>,
    /// Which of the ratings read each one is, from 0.
    pub entry: Vec<u32>,
}

impl Reader {
    /// Takes a rating. A later one of the same user and item supersedes it.
    ///
    /// # Errors
    /// An id is empty, the rating is not a usable number, or the weight is not above 0.
    pub fn push(&mut self, entry: RatingEntry<'_>) -> Result<(), TrainError> {
        let at = self.entries.len() + 1;
        let bad = |what: &str, hint: &str| Err(TrainError::Data(format!("rating {at}: {what}; {hint}")));
        if entry.user.is_empty() || entry.item.is_empty() {
            return bad("the user or the item is empty", "give both an id, or leave the row out");
        }
        if !(entry.value.is_finite() && entry.value.abs() <= 1e6) {
            return bad(&format!("{} is not a rating", entry.value), "give a number between -1000000 and 1000000");
        }
        if !(entry.weight > 0.0 && entry.weight <= 1e6) {
            return bad(
                &format!("the weight {} is not above 0", entry.weight),
                "leave it out for 1, or delete the row",
            );
        }
        if self.entries.len() >= u32::MAX as usize {
            return bad("there are too many", "4294967295 are the most");
        }
        self.entries.push(Raw {
            user: self.users.number(entry.user),
            item: self.items.number(entry.item),
            value: entry.value as f32,
            weight: entry.weight as f32,
            time: entry.time.unwrap_or(NO_TIME),
        });
        Ok(())
    }

    /// The ratings that hold: of each user and item the last.
    pub fn ratings(self) -> Ratings {
        let Self { users, items, mut entries } = self;
        let (users, user_numbers) = users.sorted();
        let (items, item_numbers) = items.sorted();
        for entry in &mut entries {
            entry.user = user_numbers[entry.user as usize];
            entry.item = item_numbers[entry.item as usize];
        }
        let last = last_of_each_pair(&entries);
        let columns = || last.iter().map(|&at| &entries[at as usize]);
        Ratings {
            users,
            items,
            user: columns().map(|e| e.user).collect(),
            item: columns().map(|e| e.item).collect(),
            value: columns().map(|e| e.value).collect(),
            weight: columns().map(|e| e.weight).collect(),
            time: columns().map(|e| e.time).collect(),
            entry: last.clone(),
        }
    }
}

/// The entries that hold, in their order.
fn last_of_each_pair(entries: &[Raw]) -> Vec<u32> {
    let pair = |at: u32| (entries[at as usize].user, entries[at as usize].item);
    let mut order: Vec<u32> = (0..entries.len() as u32).collect();
    order.sort_unstable_by_key(|&at| (pair(at), at));
    let mut last: Vec<u32> =
        order.chunk_by(|&a, &b| pair(a) == pair(b)).filter_map(|same| same.last().copied()).collect();
    last.sort_unstable();
    last
}

impl Interner {
    fn number(&mut self, id: &str) -> u32 {
        if let Some(&number) = self.0.get(id) {
            return number;
        }
        let number = self.0.len() as u32;
        self.0.insert(id.into(), number);
        number
    }

    /// The ids in order, and the index there of each number given out.
    fn sorted(self) -> (Ids, Vec<u32>) {
        let mut ids: Vec<(Box<str>, u32)> = self.0.into_iter().collect();
        ids.sort_unstable();
        let mut indices = vec![0; ids.len()];
        for (index, (_, number)) in ids.iter().enumerate() {
            indices[*number as usize] = index as u32;
        }
        (Ids(ids.into_iter().map(|(id, _)| id).collect()), indices)
    }
}

impl Ratings {
    /// Names a rating: who rated what.
    pub(crate) fn pair(&self, row: u32) -> String {
        let at = row as usize;
        format!("{} {}", self.users.name(self.user[at]), self.items.name(self.item[at]))
    }

    /// How many ratings hold.
    pub fn len(&self) -> usize {
        self.user.len()
    }

    /// Whether none holds.
    pub fn is_empty(&self) -> bool {
        self.user.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry<'a>(user: &'a str, item: &'a str, value: f64) -> RatingEntry<'a> {
        RatingEntry { user, item, value, time: None, weight: 1.0 }
    }

    /// C1: what a user says last holds.
    #[test]
    fn a_rerating_supersedes() {
        let mut reader = Reader::default();
        for (user, item, value) in [("zoe", "x", 1.0), ("ann", "y", 2.0), ("zoe", "x", 3.0), ("ann", "x", 5.0)] {
            reader.push(entry(user, item, value)).unwrap();
        }
        let ratings = reader.ratings();
        assert_eq!(ratings.users.iter().collect::<Vec<_>>(), ["ann", "zoe"]);
        assert_eq!(ratings.value, [2.0, 3.0, 5.0]);
        assert_eq!((ratings.user.clone(), ratings.item.clone()), (vec![0, 1, 0], vec![1, 0, 0]));
        assert_eq!(ratings.entry, [1, 2, 3]);
        assert_eq!((ratings.users.find("zoe"), ratings.users.find("eve")), (Some(1), None));
    }

    #[test]
    fn bad_entries_are_refused_with_what_to_do() {
        let mut reader = Reader::default();
        reader.push(entry("a", "b", 1.0)).unwrap();
        let refused = |reader: &mut Reader, bad| reader.push(bad).unwrap_err().to_string();
        let nan = entry("a", "b", f64::NAN);
        assert_eq!(
            refused(&mut reader, nan),
            "rating 2: NaN is not a rating; give a number between -1000000 and 1000000"
        );
        assert!(refused(&mut reader, entry("", "b", 1.0)).contains("empty"));
        assert!(refused(&mut reader, RatingEntry { weight: 0.0, ..entry("a", "b", 1.0) }).contains("weight"));
        assert_eq!(reader.ratings().len(), 1);
    }
}
