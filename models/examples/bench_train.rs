//! Refit's side of `make bench-train`: trains and judges one forecaster per ticker, one after the other, on one thread.
//!
//! `bench_train PRICES OUT EPOCHS TICKER…` reads `PRICES/TICKER.csv` and leaves whole artifacts in `OUT`. It prints one JSON
//! line per ticker and a last one with the seconds of start-up and work, like `tests/bench/train_torch.py`.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use common::bars::{self, Bar};
use common::losses::Contestant;
use common::vocabulary::{
    AttemptId, BarsPart, ContentHash, Contestants, ForecasterHyper, Hyper, JobId, Mode, ModelKey, Snapshot,
    SplitPolicy, Symbol, TrainSpec,
};
use models::run::{Device, Identity, Inputs, Observer, Stop, Update, train};

fn main() -> Result<(), Box<dyn Error>> {
    let started = Instant::now();
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| {
        arguments.next().ok_or(format!("usage: bench_train PRICES OUT EPOCHS TICKER… ({what} is missing)"))
    };
    let (prices, out) = (PathBuf::from(next("PRICES")?), PathBuf::from(next("OUT")?));
    let epochs: u32 = next("EPOCHS")?.parse()?;
    tch::set_num_threads(1);
    tch::set_num_interop_threads(1);
    let start_up = started.elapsed().as_secs_f64();

    let mut stdout = std::io::stdout();
    let began = Instant::now();
    for ticker in arguments {
        let figures = one(&prices, &out, epochs, &ticker.parse()?)?;
        writeln!(stdout, "{figures}")?;
    }
    writeln!(stdout, "{}", serde_json::json!({ "start_up": start_up, "work": began.elapsed().as_secs_f64() }))?;
    Ok(())
}

/// From the prices of a ticker to its judged artifact.
fn one(prices: &Path, out: &Path, epochs: u32, symbol: &Symbol) -> Result<serde_json::Value, Box<dyn Error>> {
    let began = Instant::now();
    let bars = csv::Reader::from_path(prices.join(format!("{symbol}.csv")))?
        .into_deserialize()
        .collect::<Result<Vec<Bar>, _>>()?;
    let (Some(first), Some(last)) = (bars.first(), bars.last()) else { return Err("no bars".into()) };
    let part = bars::encode(symbol, &bars)?;
    let folder = out.join(symbol.as_str());
    let inputs = Inputs {
        parts: vec![folder.join("bars.parquet")],
        output: folder.join("artifact"),
        scratch: folder.join("scratch"),
        ..Inputs::default()
    };
    std::fs::create_dir_all(&inputs.output)?;
    std::fs::create_dir_all(&inputs.scratch)?;
    std::fs::write(&inputs.parts[0], &part)?;

    let hash = ContentHash::of(&part);
    let part = BarsPart { hash, symbol: symbol.clone(), rows: bars.len() as u64, first: first.date, last: last.date };
    let spec = TrainSpec {
        model: ModelKey::forecaster(symbol),
        mode: Mode::Complete,
        snapshot: Snapshot::Bars { symbols: vec![symbol.clone()], parts: vec![part] },
        hyper: Hyper::Forecaster(ForecasterHyper { epochs, ..ForecasterHyper::default() }),
        split: SplitPolicy::default(),
        parent: None,
        contestants: Contestants::default(),
        yardstick: false,
        reproduces: None,
    };
    let identity = Identity { job: JobId::new_v4(), attempt: AttemptId::new_v4() };
    let manifest = train(&spec, None, identity, &inputs, Device::Cpu, &mut Undisturbed)?;
    let crps = manifest.evaluation.of(Contestant::Challenger).map(|figures| figures.loss);
    let loss = manifest.training.curve.last().map(|point| point.train_loss);
    let seconds = began.elapsed().as_secs_f64();
    Ok(serde_json::json!({ "ticker": symbol.as_str(), "loss": loss, "crps": crps, "seconds": seconds }))
}

/// Nobody watches, nobody stops it.
struct Undisturbed;

impl Observer for Undisturbed {
    fn progress(&mut self, _: &Update) {}
    fn checkpoint_due(&mut self) -> bool {
        false
    }
    fn checkpoint(&mut self, _: &Path, _: u64) {}
    fn stop(&mut self) -> Option<Stop> {
        None
    }
}
