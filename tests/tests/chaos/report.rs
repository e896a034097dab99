//! What a run, or several, came to: the table of faults and states, and the last line.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::breaches::Breaches;
use crate::history::{Figures, Resumed};
use crate::plan::{Cell, Fault, STATES};
use crate::weather::Weather;

/// Resumes that are shown.
const SLOWEST: usize = 8;

/// What came of one seed.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// How often each fault struck at a job in each state.
    pub(crate) struck: BTreeMap<Cell, u32>,
    pub(crate) jobs: usize,
    /// Jobs that were taken and did not end.
    pub(crate) lost: usize,
    pub(crate) published_twice: usize,
    pub(crate) figures: Figures,
    /// Trainings that were done to the end and not used.
    pub(crate) duplicates: usize,
    pub(crate) dispatched: u64,
    /// Places that a job was overtaken by, at most.
    pub(crate) displaced: u32,
    /// Jobs that were overtaken by more than the dispatch window.
    pub(crate) unfair: Vec<String>,
    /// Jobs that did not move while health said that all is well.
    pub(crate) stuck: Vec<String>,
    pub(crate) breaches: Breaches,
    /// What ended by itself.
    pub(crate) surprises: Vec<String>,
}

impl Report {
    pub(crate) fn faults(&self) -> u32 {
        self.struck.values().sum()
    }

    /// Adds another seed's.
    pub(crate) fn add(&mut self, other: Self) {
        for (cell, count) in other.struck {
            *self.struck.entry(cell).or_default() += count;
        }
        self.jobs += other.jobs;
        self.lost += other.lost;
        self.published_twice += other.published_twice;
        self.figures.resumed.extend(other.figures.resumed);
        self.figures.worked += other.figures.worked;
        self.figures.wasted += other.figures.wasted;
        self.duplicates += other.duplicates;
        self.dispatched += other.dispatched;
        self.displaced = self.displaced.max(other.displaced);
        self.unfair.extend(other.unfair);
        self.stuck.extend(other.stuck);
        for (name, breaches) in other.breaches {
            self.breaches.entry(name).or_default().extend(breaches);
        }
        self.surprises.extend(other.surprises);
    }

    /// Cells that no fault has struck, of these faults.
    pub(crate) fn empty_cells(&self, faults: &[Fault]) -> Vec<Cell> {
        let cells = faults.iter().flat_map(|fault| STATES.map(|state| (*fault, state)));
        cells.filter(|cell| !self.struck.contains_key(cell)).collect()
    }

    /// Every fault, and at how many jobs of each state it struck.
    pub(crate) fn table(&self, faults: &[Fault]) -> String {
        let mut table =
            "| fault, at a job that is | queued | dispatched | running | judging |\n|---|--:|--:|--:|--:|\n".to_owned();
        for fault in faults {
            let counts = STATES.map(|state| self.struck.get(&(*fault, state)).copied().unwrap_or_default());
            let _never_fails =
                writeln!(table, "| {} | {} | {} | {} | {} |", fault.name(), counts[0], counts[1], counts[2], counts[3]);
        }
        table
    }

    /// The order of starts against the backlog.
    pub(crate) fn fairness(&self) -> String {
        format!(
            "fairness: {} jobs left the line, displaced by at most {} places, {} by more than the dispatch window",
            self.dispatched,
            self.displaced,
            self.unfair.len()
        )
    }

    /// What took longest to be taken up again, a line each: where to look first.
    pub(crate) fn slowest(&self) -> String {
        let mut resumed: Vec<&Resumed> = self.figures.resumed.iter().collect();
        resumed.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
        let line = |resumed: &&Resumed| {
            format!(
                "resumed after {:.1} s, {:.1} s of them with all services whole: {}\n",
                resumed.seconds, resumed.whole, resumed.what
            )
        };
        resumed.iter().take(SLOWEST).map(line).collect()
    }

    /// How soon work went on in seeds of this weather; nothing, if there was none.
    pub(crate) fn resumes_in(&self, weather: Weather) -> String {
        let resumed: Vec<&Resumed> = self.figures.resumed.iter().filter(|resumed| resumed.weather == weather).collect();
        if resumed.is_empty() {
            return String::new();
        }
        format!("{} resumes in {}: {}\n", resumed.len(), weather.name(), percentiles(resumed))
    }

    /// The last line.
    pub(crate) fn last_line(&self) -> String {
        format!(
            "chaos: {} faults, {} jobs, lost {}, double-published {}, stuck-while-healthy {}, resume {}, wasted work {:.1} %, \
             duplicate runs {}",
            self.faults(),
            self.jobs,
            self.lost,
            self.published_twice,
            self.stuck.len(),
            percentiles(&self.figures.resumed),
            100.0 * self.figures.wasted / self.figures.worked.max(1e-9),
            self.duplicates
        )
    }
}

/// The middle and the slow end, by the clock and with all services whole.
fn percentiles<'a>(resumed: impl IntoIterator<Item = &'a Resumed>) -> String {
    let (mut clock, mut whole): (Vec<f64>, Vec<f64>) =
        resumed.into_iter().map(|resumed| (resumed.seconds, resumed.whole)).unzip();
    let [[p50, p99], [whole_p50, whole_p99]] = [&mut clock, &mut whole].map(|seconds| {
        seconds.sort_by(f64::total_cmp);
        [0.5, 0.99].map(|share| {
            let rank = (share * seconds.len() as f64).ceil() as usize;
            seconds.get(rank.max(1) - 1).copied().unwrap_or_default()
        })
    });
    format!("p50 {p50:.1} s p99 {p99:.1} s (with all services whole {whole_p50:.1} s, {whole_p99:.1} s)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_and_the_table() {
        let mut report = Report { jobs: 2, duplicates: 1, ..Report::default() };
        let weather = Weather::Storm;
        let resumed =
            [4.0, 1.0, 2.0].map(|seconds| Resumed { seconds, weather, whole: seconds / 2.0, what: "lost".into() });
        report.figures = Figures { resumed: resumed.into(), worked: 10.0, wasted: 1.0 };
        assert!(report.slowest().starts_with("resumed after 4.0 s, 2.0 s of them with all services whole: lost\n"));
        let resumes = "3 resumes in storms (odd seeds): p50 2.0 s p99 4.0 s (with all services whole 1.0 s, 2.0 s)\n";
        assert_eq!([report.resumes_in(weather), report.resumes_in(Weather::Gusts)], [resumes, ""]);
        report.struck.insert((Fault::RedisFlush, STATES[0]), 3);
        assert_eq!(
            report.last_line(),
            "chaos: 3 faults, 2 jobs, lost 0, double-published 0, stuck-while-healthy 0, resume p50 2.0 s p99 4.0 s \
             (with all services whole 1.0 s, 2.0 s), wasted work 10.0 %, duplicate runs 1"
        );
        assert!(report.table(&[Fault::RedisFlush]).ends_with("| Redis: FLUSHALL | 3 | 0 | 0 | 0 |\n"));
        assert_eq!(report.empty_cells(&[Fault::RedisFlush]).len(), 3);
        let mut sum = Report::default();
        sum.add(report);
        assert_eq!((sum.faults(), sum.jobs), (3, 2));
    }
}
