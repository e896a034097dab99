//! RecommenderHyper-parameters of the recommender.

use serde::{Deserialize, Serialize};

use super::{FieldRange, HyperError, Ranged};

/// How ratings are factorised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Algorithm {
    /// With implicit item factors (SVD++; Koren, 2008) and several members: the best quality.
    #[default]
    Implicit,
    /// Biases and factors by plain gradient descent (Funk, 2006), as the Python package Surprise does it.
    Svd,
}

/// What a recommender is made of and how it is trained. What is not given takes the default of its algorithm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Given")]
pub struct RecommenderHyper {
    /// How ratings are factorised.
    pub algorithm: Algorithm,
    /// Factors per user and item.
    pub n_factors: u32,
    /// Most passes over the training rows; more (up to four for each), if they are fewer than 20,000 and `patience` is not 0.
    pub n_epochs: u32,
    /// Step size of the first pass.
    pub lr: f64,
    /// The step size is multiplied by this after each pass.
    pub lr_decay: f64,
    /// L2 regularisation of the factors, per rating.
    pub reg: f64,
    /// L2 regularisation of the biases, per rating.
    pub reg_bias: f64,
    /// L2 regularisation of the implicit item factors, per rating; not used by `svd`.
    pub reg_implicit: f64,
    /// Factorisations from different starts whose predictions are averaged.
    pub members: u32,
    /// Passes without a better validation loss before a member is done; more for fewer than 20,000 training rows; 0 makes all passes.
    pub patience: u32,
    /// Passes of an incremental training.
    pub update_epochs: u32,
    /// Share of the rows that nothing new touches which a pass of an incremental training sees again.
    pub replay: f64,
    /// Seed of every random draw.
    pub seed: u64,
}

/// RecommenderHyper-parameters as they are given: what is left out is not there.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
struct Given {
    algorithm: Algorithm,
    n_factors: Option<u32>,
    n_epochs: Option<u32>,
    lr: Option<f64>,
    lr_decay: Option<f64>,
    reg: Option<f64>,
    reg_bias: Option<f64>,
    reg_implicit: Option<f64>,
    members: Option<u32>,
    patience: Option<u32>,
    update_epochs: Option<u32>,
    replay: Option<f64>,
    seed: Option<u64>,
}

impl TryFrom<Given> for RecommenderHyper {
    type Error = String;

    fn try_from(given: Given) -> Result<Self, String> {
        let base = Self::of(given.algorithm);
        let hyper = Self {
            algorithm: given.algorithm,
            n_factors: given.n_factors.unwrap_or(base.n_factors),
            n_epochs: given.n_epochs.unwrap_or(base.n_epochs),
            lr: given.lr.unwrap_or(base.lr),
            lr_decay: given.lr_decay.unwrap_or(base.lr_decay),
            reg: given.reg.unwrap_or(base.reg),
            reg_bias: given.reg_bias.unwrap_or(base.reg_bias),
            reg_implicit: given.reg_implicit.unwrap_or(base.reg_implicit),
            members: given.members.unwrap_or(base.members),
            patience: given.patience.unwrap_or(base.patience),
            update_epochs: given.update_epochs.unwrap_or(base.update_epochs),
            replay: given.replay.unwrap_or(base.replay),
            seed: given.seed.unwrap_or(base.seed),
        };
        hyper.check().map_err(|error| error.to_string())?;
        Ok(hyper)
    }
}

impl Default for RecommenderHyper {
    fn default() -> Self {
        Self::of(Algorithm::default())
    }
}

impl Ranged for RecommenderHyper {
    const RANGES: &'static [FieldRange] = &[
        FieldRange { name: "n_factors", min: 1.0, max: 512.0 },
        FieldRange { name: "n_epochs", min: 1.0, max: 500.0 },
        FieldRange { name: "lr", min: 1e-5, max: 0.1 },
        FieldRange { name: "lr_decay", min: 0.5, max: 1.0 },
        FieldRange { name: "reg", min: 0.0, max: 1.0 },
        FieldRange { name: "reg_bias", min: 0.0, max: 1.0 },
        FieldRange { name: "reg_implicit", min: 0.0, max: 1.0 },
        FieldRange { name: "members", min: 1.0, max: 32.0 },
        FieldRange { name: "patience", min: 0.0, max: 100.0 },
        FieldRange { name: "update_epochs", min: 1.0, max: 100.0 },
        FieldRange { name: "replay", min: 0.0, max: 1.0 },
    ];
}

impl RecommenderHyper {
    /// The defaults of an algorithm. Those of [`Algorithm::Svd`] are the ones of Surprise.
    pub fn of(algorithm: Algorithm) -> Self {
        let implicit = Self {
            algorithm,
            n_factors: 48,
            n_epochs: 50,
            lr: 0.01,
            lr_decay: 0.96,
            reg: 0.09,
            reg_bias: 0.03,
            reg_implicit: 0.01,
            members: 6,
            patience: 3,
            update_epochs: 5,
            replay: 0.1,
            seed: 42,
        };
        match algorithm {
            Algorithm::Implicit => implicit,
            Algorithm::Svd => Self {
                n_factors: 100,
                n_epochs: 20,
                lr: 0.005,
                lr_decay: 1.0,
                reg: 0.02,
                reg_bias: 0.02,
                members: 1,
                patience: 0,
                ..implicit
            },
        }
    }

    /// The same with some replaced, by name, checked. Another algorithm brings its own defaults for what is not named.
    ///
    /// # Errors
    /// As [`Ranged::with`].
    pub fn replaced<'a>(&self, changes: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Self, HyperError> {
        let changes: Vec<(&str, &str)> = changes.into_iter().collect();
        match changes.iter().find(|(name, _)| *name == "algorithm") {
            None => self.with(changes),
            Some(algorithm) => {
                let algorithm = self.with([*algorithm])?.algorithm;
                let base = if algorithm == self.algorithm { self.clone() } else { Self::of(algorithm) };
                base.with(changes)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_given_takes_the_default_of_its_algorithm() {
        let read = |text: &str| serde_json::from_str::<RecommenderHyper>(text).map_err(|e| e.to_string());
        assert_eq!(read("{}").unwrap(), RecommenderHyper::default());
        let svd = read(r#"{"algorithm": "svd", "n_epochs": 7}"#).unwrap();
        assert_eq!(svd, RecommenderHyper { n_epochs: 7, ..RecommenderHyper::of(Algorithm::Svd) });
        assert_eq!(read(&serde_json::to_string(&svd).unwrap()).unwrap(), svd);
        assert!(read(r#"{"lr": 9}"#).unwrap_err().starts_with("lr = 9 is out of range: 0.00001 to 0.1"));
        assert!(read(r#"{"epochs": 9}"#).unwrap_err().contains("unknown field"));
        assert!(RecommenderHyper { reg: f64::NAN, ..RecommenderHyper::default() }.check().is_err());
    }

    /// Who asks for another algorithm means its defaults, but for what they name.
    #[test]
    fn another_algorithm_brings_its_own_defaults() {
        let base = RecommenderHyper::default();
        let svd = base.replaced([("n_epochs", "7"), ("algorithm", "svd")]).unwrap();
        assert_eq!(svd, RecommenderHyper { n_epochs: 7, ..RecommenderHyper::of(Algorithm::Svd) });
        assert_eq!(svd.replaced([("reg", "0.1")]).unwrap().algorithm, Algorithm::Svd);
        assert!(base.replaced([("algorithm", "nmf")]).unwrap_err().to_string().contains("nmf"));
    }
}
