//! `refit label`

use std::path::{Path, PathBuf};

use common::vocabulary::ModelKey;
use uuid::Uuid;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::views::{GivenLabel, LabelRequest, LabelsReport};

/// Labels sent at a time.
const CHUNK: usize = 1_000;
/// Refused labels shown.
const SHOWN: usize = 10;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as text/toxicity.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The prediction: `refit predict` and `refit predictions` show their ids.
    #[arg(required_unless_present = "file", requires = "value")]
    prediction: Option<Uuid>,
    /// What came of its row: a label, or a rating.
    value: Option<String>,
    /// A CSV file with the columns prediction and label.
    #[arg(long, value_name = "FILE", conflicts_with = "prediction")]
    file: Option<PathBuf>,
}

/// Tells what came of predicted rows.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let labels = match &args.file {
        Some(file) => read(file)?,
        None => args
            .prediction
            .zip(args.value.clone())
            .map(|(prediction, value)| GivenLabel { prediction, value })
            .into_iter()
            .collect(),
    };
    let mut all: Option<LabelsReport> = None;
    for chunk in labels.chunks(CHUNK) {
        let more = client.label(&args.model, &LabelRequest { labels: chunk.to_vec() }).await?;
        match &mut all {
            None => all = Some(more),
            Some(so_far) => {
                so_far.labelled += more.labelled;
                so_far.superseded += more.superseded;
                so_far.refused.extend(more.refused);
            }
        }
    }
    match all {
        Some(all) => context.out.answer(&all, text),
        None => Err(Failure::new(Code::Usage, "there are no labels below the first line of the file")),
    }
}

fn read(file: &Path) -> Result<Vec<GivenLabel>, Failure> {
    #[derive(serde::Deserialize)]
    struct Line {
        prediction: Uuid,
        label: String,
    }
    let unreadable = |why: csv::Error| {
        Failure::new(Code::Usage, format!("{}: {why}", file.display()))
            .next("its first line must name the columns prediction and label")
    };
    let mut reader = csv::Reader::from_path(file).map_err(unreadable)?;
    let label =
        |line: csv::Result<Line>| line.map(|line| GivenLabel { prediction: line.prediction, value: line.label });
    reader.deserialize().map(label).collect::<csv::Result<_>>().map_err(unreadable)
}

fn text(report: &LabelsReport) -> String {
    let superseded = match report.superseded {
        0 => String::new(),
        count => format!(", {count} of them anew"),
    };
    let mut lines =
        vec![format!("{} rows labelled{superseded}: they are in the data set {}", report.labelled, report.dataset)];
    lines.extend(report.refused.iter().take(SHOWN).map(|label| format!("{}: {}", label.prediction, label.why)));
    if report.refused.len() > SHOWN {
        lines.push(format!("{} more labels refused: --json lists them", report.refused.len() - SHOWN));
    }
    lines.join("\n")
}
