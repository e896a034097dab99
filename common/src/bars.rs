//! Daily bars, and the Parquet file that carries them into a training.

use bytes::Bytes;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

pub use crate::columnar::FormatError;
use crate::columnar::{self, Column, Values};
use crate::vocabulary::Symbol;

/// One trading day of one symbol. Prices in the currency of the exchange, volume in shares.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Bar {
    /// The trading day.
    pub date: NaiveDate,
    /// First price.
    pub open: f64,
    /// Highest price.
    pub high: f64,
    /// Lowest price.
    pub low: f64,
    /// Last price.
    pub close: f64,
    /// Last price, adjusted for later splits and dividends; `adj_close / close` adjusts the others.
    pub adj_close: f64,
    /// Shares traded.
    pub volume: f64,
}

const REALS: [&str; 6] = ["open", "high", "low", "close", "adj_close", "volume"];

/// One symbol's bars as a Parquet file with the columns `symbol`, `date`, `open`, `high`, `low`, `close`, `adj_close` and
/// `volume`. The same bars always give the same bytes.
///
/// # Errors
/// No bars, dates that do not ascend, or a figure that is not finite.
pub fn encode(symbol: &Symbol, bars: &[Bar]) -> Result<Bytes, FormatError> {
    if bars.is_empty() {
        return Err(FormatError::Empty);
    }
    let dates: Vec<NaiveDate> = bars.iter().map(|bar| bar.date).collect();
    check_ascending(&dates)?;
    let reals: [fn(&Bar) -> f64; 6] = [|b| b.open, |b| b.high, |b| b.low, |b| b.close, |b| b.adj_close, |b| b.volume];
    let mut columns = vec![
        Column::new("symbol", Values::Text(vec![symbol.to_string(); bars.len()])),
        Column::new("date", Values::Date(dates)),
    ];
    for (name, of) in REALS.into_iter().zip(reals) {
        columns.push(Column::new(name, Values::Real(bars.iter().map(of).collect())));
    }
    columnar::write(&columns)
}

/// Reads what [`encode`] wrote. Whether it is the file that was meant, its hash tells; check that first.
///
/// # Errors
/// Not such a file: other columns, no rows, several symbols, dates that do not ascend, a figure that is not finite.
pub fn decode(file: Bytes) -> Result<(Symbol, Vec<Bar>), FormatError> {
    let columns = columnar::read(file, columnar::Room::ROWS)?;
    let wrong_columns = || FormatError::Columns {
        found: columnar::names(&columns),
        expected: format!("symbol, date, {}", REALS.join(", ")),
    };
    let [symbols, dates, reals @ ..] = columns.as_slice() else { return Err(wrong_columns()) };
    let ("symbol", Values::Text(symbols)) = (symbols.name.as_str(), &symbols.values) else {
        return Err(wrong_columns());
    };
    let ("date", Values::Date(dates)) = (dates.name.as_str(), &dates.values) else { return Err(wrong_columns()) };
    if !reals.iter().map(|c| c.name.as_str()).eq(REALS) {
        return Err(wrong_columns());
    }
    let figures: Vec<&[f64]> = reals
        .iter()
        .filter_map(|column| if let Values::Real(values) = &column.values { Some(values.as_slice()) } else { None })
        .collect();
    let [open, high, low, close, adj_close, volume] = figures.as_slice() else { return Err(wrong_columns()) };
    let bars = dates.iter().enumerate().map(|(row, date)| Bar {
        date: *date,
        open: open[row],
        high: high[row],
        low: low[row],
        close: close[row],
        adj_close: adj_close[row],
        volume: volume[row],
    });
    check_ascending(dates)?;
    Ok((only_symbol(symbols)?, bars.collect()))
}

fn check_ascending(dates: &[NaiveDate]) -> Result<(), FormatError> {
    match dates.windows(2).position(|pair| pair[0] >= pair[1]) {
        None => Ok(()),
        Some(row) => Err(FormatError::Value {
            row: row + 2,
            column: "date".into(),
            reason: format!("{} does not come after {}", dates[row + 1], dates[row]),
        }),
    }
}

fn only_symbol(symbols: &[String]) -> Result<Symbol, FormatError> {
    let first = symbols.first().ok_or(FormatError::Empty)?;
    let bad = |row: usize, reason: String| FormatError::Value { row, column: "symbol".into(), reason };
    match symbols.iter().position(|symbol| symbol != first) {
        None => first.parse().map_err(|invalid| bad(1, format!("{invalid}"))),
        Some(row) => {
            Err(bad(row + 1, format!("a second symbol, {:?}", symbols[row].chars().take(80).collect::<String>())))
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::Days;
    use proptest::prelude::*;

    use super::*;
    use crate::vocabulary::ContentHash;

    fn bar(day: u64, price: f64) -> Bar {
        let date = NaiveDate::from_ymd_opt(2020, 1, 1).unwrap() + Days::new(day);
        Bar {
            date,
            open: price,
            high: price * 1.1,
            low: price * 0.9,
            close: price,
            adj_close: price / 3.0,
            volume: 1e6,
        }
    }

    fn series(days: u64) -> Vec<Bar> {
        (0..days).map(|day| bar(day, 100.0 + day as f64 / 7.0)).collect()
    }

    fn symbol() -> Symbol {
        "BRK.B".parse().unwrap()
    }

    #[test]
    fn the_same_bars_give_the_same_bytes() {
        let bars = series(300);
        let file = encode(&symbol(), &bars).unwrap();
        assert_eq!(file, encode(&symbol(), &bars).unwrap());
        // Pinned: another hash means that existing snapshots would be written a second time under another name.
        insta::assert_snapshot!(ContentHash::of(&file).to_string());
        assert_eq!(decode(file).unwrap(), (symbol(), bars));
    }

    #[test]
    fn what_a_snapshot_must_not_hold_is_refused() {
        let refused = |bars: &[Bar]| encode(&symbol(), bars).unwrap_err().to_string();
        assert_eq!(refused(&[]), "there are no rows");
        assert_eq!(
            refused(&[bar(1, 1.0), bar(1, 1.0)]),
            "row 2, column date: 2020-01-02 does not come after 2020-01-02"
        );
        assert_eq!(refused(&[bar(1, f64::NAN)]), "row 1, column open: NaN is not a finite number");
        let other = columnar::write(&[Column::new("price", Values::Real(vec![1.0]))]).unwrap();
        assert!(
            decode(other).unwrap_err().to_string().starts_with("the columns are [price], but [symbol, date, open,")
        );
    }

    proptest! {
        #[test]
        fn bars_come_back_as_they_were(prices in proptest::collection::vec(1e-6..1e9f64, 1..200)) {
            let bars: Vec<Bar> = prices.iter().enumerate().map(|(day, price)| bar(day as u64, *price)).collect();
            prop_assert_eq!(decode(encode(&symbol(), &bars).unwrap()).unwrap().1, bars);
        }

        #[test]
        fn garbage_is_an_error(garbage in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(decode(garbage.into()).is_err());
        }

        /// A damaged file is read or refused, never a panic.
        #[test]
        fn damage_never_panics(hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut in any::<prop::sample::Index>()) {
            let mut file = encode(&symbol(), &series(40)).unwrap().to_vec();
            for (at, byte) in hits {
                let at = at.index(file.len());
                file[at] = byte;
            }
            let _read_or_refused = decode(file.clone().into());
            file.truncate(cut.index(file.len()));
            prop_assert!(decode(file.into()).is_err());
        }
    }
}
