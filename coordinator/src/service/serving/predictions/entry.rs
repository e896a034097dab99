//! What is noted of a prediction: where it came from, named by a hash, and what was said.

use std::collections::BTreeMap;

use common::vocabulary::{ContentHash, ModelKey, PredictionId, Timestamp, VersionNumber};
use newtype_uuid::GenericUuid;
use serde_json::Value;
use uuid::Uuid;

use crate::db::predictions::Served;
use crate::service::error::Result;
use crate::service::state::predictions::Log;

/// What a prediction was made from, by name: in the order of the names, so that the same inputs have the same hash.
pub(crate) type Inputs = BTreeMap<String, Value>;

/// What kind of question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One row; its outcome may be told later.
    Row,
    /// A list of recommendations.
    List,
    /// The next bar of a symbol.
    Forecast,
    /// A whole file of rows, by a job.
    Batch,
}

impl Kind {
    /// The word for it.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Row => "row",
            Self::List => "list",
            Self::Forecast => "forecast",
            Self::Batch => "batch",
        }
    }
}

/// One answer of a version.
#[derive(Debug)]
pub(crate) struct Noted {
    /// What it was made from.
    pub(crate) inputs: Inputs,
    /// What was said.
    pub(crate) output: Value,
}

impl Log {
    /// Notes answers of a version, and gives their ids, in order. Never waits.
    ///
    /// # Errors
    /// Inputs that cannot be written as JSON; there are none.
    pub(crate) fn note(
        &self,
        model: &ModelKey,
        version: VersionNumber,
        kind: Kind,
        noted: Vec<Noted>,
    ) -> Result<Vec<PredictionId>> {
        let now = Timestamp::now();
        let id = || PredictionId::from_untyped_uuid(Uuid::now_v7());
        let served = noted.into_iter().map(|noted| self.entry(model, version, kind, noted, id(), now));
        let served = served.collect::<Result<Vec<Served>>>()?;
        let ids = served.iter().map(|served| served.id).collect();
        self.write(served);
        Ok(ids)
    }

    /// An answer as an entry of this log.
    ///
    /// # Errors
    /// As [`Self::note`].
    pub(crate) fn entry(
        &self,
        model: &ModelKey,
        version: VersionNumber,
        kind: Kind,
        Noted { inputs, output }: Noted,
        id: PredictionId,
        at: Timestamp,
    ) -> Result<Served> {
        let inputs = serde_json::to_string(&inputs)?;
        Ok(Served {
            id,
            model: model.clone(),
            version,
            at,
            kind: kind.as_str().into(),
            inputs_hash: ContentHash::of(inputs.as_bytes()),
            inputs: self.keep_inputs.then_some(inputs),
            output: output.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_inputs_have_the_same_hash_whatever_their_order() {
        let log = Log::new(false);
        let model: ModelKey = "text/toxicity".parse().unwrap();
        let version = "v1.0".parse().unwrap();
        let of = |names: [&str; 2]| names.map(|name| (name.to_owned(), Value::from(name))).into_iter().collect();
        let noted = |inputs| Noted { inputs, output: Value::Null };
        let all = vec![noted(of(["a", "b"])), noted(of(["b", "a"])), noted(of(["a", "c"]))];
        let ids = log.note(&model, version, Kind::Row, all).unwrap();
        let served = log.waiting();
        assert_eq!(served.iter().map(|served| served.id).collect::<Vec<_>>(), ids);
        assert!(ids.is_sorted());
        assert_eq!(served[0].inputs_hash, served[1].inputs_hash);
        assert_ne!(served[0].inputs_hash, served[2].inputs_hash);
        assert!(served.iter().all(|served| served.inputs.is_none()), "the settings leave them out");
    }
}
