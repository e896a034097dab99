//! How the rows of a family depend on each other, and so how two contestants' losses on them are compared.

use common::losses::{Contestant, RowLosses};
use common::vocabulary::Family;
use serde::{Deserialize, Serialize};
use strum::VariantNames;

use super::{Comparison, MeanEstimate, Series, Units};

/// What counts as one observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, VariantNames)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Pairing {
    /// A date: symbols move together, and days follow each other.
    Dates,
    /// A user: what one person rates belongs together.
    Users,
    /// A text with its near-duplicates.
    Texts,
    /// A record.
    Records,
}

/// Losses of a model and of a reference on the same observations.
#[derive(Debug, Clone, PartialEq)]
pub enum Paired {
    /// In the order of time.
    Series(Series),
    /// Without an order; each with the rows it is made of.
    Units(Units),
}

impl Pairing {
    /// The pairing of a family's rows.
    pub fn of(family: Family) -> Self {
        match family {
            Family::Forecaster => Self::Dates,
            Family::Recommender => Self::Users,
            Family::Text => Self::Texts,
            Family::Tabular => Self::Records,
        }
    }

    /// Pairs two contestants over the rows where both were scored.
    pub fn pair(self, losses: &RowLosses, model: Contestant, reference: Contestant) -> Paired {
        match self {
            Self::Dates => Paired::Series(Series::pair(losses, model, reference)),
            Self::Users | Self::Texts | Self::Records => Paired::Units(Units::pair(losses, model, reference)),
        }
    }
}

impl Paired {
    /// How many observations there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Series(series) => series.len(),
            Self::Units(units) => units.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The relative difference of loss and how sure it is; absent where there is too little to compare.
    pub fn estimate(&self) -> Option<MeanEstimate> {
        match self {
            Self::Series(series) => MeanEstimate::of(&series.relative_differences()?),
            Self::Units(units) => units.estimate(),
        }
    }

    /// Compares them; absent where there is too little to compare. `alpha`: chance of error, above 0 and below 1.
    pub fn compare(&self, alpha: f64) -> Option<Comparison> {
        match self {
            Self::Series(series) => Comparison::of(series, alpha),
            Self::Units(units) => units.compare(alpha),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn observations_are_counted_however_they_are_paired() {
        let series = |rows| Paired::Series(Series { model: vec![1.0; rows], reference: vec![1.0; rows] });
        assert_eq!((series(2).len(), series(2).is_empty()), (2, false));
        assert_eq!((series(0).len(), series(0).is_empty()), (0, true));
        let units = Paired::Units(Units::default());
        assert_eq!((units.len(), units.is_empty()), (0, true));
    }
}
