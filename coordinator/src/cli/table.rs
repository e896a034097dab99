//! Tables and figures as people read them.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use common::vocabulary::figures;
use uuid::Uuid;

use crate::render::Table;
use crate::views::VersionSummary;

/// A table with these headings: one that starts with `>` is of numbers, one with `~` of free text, others are of names.
pub(crate) fn table(headings: &[&str]) -> Table {
    Table::new(headings)
}

/// What stands where there is nothing to show.
pub(crate) const NOTHING: &str = "–";

/// A value, or the sign that there is none.
pub(crate) fn or_nothing<T: ToString>(value: Option<T>) -> String {
    value.map_or_else(|| NOTHING.into(), |value| value.to_string())
}

/// A figure with this many decimals, or the sign that there is none.
pub(crate) fn figure(value: Option<f64>, decimals: usize) -> String {
    value.map_or_else(|| NOTHING.into(), |value| format!("{value:.decimals$}"))
}

/// Points of a score: `-5`, `27.5`.
pub(crate) fn points(value: f64) -> String {
    format!("{:.1}", value + 0.0).trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A time, to the second, in UTC.
pub(crate) fn time(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// A span of time in whole seconds: `2h 13m 5s`.
pub(crate) fn span(span: Duration) -> String {
    humantime::format_duration(Duration::from_secs(span.as_secs())).to_string()
}

/// A loss against its baseline, as a change in percent: negative is better than naive.
pub(crate) fn against(loss: f64, baseline: f64) -> String {
    if baseline > 0.0 { format!("{:+.1} %", 100.0 * (loss / baseline - 1.0)) } else { NOTHING.into() }
}

/// A version's root mean squared error against its baseline's.
pub(crate) fn rmse(version: &VersionSummary) -> String {
    let of = |figures: &BTreeMap<String, f64>| figures.get(figures::RMSE).copied();
    match (of(&version.figures), of(&version.baseline_figures)) {
        (Some(own), Some(baseline)) => against(own, baseline),
        (None, _) | (_, None) => NOTHING.into(),
    }
}

/// Of an id made from the time, down to the millisecond.
const IN_A_MILLISECOND: usize = 13;

/// The shortest prefix that tells these ids apart, and most likely also those that are not shown: 8 digits would stand for all of a minute.
pub(crate) fn short_ids(ids: &[Uuid]) -> Vec<String> {
    let mut sorted: Vec<String> = ids.iter().map(Uuid::to_string).collect();
    sorted.sort();
    sorted.dedup();
    let alike = |a: &str, b: &str| a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let longest = sorted.windows(2).map(|pair| alike(&pair[0], &pair[1])).max().unwrap_or(0);
    let length = (longest + 1).max(IN_A_MILLISECOND);
    ids.iter().map(|id| id.to_string().chars().take(length).collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_short_and_signed_where_that_tells() {
        assert_eq!((points(-5.0), points(27.5), points(-0.0)), ("-5".into(), "27.5".into(), "0".into()));
        assert_eq!(against(0.95, 1.0), "-5.0 %");
        assert_eq!(against(1.0, 0.0), NOTHING);
        assert_eq!(figure(Some(0.123_45), 3), "0.123");
        assert_eq!(figure(None, 3), NOTHING);
    }

    #[test]
    fn ids_are_cut_where_they_still_differ() {
        let ids: Vec<Uuid> = ["018f0000-0000-7000-8000-00000000000a", "018f0000-0001-7000-8000-00000000000b"]
            .iter()
            .map(|id| id.parse().unwrap())
            .collect();
        assert_eq!(short_ids(&ids), ["018f0000-0000", "018f0000-0001"]);
        assert_eq!(short_ids(&ids[..1]), ["018f0000-0000"]);
        let same: Vec<Uuid> = [1, 2].map(Uuid::from_u128).into();
        assert_eq!(short_ids(&same)[0].len(), 36);
        assert!(short_ids(&[]).is_empty());
    }
}
