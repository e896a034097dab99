//! `refit predict`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use common::vocabulary::{ModelKey, Pool};

use crate::cli::args::model_key;
use crate::cli::client::InQueue;
use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::file;
use crate::cli::table::{figure, or_nothing, table};
use crate::cli::text::{self, counted};
use crate::views::{BatchPredictRequest, JobView, PredictRowsRequest, PredictionsView};

/// Rows sent at a time.
const CHUNK: usize = 1_000;
/// Rows shown on a terminal.
const SHOWN: usize = 50;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as text/toxicity.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// A CSV file with the columns the model reads.
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// Predict as a job that goes through the line: for many rows.
    #[arg(long)]
    batch: bool,
    /// Wait for the job, and write what it says of each row to this file, as CSV.
    #[arg(long, value_name = "FILE", requires = "batch")]
    output: Option<PathBuf>,
    /// The pool of the job; else that of the settings.
    #[arg(long, requires = "batch")]
    pool: Option<Pool>,
    /// The place of the job in the line, in points; lower is sooner.
    #[arg(long, requires = "batch", value_name = "POINTS", allow_hyphen_values = true, value_parser = crate::cli::args::points)]
    priority: Option<f64>,
}

/// Predicts for each row of a file.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    if args.batch { batch(context, args).await } else { online(context, args).await }
}

async fn online(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let rows = read(&args.file)?;
    let mut all: Option<PredictionsView> = None;
    for chunk in rows.chunks(CHUNK) {
        let more = client.predict(&args.model, &PredictRowsRequest { rows: chunk.to_vec() }).await?;
        match &mut all {
            None => all = Some(more),
            Some(so_far) => so_far.predictions.extend(more.predictions),
        }
    }
    match all {
        Some(all) => context.out.answer(&all, shown),
        None => Err(file::unusable(&args.file, "it has no rows below its first line")),
    }
}

async fn batch(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let file = tokio::fs::File::from_std(file::open(&args.file)?);
    let request = BatchPredictRequest { pool: args.pool.as_ref().map(ToString::to_string), priority: args.priority };
    let job = client.predict_batch(&args.model, file, &request).await?;
    let Some(target) = &args.output else {
        return context.out.answer(&job, |job| {
            let held = text::blocked(job).unwrap_or_default();
            format!("{}{held}\n`refit output {}` shows what it says once it has ended", in_queue(job), job.id)
        });
    };
    // Whoever waits no longer knows where to find it.
    context.out.note(format!("{}; if this is stopped, `refit output {}` has what it says", in_queue(&job), job.id));
    let job = client.completed(&context.out, job.id, InQueue::Stay).await?;
    client.batch_output(job.id, &mut file::create(target)?).await?;
    context.out.answer(&job, |job| {
        let (rows, version) = job.batch.as_ref().map_or((0, ""), |batch| (batch.rows, batch.version.as_str()));
        format!("{} predicted by {version}: {}", counted(rows, "row"), target.display())
    })
}

fn in_queue(job: &JobView) -> String {
    let (rows, version) = job.batch.as_ref().map_or((0, ""), |batch| (batch.rows, batch.version.as_str()));
    format!("{} to be predicted by {version}: job {}", counted(rows, "row"), job.id)
}

fn read(file: &Path) -> Result<Vec<BTreeMap<String, serde_json::Value>>, Failure> {
    let mut reader = csv::Reader::from_reader(file::open(file)?);
    let names = reader.headers().map_err(|error| file::unusable(file, error))?;
    let names = names.iter().map(|name| name.trim_start_matches('\u{feff}').trim()).collect();
    reader.set_headers(names);
    let row = |row: csv::Result<BTreeMap<String, String>>| match row {
        Ok(cells) => Ok(cells.into_iter().map(|(name, cell)| (name, cell.into())).collect()),
        Err(error) => Err(file::unusable(file, error)),
    };
    reader.deserialize().map(row).collect()
}

fn shown(all: &PredictionsView) -> String {
    let mut table = table(&[">row", ">prediction", "label", "80 % interval", "id"]);
    for (number, prediction) in (1..).zip(&all.predictions).take(SHOWN) {
        let label = prediction.label.map(|label| if label { "yes" } else { "no" });
        let interval = prediction.interval.map(|(low, high)| format!("{low:.4} to {high:.4}"));
        table.add_row([
            format!("{number}"),
            figure(Some(prediction.value), 4),
            or_nothing(label),
            or_nothing(interval),
            prediction.id.to_string(),
        ]);
    }
    let more = all.predictions.len().saturating_sub(SHOWN);
    let more = if more > 0 { format!("\n… and {more} more: --json shows all") } else { String::new() };
    format!("{table}{more}\n{} {}", all.model, all.version)
}
