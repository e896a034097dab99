//! A trained recommender.

use serde::{Deserialize, Serialize};

use super::factors::Factors;
use super::fold_in::{Evidence, fold_in};
use super::lanes::{dot, vectorised};
use super::matrix::{Cell, Matrix};
use super::neighbours::{Neighbours, narrow};
use super::pass::fold_in_rates;
use super::ratings::Ids;
use super::recommend::Blends;
use crate::error::TrainError;
use crate::tensors::Tensors;
use crate::trust::entire;
use common::vocabulary::RecommenderHyper;

/// Everything a model needs besides its tensors.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecommenderPreprocessing {
    hyper: RecommenderHyper,
    mean: f32,
    scale: [f32; 2],
    #[serde(default)]
    trust: Trust,
    blends: Blends,
    users: Vec<Box<str>>,
    items: Vec<Box<str>>,
}

/// How far expected ratings leave what knows less; each a share, 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trust {
    /// The factors' distance to the biases.
    pub(crate) factors: f64,
    /// The distance of both together to the mean.
    pub(crate) whole: f64,
}

impl Default for Trust {
    /// Entirely: so it is without validation rows, and in versions that were made before trust was measured.
    fn default() -> Self {
        Self { factors: entire(), whole: entire() }
    }
}

/// Predicts ratings and recommends items.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    pub(crate) hyper: RecommenderHyper,
    pub(crate) mean: f32,
    pub(crate) scale: [f32; 2],
    pub(crate) trust: Trust,
    pub(crate) users: Ids,
    pub(crate) items: Ids,
    pub(crate) members: Vec<Factors>,
    pub(crate) history: Matrix,
    pub(crate) near: Neighbours,
    pub(crate) blends: Blends,
    pub(crate) derived: Derived,
}

/// What follows from the rest of a model, computed once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Derived {
    /// How many users rated each item.
    pub(crate) support: Vec<u32>,
    /// p_u + z_u of each member: users x width.
    whole: Vec<Vec<f32>>,
}

/// A user as the model sees them: what they have rated, and what follows from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Profile {
    /// Whether they were there in training.
    pub known: bool,
    /// What they have rated, of the items the model knows.
    pub(crate) history: Vec<Cell>,
    /// Per member: their bias and their whole factors.
    members: Vec<(f32, Vec<f32>)>,
}

impl Profile {
    /// How many ratings are known of them.
    pub fn ratings(&self) -> usize {
        self.history.len()
    }
}

impl Derived {
    /// What follows from the members and what users have rated.
    pub(crate) fn of(members: &[Factors], history: &Matrix, items: usize) -> Self {
        let mut support = vec![0; items];
        history.cells().iter().for_each(|cell| support[cell.other as usize] += 1);
        let whole = members.iter().map(|member| {
            let mut rows = vec![0.0; history.lines() * member.width];
            for (user, row) in (0..).zip(rows.chunks_mut(member.width)) {
                vectorised(
                    #[inline(always)]
                    || member.whole_user(history, user, row),
                );
            }
            rows
        });
        let whole = whole.collect();
        Self { support, whole }
    }
}

