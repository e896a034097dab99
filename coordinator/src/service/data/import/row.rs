//! One line of a price file: its columns, and the bar it holds. Pure.

use chrono::NaiveDate;
use common::bars::Bar;
use common::vocabulary::Symbol;

use crate::service::error::Error;

const NEEDED: [&str; 7] = ["date", "open", "high", "low", "close", "adj_close", "volume"];
const SYMBOL: &str = "symbol";
/// Columns that say whose a bar is, the most certain first.
const NAMING: [&str; 3] = [SYMBOL, "ticker", "name"];

/// How far open and close may lie outside low and high, relatively: feeds round them apart.
const RANGE_SLACK: f64 = 0.01;

/// Where each column stands in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    needed: [usize; 7],
    symbol: Option<usize>,
    naming: Option<usize>,
    count: usize,
}

/// A row that can be taken, as far as it alone can tell.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Row {
    /// Whose bar, if the file says so.
    pub(super) symbol: Option<Symbol>,
    /// Whose bar, in whatever words the file names companies.
    pub(super) company: Option<String>,
    /// The bar.
    pub(super) bar: Bar,
}

/// The fields of a line; the reason if it is not UTF-8 or not CSV.
fn fields(line: &[u8]) -> Result<csv::StringRecord, String> {
    if line.contains(&0) {
        return Err("it holds a NUL byte: not a text file".into());
    }
    std::str::from_utf8(line).map_err(|e| format!("it is not UTF-8 from byte {} on", e.valid_up_to() + 1))?;
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .buffer_capacity(line.len() + 1)
        .trim(csv::Trim::All)
        .from_reader(line);
    let mut record = csv::StringRecord::new();
    reader.read_record(&mut record).map_err(|e| format!("it is not CSV: {e}"))?;
    Ok(record)
}

impl Columns {
    /// Finds the columns in the first line. Case and blanks do not matter (`Adj Close` is `adj_close`); order neither.
    pub(super) fn of(line: &[u8]) -> Result<Self, Error> {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let record = fields(line).map_err(|why| Error::invalid(format!("the first line cannot be read: {why}")))?;
        let names: Vec<String> =
            record.iter().map(|name| name.trim().to_lowercase().replace([' ', '-'], "_")).collect();
        let index = |wanted: &str| names.iter().position(|name| name == wanted);
        let mut needed = [0; 7];
        let mut missing = Vec::new();
        for (slot, name) in needed.iter_mut().zip(NEEDED) {
            match index(name) {
                Some(at) => *slot = at,
                None => missing.push(name),
            }
        }
        if missing.is_empty() {
            let naming = NAMING.into_iter().find_map(index);
            return Ok(Self { needed, symbol: index(SYMBOL), naming, count: names.len() });
        }
        let unknown = names.iter().filter(|n| !NEEDED.contains(&n.as_str()) && n.as_str() != SYMBOL);
        let hints: Vec<String> = missing.iter().filter_map(|name| did_you_mean(name, unknown.clone())).collect();
        let hint = if hints.is_empty() { String::new() } else { format!(" ({})", hints.join("; ")) };
        Err(Error::invalid(format!(
            "the file has no column {}{hint}; its first line must name {}",
            missing.join(", "),
            NEEDED.join(",")
        )))
    }

    /// The bar on a line, or why it is refused.
    pub(super) fn row(&self, line: &[u8], today: NaiveDate) -> Result<Row, String> {
        let record = fields(line)?;
        if record.len() != self.count {
            return Err(format!("it has {} fields, the first line names {}", record.len(), self.count));
        }
        let field = |i: usize| record.get(self.needed[i]).unwrap_or_default();
        let number = |i: usize| -> Result<f64, String> {
            let (name, text) = (NEEDED[i], field(i));
            match text.parse::<f64>() {
                Ok(value) if value.is_finite() => Ok(value),
                Ok(_) => Err(format!("{name} is {text}, not a finite number")),
                Err(_) if text.is_empty() => Err(format!("{name} is empty")),
                Err(_) => Err(format!("{name} is {:?}, not a number", shortened(text))),
            }
        };
        let date = NaiveDate::parse_from_str(field(0), "%Y-%m-%d")
            .map_err(|_| format!("date is {:?}, not a day written as 2020-03-27", shortened(field(0))))?;
        let bar = Bar {
            date,
            open: number(1)?,
            high: number(2)?,
            low: number(3)?,
            close: number(4)?,
            adj_close: number(5)?,
            volume: number(6)?,
        };
        sane(&bar, today)?;
        let symbol = match self.symbol.and_then(|at| record.get(at)) {
            Some(text) => Some(text.parse::<Symbol>().map_err(|e| e.to_string())?),
            None => None,
        };
        let company = self.naming.and_then(|at| record.get(at)).filter(|name| !name.is_empty()).map(shortened);
        Ok(Row { symbol, company, bar })
    }
}

