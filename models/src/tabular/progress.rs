//! Where a fit stands, as numbers.

use super::choice::Unseen;
use super::dataset::Dataset;
use super::folds::Fold;
use super::learner::Contestant;
use crate::error::TrainError;
use crate::tensors::Tensors;

const CONTESTANTS: usize = Contestant::ALL.len();

/// Everything decided so far; what the current learner knows is beside it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Progress {
    /// The fold, or the number of folds once the members are trained on all rows.
    pub(crate) fold: usize,
    /// The contestant, or the member.
    pub(crate) contestant: usize,
    /// Rounds done with it.
    pub(crate) round: u32,
    /// Who is still in the race.
    pub(crate) racing: [bool; CONTESTANTS],
    /// Per contestant and fold: least validation loss and its round (1 is the first).
    pub(crate) best: Vec<[(f64, u32); CONTESTANTS]>,
    /// Per contestant, the margins of its best round for the validation rows of all folds, one after the other.
    pub(crate) unseen: Vec<Vec<f64>>,
    /// Training and validation loss after each round of the current contestant; no validation (NaN) on all rows.
    pub(crate) curve: Vec<(f64, f64)>,
}

impl Progress {
    pub(crate) fn new(folds: &[Fold], racing: [bool; CONTESTANTS]) -> Self {
        let rows = folds.iter().map(|fold| fold.validation.len()).sum();
        Self {
            fold: 0,
            contestant: 0,
            round: 0,
            racing,
            best: vec![[(f64::INFINITY, 0); CONTESTANTS]; folds.len()],
            unseen: vec![vec![f64::NAN; rows]; CONTESTANTS],
            curve: Vec::new(),
        }
    }

    /// Notes a round's validation margins; `begin`: where the fold's rows begin among those of all.
    pub(crate) fn note(&mut self, losses: (f64, f64), margins: &[f64], begin: usize) {
        self.curve.push(losses);
        let best = &mut self.best[self.fold][self.contestant];
        if losses.1 < best.0 {
            *best = (losses.1, self.round);
            self.unseen[self.contestant][begin..begin + margins.len()].copy_from_slice(margins);
        }
    }

    /// After the first fold, those far behind leave. The first contestant stays: it costs next to nothing, and is what the others
    /// must be shown to be better than.
    pub(crate) fn race(&mut self, margin: f64) {
        let best = self.best[0].iter().map(|best| best.0).fold(f64::INFINITY, f64::min);
        let limit = best * (1.0 + margin);
        self.racing.iter_mut().zip(&self.best[0]).skip(1).for_each(|(racing, own)| *racing &= own.0 <= limit);
    }

    /// The best number of rounds of a contestant over all folds.
    pub(crate) fn rounds(&self, contestant: usize) -> u32 {
        let sum: u32 = self.best.iter().map(|best| best[contestant].1).sum();
        let folds = self.best.len().max(1) as u32;
        ((sum + folds / 2) / folds).max(1)
    }

    /// The validation rows of all folds as those still racing saw them.
    pub(crate) fn unseen(&self, data: &Dataset, folds: &[Fold]) -> Unseen {
        let rows = || folds.iter().flat_map(|fold| &fold.validation);
        Unseen {
            margins: self
                .unseen
                .iter()
                .zip(self.racing)
                .filter(|(_, racing)| *racing)
                .map(|(margins, _)| margins.clone())
                .collect(),
            targets: rows().map(|&row| data.targets[row]).collect(),
            weights: rows().map(|&row| data.weights[row]).collect(),
        }
    }

    pub(crate) fn save(&self, tensors: &mut Tensors) {
        let position = [self.fold as i64, self.contestant as i64, i64::from(self.round), self.curve.len() as i64];
        tensors.i64("progress.place", &[4], position.to_vec());
        tensors.i64("progress.racing", &[CONTESTANTS], self.racing.map(i64::from).to_vec());
        let best = self.best.iter().flatten().flat_map(|&(loss, round)| [loss, f64::from(round)]);
        tensors.f64("progress.best", &[self.best.len(), CONTESTANTS, 2], best.collect());
        tensors.f64("progress.unseen", &[CONTESTANTS, self.unseen[0].len()], self.unseen.concat());
        tensors.f64("progress.curve", &[self.curve.len(), 2], self.curve.iter().flat_map(|&(a, b)| [a, b]).collect());
    }

    /// Reads what [`Self::save`] wrote for the same folds.
    pub(crate) fn load(folds: &[Fold], tensors: &mut Tensors) -> Result<Self, TrainError> {
        let mut progress = Self::new(folds, [true; CONTESTANTS]);
        let position = tensors.take_i64("progress.place", &[4])?;
        let at = |i: usize, most: usize| {
            usize::try_from(position[i])
                .ok()
                .filter(|&n| n <= most)
                .ok_or_else(|| TrainError::Data("the checkpoint is damaged: train from the start".into()))
        };
        (progress.fold, progress.contestant) = (at(0, folds.len())?, at(1, CONTESTANTS)?);
        progress.round = at(2, 1 << 20)? as u32;
        let racing = tensors.take_i64("progress.racing", &[CONTESTANTS])?;
        progress.racing.iter_mut().zip(racing).for_each(|(flag, number)| *flag = number != 0);
        let best = tensors.take_f64("progress.best", &[folds.len(), CONTESTANTS, 2])?;
        progress
            .best
            .iter_mut()
            .flatten()
            .zip(best.chunks_exact(2))
            .for_each(|(own, read)| *own = (read[0], read[1] as u32));
        let rows = progress.unseen[0].len();
        let unseen = tensors.take_f64("progress.unseen", &[CONTESTANTS, rows])?;
        progress
            .unseen
            .iter_mut()
            .enumerate()
            .for_each(|(i, own)| own.copy_from_slice(&unseen[i * rows..(i + 1) * rows]));
        let rounds = at(3, 1 << 20)?;
        let curve = tensors.take_f64("progress.curve", &[rounds, 2])?;
        progress.curve = curve.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
        Ok(progress)
    }
}
