//! Made-up markets whose truth is known, and a real one with its days shuffled.

use chrono::{Days, NaiveDate};
use common::bars::Bar;

/// Draws that are the same for the same seed on every machine (SplitMix64; Steele, Lea and Flood 2014).
pub(crate) struct Draws(u64);

impl Draws {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5851_f42d_4c95_7f2d)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// Uniform in (0, 1].
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Another order (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, (self.next() % (last as u64 + 1)) as usize);
        }
    }
}

/// One day, relative to the close before it.
#[derive(Clone, Copy)]
struct Day {
    /// Log-return of the adjusted close.
    log_return: f64,
    /// Log of open, high and low over the close of the same day.
    open: f64,
    high: f64,
    low: f64,
    volume: f64,
}

/// Bars from days: prices start at 100.
fn bars(days: &[Day]) -> Vec<Bar> {
    let mut close = 100.0;
    let bar = |(n, day): (usize, &Day)| {
        close *= day.log_return.exp();
        Bar {
            date: NaiveDate::default() + Days::new(n as u64),
            open: close * day.open.exp(),
            high: close * day.high.exp(),
            low: close * day.low.exp(),
            close,
            adj_close: close,
            volume: day.volume,
        }
    };
    days.iter().enumerate().map(bar).collect()
}

/// A market whose returns follow `r = φ · r before + noise`. Volatility moves exactly as the baselines believe it does
/// (EWMA(0.94), the noise drives it), so that nothing but φ can be found; φ = 0 is a random walk.
pub(crate) fn autoregressive(seed: u64, days: usize, phi: f64) -> Vec<Bar> {
    let mut draws = Draws::new(seed);
    let (mut before, mut variance) = (0.0, 0.015f64.powi(2));
    let day = |_| {
        let noise = variance.sqrt() * draws.normal();
        // Held between 0.5 % and 5 % a day, as markets are: left alone it would fade away.
        variance = (0.94 * variance + 0.06 * noise * noise).clamp(0.005f64.powi(2), 0.05f64.powi(2));
        before = phi * before + noise;
        let reach = 0.3 * variance.sqrt();
        let (up, down) = (reach * draws.uniform(), reach * draws.uniform());
        let open = reach * draws.normal() - before * draws.uniform();
        let volume = (13.0 + 0.3 * draws.normal()).exp().round();
        Day { log_return: before, open, high: open.max(0.0) + up, low: open.min(0.0) - down, volume }
    };
    bars(&(0..days).map(day).collect::<Vec<_>>())
}

/// Real history with its labels shuffled: returns in units of recent volatility change places, and volatility follows them as
/// the baselines believe. Each label is a real one that has nothing to do with the days before it.
pub(crate) fn shuffled(real: &[Bar], seed: u64) -> Vec<Bar> {
    let mut variance = real_variance(real);
    let next = |variance: f64, r: f64| (0.94 * variance + 0.06 * r * r).max(1e-6);
    let mut days: Vec<Day> = Vec::with_capacity(real.len());
    let start = variance;
    for pair in real.windows(2) {
        let log_return = (pair[1].adj_close / pair[0].adj_close).ln();
        let unit = variance.sqrt();
        variance = next(variance, log_return);
        let over_close = |price: f64| (price / pair[1].close).ln() / unit;
        let (open, high, low) = (over_close(pair[1].open), over_close(pair[1].high), over_close(pair[1].low));
        days.push(Day { log_return: log_return / unit, open, high, low, volume: pair[1].volume });
    }
    Draws::new(seed).shuffle(&mut days);
    variance = start;
    for day in &mut days {
        let unit = variance.sqrt();
        let Day { log_return, open, high, low, volume } = *day;
        *day = Day { log_return: log_return * unit, open: open * unit, high: high * unit, low: low * unit, volume };
        variance = next(variance, day.log_return);
    }
    bars(&days)
}

/// Mean square of the returns.
fn real_variance(real: &[Bar]) -> f64 {
    let squares = real.windows(2).map(|pair| (pair[1].adj_close / pair[0].adj_close).ln().powi(2));
    squares.sum::<f64>() / real.len() as f64
}

/// The bars of a shipped price file.
pub(crate) fn real(symbol: &str) -> Vec<Bar> {
    let file = refit_tests::prices::shipped().join(format!("{symbol}.csv"));
    csv::Reader::from_path(file).unwrap().into_deserialize().collect::<Result<_, _>>().unwrap()
}
