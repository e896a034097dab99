//! What is compared of ratings: how high they are, and how many are the first of their user or item.

use common::drift::{Familiar, Known, Values};

use super::ratings::{Ids, Ratings};
use crate::family::Stretch;

const USER: &str = "user";
const ITEM: &str = "item";

/// What all ratings make familiar.
pub(super) fn familiar(ratings: &Ratings) -> Familiar {
    let known = |ids: &Ids| Known::of(ids.iter(), ids.len());
    let known = [(USER.to_owned(), known(&ratings.users)), (ITEM.to_owned(), known(&ratings.items))];
    Familiar { known: known.into(), words: Vec::new() }
}

/// Shows the columns `rating`, `first_of_user` and `first_of_item`. `rows`: in order of time.
pub(super) fn show(
    ratings: &Ratings,
    rows: &[u32],
    of: Stretch,
    familiar: &Familiar,
    show: &mut dyn FnMut(&str, &Values<'_>),
) {
    let shown = of.shown(rows.len());
    let values = rows.iter().map(|row| f64::from(ratings.value[*row as usize]));
    show("rating", &Values::Numbers(values.skip(shown).collect()));
    let firsts = |what: &str, ids: &Ids, of_row: &[u32]| -> Values<'_> {
        let mut met: Vec<bool> = ids.iter().map(|id| of == Stretch::Come && familiar.knows(what, id)).collect();
        let first = |row: &u32| {
            let met = met.get_mut(of_row[*row as usize] as usize);
            met.is_some_and(|met| !std::mem::replace(met, true))
        };
        rows.iter().map(first).skip(shown).collect()
    };
    show("first_of_user", &firsts(USER, &ratings.users, &ratings.user));
    show("first_of_item", &firsts(ITEM, &ratings.items, &ratings.item));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::ratings::{RatingEntry, Reader};
    use super::*;

    fn ratings(pairs: &[(&str, &str)]) -> Ratings {
        let mut reader = Reader::default();
        for (at, (user, item)) in (0..).zip(pairs) {
            reader.push(RatingEntry { user, item, value: 4.0, time: Some(at), weight: 1.0 }).unwrap();
        }
        reader.ratings()
    }

    fn shown(ratings: &Ratings, of: Stretch, familiar: &Familiar) -> BTreeMap<String, Vec<f64>> {
        let mut rows: Vec<u32> = (0..ratings.len() as u32).collect();
        rows.sort_by_key(|row| ratings.time[*row as usize]);
        let mut shown = BTreeMap::new();
        show(ratings, &rows, of, familiar, &mut |name, values| {
            let Values::Numbers(numbers) = values else { panic!() };
            shown.insert(name.to_owned(), numbers.clone());
        });
        shown
    }

    #[test]
    fn a_user_is_new_once() {
        let trained = ratings(&[("ann", "x"), ("bob", "x"), ("ann", "y"), ("eve", "x")]);
        let familiar = familiar(&trained);
        let training = shown(&trained, Stretch::Training, &familiar);
        assert_eq!(
            (&training["first_of_user"][..], &training["first_of_item"][..]),
            (&[0.0, 1.0][..], &[1.0, 0.0][..])
        );
        let come = shown(&ratings(&[("zoe", "x"), ("zoe", "y"), ("bob", "z")]), Stretch::Come, &familiar);
        assert_eq!(come["first_of_user"], [1.0, 0.0, 0.0]);
        assert_eq!((&come["first_of_item"][..], &come["rating"][..]), (&[0.0, 0.0, 1.0][..], &[4.0; 3][..]));
    }
}
