//! The scale of an axis: where its ticks stand, and what is written at them.

use std::ops::Range;

use chrono::DateTime;
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use crate::render::document::Axis;

/// Steps between ticks of time, seconds: whole hours, days, weeks.
const SPANS: [f64; 12] = [
    60.0,
    600.0,
    3_600.0,
    10_800.0,
    21_600.0,
    43_200.0,
    86_400.0,
    172_800.0,
    604_800.0,
    2_592_000.0,
    7_776_000.0,
    31_536_000.0,
];
const DAY: f64 = 86_400.0;

/// A scale.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Scale {
    range: Range<f64>,
    ticks: Vec<f64>,
    /// Between ticks.
    step: f64,
    is_time: bool,
}

impl Scale {
    /// One on which all of these can be seen, with about so many ticks; nothing, if there is nothing to see. `margin`: the share of it that
    /// is left free at both ends.
    pub(super) fn of(axis: &Axis, values: impl Iterator<Item = f64>, margin: f64, ticks: usize) -> Option<Self> {
        let finite = values.filter(|value| value.is_finite());
        let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        if low > high {
            return None;
        }
        // One value alone, or several that only rounding tells apart, stand in the middle.
        let free = if high - low > 1e-9 * high.abs().max(low.abs()) {
            margin * (high - low)
        } else {
            (low.abs() * 0.1).max(1e-6)
        };
        let range = low - free..high + free;
        let is_time = *axis == Axis::Time;
        let least = (range.end - range.start) / ticks as f64;
        let step = if is_time { span(least) } else { nice(least) };
        let first = (range.start / step).ceil() as i64;
        let marks = (first..).map(|n| n as f64 * step).take_while(|tick| *tick <= range.end).take(4 * ticks + 4);
        Some(Self { ticks: marks.collect(), range, step, is_time })
    }
}

/// The least of 1, 2 or 5 times a power of ten that is at least this.
fn nice(least: f64) -> f64 {
    let power = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|times| times * power).find(|step| *step >= least).unwrap_or(10.0 * power)
}

fn span(least: f64) -> f64 {
    SPANS.into_iter().find(|step| *step >= least).unwrap_or_else(|| nice(least / DAY) * DAY)
}

impl Ranged for Scale {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        let share = (value - self.range.start) / (self.range.end - self.range.start);
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.clone()
    }

    fn range(&self) -> Range<f64> {
        self.range.clone()
    }
}

impl ValueFormatter<f64> for Scale {
    fn format_ext(&self, value: &f64) -> String {
        if !self.is_time {
            return number_in_steps(*value, self.step);
        }
        let Some(at) = DateTime::from_timestamp(*value as i64, 0) else { return String::new() };
        at.format(if self.step < DAY { "%d. %H:%M" } else { "%Y-%m-%d" }).to_string()
    }
}

/// A number with as many decimals as tell the steps apart.
fn number_in_steps(value: f64, step: f64) -> String {
    let decimals = (-step.log10().floor()).clamp(0.0, 9.0) as usize;
    let value = if value.abs() < step / 1e6 { 0.0 } else { value };
    format!("{value:.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(axis: &Axis, values: &[f64]) -> Vec<String> {
        let scale = Scale::of(axis, values.iter().copied(), 0.0, 5).unwrap();
        scale.ticks.iter().map(|tick| scale.format_ext(tick)).collect()
    }

    #[test]
    fn ticks_stand_at_numbers_that_people_would_choose() {
        let number = Axis::Number(String::new());
        assert_eq!(ticks(&number, &[0.0, 10.0]), ["0", "2", "4", "6", "8", "10"]);
        assert_eq!(ticks(&number, &[-0.012, 0.031]), ["-0.01", "0.00", "0.01", "0.02", "0.03"]);
        assert!(ticks(&number, &[3.0]).len() >= 3, "one value alone");
        assert!(Scale::of(&number, [f64::NAN].into_iter(), 0.0, 5).is_none());
        assert!(Scale::of(&number, std::iter::empty(), 0.0, 5).is_none());
    }

    #[test]
    fn ticks_of_time_stand_at_whole_hours_and_days() {
        let start = 1_764_547_200.0; // 2025-12-01
        assert_eq!(ticks(&Axis::Time, &[start + 60.0, start + 86_400.0]).first().unwrap(), "01. 06:00");
        assert_eq!(ticks(&Axis::Time, &[start + 60.0, start + 5.0 * 86_400.0]).first().unwrap(), "2025-12-02");
        assert!(ticks(&Axis::Time, &[start, start + 400.0 * 86_400.0]).len() <= 6);
    }
}
