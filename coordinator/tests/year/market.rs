//! Daily bars of symbols, and rows of other fleets: always the same, day by day.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// Trading days before a day, and up to it.
pub(crate) fn trading_days(from: NaiveDate, to: NaiveDate) -> impl Iterator<Item = NaiveDate> {
    let all = (0..).map(move |n| from + Days::new(n)).take_while(move |day| *day < to);
    all.filter(|day| !matches!(day.weekday(), Weekday::Sat | Weekday::Sun))
}

/// The bars of some days as CSV. A price is a sum of waves of its own and a walk: no day depends on which days are asked for.
pub(crate) fn bars(symbol: usize, days: impl Iterator<Item = NaiveDate>) -> String {
    let mut text = "date,open,high,low,close,adj_close,volume\n".to_owned();
    for day in days {
        let n = f64::from(day.num_days_from_ce());
        let wave = |length: f64, height: f64| height * (n / length + symbol as f64).sin();
        let close = 100.0 + wave(91.0, 20.0) + wave(17.0, 5.0) + 2.0 * noise(symbol as u64, n as u64);
        let (high, low) = (close + 1.0, close - 1.0);
        text += &format!("{day},{close:.4},{high:.4},{low:.4},{close:.4},{close:.4},{}\n", 1000 + n as u64 % 500);
    }
    text
}

/// Rows that recommenders, texts and records can read, so many a day.
pub(crate) fn rows(days: impl Iterator<Item = NaiveDate>, a_day: u32) -> String {
    let mut text = "id,user,item,rating,text,label,day\n".to_owned();
    for day in days {
        for n in 0..a_day {
            let id = day.num_days_from_ce() as u32 * 1000 + n;
            let (user, item, rating, label) = (id % 40, id, 1 + id % 5, id % 2);
            text += &format!("r{id},user {user},item {item},{rating},a text of {id},{label},{day}\n");
        }
    }
    text
}

/// A number from -1 to 1 that depends on nothing else (SplitMix64).
pub(crate) fn noise(a: u64, b: u64) -> f64 {
    let mut x = a.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(b.wrapping_mul(0xBF58_476D_1CE4_E5B9));
    x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((x ^ (x >> 31)) >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
}
