//! Reports: what they are about, and what they are called.

mod name;
mod period;

use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, IntoStaticStr, VariantArray, VariantNames};
use utoipa::ToSchema;

pub use self::name::ReportName;
pub use self::period::Period;

/// A report on the whole installation.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
    VariantNames,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReportKind {
    /// The state of every model and what to do about it.
    Incremental,
    /// Schedules: how they stand, and how their runs ended.
    Scheduler,
    /// What happened on a day.
    Daily,
    /// What happened in a week, Monday to Sunday.
    Weekly,
}

/// How a report is written.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    Display,
    EnumString,
    IntoStaticStr,
    VariantArray,
    ToSchema,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum ReportFormat {
    /// For a terminal or a letter.
    Text,
    /// For programs: the figures alone, in no language.
    Json,
    /// For a browser or a printer: one file with its plots, which loads nothing.
    Html,
}

impl ReportFormat {
    /// How files of it are called at their end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Text => "txt",
            Self::Json => "json",
            Self::Html => "html",
        }
    }

    /// Its media type, for HTTP and e-mail.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain; charset=utf-8",
            Self::Json => "application/json",
            Self::Html => "text/html; charset=utf-8",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_say_how_they_are_written() {
        let said = |format: &ReportFormat| (format.extension(), format.media_type());
        let all: Vec<_> = ReportFormat::VARIANTS.iter().map(said).collect();
        assert_eq!(
            all,
            [("txt", "text/plain; charset=utf-8"), ("json", "application/json"), ("html", "text/html; charset=utf-8"),]
        );
    }
}
