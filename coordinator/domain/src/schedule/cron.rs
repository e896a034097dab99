//! Cron expressions.

use std::fmt;
use std::str::FromStr;

use common::vocabulary::{Timestamp, Zone};
use croner::Cron;
use croner::parser::{CronParser, Seconds};
use serde::{Deserialize, Serialize};

/// Longest expression, characters.
const LONGEST: usize = 200;

/// Five fields: minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). Day of the month and day of the week are
/// alternatives if both are given, as in every cron.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CronExpression {
    text: String,
    cron: Box<Cron>,
}

common::as_text!(CronExpression);

impl CronExpression {
    /// The first time behind a moment. Nothing: there is none within the calendar.
    pub(super) fn next_after(&self, after: Timestamp, zone: Zone) -> Option<Timestamp> {
        let next = self.cron.find_next_occurrence(&zone.date_time(after), false).ok()?;
        Some(Timestamp(next.timestamp_micros()))
    }
}

impl fmt::Display for CronExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for CronExpression {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let shown: String = text.chars().take(80).collect();
        let refused = |reason: String| {
            format!(
                "{shown:?} is no cron expression of five fields, such as \"0 2 * * 0\" for Sundays at 02:00: {reason}"
            )
        };
        if text.len() > LONGEST {
            return Err(refused(format!("it is longer than {LONGEST} characters")));
        }
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let cron = CronParser::builder().seconds(Seconds::Disallowed).build().parse(&text);
        Ok(Self { cron: Box::new(cron.map_err(|error| refused(error.to_string()))?), text })
    }
}
