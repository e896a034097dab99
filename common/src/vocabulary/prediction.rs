//! What a prediction of a row is called.

use std::fmt;
use std::str::FromStr;

use newtype_uuid::GenericUuid;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid, Variant, Version};

use super::{JobId, PredictionId};

/// A predicted row: one that was answered at once, by its id, or one of a batch, as `JOB:ROW`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum PredictionRef {
    /// Answered at once.
    Online(PredictionId),
    /// A row of a file that a job has predicted.
    OfBatch {
        /// The job.
        job: JobId,
        /// The row, from 1.
        row: u64,
    },
}

/// The text names no prediction.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no prediction: give its id, or JOB:ROW for a row of a batch")]
pub struct InvalidPrediction(String);

impl PredictionRef {
    /// What it is called in the log of predictions. That of a batch's row is of the moment of its job, and always the same one.
    pub fn id(self) -> PredictionId {
        let (job, row) = match self {
            Self::Online(id) => return id,
            Self::OfBatch { job, row } => (job, row),
        };
        let mut bytes = *job.into_untyped_uuid().as_bytes();
        let digest = Sha256::digest(format!("{job}:{row}").as_bytes());
        bytes.iter_mut().zip(digest).skip(6).for_each(|(byte, other)| *byte = other);
        let id = Builder::from_bytes(bytes).with_version(Version::SortRand).with_variant(Variant::RFC4122);
        PredictionId::from_untyped_uuid(id.into_uuid())
    }
}

impl From<Uuid> for PredictionRef {
    fn from(id: Uuid) -> Self {
        Self::Online(PredictionId::from_untyped_uuid(id))
    }
}

impl fmt::Display for PredictionRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Online(id) => write!(f, "{id}"),
            Self::OfBatch { job, row } => write!(f, "{job}:{row}"),
        }
    }
}

impl FromStr for PredictionRef {
    type Err = InvalidPrediction;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidPrediction(text.chars().take(80).collect());
        match text.trim().split_once(':') {
            None => text.trim().parse::<Uuid>().map(Self::from).map_err(|_| invalid()),
            Some((job, row)) => {
                let job = JobId::from_untyped_uuid(job.parse().map_err(|_| invalid())?);
                let row = row.parse().ok().filter(|row| *row > 0).ok_or_else(invalid)?;
                Ok(Self::OfBatch { job, row })
            }
        }
    }
}

impl TryFrom<String> for PredictionRef {
    type Error = InvalidPrediction;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<PredictionRef> for String {
    fn from(named: PredictionRef) -> Self {
        named.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_are_named_by_id_or_by_the_row_of_a_job() {
        let job = "01988d3e-0000-7000-8000-000000000001";
        for text in [job.to_owned(), format!("{job}:7")] {
            let named: PredictionRef = text.parse().unwrap();
            assert_eq!(named.to_string(), text);
            assert_eq!(serde_json::from_str::<PredictionRef>(&serde_json::to_string(&named).unwrap()).unwrap(), named);
        }
        for bad in ["", "7", &format!("{job}:0"), &format!("{job}:x"), &format!("{job}:"), "x:1"] {
            assert!(bad.parse::<PredictionRef>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_row_of_a_batch_keeps_its_id_and_the_moment_of_its_job() {
        let job = "01988d3e-0000-7000-8000-000000000001";
        let id = |row: u64| format!("{job}:{row}").parse::<PredictionRef>().unwrap().id().into_untyped_uuid();
        assert_eq!(id(7), id(7));
        assert_ne!(id(7), id(8));
        assert_eq!((id(7).as_bytes()[..6].to_vec(), id(7).get_version_num()), (vec![0x01, 0x98, 0x8d, 0x3e, 0, 0], 7));
    }
}
