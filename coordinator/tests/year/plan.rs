//! How long, and how many.

use std::str::FromStr;

use chrono::{Days, NaiveDate};

/// What is to be lived through.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    /// Its first day.
    pub(crate) from: NaiveDate,
    /// Days.
    pub(crate) days: u64,
    /// Symbols with bars.
    pub(crate) symbols: usize,
    /// Of these, so many are trained by a real worker.
    pub(crate) real: usize,
}

impl Plan {
    /// As `REFIT_YEAR` says; else a shorter part.
    pub(crate) fn of_environment() -> Self {
        let mut plan = Self { from: day("2028-02-14"), days: 49, symbols: 40, real: 2 };
        let text = std::env::var("REFIT_YEAR").unwrap_or_default();
        for word in text.split_whitespace() {
            let (name, value) = word.split_once('=').unwrap_or_else(|| panic!("REFIT_YEAR: {word:?} is no NAME=VALUE"));
            match name {
                "from" => plan.from = day(value),
                "days" => plan.days = number(value),
                "symbols" => plan.symbols = number(value),
                "real" => plan.real = number(value),
                _ => panic!("REFIT_YEAR: no {name}; there are from, days, symbols, real"),
            }
        }
        plan
    }

    /// The day after its last.
    pub(crate) fn end(&self) -> NaiveDate {
        self.from + Days::new(self.days)
    }

    /// The names of its symbols.
    pub(crate) fn names(&self) -> Vec<String> {
        (0..self.symbols).map(|n| format!("S{n:03}")).collect()
    }
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap_or_else(|_| panic!("REFIT_YEAR: {text:?} is no day"))
}

fn number<T: FromStr>(text: &str) -> T {
    text.parse().unwrap_or_else(|_| panic!("REFIT_YEAR: {text:?} is no number"))
}
