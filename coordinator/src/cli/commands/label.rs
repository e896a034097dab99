//! `refit label`

use std::path::{Path, PathBuf};

use common::vocabulary::{ModelKey, PredictionRef};

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::file;
use crate::cli::text::counted;
use crate::views::{GivenLabel, LabelRequest, LabelsReport};

/// Labels sent at a time.
const CHUNK: usize = 5_000;
/// Refused labels shown.
const SHOWN: usize = 10;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model, such as text/toxicity.
    #[arg(value_parser = model_key)]
    model: ModelKey,
    /// The prediction: `refit predict` and `refit predictions` show their ids; JOB:ROW names a row of a batch.
    #[arg(required_unless_present = "file", requires = "value")]
    prediction: Option<PredictionRef>,
    /// What came of its row: a label, or a rating.
    value: Option<String>,
    /// A CSV file with the columns prediction and label, or the output of a batch with a column outcome added.
    #[arg(long, value_name = "FILE", conflicts_with = "prediction")]
    file: Option<PathBuf>,
}

/// Tells what came of predicted rows.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let mut all: Option<LabelsReport> = None;
    let mut chunks = match &args.file {
        Some(file) => Chunks::File(Sheet::open(file)?),
        None => {
            let one = args.prediction.zip(args.value.clone());
            Chunks::One(one.map(|(prediction, value)| GivenLabel { prediction, value }))
        }
    };
    while let Some(labels) = chunks.next()? {
        let more = match client.label(&args.model, &LabelRequest { labels }).await {
            Ok(more) => more,
            // What was taken before is said all the same.
            Err(failure) => {
                all.iter().for_each(|so_far| context.out.note(text(so_far)));
                return Err(failure);
            }
        };
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

/// Labels, some at a time: a file may be of any length.
enum Chunks {
    /// The one of the command line.
    One(Option<GivenLabel>),
    /// Those of a file.
    File(Sheet),
}

impl Chunks {
    /// The next labels, until there are none.
    fn next(&mut self) -> Result<Option<Vec<GivenLabel>>, Failure> {
        let labels = match self {
            Self::One(label) => label.take().into_iter().collect(),
            Self::File(sheet) => sheet.next()?,
        };
        Ok(Some(labels).filter(|labels: &Vec<GivenLabel>| !labels.is_empty()))
    }
}

/// A file of labels.
struct Sheet {
    rows: csv::StringRecordsIntoIter<std::fs::File>,
    /// Place of the column that names the predictions.
    prediction: usize,
    /// Place of the column that says what came.
    label: usize,
    path: PathBuf,
}

impl Sheet {
    fn open(path: &Path) -> Result<Self, Failure> {
        let mut reader = csv::Reader::from_reader(file::open(path)?);
        let names = reader.headers().map_err(|reason| unreadable(path, reason))?.clone();
        let place = |name: &str| names.iter().position(|there| there.trim_start_matches('\u{feff}').trim() == name);
        // In the output of a batch, which has an id, `prediction` and `label` are what the model said.
        let places = match place("id") {
            Some(id) => place("outcome").map(|outcome| (id, outcome)),
            None => place("prediction").zip(place("label")),
        };
        let (prediction, label) = places.ok_or_else(|| unreadable(path, "columns are missing"))?;
        Ok(Self { rows: reader.into_records(), prediction, label, path: path.to_owned() })
    }

    fn next(&mut self) -> Result<Vec<GivenLabel>, Failure> {
        let mut labels = Vec::new();
        while labels.len() < CHUNK
            && let Some(row) = self.rows.next()
        {
            let row = row.map_err(|reason| unreadable(&self.path, reason))?;
            let cell = |place: usize| row.get(place).unwrap_or_default();
            // What came of the others is not known yet.
            if cell(self.label).is_empty() {
                continue;
            }
            let prediction = cell(self.prediction).parse().map_err(|reason| unreadable(&self.path, reason))?;
            labels.push(GivenLabel { prediction, value: cell(self.label).to_owned() });
        }
        Ok(labels)
    }
}

fn unreadable(path: &Path, reason: impl std::fmt::Display) -> Failure {
    file::unusable(path, reason)
        .next("its first line must name prediction and label; in the output of a batch, add a column outcome beside id")
}

fn text(report: &LabelsReport) -> String {
    let superseded = match report.superseded {
        0 => String::new(),
        count => format!(", {count} of them anew"),
    };
    let mut lines =
        vec![format!("{} labelled{superseded}, in the data set {}", counted(report.labelled, "row"), report.dataset)];
    lines.extend(report.refused.iter().take(SHOWN).map(|label| format!("{}: {}", label.prediction, label.why)));
    if report.refused.len() > SHOWN {
        lines.push(format!(
            "{} more refused: --json lists all",
            counted((report.refused.len() - SHOWN) as u64, "label")
        ));
    }
    lines.join("\n")
}
