//! Incremental training: where it starts, and which ratings each pass sees.

use super::factors::Factors;
use super::fold_in::{Evidence, fold_in};
use super::matrix::Matrix;
use super::model::Model;
use super::pass::{Pass, Rates, fold_in_rates};
use super::ratings::Ratings;
use super::training::Training;
use crate::error::TrainError;
use common::random::{Purpose, Stream};
use common::vocabulary::RecommenderHyper;

/// What is new against the parent.
#[derive(Debug, Clone)]
pub(crate) struct Increment {
    /// The members of the parent with its biases refreshed and new ids folded in.
    pub(crate) starts: Vec<Factors>,
    touched_users: Vec<bool>,
    touched_items: Vec<bool>,
}

impl Increment {
    /// Starts from `parent`; the `fresh` rows of `ratings` are the ones it has not seen, `bereft` ones are of users whom it has seen
    /// ratings of that are gone: such a user is as new, and nothing is left of what it made of them.
    ///
    /// # Errors
    /// The parent was trained with other factors.
    pub(crate) fn new(
        ratings: &Ratings,
        training: &Training,
        hyper: &RecommenderHyper,
        parent: &Model,
        [fresh, bereft]: [&[u32]; 2],
    ) -> Result<Self, TrainError> {
        let other = |this: &RecommenderHyper| (this.algorithm, this.n_factors, this.members);
        if other(&parent.hyper) != other(hyper) {
            return Err(TrainError::Data(
                "an incremental training keeps algorithm, n_factors and members; train completely to change them"
                    .into(),
            ));
        }
        let mut touched_users = vec![false; training.users.len()];
        let mut touched_items = vec![false; training.items.len()];
        let mut as_new = vec![false; training.users.len()];
        let there = |rows: &'static str, of: &[u32]| -> Result<(), TrainError> {
            match of.iter().find(|row| **row as usize >= ratings.len()) {
                None => Ok(()),
                Some(row) => Err(TrainError::Code(format!("{rows} row {row} of {} does not exist", ratings.len()))),
            }
        };
        there("fresh", fresh)?;
        there("bereft", bereft)?;
        for &row in fresh {
            if let (Some(user), Some(item)) = training.pair(ratings, row) {
                touched_users[user as usize] = true;
                touched_items[item as usize] = true;
            }
        }
        for user in bereft.iter().filter_map(|row| training.pair(ratings, *row).0) {
            touched_users[user as usize] = true;
            as_new[user as usize] = true;
        }
        let starts = (0..).zip(&parent.members).map(|(at, member)| start(training, hyper, parent, member, at, &as_new));
        Ok(Self { starts: starts.collect(), touched_users, touched_items })
    }

    /// What a pass sees: the full history of who and what is touched, and a sample of the rest.
    pub(crate) fn active(&self, training: &Training, hyper: &RecommenderHyper, member: u32, epoch: u32) -> Matrix {
        let mut draws = Stream::new(hyper.seed, Purpose::Replay, epoch, u64::from(member));
        training.history.filtered(|user, cell| {
            self.touched_users[user as usize]
                || self.touched_items[cell.other as usize]
                || draws.uniform() < hyper.replay
        })
    }
}

/// A member of the parent in the numbers of the training.
fn start(
    training: &Training,
    hyper: &RecommenderHyper,
    parent: &Model,
    member: &Factors,
    at: u32,
    as_new: &[bool],
) -> Factors {
    let mut factors = Factors::new([training.users.len(), training.items.len()], hyper, at);
    let width = factors.width;
    let (mut new_users, mut new_items) = (Vec::new(), Vec::new());
    for (number, id) in (0..).zip(training.users.iter()) {
        match parent.users.find(id).filter(|_| !as_new[number as usize]) {
            Some(old) => {
                factors.user_bias[number as usize] = member.user_bias[old as usize];
                factors.user[number as usize * width..][..width].copy_from_slice(member.user(old));
            }
            None => new_users.push(number),
        }
    }
    for (number, id) in (0..).zip(training.items.iter()) {
        match parent.items.find(id) {
            Some(old) => {
                factors.item_bias[number as usize] = member.item_bias[old as usize];
                factors.item[number as usize * width..][..width].copy_from_slice(member.item(old));
                if !factors.implicit.is_empty() {
                    let row = &member.implicit[old as usize * width..][..width];
                    factors.implicit[number as usize * width..][..width].copy_from_slice(row);
                }
            }
            None => new_items.push(number),
        }
    }
    fold_in_users(&mut factors, training, hyper, &new_users);
    fold_in_items(&mut factors, training, hyper, &new_items);
    let rates = Rates::of(hyper, hyper.n_epochs / 2);
    factors.bias_pass(Pass {
        order: &training.order,
        active: &training.history,
        history: &training.history,
        mean: training.mean,
        rates,
    });
    factors
}

fn fold_in_users(factors: &mut Factors, training: &Training, hyper: &RecommenderHyper, users: &[u32]) {
    for &user in users {
        let line = training.history.line(user);
        let mut whole = vec![0.0; factors.width];
        if !factors.implicit.is_empty() {
            factors.implicit_sum(line, &mut whole);
        }
        let z = whole.clone();
        let evidence = line.iter().map(|cell| Evidence {
            factors: factors.item(cell.other),
            rest: cell.value - training.mean - factors.item_bias[cell.other as usize],
            weight: cell.weight,
        });
        let bias = fold_in(&evidence.collect::<Vec<_>>(), &mut whole, &fold_in_rates(hyper));
        factors.user_bias[user as usize] = bias;
        let row = &mut factors.user[user as usize * z.len()..][..z.len()];
        row.iter_mut().zip(whole.iter().zip(&z)).for_each(|(p, (whole, z))| *p = whole - z);
    }
}

fn fold_in_items(factors: &mut Factors, training: &Training, hyper: &RecommenderHyper, items: &[u32]) {
    let width = factors.width;
    let by_item = match items {
        [] => return,
        _ => training.history.transposed(training.items.len()),
    };
    for &item in items {
        let line = by_item.line(item);
        let mut users = vec![0.0; line.len() * width];
        for (cell, row) in line.iter().zip(users.chunks_mut(width)) {
            factors.whole_user(&training.history, cell.other, row);
        }
        let evidence = line.iter().zip(users.chunks(width)).map(|(cell, row)| Evidence {
            factors: row,
            rest: cell.value - training.mean - factors.user_bias[cell.other as usize],
            weight: cell.weight,
        });
        let mut row = vec![0.0; width];
        factors.item_bias[item as usize] = fold_in(&evidence.collect::<Vec<_>>(), &mut row, &fold_in_rates(hyper));
        factors.item[item as usize * width..][..width].copy_from_slice(&row);
    }
}
