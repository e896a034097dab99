//! What it is worth to a version to know who rates, and what is rated: permutation importance (Breiman 2001).

use common::random::{Purpose, Stream};
use common::vocabulary::InputImportance;

use super::evaluate::{Mode, mean_squared_error};
use super::model::Model;
use super::ratings::Ratings;

/// Times each input is shuffled.
const REPEATS: u32 = 3;

/// The rise of the squared error on `rows`, which the model has not seen, when users or items are dealt out anew; the more important
/// first.
pub(crate) fn importance(model: &Model, ratings: &Ratings, rows: &[u32]) -> Vec<InputImportance> {
    let loss = |ratings: &Ratings| mean_squared_error(model, ratings, &[], rows, Mode::AsTrained);
    let base = loss(ratings);
    let of = |column: &str, index: u64, ids: fn(&mut Ratings) -> &mut Vec<u32>| {
        let rise = |repeat| {
            let mut dealt = ratings.clone();
            let ids = ids(&mut dealt);
            let mut some: Vec<u32> = rows.iter().map(|row| ids[*row as usize]).collect();
            Stream::new(0, Purpose::Importance, repeat, index).shuffle(&mut some);
            rows.iter().zip(some).for_each(|(row, id)| ids[*row as usize] = id);
            loss(&dealt) - base
        };
        InputImportance::of(column, &(0..REPEATS).map(rise).collect::<Vec<f64>>())
    };
    let mut found = vec![of("user", 0, |ratings| &mut ratings.user), of("item", 1, |ratings| &mut ratings.item)];
    found.sort_by(|a, b| b.rise.total_cmp(&a.rise));
    found
}
