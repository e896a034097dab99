//! How far a version can be trusted: the probability that it has skill.

use common::losses::{Contestant, RowLosses};
use common::vocabulary::{Family, ModelKey};
use statrs::distribution::{ContinuousCDF, Normal};

use super::{MIN_ROWS, MeanEstimate, Paired, Pairing};

/// Newest forward rows (dates) that count: a model is as good as it is now.
const MAX_ROWS: usize = 250;
/// Models with a known skill from which their spread says something.
const MIN_FLEET: usize = 5;

/// The skill that is asked of a family's models, for its reliability to mean something.
pub fn least_skill(family: Family) -> f64 {
    match family {
        Family::Forecaster => 0.0,
        Family::Recommender | Family::Tabular => 0.01,
        Family::Text => 0.2,
    }
}

/// Skill on forward rows: 1 − loss / loss of the hardest baseline.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skill {
    /// The mean; above 0: better than the baseline. At most 1.
    pub mean: f64,
    /// Its standard error, autocorrelation allowed for.
    pub standard_error: f64,
    /// Dates or units it was measured on.
    pub rows: usize,
}

/// The skills that were measured of the live versions of one family, by model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fleet {
    family: Family,
    skills: Vec<(ModelKey, Skill)>,
}

impl Fleet {
    /// Of a family: these.
    pub fn new(family: Family, skills: Vec<(ModelKey, Skill)>) -> Self {
        Self { family, skills }
    }

    /// How far one of its models is trusted that has shown this skill, where the others say what is expected of it: 0 to 1,
    /// unknown under 40 rows.
    pub fn reliability(&self, model: &ModelKey, shown: Skill) -> Option<f64> {
        let others: Vec<Skill> = self.skills.iter().filter(|(key, _)| key != model).map(|(_, skill)| *skill).collect();
        shown.reliability(&Prior::of_fleet(self.family, &others), least_skill(self.family))
    }
}

/// What is known of a model's skill before its own rows speak: a normal distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prior {
    /// Its mean.
    pub mean: f64,
    /// Its standard deviation, above 0.
    pub deviation: f64,
}

impl Prior {
    /// What one expects of a family before it has a fleet: no skill, give or take. Daily returns let one expect a hundredth; a
    /// factorisation of ratings a tenth over its biases; a classifier of texts half of the loss (ADR 0022).
    pub fn of(family: Family) -> Self {
        let deviation = match family {
            Family::Forecaster => 0.01,
            Family::Recommender | Family::Tabular => 0.1,
            Family::Text => 0.5,
        };
        Self { mean: 0.0, deviation }
    }
}

impl Skill {
    /// A contestant's skill on the newest 250 dates, or on all units; absent under three of them, or where the losses allow no comparison.
    pub fn of(losses: &RowLosses, model: Contestant, baseline: Contestant, pairing: Pairing) -> Option<Self> {
        Self::of_paired(pairing.pair(losses, model, baseline))
    }

    /// The same for losses already paired.
    pub fn of_paired(paired: Paired) -> Option<Self> {
        let MeanEstimate { mean, standard_error, rows } = match paired {
            Paired::Series(series) => MeanEstimate::of(&series.newest(MAX_ROWS).relative_differences()?)?,
            Paired::Units(units) => units.estimate()?,
        };
        Some(Self { mean: -mean, standard_error, rows })
    }

    /// P(skill > `least`), 0 to 1, under the normal posterior; unknown under 40 rows.
    pub fn reliability(&self, prior: &Prior, least: f64) -> Option<f64> {
        if self.rows < MIN_ROWS {
            return None;
        }
        if self.standard_error == 0.0 {
            return Some(if self.mean > least { 1.0 } else { 0.0 });
        }
        let (prior_precision, precision) = (prior.deviation.powi(-2), self.standard_error.powi(-2));
        let total = prior_precision + precision;
        let mean = (prior.mean * prior_precision + self.mean * precision) / total;
        Some(Normal::new(mean, total.sqrt().recip()).ok()?.sf(least))
    }
}

