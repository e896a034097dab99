//! A training, piece by piece: contestants on inner folds, the choice, then the chosen on all rows.

mod decision;
mod needs;
mod resume;

use common::vocabulary::TabularHyper;
use common::vocabulary::records::Order;

use self::decision::Choice;
use self::needs::check;
use super::dataset::Dataset;
use super::folds::{Fold, folds};
use super::learner::{Contestant, Learner};
use super::model::{Member, Model, TabularPreprocessing};
use super::progress::Progress;
use super::stage::Stage;
use super::update::Update;
use crate::error::TrainError;

/// A training that can be stopped after every piece.
pub struct Fit<'a> {
    data: &'a Dataset,
    hyper: TabularHyper,
    /// The rows of the last training: all that may be fitted on.
    rows: Vec<usize>,
    folds: Vec<Fold>,
    update: Option<Update<'a>>,
    progress: Progress,
    stage: Option<Stage>,
    current: Option<Current>,
    finished: Vec<Learner>,
    /// Known once the folds are done.
    choice: Option<Choice>,
}

/// A learner at work.
struct Current {
    learner: Learner,
    training: Vec<f64>,
    validation: Vec<f64>,
}

/// Where a fit stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Position {
    /// Pieces done; contestants that stop early let it jump.
    pub piece: u32,
    /// Pieces if none stops early.
    pub pieces: u32,
    /// The contestant at work.
    pub contestant: Option<Contestant>,
    /// Rounds it has done; once all are done, those of the last one.
    pub round: u32,
    /// Its most rounds.
    pub rounds: u32,
    /// The inner fold from 0, or their number while the chosen are trained on all rows.
    pub fold: u32,
    /// Latest training loss.
    pub loss: Option<f64>,
    /// Training and validation loss after each round of the contestant at work; NaN where nothing validates.
    pub curve: Vec<(f64, f64)>,
}

impl<'a> Fit<'a> {
    /// A complete training on these rows of a data set. No other row has any influence.
    ///
    /// # Errors
    /// TabularHyper-parameters out of range, too few rows, unknown outcomes, or only one class.
    pub fn new(data: &'a Dataset, rows: &[usize], hyper: &TabularHyper) -> Result<Self, TrainError> {
        check(data, rows, hyper)?;
        let folds = folds(data, rows, hyper.folds as usize, hyper.seed);
        Ok(Self::on(data, rows.to_vec(), hyper, folds, None))
    }

    /// An incremental training: goes on from `parent` with `new` rows and a replayed sample of `old` ones; encoder, members,
    /// weights, calibration, threshold and baselines stay. The linear model is drawn to the parent's coefficients instead of to
    /// 0, the network starts from its weights, trees are added to its trees; see `tabular/update.rs`.
    ///
    /// # Errors
    /// As for [`Self::new`], and another schema than the parent's.
    pub fn update(
        parent: &'a Model,
        data: &'a Dataset,
        new: &[usize],
        old: &[usize],
        hyper: &TabularHyper,
    ) -> Result<Self, TrainError> {
        let update = Update::new(parent, data, hyper)?;
        let rows = update.rows(data, new, old, hyper);
        check(data, &rows, hyper)?;
        Ok(Self::on(data, rows, hyper, Vec::new(), Some(update)))
    }

    fn on(
        data: &'a Dataset,
        rows: Vec<usize>,
        hyper: &TabularHyper,
        folds: Vec<Fold>,
        update: Option<Update<'a>>,
    ) -> Self {
        let racing = Contestant::ALL.map(|contestant| contestant.rounds(hyper) > 0);
        let progress = Progress::new(&folds, racing);
        let mut fit = Self {
            data,
            hyper: hyper.clone(),
            rows,
            folds,
            update,
            progress,
            stage: None,
            current: None,
            finished: Vec::new(),
            choice: None,
        };
        if fit.folds.is_empty() {
            fit.choose();
        }
        fit
    }

    /// Does one piece: a linear fit, 10 trees or an epoch. False when there was nothing left.
    ///
    /// # Errors
    /// Training has left the numbers, or the equations have no solution.
    pub fn advance(&mut self) -> Result<bool, TrainError> {
        let Some((contestant, rounds)) = self.at(self.progress.contestant) else { return Ok(false) };
        self.enter()?;
        let Some(stage) = &self.stage else { return Ok(false) };
        let parent = self.update.as_ref().and_then(|update| update.learner(contestant));
        let hyper = self.update.as_ref().map_or(&self.hyper, |update| &update.hyper);
        let fold = self.progress.fold as u32;
        let Current { learner, training, validation } = self.current.get_or_insert_with(|| {
            let learner = Learner::begin(contestant, &stage.encoder, hyper, stage.start, fold, parent);
            let training = learner.margins(&stage.training.design, stage.start);
            let validation = learner.margins(&stage.validation.design, stage.start);
            Current { learner, training, validation }
        });
        let trees = if let Learner::Boost(boost) = &*learner { boost.trees.len() } else { 0 };
        learner.round(&stage.examples(), training, hyper, (fold, self.progress.round), parent)?;
        *validation = match &*learner {
            Learner::Boost(boost) => boost.margins(&stage.validation.design, trees, std::mem::take(validation)),
            other => other.margins(&stage.validation.design, stage.start),
        };
        self.progress.round += 1;
        let losses = (
            stage.loss.mean(training, &stage.training.targets, &stage.training.weights),
            stage.calibrated_loss(validation),
        );
        let over = if self.progress.fold < self.folds.len() {
            let begin = self.folds[..self.progress.fold].iter().map(|fold| fold.validation.len()).sum();
            self.progress.note(losses, validation, begin);
            let best = self.progress.best[self.progress.fold][self.progress.contestant].1;
            self.progress.round >= rounds || self.progress.round - best >= self.hyper.patience
        } else {
            self.progress.curve.push(losses);
            self.progress.round >= rounds
        };
        if over {
            self.next();
        }
        Ok(true)
    }

