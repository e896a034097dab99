//! When a schedule is due.

use chrono::{Datelike as _, Days, Months, NaiveDate};
use common::vocabulary::{Timestamp, Zone};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumString, VariantNames};
use thiserror::Error;
use utoipa::ToSchema;

use super::clock::LocalTime;
use super::cron::CronExpression;
use common::vocabulary::TimeOfDay;

/// When something is due, as clocks in its zone show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, VariantNames, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[strum(serialize_all = "snake_case")]
pub enum Timing {
    /// Once.
    Once {
        /// When.
        #[schema(value_type = String, pattern = "^[0-9]{4}-(0[1-9]|1[0-2])-[0-3][0-9][T ]([01][0-9]|2[0-3]):[0-5][0-9]$", example = "2026-12-01T02:00")]
        at: LocalTime,
    },
    /// Every so many minutes, counted from the beginning of 1970 UTC: every 360 is at 0, 6, 12 and 18 o'clock UTC.
    Every {
        /// 1 to [`Timing::MOST_MINUTES`].
        #[schema(minimum = 1, maximum = 527_040)]
        minutes: u32,
    },
    /// Every day.
    Daily {
        /// At.
        #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "02:00")]
        time: TimeOfDay,
    },
    /// Every week.
    Weekly {
        /// On.
        day: Weekday,
        /// At.
        #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "02:00")]
        time: TimeOfDay,
    },
    /// Every month, on its last day where it has no such day.
    Monthly {
        /// On, 1 to 31.
        #[schema(minimum = 1, maximum = 31)]
        day: u32,
        /// At.
        #[schema(value_type = String, pattern = "^([01][0-9]|2[0-3]):[0-5][0-9]$", example = "02:00")]
        time: TimeOfDay,
    },
    /// As a cron expression says.
    Cron {
        /// Its five fields.
        #[schema(value_type = String, max_length = 200, example = "0 2 * * 0")]
        expression: CronExpression,
    },
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Display, EnumString, VariantNames, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case", ascii_case_insensitive)]
#[expect(missing_docs, reason = "their names say it")]
pub enum Weekday {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A timing that makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum InvalidTiming {
    /// Too often, or too seldom.
    #[error("every {0} minutes is out of range: 1 to {most}, a year", most = Timing::MOST_MINUTES)]
    Minutes(u32),
    /// No month has it.
    #[error("the {0}. is no day of a month: 1 to 31, and the last day of a month that is shorter")]
    Day(u32),
    /// The moment is over, or the expression is of a date that no year has.
    #[error("it is never due from now on: {0}")]
    Never(String),
}

/// A minute, microseconds.
const MINUTE: i64 = 60_000_000;

impl Timing {
    /// The most minutes between two times, a leap year.
    pub const MOST_MINUTES: u32 = 366 * 24 * 60;

    /// Refuses what makes no sense, and what will not be due after `now`.
    ///
    /// # Errors
    /// A number is out of range, or there is no due time behind `now`.
    pub fn check(&self, zone: Zone, now: Timestamp) -> Result<(), InvalidTiming> {
        let never = |what: String| Err(InvalidTiming::Never(what));
        match self {
            Self::Every { minutes } if !(1..=Self::MOST_MINUTES).contains(minutes) => {
                Err(InvalidTiming::Minutes(*minutes))
            }
            Self::Monthly { day, .. } if !(1..=31).contains(day) => Err(InvalidTiming::Day(*day)),
            Self::Once { at } if self.next_after(now, zone).is_none() => never(format!("{at} ({zone}) is over")),
            Self::Cron { expression } if self.next_after(now, zone).is_none() => {
                never(format!("no date fits {expression:?}", expression = expression.to_string()))
            }
            Self::Once { .. }
            | Self::Every { .. }
            | Self::Daily { .. }
            | Self::Weekly { .. }
            | Self::Monthly { .. }
            | Self::Cron { .. } => Ok(()),
        }
    }

    /// The first due time behind a moment. Nothing: there is none.
    pub fn next_after(&self, after: Timestamp, zone: Zone) -> Option<Timestamp> {
        let on_days = |time: TimeOfDay, days: &mut dyn Iterator<Item = NaiveDate>| {
            days.map(|date| zone.instant(time.on(date))).find(|due| *due > after)
        };
        // Yesterday counts: what its clocks left out may be due today.
        let first = zone.date_time(after).date_naive().checked_sub_days(Days::new(1))?;
        match self {
            Self::Once { at } => Some(zone.instant(at.date_time())).filter(|due| *due > after),
            Self::Every { minutes } => {
                let every = i64::from(*minutes).max(1) * MINUTE;
                (after.0.div_euclid(every) + 1).checked_mul(every).map(Timestamp)
            }
            Self::Daily { time } => on_days(*time, &mut first.iter_days().take(4)),
            Self::Weekly { day, time } => {
                let is_it = |date: &NaiveDate| date.weekday().num_days_from_monday() == *day as u32;
                on_days(*time, &mut first.iter_days().take(10).filter(is_it))
            }
            Self::Monthly { day, time } => {
                let month = first.with_day(1)?;
                let of_month = |months| last_or(month.checked_add_months(Months::new(months))?, *day);
                on_days(*time, &mut (0..4).filter_map(of_month))
            }
            Self::Cron { expression } => expression.next_after(after, zone),
        }
    }

    /// The due times behind a moment, soonest first.
    pub fn upcoming(&self, after: Timestamp, zone: Zone) -> impl Iterator<Item = Timestamp> {
        std::iter::successors(self.next_after(after, zone), move |due| self.next_after(*due, zone))
    }
}

/// This day of the month that begins so, or its last.
fn last_or(month: NaiveDate, day: u32) -> Option<NaiveDate> {
    let last = month.checked_add_months(Months::new(1))?.pred_opt()?;
    last.with_day(day.min(last.day()))
}
