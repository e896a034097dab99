//! How the rows of a made-up table arrive: some have always been there, some come every day; outcomes may come later than their
//! rows, and a few rows are put right or taken back.

use chrono::NaiveDate;
use refit_tests::fleets::{self, Edition, Row, Signal, Table};

use super::{Counts, Delivery, Target};
use crate::calendar::{Calendar, Day, WEEK};

/// Days over which what has always been there is spread.
const HISTORY: u64 = 200;

/// The way of a table's rows.
pub(crate) struct Flow {
    /// The rows.
    pub(crate) table: Box<dyn Table>,
    /// How many have always been there.
    pub(crate) base: u64,
    /// How many come every day.
    pub(crate) daily: u64,
    /// Days after which the outcome of a row is known; 0: at once.
    pub(crate) late: usize,
    /// Whether rows are put right and taken back in a week.
    pub(crate) mended: fn(usize) -> bool,
    /// What the rows of a day teach.
    pub(crate) signal: fn(&Calendar, Day) -> Signal,
}

/// Rows put right, and rows taken back, in a week in which that happens.
const MENDED: u64 = 5;

impl Flow {
    /// What has always been there.
    pub(crate) fn opening(&self, calendar: &Calendar) -> Vec<Delivery> {
        let rows = fleets::history(0..self.base, next(calendar.eve()), HISTORY);
        let query = fleets::layout(self.table.as_ref());
        vec![self.delivery(&query, &rows, Counts { new: self.base, ..Counts::default() })]
    }

    /// What comes on a day.
    pub(crate) fn arrivals(&self, calendar: &Calendar, day: Day) -> Vec<Delivery> {
        let mut deliveries = vec![self.fresh(calendar, day)];
        deliveries.extend(self.outcomes(calendar, day));
        if (self.mended)(day.week) {
            deliveries.extend(self.corrections(calendar, day));
            deliveries.extend(self.deletions(calendar, day));
        }
        deliveries
    }

    /// The rows of a day, as they stand once all is known.
    fn rows_of(&self, calendar: &Calendar, day: Day) -> Vec<Row> {
        let first = self.base + day.number as u64 * self.daily;
        let signal = (self.signal)(calendar, day);
        (first..first + self.daily).map(|number| Row::new(number, day.date).teaching(signal)).collect()
    }

    fn fresh(&self, calendar: &Calendar, day: Day) -> Delivery {
        let edition = if self.late == 0 { Edition::Whole } else { Edition::Pending };
        let rows: Vec<Row> = self.rows_of(calendar, day).into_iter().map(|row| row.standing(edition)).collect();
        self.delivery("", &rows, Counts { new: self.daily, ..Counts::default() })
    }

    /// The outcomes of the rows of some days ago.
    fn outcomes(&self, calendar: &Calendar, day: Day) -> Option<Delivery> {
        let then = calendar.day(day.number.checked_sub(self.late)?);
        let rows = self.rows_of(calendar, then);
        (self.late > 0).then(|| self.delivery("", &rows, Counts { replaced: self.daily, ..Counts::default() }))
    }

    /// On the fourth day of a week some rows of its first day, or of a week before where outcomes are late, are put right.
    fn corrections(&self, calendar: &Calendar, day: Day) -> Option<Delivery> {
        let weeks = if self.late == 0 { 0 } else { 1 + self.late / WEEK };
        let then = calendar.day((day.number - day.of_week()).checked_sub(weeks * WEEK)?);
        let rows: Vec<Row> = self.rows_of(calendar, then).into_iter().take(MENDED as usize).collect();
        let rows: Vec<Row> = rows.into_iter().map(|row| row.standing(Edition::Corrected)).collect();
        (day.of_week() == 3).then(|| self.delivery("", &rows, Counts { replaced: MENDED, ..Counts::default() }))
    }

    /// On the third day of a week some of the oldest rows are taken back.
    fn deletions(&self, calendar: &Calendar, day: Day) -> Option<Delivery> {
        let first = day.week as u64 * MENDED;
        let rows: Vec<Row> = (first..first + MENDED).map(|number| Row::new(number, calendar.eve())).collect();
        (day.of_week() == 2).then(|| Delivery {
            csv: fleets::deletions(self.table.as_ref(), &rows),
            ..self.delivery("delete=true", &[], Counts { deleted: MENDED, ..Counts::default() })
        })
    }

    fn delivery(&self, query: &str, rows: &[Row], expected: Counts) -> Delivery {
        let dataset = self.table.dataset();
        Delivery {
            to: Target::Dataset(dataset.into()),
            path: format!("datasets/{dataset}/rows?{query}"),
            csv: fleets::csv(self.table.as_ref(), rows),
            expected,
        }
    }

    /// A row to ask about, one of a hundred that never arrive.
    pub(crate) fn asked(&self, turn: u64) -> Row {
        Row::new(self.base + 1_000_000 + turn % 100, NaiveDate::MIN)
    }
}

fn next(day: NaiveDate) -> NaiveDate {
    day + chrono::Days::new(1)
}

/// What was planted, always.
pub(crate) fn steady(_: &Calendar, _: Day) -> Signal {
    Signal::Planted
}

/// In every week.
pub(crate) fn weekly(_: usize) -> bool {
    true
}
