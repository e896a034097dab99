//! A training, complete or incremental, pass by pass.

use super::calibration::{Calibration, Judged, best_threshold};
use super::data::{Example, check};
use super::logistic::{Iterate, Problem};
use super::maths::logit;
use super::model::{Facts, Model};
use super::ngrams::Ngrams;
use super::position::{Epoch, Position};
use super::prior::Prior;
use super::readable::terms;
use super::sample::stratified;
use super::scale::{Bags, Scale};
use super::sparse::Csr;
use super::validation::Validation;
use crate::error::TrainError;
use crate::tensors::Tensors;
use common::random::{Purpose, Stream};
use common::vocabulary::{Ranged, TextHyper};

/// Most validation rows an incremental training looks at: enough for a calibration, too few for a new threshold.
const UPDATE_VALIDATION: usize = 500;

/// A training. Make it, resume it if there is a state, advance it to the end, finish it.
#[derive(Debug, Clone)]
pub struct Fit<'a> {
    hyper: TextHyper,
    setting: Setting<'a>,
    problem: Problem,
    validation: Validation,
    iterate: Iterate,
    curve: Vec<Epoch>,
    done: bool,
}

/// What does not change while a training goes on.
#[derive(Debug, Clone)]
struct Setting<'a> {
    parent: Option<&'a Model>,
    /// The rows trained on; the first `new` of them count, the others are replayed.
    rows: Vec<Example<'a>>,
    new: usize,
    scale: Scale,
    prior: Prior,
}

impl<'a> Fit<'a> {
    /// A complete training: counts, scale and weights are fitted on `rows`, calibration and threshold on `validation`.
    ///
    /// # Errors
    /// Hyper-parameters out of range, or rows that cannot teach.
    pub fn new(hyper: &TextHyper, rows: &[Example<'a>], validation: &[Example<'a>]) -> Result<Self, TrainError> {
        checked(hyper)?;
        check(rows, "training")?;
        let bags = Bags::of(Ngrams::new(hyper), rows);
        let scale = Scale::fit(hyper, rows, &bags);
        let prior = Prior::plain(scale.columns.len());
        check(validation, "validation")?;
        let matrix = scale.matrix(&bags);
        let offsets = vec![0.0; rows.len()];
        let setting = Setting { parent: None, rows: rows.to_vec(), new: rows.len(), scale, prior };
        Ok(Self::start(hyper, setting, matrix, offsets, validation))
    }

