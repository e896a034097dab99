//! What supervisor and child say to each other, in frames over the child's standard pipes.

use std::path::PathBuf;

use common::vocabulary::{AttemptId, ContentHash, CurvePoint, JobId, JobSpec};
use common::wire::{PredictAnswer, PredictRequest};
use models::run::{Inputs, SubjectInputs};
use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// Supervisor to child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToExecutor {
    /// Do this job.
    Work(Box<Order>),
    /// End the job under way after the current step.
    Stop(StopKind),
    /// Answer this.
    Predict(Box<Question>),
}

/// Why a job under way should end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopKind {
    /// Nobody wants it any more.
    Cancel,
    /// It goes on elsewhere: write a checkpoint first.
    Release,
}

/// One job, with everything it needs on this machine.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Order {
    /// The job.
    pub job: JobId,
    /// The attempt.
    pub attempt: AttemptId,
    /// What to do.
    pub spec: JobSpec,
    /// Batch size instead of the one asked for.
    pub batch_size: Option<u32>,
    /// The files of the job.
    pub files: Files,
    /// Seconds until the first checkpoint, and at least between two.
    pub checkpoint_every: f64,
}

/// The files of a job, checked by the supervisor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Files {
    /// The snapshot's parts, in the order of the spec.
    pub parts: Vec<PathBuf>,
    /// Folder of the parent's artifact.
    pub parent: Option<PathBuf>,
    /// Folder of the artifact that waits to be judged, for an evaluation.
    pub challenger: Option<PathBuf>,
    /// Folder of the artifact that predicts, for a batch of rows.
    pub version: Option<PathBuf>,
    /// Folder of the live version's artifact.
    pub champion: Option<PathBuf>,
    /// Folder of the live universal model's artifact.
    pub universal: Option<PathBuf>,
    /// Of a monitoring: the files of each subject, in their order.
    pub subjects: Vec<SubjectFiles>,
    /// A checkpoint to go on from.
    pub resume: Option<PathBuf>,
    /// Empty folder for the artifact.
    pub output: PathBuf,
    /// Empty folder for checkpoints.
    pub scratch: PathBuf,
}

/// The files of one subject of a monitoring.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectFiles {
    /// Where they lie.
    Here(SubjectInputs),
    /// One of them is gone or damaged; the other subjects are scored all the same.
    Unusable {
        /// Which, and what is wrong with it.
        #[serde(rename = "why")]
        reason: String,
    },
}

impl From<&Files> for Inputs {
    fn from(files: &Files) -> Self {
        let files = files.clone();
        Self {
            parts: files.parts,
            parent: files.parent,
            champion: files.champion,
            universal: files.universal,
            resume: files.resume,
            output: files.output,
            scratch: files.scratch,
        }
    }
}

/// An online question, with the folder of the version that answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// What is asked.
    pub request: PredictRequest,
    /// Where its artifact lies.
    pub folder: PathBuf,
    /// SHA-256 of its `manifest.json`: names the version to the child's cache.
    pub manifest: ContentHash,
}

/// Child to supervisor.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum FromExecutor {
    /// LibTorch is loaded.
    Ready,
    /// Where the job stands.
    Progress(Report),
    /// A checkpoint lies in `file`, made after `step` steps; the file is the supervisor's from now on.
    Checkpoint {
        /// The file it lies in.
        file: PathBuf,
        /// Steps done.
        step: u64,
    },
    /// The job ended.
    Ended(Ended),
    /// An answer.
    Answer(PredictAnswer),
}

/// Where a job stands, as the child knows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// What it is doing.
    pub phase: String,
    /// Epoch under way.
    pub epoch: u32,
    /// Epochs planned at most.
    pub epochs: u32,
    /// Steps done.
    pub step: u64,
    /// Steps planned at most.
    pub steps: u64,
    /// Mean training loss so far in this epoch.
    pub loss: Option<f64>,
    /// The loss curve so far.
    pub curve: Vec<CurvePoint>,
}

/// How a job ended in the child.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "ended", rename_all = "snake_case")]
pub enum Ended {
    /// The result lies in the output folder.
    Done,
    /// As it was told to.
    Stopped {
        /// By which order.
        kind: StopKind,
    },
    /// Without a result.
    Failed {
        /// Its class and message.
        failure: Failure,
        /// The child may have been left in a bad state: replace it.
        spoiled: bool,
    },
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use common::vocabulary::{FailureClass, ProbeSpec};
    use common::wire::codec::{CodecError, Limits, decode, encode};
    use proptest::prelude::*;
    use serde::de::DeserializeOwned;

    use super::*;

    type Again = fn(&[u8]) -> Result<Vec<u8>, CodecError>;

    /// The bytes of a message, proved to come back as it was, and how bytes of its type are read and written again.
    fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) -> (Vec<u8>, Again) {
        let bytes = encode(message).unwrap();
        assert_eq!(&decode::<T>(&bytes, Limits::default()).unwrap(), message);
        (bytes.into(), |bytes| Ok(encode(&decode::<T>(bytes, Limits::default())?)?.into()))
    }

    fn every_message() -> Vec<(Vec<u8>, Again)> {
        let order = Order {
            job: JobId::new_v4(),
            attempt: AttemptId::new_v4(),
            spec: JobSpec::Probe(ProbeSpec { work_ms: 1 }),
            batch_size: Some(16),
            files: Files { parts: vec!["a".into(), "b".into()], resume: Some("c".into()), ..Files::default() },
            checkpoint_every: 2.5,
        };
        let report = Report {
            phase: "training".into(),
            epoch: 1,
            epochs: 2,
            step: 30,
            steps: 40,
            loss: Some(-2.5),
            curve: vec![CurvePoint { epoch: 1, train_loss: -2.0, validation_loss: -1.9 }],
        };
        let failure = Failure::new(FailureClass::Data, "no rows");
        let answer = PredictAnswer { id: uuid::Uuid::from_u128(5), prediction: Err("no such version".into()) };
        vec![
            there_and_back(&ToExecutor::Work(Box::new(order))),
            there_and_back(&ToExecutor::Stop(StopKind::Release)),
            there_and_back(&FromExecutor::Ready),
            there_and_back(&FromExecutor::Progress(report)),
            there_and_back(&FromExecutor::Checkpoint { file: "d".into(), step: 7 }),
            there_and_back(&FromExecutor::Ended(Ended::Done)),
            there_and_back(&FromExecutor::Ended(Ended::Stopped { kind: StopKind::Cancel })),
            there_and_back(&FromExecutor::Ended(Ended::Failed { failure, spoiled: true })),
            there_and_back(&FromExecutor::Answer(answer)),
        ]
    }

    #[test]
    fn a_message_that_is_cut_off_is_refused() {
        for (bytes, again) in every_message() {
            for cut in 0..bytes.len() {
                assert_eq!(again(&bytes[..cut]), Err(CodecError::Truncated));
            }
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for (_, again) in every_message() {
                let _refused = again(&bytes);
            }
        }

        /// What is understood of a damaged message, comes back as it was understood.
        #[test]
        fn damaged_messages_are_read_or_refused(hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
            for (mut bytes, again) in every_message() {
                for (at, byte) in &hits {
                    let at = at.index(bytes.len());
                    bytes[at] = *byte;
                }
                if let Ok(understood) = again(&bytes) {
                    prop_assert_eq!(again(&understood), Ok(understood));
                }
            }
        }
    }
}
