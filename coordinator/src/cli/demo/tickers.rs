//! The 12 real tickers of the demo: three of each category. See `deploy/demo/README.md` for their source.

use common::vocabulary::Category;

/// A ticker and its daily bars.
pub(crate) struct Ticker {
    pub(crate) symbol: &'static str,
    pub(crate) category: Category,
    csv: &'static str,
}

macro_rules! tickers {
    ($($category:ident: $($symbol:literal),+;)+) => {
        [$($(Ticker {
            symbol: $symbol,
            category: Category::$category,
            csv: include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/demo/prices/", $symbol, ".csv")),
        }),+),+]
    };
}

/// Every ticker, the most wanted category first.
pub(crate) const ALL: &[Ticker] = &tickers![
    Portfolio: "AAPL", "MSFT", "JPM";
    OnDemand: "AMZN", "KO", "XOM";
    Watchlist: "INTC", "DIS", "CAT";
    Scanning: "WMT", "PFE", "NEE";
];

impl Ticker {
    /// Its model.
    pub(crate) fn model(&self) -> String {
        format!("forecaster/{}", self.symbol)
    }

    /// The file's name.
    pub(crate) fn file(&self) -> String {
        format!("{}.csv", self.symbol)
    }

    /// All but the newest `held_back` bars, and those: two files.
    pub(crate) fn split(&self, held_back: usize) -> (String, String) {
        let (header, rows) = self.csv.trim_end().split_once('\n').unwrap_or((self.csv, ""));
        let rows: Vec<&str> = rows.lines().collect();
        let (old, new) = rows.split_at(rows.len().saturating_sub(held_back));
        let file = |rows: &[&str]| format!("{header}\n{}\n", rows.join("\n"));
        (file(old), file(new))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_tickers_three_of_each_category_and_the_newest_bars_held_back() {
        assert_eq!(ALL.len(), 12);
        for category in [Category::Portfolio, Category::OnDemand, Category::Watchlist, Category::Scanning] {
            assert_eq!(ALL.iter().filter(|ticker| ticker.category == category).count(), 3, "{category}");
        }
        for ticker in ALL {
            let (old, new) = ticker.split(25);
            assert_eq!(new.lines().count(), 26, "{}", ticker.symbol);
            assert_eq!(old.lines().next(), new.lines().next(), "both have the header");
            assert_eq!(old.lines().count() + new.lines().count() - 1, ticker.csv.lines().count());
            assert!(old.lines().last() < new.lines().nth(1), "the newest are held back");
        }
    }
}