    /// An incremental training: `parent` learns `new` rows, and sees a sample of the `old` ones again, `hyper.replay` for
    /// each new one in the classes' proportions. Counts and scale stay as they are; slots that enough new rows have and the parent
    /// lacks are added. The calibration is fitted again on at most 500 rows of `validation`; trust and threshold stay.
    ///
    /// # Errors
    /// Hyper-parameters out of range or that read texts otherwise than the parent's, or no new rows.
    pub fn update(
        hyper: &TextHyper,
        parent: &'a Model,
        old: &[Example<'a>],
        new: &[Example<'a>],
        validation: &[Example<'a>],
    ) -> Result<Self, TrainError> {
        checked(hyper)?;
        if !hyper.reads_like(&parent.hyper) {
            let advice = "train completely, or keep the parent's features, scale and cost";
            return Err(TrainError::Data(format!("the model was trained with other hyper-parameters: {advice}")));
        }
        if new.is_empty() {
            return Err(TrainError::Data("there are no new rows to learn from".into()));
        }
        if let Some(bad) = new.iter().find(|row| !row.weight.is_finite() || row.weight <= 0.0) {
            return Err(TrainError::Data(format!("a new row has the weight {}: it must be above 0", bad.weight)));
        }
        check(validation, "validation")?;
        let (turn, replayed) = (parent.facts.updates, (hyper.replay * new.len() as f64) as usize);
        let mut rows = new.to_vec();
        rows.extend(stratified(old, replayed, hyper.seed, Purpose::Replay, turn));
        let bags = Bags::of(parent.scale.ngrams, &rows);
        let scale = parent.scale.extended(hyper, &rows, &bags);
        let prior = parent.weights.moved(&parent.scale, &scale);
        let mut matrix = scale.matrix(&bags);
        let offsets = matrix.rows().map(|row| row.dot(&prior.means)).collect();
        prior.whiten(&mut matrix);
        let validation = stratified(validation, UPDATE_VALIDATION, hyper.seed, Purpose::Validation, turn);
        let setting = Setting { parent: Some(parent), rows, new: new.len(), scale, prior };
        Ok(Self::start(hyper, setting, matrix, offsets, &validation))
    }

    fn start(hyper: &TextHyper, setting: Setting<'a>, inputs: Csr, offsets: Vec<f64>, judges: &[Example<'_>]) -> Self {
        let labels: Vec<bool> = setting.rows.iter().map(|row| row.label).collect();
        let costs = setting.rows.iter().map(|row| hyper.cost * row.weight).collect();
        Self {
            hyper: hyper.clone(),
            problem: Problem::new(inputs, &labels, costs, offsets),
            validation: Validation::new(&setting.scale, judges),
            iterate: Iterate { duals: vec![0.0; labels.len()], weights: vec![0.0; setting.prior.means.len()] },
            setting,
            curve: Vec::new(),
            done: false,
        }
    }

    /// Goes on from a state that the same training, on the same rows, has had.
    ///
    /// # Errors
    /// The state is of another training, or damaged.
    pub fn resume(mut self, state: Tensors) -> Result<Self, TrainError> {
        self.restore(state)?;
        Ok(self)
    }

    /// The same, in place; what cannot be used leaves the training as it was.
    pub(crate) fn restore(&mut self, mut state: Tensors) -> Result<(), TrainError> {
        let (rows, columns) = (self.iterate.duals.len(), self.iterate.weights.len());
        let epochs = state.0.get("curve").and_then(|curve| curve.sizes.first().copied()).unwrap_or(0);
        let curve = state.take_f64("curve", &[epochs, 2])?;
        let iterate =
            Iterate { duals: state.take_f64("duals", &[rows])?, weights: state.take_f64("weights", &[columns])? };
        if iterate.duals.iter().chain(&iterate.weights).chain(&curve).any(|number| !number.is_finite()) {
            return Err(TrainError::Data("the checkpoint is damaged: start the training again".into()));
        }
        self.iterate = iterate;
        self.curve = curve
            .as_chunks()
            .0
            .iter()
            .map(|[train, validation]| Epoch { train: *train, validation: *validation })
            .collect();
        self.done = self.is_done();
        Ok(())
    }

    /// One pass over the training rows. `false` when nothing is left to do.
    ///
    /// # Errors
    /// The loss is no longer a number.
    pub fn advance(&mut self) -> Result<bool, TrainError> {
        if self.done {
            return Ok(false);
        }
        let mut order: Vec<u32> = (0..self.problem.len() as u32).collect();
        Stream::new(self.hyper.seed, Purpose::Shuffle, self.curve.len() as u32 + 1, 0).shuffle(&mut order);
        let train = self.problem.pass(&order, &mut self.iterate);
        let validation = self.validation.loss(&self.weights());
        if !train.is_finite() || !validation.is_finite() {
            return Err(TrainError::Data(
                "the loss is no longer a number: lower cost, or look for absurd weights".into(),
            ));
        }
        self.curve.push(Epoch { train, validation });
        self.done = self.is_done();
        Ok(!self.done)
    }

    /// All passes are done, or the last one hardly changed the loss.
    fn is_done(&self) -> bool {
        let settled = match self.curve[..] {
            [.., before, last] => (before.train - last.train).abs() <= self.hyper.tolerance * before.train,
            _ => false,
        };
        settled || self.curve.len() >= self.hyper.epochs as usize
    }

    /// Where it stands.
    pub fn position(&self) -> Position {
        Position {
            epoch: self.curve.len() as u32,
            epochs: self.hyper.epochs,
            loss: self.curve.last().map(|epoch| epoch.train),
            curve: self.curve.clone(),
            done: self.done,
        }
    }

    /// What [`Self::resume`] needs: `duals` `[rows]`, `weights` `[columns + 1]`, `curve` `[passes, 2]`.
    pub fn state(&self) -> Tensors {
        let mut state = Tensors::default();
        state.f64("duals", &[self.iterate.duals.len()], self.iterate.duals.clone());
        state.f64("weights", &[self.iterate.weights.len()], self.iterate.weights.clone());
        let curve = self.curve.iter().flat_map(|epoch| [epoch.train, epoch.validation]).collect();
        state.f64("curve", &[self.curve.len(), 2], curve);
        state
    }

    /// Calibrates, and makes the model.
    pub fn finish(self) -> Model {
        let Setting { parent, rows, new, scale, prior } = self.setting;
        let curvature = self.problem.curvature(&self.iterate.weights, |row| row < new);
        let weights = prior.after(&self.iterate.weights, &curvature);
        let judged = self.validation.judged(&weights.means);
        let prevalence = scale.totals[1] / (scale.totals[0] + scale.totals[1]);
        let (line, level) = (Calibration::fit(&judged), logit(prevalence));
        let old = parent.map(|parent| &parent.facts);
        // Kept with the threshold, which was chosen for it: an update looks at too few rows to measure it again.
        let trust = old.map_or_else(|| line.trust(level, &judged), |old| old.trust);
        let calibration = line.drawn_to(level, trust);
        let minority = old.map_or(scale.totals[1] <= scale.totals[0], |old| old.minority);
        let rare = |row: &Judged| {
            let probability = calibration.probability(row.score);
            (if minority { probability } else { 1.0 - probability }, row.label == minority)
        };
        let threshold = || best_threshold(&judged.iter().map(rare).collect::<Vec<_>>());
        let old_terms = old.map_or(&[][..], |old| &old.terms);
        let facts = Facts {
            calibration,
            trust,
            minority,
            threshold: old.map_or_else(threshold, |old| old.threshold),
            prevalence,
            updates: old.map_or(0, |old| old.updates + 1),
            rows: old.map_or(0, |old| old.rows) + new as u64,
            terms: terms(&scale, &weights.means, &rows, self.problem.matrix(), old_terms),
        };
        Model { hyper: self.hyper, scale, weights, facts }
    }

    fn weights(&self) -> Vec<f64> {
        self.setting.prior.weights(&self.iterate.weights)
    }
}

fn checked(hyper: &TextHyper) -> Result<(), TrainError> {
    hyper.check().map_err(|error| TrainError::Data(error.to_string()))
}