/// Whether a bar can be true, looking at nothing else.
fn sane(bar: &Bar, today: NaiveDate) -> Result<(), String> {
    if bar.date > today {
        return Err(format!("date {} lies in the future", bar.date));
    }
    if bar.date.format("%Y").to_string().parse::<i32>().is_ok_and(|year| year < 1800) {
        return Err(format!("date {} lies before any exchange", bar.date));
    }
    let prices =
        [("open", bar.open), ("high", bar.high), ("low", bar.low), ("close", bar.close), ("adj_close", bar.adj_close)];
    for (name, price) in prices {
        if price <= 0.0 {
            return Err(format!("{name} is {price}: a price is above 0"));
        }
    }
    if bar.high < bar.low {
        return Err(format!("high {} is below low {}", bar.high, bar.low));
    }
    for (name, price) in [("open", bar.open), ("close", bar.close)] {
        if price > bar.high * (1.0 + RANGE_SLACK) || price < bar.low * (1.0 - RANGE_SLACK) {
            return Err(format!("{name} {price} lies outside low {} to high {}", bar.low, bar.high));
        }
    }
    if bar.volume < 0.0 {
        return Err(format!("volume is {}: it cannot be negative", bar.volume));
    }
    Ok(())
}

fn did_you_mean<'a>(wanted: &str, names: impl Iterator<Item = &'a String>) -> Option<String> {
    let likeness = |name: &&String| strsim::jaro_winkler(wanted, name);
    let best = names.max_by(|a, b| likeness(a).total_cmp(&likeness(b)))?;
    (likeness(&best) > 0.7).then(|| format!("{:?} is there: did you mean {wanted}?", shortened(best)))
}

fn shortened(text: &str) -> String {
    text.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &[u8] = b"date,open,high,low,close,adj_close,volume";

    #[test]
    fn each_absurdity_is_refused_with_its_reason() {
        let columns = Columns::of(HEADER).unwrap();
        let today = "2024-01-10".parse().unwrap();
        let refused = |line: &[u8]| columns.row(line, today).unwrap_err();
        for (line, reason) in [
            (&b"2024-01-09,1,2,0.5,1,1"[..], "it has 6 fields, the first line names 7"),
            (b"09/01/2024,1,2,0.5,1,1,9", "date is \"09/01/2024\", not a day written as 2020-03-27"),
            (b"2024-01-11,1,2,0.5,1,1,9", "date 2024-01-11 lies in the future"),
            (b"0024-01-11,1,2,0.5,1,1,9", "date 0024-01-11 lies before any exchange"),
            (b"2024-01-09,NaN,2,0.5,1,1,9", "open is NaN, not a finite number"),
            (b"2024-01-09,1,inf,0.5,1,1,9", "high is inf, not a finite number"),
            (b"2024-01-09,1,2,,1,1,9", "low is empty"),
            (b"2024-01-09,1,2,x,1,1,9", "low is \"x\", not a number"),
            (b"2024-01-09,1,2,0.5,1,0,9", "adj_close is 0: a price is above 0"),
            (b"2024-01-09,1,0.5,2,1,1,9", "high 0.5 is below low 2"),
            (b"2024-01-09,1,2,0.5,3,1,9", "close 3 lies outside low 0.5 to high 2"),
            (b"2024-01-09,1,2,0.5,1,1,-9", "volume is -9: it cannot be negative"),
            (b"2024-01-09,1,2,\xff,1,1,9", "it is not UTF-8 from byte 16 on"),
            (b"2024-01-09,1,2,\0,1,1,9", "it holds a NUL byte: not a text file"),
        ] {
            assert_eq!(refused(line), reason);
        }
        assert!(columns.row(b"2024-01-10, 1, 2, 0.5, 1, 0.9, 0", today).is_ok());
    }

    #[test]
    fn a_missing_or_renamed_column_refuses_the_file_and_names_it() {
        let refused = |line: &[u8]| Columns::of(line).unwrap_err().to_string();
        assert!(refused(b"date,open,high,low,close,volume").contains("no column adj_close; its first line"));
        assert!(
            refused(b"date,open,high,low,close,adjusted_close,volume")
                .contains("\"adjusted_close\" is there: did you mean adj_close?")
        );
        assert!(refused(b"2024-01-09,1,2,0.5,1,1,9").contains("no column date, open"));
        assert!(refused(b"PK\x03\x04\xff\xfe").contains("cannot be read"));
        assert!(Columns::of(b"\xef\xbb\xbfDate,Open,High,Low,Close,Adj Close,Volume,Symbol").is_ok());
    }
}
