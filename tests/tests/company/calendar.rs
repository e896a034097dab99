//! Time, as the company lives it: trading days, the newest that the shipped prices know, in whole weeks of five. Pure.

use chrono::NaiveDate;
use refit_tests::prices;

/// Trading days of a week.
pub(crate) const WEEK: usize = 5;

/// The days of a life.
pub(crate) struct Calendar {
    /// All days that the shipped prices know, the oldest first.
    dates: Vec<NaiveDate>,
    /// How many of them, the newest, are lived.
    lived: usize,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Day {
    /// From 0.
    pub(crate) number: usize,
    /// Its date.
    pub(crate) date: NaiveDate,
    /// Its week, from 0.
    pub(crate) week: usize,
    /// Trading days before it, for which there are bars.
    pub(crate) bars_before: usize,
}

impl Day {
    /// Its place in the week, 0 to 4.
    pub(crate) fn of_week(self) -> usize {
        self.number % WEEK
    }

    /// Whether it is the last of its week.
    pub(crate) fn closes_week(self) -> bool {
        self.of_week() == WEEK - 1
    }
}

impl Calendar {
    /// The newest so many weeks.
    ///
    /// # Panics
    /// The shipped prices do not go back so far.
    pub(crate) fn of(weeks: usize) -> Self {
        let symbol = prices::symbols().remove(0);
        let bars = prices::text(&symbol, 0..prices::rows(&symbol));
        let date = |line: &str| line.split(',').next().and_then(|date| date.parse().ok());
        let dates: Vec<NaiveDate> = bars.lines().skip(1).filter_map(date).collect();
        assert!((1..=20).contains(&weeks) && dates.len() > weeks * WEEK, "{weeks} weeks: live 1 to 20");
        Self { dates, lived: weeks * WEEK }
    }

    /// How many weeks there are.
    pub(crate) fn weeks(&self) -> usize {
        self.lived / WEEK
    }

    /// How many days there are.
    pub(crate) fn len(&self) -> usize {
        self.lived
    }

    /// Trading days before the first, for which there are bars.
    pub(crate) fn bars_before(&self) -> usize {
        self.dates.len() - self.lived
    }

    /// The eve of the first day: what is there then has always been there.
    pub(crate) fn eve(&self) -> NaiveDate {
        self.dates[self.bars_before() - 1]
    }

    /// A day, by its number.
    pub(crate) fn day(&self, number: usize) -> Day {
        let bars_before = self.bars_before() + number;
        Day { number, date: self.dates[bars_before], week: number / WEEK, bars_before }
    }

    /// Every day, in order.
    pub(crate) fn days(&self) -> impl Iterator<Item = Day> {
        (0..self.lived).map(|number| self.day(number))
    }

    /// The week that lies after this share (0 to 1) of all.
    pub(crate) fn week_after(&self, share: f64) -> usize {
        ((share * self.weeks() as f64) as usize).min(self.weeks() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_has_whole_weeks_and_ends_with_the_newest_bar() {
        let calendar = Calendar::of(8);
        let days: Vec<Day> = calendar.days().collect();
        assert_eq!((days.len(), days[39].week, days[39].closes_week()), (40, 7, true));
        assert_eq!(days.iter().filter(|day| day.closes_week()).count(), 8);
        assert!(calendar.eve() < days[0].date && days.windows(2).all(|pair| pair[0].date < pair[1].date));
        assert_eq!([0.0, 0.5, 1.0].map(|share| calendar.week_after(share)), [0, 4, 7]);
    }
}
