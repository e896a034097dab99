//! What can go wrong with the database.

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It refused or did not answer.
    #[error("the database failed: {0}")]
    Sql(#[from] sqlx::Error),
    /// Its schema cannot be brought up to date.
    #[error("the database's schema cannot be brought up to date: {reason}")]
    Migration {
        /// What the migrator said.
        reason: String,
    },
    /// A value in it makes no sense.
    #[error("the database holds {value:?} in column {column}, which makes no sense: {reason}")]
    Corrupt {
        /// The column.
        column: &'static str,
        /// What it holds, shortened.
        value: String,
        /// What the parser said.
        reason: String,
    },
    /// A value cannot be written as JSON.
    #[error("a value cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// What the database answers.
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// Whether a uniqueness rule of the schema refused the change: somebody was first.
    pub(crate) fn is_unique_violation(&self) -> bool {
        match self {
            Self::Sql(error) => error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation),
            Self::Migration { .. } | Self::Corrupt { .. } | Self::Json(_) => false,
        }
    }
}