impl Prior {
    /// Empirical Bayes: the distribution of true skills behind a family's measured ones, by the moments of DerSimonian and
    /// Laird (1986). Symbols move together, so the fleet's mean is taken to be no surer than that of one model, and is itself
    /// drawn towards the default; else one lucky window would vouch for the whole fleet. Without a fleet (fewer than five
    /// models with enough rows) the default.
    pub fn of_fleet(family: Family, fleet: &[Skill]) -> Self {
        let known: Vec<&Skill> =
            fleet.iter().filter(|skill| skill.rows >= MIN_ROWS && skill.standard_error > 0.0).collect();
        if known.len() < MIN_FLEET {
            return Self::of(family);
        }
        let weights: Vec<f64> = known.iter().map(|skill| skill.standard_error.powi(-2)).collect();
        let (pooled, total) = weighted_mean(&known, &weights);
        let heterogeneity: f64 =
            known.iter().zip(&weights).map(|(skill, weight)| weight * (skill.mean - pooled).powi(2)).sum();
        let squares: f64 = weights.iter().map(|weight| weight * weight).sum();
        let spread = ((heterogeneity - (known.len() - 1) as f64) / (total - squares / total)).max(0.0);

        let weights: Vec<f64> = known.iter().map(|skill| (spread + skill.standard_error.powi(2)).recip()).collect();
        let (mean, total) = weighted_mean(&known, &weights);
        let precision = total / known.len() as f64;
        let prior_precision = Self::of(family).deviation.powi(-2);
        let mean = mean * precision / (precision + prior_precision);
        Self { mean, deviation: (spread + (precision + prior_precision).recip()).sqrt() }
    }
}

/// The mean and the sum of the weights.
fn weighted_mean(skills: &[&Skill], weights: &[f64]) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let sum: f64 = skills.iter().zip(weights).map(|(skill, weight)| weight * skill.mean).sum();
    (sum / total, total)
}

#[cfg(test)]
mod tests {
    use super::super::Series;
    use super::*;

    fn skill(mean: f64, standard_error: f64) -> Skill {
        Skill { mean, standard_error, rows: 60 }
    }

    fn near(found: f64, expected: f64, tolerance: f64) {
        assert!((found - expected).abs() < tolerance, "{found} instead of {expected}");
    }

    /// JUDGING: what skill a family's reliability is about.
    #[test]
    fn each_family_has_its_least_skill() {
        assert_eq!(
            [Family::Forecaster, Family::Recommender, Family::Text, Family::Tabular].map(least_skill),
            [0.0, 0.01, 0.2, 0.01]
        );
    }

    /// Prior and data with the same standard error meet half-way: N(0.01, 0.01²/2), so P(skill > 0) = Φ(√2).
    #[test]
    fn prior_and_rows_share_the_say_by_their_precision() {
        let prior = Prior::of(Family::Forecaster);
        near(skill(0.02, 0.01).reliability(&prior, 0.0).unwrap(), 0.921_350_396_5, 1e-9);
        near(skill(0.02, 0.01).reliability(&prior, 0.01).unwrap(), 0.5, 1e-9);
        let hopeful = Prior { mean: 0.02, deviation: 0.01 };
        near(skill(0.0, 0.01).reliability(&hopeful, 0.0).unwrap(), 0.921_350_396_5, 1e-9);
        near(skill(0.0, 0.5).reliability(&prior, 0.0).unwrap(), 0.5, 1e-9);
        near(skill(5.0, 1e9).reliability(&prior, 0.0).unwrap(), 0.5, 1e-6);
    }

    #[test]
    fn few_rows_leave_it_unknown() {
        let few = Skill { rows: 39, ..skill(0.02, 0.01) };
        assert_eq!(few.reliability(&Prior::of(Family::Forecaster), 0.0), None);
        assert!(Skill { rows: 40, ..few }.reliability(&Prior::of(Family::Forecaster), 0.0).is_some());
    }