impl Model {
    /// The user with this id and these ratings (item, rating, weight), which supersede those of the training. With them
    /// they are folded in from all that is known of them; without, they are as trained, or nobody in particular.
    pub fn profile<'a>(&self, user: &str, ratings: impl IntoIterator<Item = (&'a str, f64, f64)>) -> Profile {
        let number = self.users.find(user);
        let mut history = number.map_or(Vec::new(), |user| self.history.line(user).to_vec());
        let trained = history.len();
        let mut fresh = false;
        for (item, value, weight) in ratings {
            let Some(other) = self.items.find(item) else { continue };
            let cell = Cell { other, value: value as f32, weight: weight as f32 };
            match history.iter().position(|known| known.other == other) {
                Some(at) if at < trained && history[at] == cell => {}
                Some(at) => (history[at], fresh) = (cell, true),
                None => (fresh, ()) = (true, history.push(cell)),
            }
        }
        let members = match number {
            Some(user) if !fresh => self.trained(user),
            _ => self.members.iter().map(|member| self.fold_in(member, &history)).collect(),
        };
        Profile { known: number.is_some(), history, members }
    }

    /// What the user has rated, of the items the model knows: item, rating, weight.
    pub fn rated<'a>(&'a self, profile: &'a Profile) -> impl Iterator<Item = (&'a str, f64, f64)> {
        let of = |cell: &Cell| (self.items.name(cell.other), f64::from(cell.value), f64::from(cell.weight));
        profile.history.iter().map(of)
    }

    fn trained(&self, user: u32) -> Vec<(f32, Vec<f32>)> {
        let rows = self.members.iter().zip(&self.derived.whole);
        let row = |(member, whole): (&Factors, &Vec<f32>)| {
            (member.user_bias[user as usize], whole[user as usize * member.width..][..member.width].to_vec())
        };
        rows.map(row).collect()
    }

    fn fold_in(&self, member: &Factors, history: &[Cell]) -> (f32, Vec<f32>) {
        let mut whole = vec![0.0; member.width];
        if !member.implicit.is_empty() {
            member.implicit_sum(history, &mut whole);
        }
        let evidence = history.iter().map(|cell| Evidence {
            factors: member.item(cell.other),
            rest: cell.value - self.mean - member.item_bias[cell.other as usize],
            weight: cell.weight,
        });
        let bias = fold_in(&evidence.collect::<Vec<_>>(), &mut whole, &fold_in_rates(&self.hyper));
        (bias, whole)
    }

    /// The rating expected of a user for an item, on the scale of the training's ratings. An unknown item is taken as an
    /// average one, a user without ratings as an average user.
    pub fn predict(&self, profile: &Profile, item: &str) -> f64 {
        let [biases, factors] = self.parts(profile, self.items.find(item));
        self.on_scale(self.trust.whole * (biases + self.trust.factors * factors))
    }

    /// A rating so far above the mean, on the scale of the training's ratings.
    pub(crate) fn on_scale(&self, above: f64) -> f64 {
        (f64::from(self.mean) + above).clamp(f64::from(self.scale[0]), f64::from(self.scale[1]))
    }

    /// How far above the mean the members expect the rating, on average, for the order of lists: there trust changes nothing.
    pub(crate) fn taste(&self, profile: &Profile, item: Option<u32>) -> f64 {
        self.parts(profile, item).iter().sum()
    }

    /// What biases and factors add to the mean, on average over the members.
    pub(crate) fn parts(&self, profile: &Profile, item: Option<u32>) -> [f64; 2] {
        let (mut biases, mut factors) = (0.0, 0.0);
        for (member, (bias, whole)) in self.members.iter().zip(&profile.members) {
            biases += f64::from(*bias);
            if let Some(item) = item {
                biases += f64::from(member.item_bias[item as usize]);
                factors += f64::from(vectorised(
                    #[inline(always)]
                    || dot(whole, member.item(item)),
                ));
            }
        }
        [biases, factors].map(|sum| sum / self.members.len() as f64)
    }

    /// The numbers of the model.
    pub fn tensors(&self) -> Tensors {
        let mut tensors = Tensors::default();
        for (at, member) in self.members.iter().enumerate() {
            member.put(&mut tensors, &format!("member.{at}"));
        }
        let cells = self.history.cells();
        let starts = self.history.starts();
        tensors.i64("history.starts", &[starts.len()], starts.iter().map(|&n| i64::from(n)).collect());
        tensors.i64("history.item", &[cells.len()], cells.iter().map(|cell| i64::from(cell.other)).collect());
        tensors.f32("history.value", &[cells.len()], cells.iter().map(|cell| cell.value).collect());
        tensors.f32("history.weight", &[cells.len()], cells.iter().map(|cell| cell.weight).collect());
        self.near.put(&mut tensors);
        tensors
    }

    /// Everything else, as JSON.
    ///
    /// # Errors
    /// A number of it is not finite.
    pub fn preprocessing(&self) -> Result<String, TrainError> {
        let ids = |ids: &Ids| ids.iter().map(Into::into).collect();
        let preprocessing = RecommenderPreprocessing {
            hyper: self.hyper.clone(),
            mean: self.mean,
            scale: self.scale,
            trust: self.trust,
            blends: self.blends,
            users: ids(&self.users),
            items: ids(&self.items),
        };
        serde_json::to_string(&preprocessing).map_err(|e| TrainError::Code(format!("the lens cannot be written: {e}")))
    }

    /// The model with these tensors and this preprocessing.
    ///
    /// # Errors
    /// They do not fit together: a file is damaged, or they are of different models.
    pub fn load(mut tensors: Tensors, preprocessing: &str) -> Result<Self, TrainError> {
        let damaged = |what: &str| TrainError::Data(format!("{what} does not fit the model: its file is damaged"));
        let preprocessing: RecommenderPreprocessing =
            serde_json::from_str(preprocessing).map_err(|e| TrainError::Data(format!("the lens is damaged: {e}")))?;
        let RecommenderPreprocessing { hyper, mean, scale, trust, blends, users, items } = preprocessing;
        let (users, items) = (Ids::sorted(users)?, Ids::sorted(items)?);
        if !(mean.is_finite()
            && scale[0] <= scale[1]
            && [trust.factors, trust.whole].iter().all(|share| (0.0..=1.0).contains(share))
            && blends.is_finite())
        {
            return Err(damaged("the mean, the scale, the trust or the blends"));
        }
        let sizes = [users.len(), items.len()];
        let members = (0..hyper.members).map(|at| Factors::take(&mut tensors, &format!("member.{at}"), sizes, &hyper));
        let members = members.collect::<Result<Vec<_>, _>>()?;
        let starts =
            narrow(tensors.take_i64("history.starts", &[users.len() + 1])?).ok_or_else(|| damaged("history"))?;
        let count = starts.last().map_or(0, |&end| end as usize);
        let item = narrow(tensors.take_i64("history.item", &[count])?).ok_or_else(|| damaged("history"))?;
        let value = tensors.take_f32("history.value", &[count])?;
        let weight = tensors.take_f32("history.weight", &[count])?;
        let cells =
            item.into_iter().zip(value).zip(weight).map(|((other, value), weight)| Cell { other, value, weight });
        let history = Matrix::from_parts(starts, cells.collect(), items.len()).ok_or_else(|| damaged("history"))?;
        let near = Neighbours::take(&mut tensors, items.len())?;
        let derived = Derived::of(&members, &history, items.len());
        Ok(Self { hyper, mean, scale, trust, users, items, members, history, near, blends, derived })
    }
}
