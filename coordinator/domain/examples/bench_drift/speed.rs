//! Time and memory.

use std::error::Error;
use std::time::{Duration, Instant};

use common::drift::{Familiar, InputDrift, Look, Sketch, Values};

use crate::exact;
use crate::figure;
use crate::rows::{KINDS, column};

const COLUMNS: usize = 1_000;
const ROWS: usize = 300_000;
/// Seconds that the check may take.
const GOAL: f64 = 60.0;
/// MiB that the process may need at most.
const ROOM: f64 = 500.0;

/// One column after the other is made up, sketched and compared: what is timed is the comparison, and the peer's.
pub(crate) fn measure() -> Result<(), Box<dyn Error>> {
    let (mut sketch, mut built) = (Sketch::new(Familiar::default()), Duration::ZERO);
    for number in 0..COLUMNS {
        let values = Values::Numbers(old(number));
        let start = Instant::now();
        sketch.add(&number.to_string(), &values);
        built += start.elapsed();
    }
    let file = sketch.encode()?;
    let sketch = Sketch::decode(&file)?;
    let (mut made, mut looked) = (Duration::ZERO, Instant::now());
    let look = Look { chance: 0.01, least_distance: 0.1, from_rows: 0 };
    let found = sketch.compare(&look, |show| {
        looked = Instant::now();
        for number in 0..COLUMNS {
            let start = Instant::now();
            let values = Values::Numbers(new(number));
            made += start.elapsed();
            show(&number.to_string(), &values);
        }
    });
    let seconds = (looked.elapsed().saturating_sub(made)).as_secs_f64();
    let InputDrift::Compared(drift) = found else { return Err("nothing was compared".into()) };
    let memory = peak();

    let (mut exactly, mut significant) = (Duration::ZERO, 0);
    for number in 0..COLUMNS {
        let (old, new) = (old(number), new(number));
        let start = Instant::now();
        significant += usize::from(exact::p_value(&old, &new) < 0.05 / COLUMNS as f64);
        exactly += start.elapsed();
    }
    println!(
        "{COLUMNS} columns of {ROWS} training rows: sketched in {:.1} s, {:.1} MB; {} of them drift by the sketch, {significant} by the \
         exact test",
        built.as_secs_f64(),
        file.len() as f64 / 1e6,
        drift.drifted
    );
    figure("drift_check", seconds, "exact_ks", exactly.as_secs_f64(), "s");
    let of_both = (2 * COLUMNS * ROWS * size_of::<f64>()) as f64 / f64::from(1 << 20);
    figure("drift_memory", memory, "both_samples", of_both, "MiB");
    if seconds > GOAL || memory > ROOM {
        return Err(format!("at most {GOAL} s and {ROOM} MiB are allowed").into());
    }
    Ok(())
}

fn old(number: usize) -> Vec<f64> {
    column(KINDS[number % KINDS.len()], number as u64, ROWS)
}

fn new(number: usize) -> Vec<f64> {
    let mut all = column(KINDS[number % KINDS.len()], number as u64, 2 * ROWS);
    all.split_off(ROWS)
}

/// The most memory this process has needed, MiB; 0 where nobody says.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches("kB").trim().parse::<f64>().ok());
    kib.unwrap_or_default() / 1024.0
}
