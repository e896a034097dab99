//! The words of the system, as types that make wrong states impossible.

mod agreement;
mod artifact;
mod borders;
mod dataset;
mod hash;
mod hours;
mod hyper;
mod ids;
mod job;
mod metrics;
mod model;
mod monitor;
mod offer;
mod prediction;
mod reading;
pub mod records;
mod snapshot;
mod spec;
mod time;
mod trainable;
mod trial;
mod version;
mod zone;

pub use agreement::AlienPart;
pub use artifact::{
    ArtifactRef, CurvePoint, EvaluationManifest, FileEntry, Manifest, Resumption, TrainingRecord, files,
};
pub use borders::{Borders, DayRows};
pub use dataset::{Column, ColumnKind, InvalidSchema, TablePart, TableSchema};
pub use hash::{ContentHash, InvalidHash};
pub use hours::{Hours, InvalidHours, TimeOfDay, TrainBetween};
pub use hyper::{
    Algorithm, FieldRange, ForecasterHyper, Hyper, HyperError, Ranged, RecommenderHyper, TabularHyper, TextHyper,
};
pub use ids::{
    AttemptId, ClaimId, CoordinatorId, DatasetName, InvalidKey, JobId, MessageId, ModelKey, PredictionId, Symbol,
    WorkerId,
};
pub use job::{FailureClass, JobKind, JobState, Mode, Pool};
pub use metrics::{
    ContestantMetrics, Direction, Evaluation, ForecastFigures, IncrementalGap, InputImportance, Loss, Rate,
    SliceFigures, figures,
};
pub(crate) use model::words;
pub use model::{Category, Family, InvalidWord};
pub use monitor::{MonitorManifest, MonitorSpec, Monitored, Subject, Watermark};
pub use offer::{DeviceKind, Needs, PoolOffer};
pub use prediction::{InvalidPrediction, PredictionRef};
pub use reading::{InvalidReading, MissingColumn, RatingColumns, Reading, Source, TextColumns};
pub use snapshot::{BarsPart, Snapshot};
pub use spec::{
    Contestants, EvaluateSpec, JobSpec, PredictSpec, ProbeSpec, RowsPart, Seal, SplitError, SplitPolicy, TrainSpec,
    WARM_UP_BARS,
};
pub use time::Timestamp;
#[cfg(feature = "faults")]
pub use time::shift;
pub use trainable::{Parting, Trainable};
pub use trial::{TrialManifest, TrialSpec};
pub use version::{InvalidVersion, VersionNumber};
pub use zone::Zone;
