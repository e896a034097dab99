//! What can go wrong with the database.

/// The database failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
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
pub(crate) type Result<T> = std::result::Result<T, Error>;
