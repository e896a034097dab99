//! What a field of a file says: numbers, moments, texts, or nothing. Pure.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};
use common::table::Cell;
use common::vocabulary::records::cell;
use common::vocabulary::{ColumnKind, Timestamp};

/// Seconds since 1970 beyond which nobody means seconds: the year 3000.
const LATEST: f64 = 32_503_680_000.0;

/// Whether a field says nothing. A text may well be `NA`; a number or a moment cannot.
pub(super) fn is_missing(text: &str, kind: ColumnKind) -> bool {
    match kind {
        ColumnKind::Text => text.is_empty(),
        ColumnKind::Number | ColumnKind::Time => {
            cell::is_missing(text) || ["na", "null", "\\n"].contains(&text.trim().to_ascii_lowercase().as_str())
        }
    }
}

/// The value of a field, or why it has none.
pub(super) fn read(text: &str, kind: ColumnKind) -> Result<Option<Cell>, String> {
    if is_missing(text, kind) {
        return Ok(None);
    }
    match kind {
        ColumnKind::Text => Ok(Some(Cell::Text(text.to_owned()))),
        ColumnKind::Number => number(text).map(|number| Some(Cell::Number(number))),
        ColumnKind::Time => moment(text).map(|time| Some(Cell::Time(time))),
    }
}

/// A finite number.
pub(super) fn number(text: &str) -> Result<f64, String> {
    match text.trim().parse::<f64>() {
        // One zero, for the key's sake.
        Ok(0.0) => Ok(0.0),
        Ok(number) if number.is_finite() => Ok(number),
        Ok(_) => Err(format!("is {}, not a finite number", shortened(text))),
        Err(_) => Err(format!("is {:?}, not a number", shortened(text))),
    }
}

/// A moment as ISO 8601, UTC if it says nothing else, or in seconds since 1970.
pub(super) fn moment(text: &str) -> Result<Timestamp, String> {
    let text = text.trim();
    if let Some(time) = iso(text).or_else(|| compact(text)) {
        return Ok(time);
    }
    match text.parse::<f64>() {
        Ok(seconds) if seconds.abs() < LATEST => Ok(Timestamp((seconds * 1e6).round() as i64)),
        Ok(seconds) if seconds.is_finite() => {
            Err(format!("is {}: too large for seconds since 1970; are these milliseconds?", shortened(text)))
        }
        _ => Err(format!(
            "is {:?}, not a time such as 2020-03-27, 2020-03-27T08:30:00Z or seconds since 1970",
            shortened(text)
        )),
    }
}

/// A day as YYYYMMDD: as seconds, such a number would lie in the first years after 1970.
fn compact(text: &str) -> Option<Timestamp> {
    let is_day = text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) && text >= "19000101";
    let day = NaiveDate::parse_from_str(text, "%Y%m%d").ok().filter(|_| is_day)?;
    Some(Timestamp(day.and_time(NaiveTime::MIN).and_utc().timestamp_micros()))
}

/// A moment as ISO 8601.
pub(super) fn iso(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if text.len() < 10 || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let local = match text.len() {
        10 => NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_time(NaiveTime::MIN),
        _ => match DateTime::parse_from_rfc3339(text) {
            Ok(time) => time.naive_utc(),
            Err(_) => ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"]
                .iter()
                .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())?,
        },
    };
    Some(Timestamp(local.and_utc().timestamp_micros()))
}

/// A value as a key says it.
pub(super) fn as_key(cell: &Cell) -> String {
    match cell {
        Cell::Number(number) => number.to_string(),
        Cell::Text(text) => text.clone(),
        Cell::Time(time) => time.utc().format("%Y-%m-%dT%H:%M:%S%.fZ").to_string(),
    }
}

/// A part of a key of several columns, told from the next part by `|`.
pub(super) fn key_part(text: &str) -> String {
    text.replace('\\', "\\\\").replace('|', "\\|")
}

/// How every key of several columns begins whose first one says this.
pub(crate) fn key_prefix(first: &str) -> String {
    format!("{}|", key_part(first))
}

/// Cells as they are stored.
pub(super) fn to_json(cells: &[Option<Cell>]) -> String {
    let value = |cell: &Option<Cell>| match cell {
        None => serde_json::Value::Null,
        Some(Cell::Number(number)) => (*number).into(),
        Some(Cell::Text(text)) => text.as_str().into(),
        Some(Cell::Time(time)) => time.0.into(),
    };
    serde_json::Value::Array(cells.iter().map(value).collect()).to_string()
}

pub(super) fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let day = 18_348 * 86_400_000_000_i64;
        let half_past_eight = day + 30_600_000_000;
        for (text, micros) in [
            ("2020-03-27", day),
            (" 2020-03-27 08:30 ", half_past_eight),
            ("2020-03-27T08:30:00Z", half_past_eight),
            ("2020-03-27T10:30:00+02:00", half_past_eight),
            ("2020-03-27 08:30:00.25", half_past_eight + 250_000),
            ("20200327", day),
            ("1585297800", half_past_eight),
            ("20209999", 20_209_999_000_000),
            ("1585297800.25", half_past_eight + 250_000),
        ] {
            assert_eq!(moment(text), Ok(Timestamp(micros)), "{text}");
        }
        assert!(moment("1585297800000").unwrap_err().contains("milliseconds"));
        assert!(moment("27.3.2020").unwrap_err().starts_with("is \"27.3.2020\", not a time"));
    }

    #[test]
    fn numbers_are_finite_and_what_says_nothing_is_missing() {
        assert_eq!(read(" 3.50 ", ColumnKind::Number), Ok(Some(Cell::Number(3.5))));
        assert_eq!(as_key(&Cell::Number(number("-0").unwrap())), "0");
        assert_eq!(number("NaN").unwrap_err(), "is NaN, not a finite number");
        assert_eq!(number("3,5").unwrap_err(), "is \"3,5\", not a number");
        for missing in ["", " ", "NA", "null", "\\N"] {
            assert_eq!(read(missing, ColumnKind::Number), Ok(None), "{missing:?}");
        }
        assert_eq!(read("NA", ColumnKind::Text), Ok(Some(Cell::Text("NA".into()))), "the country");
        assert_eq!(
            to_json(&[None, Some(Cell::Number(3.0)), Some(Cell::Text("a\0\"".into()))]),
            r#"[null,3.0,"a\u0000\""]"#
        );
    }
}
