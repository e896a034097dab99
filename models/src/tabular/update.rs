//! Incremental training: what is kept of the parent, which rows are seen, how far it goes.
//!
//! * linear: refitted on new and replayed rows, drawn to the parent's coefficients (ridge around them)
//!   ten times as strongly as a complete training draws to 0;
//! * network: from the parent's weights, a quarter of its epochs, Adam starting anew;
//! * trees: the parent's stay, a quarter as many are added on the margins they leave;
//! * encoder, weights of the blend, calibration, threshold, spread and baselines: the parent's.

use std::collections::HashSet;

use super::dataset::Dataset;
use super::encoder::Encoder;
use super::learner::{Contestant, Learner};
use super::model::{Member, Model};
use crate::error::TrainError;
use common::random::{Purpose, Stream};
use common::vocabulary::{SplitPolicy, TabularHyper};

/// An incremental training adds one round for so many of the parent's.
const SHARE: u32 = 4;
/// Rows that an incremental training sees at least, replayed ones among them: few new ones alone say too little, and may be of one class.
const LEAST_ROWS: usize = SplitPolicy::MIN_FIT_ROWS as usize;
/// How much stronger than towards 0 the linear model is drawn to the parent.
const PULL: f64 = 10.0;

/// The parent, and the hyper-parameters of an incremental training.
pub(crate) struct Update<'a> {
    pub(crate) parent: &'a Model,
    /// The caller's where they steer, the parent's where they fix sizes.
    pub(crate) hyper: TabularHyper,
}

impl<'a> Update<'a> {
    pub(crate) fn new(parent: &'a Model, data: &Dataset, hyper: &TabularHyper) -> Result<Self, TrainError> {
        if parent.preprocessing.schema.fitted() != data.schema.fitted() {
            return Err(TrainError::Data(
                "the schema is not that of the live version any more: ask for a complete training".into(),
            ));
        }
        let hyper =
            TabularHyper { hidden: parent.preprocessing.hyper.hidden, ridge: hyper.ridge * PULL, ..hyper.clone() };
        Ok(Self { parent, hyper })
    }

    /// The new rows and `replay` times as many old ones, or more where both together would be too few; drawn, in rising order.
    pub(crate) fn rows(&self, data: &Dataset, new: &[usize], old: &[usize], hyper: &TabularHyper) -> Vec<usize> {
        let is_new: HashSet<&usize> = new.iter().collect();
        let mut replayed: Vec<usize> = old.iter().filter(|row| !is_new.contains(row)).copied().collect();
        replayed.sort_by(|&a, &b| data.keys[a].cmp(&data.keys[b]));
        Stream::new(hyper.seed, Purpose::Replay, 0, new.len() as u64).shuffle(&mut replayed);
        let share = (new.len() as f64 * hyper.replay).round() as usize;
        replayed.truncate(share.max(LEAST_ROWS.saturating_sub(new.len())));
        let mut rows = [new, &replayed].concat();
        rows.sort_unstable();
        rows
    }

    pub(crate) fn rounds(&self, member: &Member) -> u32 {
        member.rounds.div_ceil(SHARE)
    }

    pub(crate) fn learner(&self, contestant: Contestant) -> Option<&'a Learner> {
        let index = self.parent.preprocessing.members.iter().position(|member| member.contestant == contestant)?;
        self.parent.learners.get(index)
    }

    pub(crate) fn kept(&self) -> (&'a Encoder, f64) {
        (&self.parent.preprocessing.encoder, self.parent.preprocessing.start)
    }
}