    #[test]
    fn a_model_that_is_its_baseline_has_no_skill() {
        let same = Skill::of_paired(Paired::Series(Series { model: vec![1.0; 50], reference: vec![1.0; 50] })).unwrap();
        assert_eq!((same.mean, same.standard_error), (0.0, 0.0));
        assert_eq!(same.reliability(&Prior::of(Family::Forecaster), 0.0), Some(0.0));
        assert_eq!(skill(0.1, 0.0).reliability(&Prior::of(Family::Forecaster), 0.0), Some(1.0), "there is no doubt");
    }

    /// What is expected of a model is what the others show, not what it shows itself.
    #[test]
    fn a_model_is_no_witness_for_itself() {
        let key = |name: &str| -> ModelKey { format!("text/{name}").parse().unwrap() };
        let mut skills: Vec<(ModelKey, Skill)> = [-0.1, 0.0, 0.1, 0.2, 0.3]
            .into_iter()
            .enumerate()
            .map(|(n, mean)| (key(&format!("m{n}")), skill(mean, 0.1)))
            .collect();
        let others: Vec<Skill> = skills.iter().map(|(_, skill)| *skill).collect();
        let (own, shown) = (key("own"), skill(0.4, 0.1));
        skills.push((own.clone(), skill(9.0, 0.1)));
        let expected = shown.reliability(&Prior::of_fleet(Family::Text, &others), 0.2).unwrap();
        assert!((0.5..0.99).contains(&expected), "{expected}");
        assert_eq!(Fleet::new(Family::Text, skills).reliability(&own, shown), Some(expected));
    }

    #[test]
    fn only_the_newest_rows_count() {
        let mut series = Series { model: vec![2.0; 300], reference: vec![1.0; 300] };
        series.model[50..].fill(0.9);
        let found = Skill::of_paired(Paired::Series(series)).unwrap();
        assert_eq!(found.rows, 250);
        near(found.mean, 0.1, 1e-12);
    }

    /// With equal standard errors s the spread is the sample variance less s², here 0.00025 − 0.0001. Its mean 0.01 is as sure
    /// as one model's, ±√0.00025, and drawn towards 0 ± 0.01: two parts of seven are left.
    #[test]
    fn a_fleet_teaches_the_prior() {
        let fleet: Vec<Skill> = [-0.01, 0.0, 0.01, 0.02, 0.03].map(|mean| skill(mean, 0.01)).to_vec();
        let prior = Prior::of_fleet(Family::Forecaster, &fleet);
        near(prior.mean, 0.01 * 2.0 / 7.0, 1e-12);
        near(prior.deviation, (0.000_15f64 + 1.0 / 14_000.0).sqrt(), 1e-12);
        assert_eq!(Prior::of_fleet(Family::Forecaster, &fleet[..4]), Prior::of(Family::Forecaster));
        // Neither few rows nor a skill without doubt say what is usual.
        let few = Skill { rows: 39, ..skill(9.0, 0.01) };
        let more: Vec<Skill> = fleet.into_iter().chain([few, skill(9.0, 0.0)]).collect();
        assert_eq!(Prior::of_fleet(Family::Forecaster, &more), prior);
    }

    /// Where some are surer than others, each counts by its precision: figures worked out apart from this code.
    #[test]
    fn who_is_surer_says_more_of_the_fleet() {
        let fleet = [(-0.02, 0.005), (0.0, 0.01), (0.01, 0.02), (0.02, 0.01), (0.06, 0.01)];
        let prior = Prior::of_fleet(Family::Forecaster, &fleet.map(|(mean, error)| skill(mean, error)));
        near(prior.mean, 0.001_005_168_769_444, 1e-12);
        near(prior.deviation, 0.034_975_194_021_566, 1e-12);
    }

    /// Twelve models that all had the same good window are one observation, not twelve.
    #[test]
    fn a_fleet_that_moved_together_vouches_for_nobody() {
        let alike = Prior::of_fleet(Family::Forecaster, &[skill(0.01, 0.01); 12]);
        near(alike.mean, 0.005, 1e-12);
        near(alike.deviation, 0.005f64.sqrt() * 0.1, 1e-12);
        let worse_than_naive = skill(-0.012, 0.01).reliability(&alike, 0.0).unwrap();
        assert!(worse_than_naive < 0.5, "{worse_than_naive}");
    }
}
