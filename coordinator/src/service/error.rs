//! What can go wrong when Refit is asked for something, by meaning: what the asker would do differently.

use common::ports::PortError;
use common::settings::SettingsError;
use common::vocabulary::{Family, HyperError, InvalidKey, InvalidSchema, InvalidVersion, InvalidWord, ModelKey};
use domain::free_text::NotPlain;
use domain::meant::Unmeant;

use crate::db;
use crate::wording;

/// A request could not be fulfilled.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing.
    #[error("there is no {what}{}", .hint.as_ref().map(|h| format!(": {h}")).unwrap_or_default())]
    NotFound {
        /// What was asked for.
        what: String,
        /// What to do, such as the nearest name there is.
        hint: Option<String>,
    },
    /// It is understood, and not done: the state of things forbids it.
    #[error("{reason}")]
    Refused {
        /// Why, and what would help.
        reason: String,
    },
    /// It was understood, and waits for a word: it looks like a mistake, and may be none.
    #[error("{reason}")]
    Held {
        /// What looks wrong.
        reason: String,
        /// How to go on if it is right.
        hint: String,
    },
    /// The request makes no sense as it stands.
    #[error("{reason}")]
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
    /// It is more than is taken in at once.
    #[error("{reason}")]
    TooLarge {
        /// What is too large, and what to do.
        reason: String,
    },
    /// Whoever asks was silent for too long.
    #[error("{reason}")]
    TooSlow {
        /// What was waited for, and what to do.
        reason: String,
    },
    /// So many ask at once that this one has to come again.
    #[error("{reason}; try again in {retry_after} s")]
    Busy {
        /// What there is too much of.
        reason: String,
        /// Seconds.
        retry_after: u64,
    },
    /// Something outside does not answer now; the same request may work later.
    #[error("{reason}; try again in a moment")]
    Unavailable {
        /// What does not answer.
        reason: String,
    },
    /// Something outside refuses, and will until the settings or its own are changed.
    #[error("{reason}")]
    Unusable {
        /// What refuses, and what would help.
        reason: String,
    },
    /// No model is named, and it cannot be told which is meant.
    #[error("{}", wording::text(.0))]
    Unmeant(Unmeant),
    /// A file of an artifact: the store does not give it, or it is damaged.
    #[error("{0}")]
    Artifact(#[source] Unfit),
    /// Refit itself failed.
    #[error("{0}")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Why a sealed result cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// The store cannot say now: the same question may be answered later.
    #[error(transparent)]
    Port(#[from] PortError),
    /// It is damaged, or not what the seal says.
    #[error("{file} of the artifact is damaged: {reason}")]
    Damaged {
        /// Which file.
        file: String,
        /// How that was found.
        reason: String,
    },
}

/// What the service answers.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// There is no such thing.
    pub fn not_found(what: impl Into<String>) -> Self {
        Self::NotFound { what: what.into(), hint: None }
    }

    /// There is no such model. Hinted at are those of the same name in another family (a bare name stands for a forecaster), else
    /// the nearest key there is, else how such a model is made.
    pub(crate) fn unknown_model(key: &ModelKey, namesakes: &[ModelKey], nearest: Option<&str>) -> Self {
        let hint = match (namesakes, nearest) {
            ([], Some(nearest)) => format!("did you mean {nearest}?"),
            ([], None) if key.folder() == Family::Forecaster.as_str() => {
                "`refit import prices FILE` makes one for each symbol, `refit models` lists them".into()
            }
            ([], None) => format!("`refit model {key}` registers it, `refit models` lists those there are"),
            (namesakes, _) => {
                let names: Vec<&str> = namesakes.iter().map(ModelKey::as_str).collect();
                format!("did you mean {}?", names.join(" or "))
            }
        };
        Self::NotFound { what: format!("model {key}"), hint: Some(hint) }
    }

    /// Whether it says nothing of the one thing that was asked about: the database, the queue or the bus is away, and nobody else
    /// would get further. What a store refuses, or has damaged, concerns one object.
    pub(crate) fn concerns_all(&self) -> bool {
        match self {
            Self::Unavailable { .. } | Self::Unusable { .. } => true,
            Self::NotFound { .. }
            | Self::Refused { .. }
            | Self::Held { .. }
            | Self::Invalid { .. }
            | Self::TooLarge { .. }
            | Self::TooSlow { .. }
            | Self::Busy { .. }
            | Self::Unmeant(_)
            | Self::Artifact(_)
            | Self::Internal(_) => false,
        }
    }

    /// Not done, because of this.
    pub fn refused(reason: impl Into<String>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// Makes no sense, because of this.
    pub fn invalid(reason: impl Into<String>) -> Self {
        Self::Invalid { reason: reason.into() }
    }
}

impl From<PortError> for Error {
    fn from(error: PortError) -> Self {
        match error {
            PortError::Unreachable { what, reason } => {
                Self::Unavailable { reason: format!("{what} cannot be reached: {reason}") }
            }
            PortError::Unusable { .. } => Self::Unusable { reason: error.to_string() },
            PortError::NotFound { .. } | PortError::Full { .. } | PortError::Damaged { .. } => {
                Self::Internal(Box::new(error))
            }
        }
    }
}

impl From<db::Error> for Error {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::Lost { .. } | db::Error::Open { passes: true, .. } => {
                Self::Unavailable { reason: error.to_string() }
            }
            db::Error::Open { passes: false, .. } | db::Error::Full { .. } => {
                Self::Unusable { reason: error.to_string() }
            }
            db::Error::Sql(_) | db::Error::Corrupt { .. } | db::Error::Json(_) => Self::Internal(Box::new(error)),
        }
    }
}

impl From<Unmeant> for Error {
    fn from(unmeant: Unmeant) -> Self {
        Self::Unmeant(unmeant)
    }
}

impl From<Unfit> for Error {
    fn from(error: Unfit) -> Self {
        Self::Artifact(error)
    }
}

macro_rules! invalid_input {
    ($($source:ty),+) => {
        $(impl From<$source> for Error {
            fn from(error: $source) -> Self {
                Self::Invalid { reason: error.to_string() }
            }
        })+
    };
}
invalid_input!(NotPlain, InvalidKey, InvalidSchema, InvalidVersion, InvalidWord, HyperError, SettingsError);

macro_rules! internal {
    ($($source:ty),+) => {
        $(impl From<$source> for Error {
            fn from(error: $source) -> Self {
                Self::Internal(Box::new(error))
            }
        })+
    };
}
internal!(
    common::bars::FormatError,
    common::vocabulary::AlienPart,
    common::wire::codec::CodecError,
    serde_json::Error,
    std::io::Error,
    tokio::task::JoinError
);
