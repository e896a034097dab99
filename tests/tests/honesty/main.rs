//! Honesty of the whole way from rows to a verdict (JUDGING §6), with real trainings of small models: what cannot be known is
//! not claimed, what can be known is found. Every draw is seeded, so the counts are the same on every run.
#![allow(clippy::unwrap_used)]

mod forecaster;
mod gate;
mod log;
mod market;
mod recommender;
mod tabular;
mod text;
mod training;

/// Runs a test's trainings on two threads; results in order of the seeds.
fn for_seeds<T: Send>(seeds: u64, of: impl Fn(u64) -> T + Sync) -> Vec<T> {
    let half = |rest| (0..seeds).filter(|seed| seed % 2 == rest).map(&of).collect::<Vec<T>>();
    let (even, odd) = std::thread::scope(|scope| {
        let odd = scope.spawn(|| half(1));
        (half(0), odd.join().unwrap())
    });
    even.into_iter().chain(odd).collect()
}

/// How many are true.
fn count(found: &[bool]) -> usize {
    found.iter().filter(|found| **found).count()
}

/// The mean of figures.
fn mean(figures: &[f64]) -> f64 {
    figures.iter().sum::<f64>() / figures.len() as f64
}
