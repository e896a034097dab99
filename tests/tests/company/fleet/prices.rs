//! Forecasters of real daily bars, one a symbol, and the universal one over all of them. Now and then a bar is put right by a little,
//! and one comes that cannot be.

use refit_tests::prices;
use serde_json::{Value, json};

use super::{Counts, Delivery, Fleet, Kind, Question, Target};
use crate::calendar::{Calendar, Day};

/// Bars before the first day: enough to train and to judge.
const HISTORY: usize = 420;

/// The symbols.
pub(crate) struct Prices(Vec<String>);

impl Prices {
    /// All that are shipped.
    pub(crate) fn all() -> Self {
        Self(prices::symbols())
    }

    /// The first so many.
    pub(crate) fn first(count: usize) -> Self {
        Self(prices::symbols().into_iter().take(count).collect())
    }

    fn delivery(symbol: &str, csv: String, expected: Counts) -> Delivery {
        let path = format!("imports?symbol={symbol}&file={symbol}.csv");
        Delivery { to: Target::Bars(symbol.into()), path, csv, expected }
    }

    /// The bar of the day before again, with a high a tenth of a percent higher.
    fn correction(symbol: &str, day: Day) -> Delivery {
        let csv = prices::text(symbol, day.bars_before - 1..day.bars_before);
        let (header, bar) = csv.trim_end().split_once('\n').expect("a header and a bar");
        let mut cells: Vec<String> = bar.split(',').map(str::to_owned).collect();
        let high: f64 = cells[2].parse().expect("a high");
        cells[2] = format!("{:.4}", high * 1.001);
        Self::delivery(symbol, format!("{header}\n{}\n", cells.join(",")), Counts { replaced: 1, ..Counts::default() })
    }

    /// The bar of a day, and one whose low is above its high.
    fn with_nonsense(symbol: &str, day: Day) -> Delivery {
        let csv = prices::text(symbol, day.bars_before..day.bars_before + 1);
        let nonsense = format!("{},100,90,110,100,100,1000\n", day.date);
        Self::delivery(symbol, csv + &nonsense, Counts { new: 1, refused: 1, ..Counts::default() })
    }
}

impl Fleet for Prices {
    fn models(&self) -> Vec<(String, Value)> {
        let small = json!({ "hyper": { "layers": "1", "hidden": "8", "window": "20", "epochs": "3" } });
        let keys = self.0.iter().map(String::as_str).chain(["universal"]);
        keys.map(|name| (format!("forecaster/{name}"), small.clone())).collect()
    }

    fn opening(&self, calendar: &Calendar) -> Vec<Delivery> {
        let rows = calendar.bars_before() - HISTORY..calendar.bars_before();
        let counts = Counts { new: HISTORY as u64, ..Counts::default() };
        self.0.iter().map(|symbol| Self::delivery(symbol, prices::text(symbol, rows.clone()), counts)).collect()
    }

    fn arrivals(&self, _: &Calendar, day: Day) -> Vec<Delivery> {
        let new = Counts { new: 1, ..Counts::default() };
        let bar = |(index, symbol): (usize, &String)| match index == day.number % self.0.len() {
            true => Self::with_nonsense(symbol, day),
            false => Self::delivery(symbol, prices::text(symbol, day.bars_before..day.bars_before + 1), new),
        };
        let mended = (day.of_week() == 1).then(|| Self::correction(&self.0[day.week % self.0.len()], day));
        self.0.iter().enumerate().map(bar).chain(mended).collect()
    }

    fn question(&self, turn: u64) -> Question {
        let symbol = &self.0[turn as usize % self.0.len()];
        Question {
            name: format!("forecast of {symbol}"),
            models: vec![format!("forecaster/{symbol}"), "forecaster/universal".into()],
            path: "forecasts".into(),
            body: json!({ "symbols": [symbol], "refresh": !turn.is_multiple_of(3) }),
            kind: Kind::Forecast,
        }
    }

    fn rivals(&self) -> &'static [&'static str] {
        &["universal", "no_change", "drift"]
    }

    fn is_own(&self, model: &str, snapshot: &Value) -> bool {
        let symbols = snapshot["symbols"].as_array().cloned().unwrap_or_default();
        let own = |symbol: &Value| symbol.as_str().is_some_and(|symbol| model == format!("forecaster/{symbol}"));
        let all = symbols.len() == self.0.len();
        if model == "forecaster/universal" { all } else { symbols.len() == 1 && symbols.iter().all(own) }
    }

    fn is_dated(&self) -> bool {
        true
    }
}
