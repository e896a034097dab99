//! What a cell says.

use unicode_normalization::UnicodeNormalization as _;

/// Whether the cell has no value.
pub fn is_missing(cell: &str) -> bool {
    matches!(
        cell.trim(),
        "" | "NA" | "N/A" | "n/a" | "#N/A" | "NaN" | "nan" | "null" | "NULL" | "\\N" | "None" | "?" | "-"
    )
}

/// A finite decimal number.
pub fn number(cell: &str) -> Option<f64> {
    cell.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether two cells say the same word: in other case, with other blanks, composed otherwise (NFC, NFD), or as the same number.
pub fn is_same_word(one: &str, other: &str) -> bool {
    one == other || folded(one) == folded(other) || number(one).is_some_and(|value| number(other) == Some(value))
}

fn folded(word: &str) -> String {
    let composed: String = word.nfc().collect();
    composed.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Yes or no, as 1 or 0.
pub fn flag(cell: &str) -> Option<f64> {
    match cell.trim().to_lowercase().as_str() {
        "yes" | "y" | "true" | "t" | "1" | "sí" | "si" => Some(1.0),
        "no" | "n" | "false" | "f" | "0" => Some(0.0),
        _ => None,
    }
}

/// Days from 1970-01-01 to a date YYYY-MM-DD of the years 1 to 9999 (a time of day behind it is left out).
pub fn date(cell: &str) -> Option<f64> {
    let cell = cell.trim();
    let day = cell.get(..10)?;
    if !matches!(cell.as_bytes().get(10), None | Some(b' ' | b'T')) {
        return None;
    }
    let mut parts =
        day.split('-').map(|part| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse::<i64>().ok())?);
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    let leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let length = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if year < 1 || !(1..=length).contains(&day) {
        return None;
    }
    // Days of the proleptic Gregorian calendar, counted in years that begin in March.
    let (year, month) = if month < 3 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some((days + (month * 153 + 2) / 5 + day - 1 - 719_468) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_is_the_same_in_any_spelling_that_nobody_would_tell_apart() {
        for (one, other) in
            [("Yes", " yes"), ("YES", "yes"), ("1", "1.0"), ("no\u{a0}show", "No  show"), ("s\u{ed}", "si\u{301}")]
        {
            assert!(is_same_word(one, other), "{one:?} {other:?}");
        }
        for (one, other) in [("yes", "no"), ("1", "10"), ("1", "yes"), ("s\u{ed}", "si"), ("", "0")] {
            assert!(!is_same_word(one, other), "{one:?} {other:?}");
        }
    }

    #[test]
    fn cells_are_read() {
        assert_eq!(
            ["1970-01-01", "2000-02-29", "2026-11-22T10:00", "1969-12-31"].map(date),
            [0.0, 11_016.0, 20_779.0, -1.0].map(Some)
        );
        assert_eq!(["2001-02-29", "2001-13-01", "1-1-1", "2001-01-011", "20010101", "2001-0a-01"].map(date), [None; 6]);
        assert_eq!([" 1.5e3", "inf", "NaN", "x"].map(number), [Some(1500.0), None, None, None]);
        assert_eq!(["Yes", "sí", "F", "2"].map(flag), [Some(1.0), Some(1.0), Some(0.0), None]);
        assert!(is_missing(" NA ") && !is_missing("0"));
    }
}