    /// The contestant at an index of the current stage and its most rounds; none past the last.
    fn at(&self, index: usize) -> Option<(Contestant, u32)> {
        if self.progress.fold < self.folds.len() {
            return Contestant::ALL.get(index).map(|contestant| (*contestant, contestant.rounds(&self.hyper)));
        }
        self.choice.as_ref()?.members.get(index).map(|member| {
            let rounds = self.update.as_ref().map_or(member.rounds, |update| update.rounds(member));
            (member.contestant, rounds)
        })
    }

    /// The hyper-parameters that fix sizes: the parent's, where there is one.
    fn encoding_hyper(&self) -> &TabularHyper {
        self.update.as_ref().map_or(&self.hyper, |update| &update.hyper)
    }

    /// Encodes the rows of the current stage.
    fn enter(&mut self) -> Result<(), TrainError> {
        if self.stage.is_none() {
            let (training, validation) = match self.folds.get(self.progress.fold) {
                Some(fold) => (&fold.training, fold.validation.as_slice()),
                None => (&self.rows, [].as_slice()),
            };
            let kept = self.update.as_ref().map(Update::kept);
            self.stage = Some(Stage::new(self.data, training, validation, self.hyper.rare, kept)?);
        }
        Ok(())
    }

    /// On to the next contestant in the race, the next fold, or the next member.
    fn next(&mut self) {
        let current = self.current.take();
        self.progress.round = 0;
        self.progress.contestant += 1;
        if self.progress.fold == self.folds.len() {
            self.finished.extend(current.map(|current| current.learner));
        }
        // The curve of the last member stays, for the record.
        if self.at(self.progress.contestant).is_some() || self.progress.fold < self.folds.len() {
            self.progress.curve.clear();
        }
        if self.progress.fold == self.folds.len() {
            return;
        }
        let racing = |progress: &Progress| progress.racing.iter().skip(progress.contestant).position(|&racing| racing);
        match racing(&self.progress) {
            Some(skipped) => self.progress.contestant += skipped,
            None => {
                self.stage = None;
                if self.progress.fold == 0 {
                    self.progress.race(self.hyper.race_margin);
                }
                self.progress.fold += 1;
                self.progress.contestant = 0;
                if self.progress.fold < self.folds.len() {
                    self.progress.contestant = racing(&self.progress).unwrap_or(0);
                } else {
                    self.choose();
                }
            }
        }
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        let pieces: u32 = Contestant::ALL.iter().map(|contestant| contestant.rounds(&self.hyper)).sum();
        let before: u32 =
            (0..self.progress.contestant).filter_map(|index| self.at(index)).map(|(_, rounds)| rounds).sum();
        let last = match &self.choice {
            Some(choice) => {
                (0..choice.members.len()).filter_map(|index| self.at(index)).map(|(_, rounds)| rounds).sum()
            }
            None => pieces,
        };
        let at_work = self.at(self.progress.contestant);
        let round = self.progress.curve.len() as u32;
        Position {
            piece: self.progress.fold as u32 * pieces + before + self.progress.round,
            pieces: self.folds.len() as u32 * pieces + last,
            contestant: at_work.map(|(contestant, _)| contestant),
            round,
            rounds: at_work.map_or(round, |(_, rounds)| rounds),
            fold: self.progress.fold as u32,
            loss: self.progress.curve.last().map(|losses| losses.0),
            curve: self.progress.curve.clone(),
        }
    }

    /// Mean loss of what the folds have chosen, each row by a fit that had not seen it. Nothing before the choice, or where a parent
    /// has made it.
    pub(crate) fn validation_loss(&self) -> Option<f64> {
        self.choice.as_ref().and_then(|choice| choice.validation_loss)
    }

    /// The model, once [`Self::advance`] has answered false.
    ///
    /// # Errors
    /// The training is not over.
    pub fn model(&self) -> Result<Model, TrainError> {
        let (Some(choice), Some(stage)) = (&self.choice, &self.stage) else {
            return Err(TrainError::Code("the training is not over".into()));
        };
        if self.finished.len() < choice.members.len() {
            return Err(TrainError::Code("the training is not over".into()));
        }
        let preprocessing = TabularPreprocessing {
            format: TabularPreprocessing::FORMAT,
            schema: self.data.schema.clone(),
            hyper: self.encoding_hyper().clone(),
            encoder: stage.encoder.clone(),
            start: stage.start,
            members: choice.members.iter().map(|member| self.grown(member)).collect(),
            calibration: choice.calibration,
            threshold: choice.threshold,
            spread: choice.spread.clone(),
            baselines: choice.baselines.clone(),
            seen_through: self.seen_through(),
        };
        Ok(Model { preprocessing, learners: self.finished.clone() })
    }

    /// A member with the rounds of this training added to its parent's.
    fn grown(&self, member: &Member) -> Member {
        let more = self.update.as_ref().map_or(0, |update| update.rounds(member));
        Member { rounds: member.rounds + more, ..member.clone() }
    }

    /// When the newest row came about that this training, or one before it, was fitted on.
    fn seen_through(&self) -> Option<f64> {
        let own = self.rows.iter().map(|&row| self.data.times[row]).fold(f64::NEG_INFINITY, f64::max);
        let before = self.update.as_ref().and_then(|update| update.parent.seen_through());
        (self.data.schema.order != Order::Undated).then(|| own.max(before.unwrap_or(own)))
    }
}
