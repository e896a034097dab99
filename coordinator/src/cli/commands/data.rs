//! `refit data`

use std::path::{Path, PathBuf};
use std::time::Duration;

use common::visible::visible;
use common::vocabulary::DatasetName;
use indicatif::{ProgressBar, ProgressStyle};

use super::import::nothing_taken;
use crate::cli::client::{Client, Sent};
use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{or_nothing, table, time};
use crate::cli::text::{counted, refusals};
use crate::render::Table;
use crate::views::{ColumnView, DatasetView, TableImportReport, TableImportRequest};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Data {
    /// Bring in rows as CSV or TSV; a data set is made with its first.
    Import(Import),
    /// List the data sets.
    List(Much),
    /// Show one data set: its columns, and how many rows it has.
    Show {
        /// Its name.
        name: DatasetName,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct Import {
    /// The data set, such as movies.
    name: DatasetName,
    /// The files, taken in one after the other.
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Columns that name a row; a later row of the same key stands for the earlier.
    #[arg(long, value_name = "A,B")]
    key: Option<String>,
    /// Column that says when a row happened: ISO 8601, or seconds since 1970.
    #[arg(long, value_name = "COLUMN")]
    time: Option<String>,
    /// Columns in their order, where the first line does not name them.
    #[arg(long, value_name = "A,B,…")]
    columns: Option<String>,
    /// Kinds that are not to be inferred, such as stars:number; kinds are number, text and time.
    #[arg(long, value_name = "A:KIND,…")]
    kinds: Option<String>,
    /// What separates the fields: a character, or tab; else it is detected.
    #[arg(long)]
    delimiter: Option<String>,
    /// Encoding of the files: utf-8 or latin1.
    #[arg(long)]
    encoding: Option<String>,
    /// The files list the keys of rows to delete.
    #[arg(long)]
    delete: bool,
    /// Take words that no row has had so far, in a column that a model predicts.
    #[arg(long)]
    accept_new_words: bool,
}

/// Brings rows in, lists what there is, or shows one.
pub(crate) async fn run(context: &Context, data: &Data) -> Done {
    let client = context.client()?;
    match data {
        Data::Import(args) => import(context, &client, args).await,
        Data::List(much) => {
            let empty = "no data sets yet: `refit data import NAME FILE` brings one in".into();
            let list = List { empty, table: &listed, end: None };
            pages::show(&context.out, much, list, async |query| client.datasets(&query).await).await
        }
        Data::Show { name } => context.out.answer(&client.dataset(name).await?, show),
    }
}

async fn import(context: &Context, client: &Client, args: &Import) -> Done {
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    for file in &args.files {
        let bar = if context.out.is_live() { bar(file) } else { ProgressBar::hidden() };
        let answer = client.import_rows(&args.name, file, &request(args, file), tell(&bar)).await;
        bar.finish_and_clear();
        match answer {
            Ok(report) => reports.push(report),
            Err(failure) => failures.push(Failure { what: format!("{}: {}", file.display(), failure.what), ..failure }),
        }
    }
    // One document on stdout: with --json a failure is the document, unless some files came in.
    if !reports.is_empty() || failures.is_empty() {
        context.out.answer(&reports, |reports| text(reports))?;
    }
    let taken = |report: &TableImportReport| report.new + report.superseded + report.unchanged + report.deleted;
    let all_refused = |report: &&TableImportReport| report.refused > 0 && taken(report) == 0;
    failures.extend(reports.iter().filter(all_refused).map(|report| nothing_taken(&report.file)));
    match failures.pop() {
        None => Ok(()),
        Some(last) => {
            failures.iter().for_each(|failure| context.out.note(failure));
            Err(last)
        }
    }
}

fn request(args: &Import, file: &Path) -> TableImportRequest {
    TableImportRequest {
        file: file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
        key: args.key.clone(),
        time: args.time.clone(),
        columns: args.columns.clone(),
        kinds: args.kinds.clone(),
        delimiter: args.delimiter.clone(),
        encoding: args.encoding.clone(),
        delete: args.delete,
        accept_new_words: args.accept_new_words,
    }
}

fn bar(file: &Path) -> ProgressBar {
    let style = ProgressStyle::with_template("{prefix} {bar:30} {bytes}/{total_bytes} {msg} {elapsed}");
    let bar = ProgressBar::new(0).with_prefix(visible(&file.display().to_string()).into_owned()).with_message("sent");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(200));
    bar
}

fn tell(bar: &ProgressBar) -> impl Fn(Sent) + Send + Unpin + 'static {
    let bar = bar.clone();
    move |sent| match sent {
        Sent::Begins(length) => bar.set_length(length),
        Sent::Bytes(bytes) => bar.inc(bytes),
        Sent::All => bar.set_message("sent, being checked and taken in"),
    }
}

fn text(reports: &[TableImportReport]) -> String {
    let headings =
        ["file", "data set", ">rows", ">new", ">superseded", ">unchanged", ">deleted", ">refused", ">there now"];
    let mut table = table(&headings);
    for report in reports {
        let counts = [
            report.rows,
            report.new,
            report.superseded,
            report.unchanged,
            report.deleted,
            report.refused,
            report.total,
        ];
        let mut row = vec![report.file.clone(), report.dataset.clone()];
        row.extend(counts.iter().map(ToString::to_string));
        table.add_row(row);
    }
    let mut lines = vec![table.to_string()];
    for report in reports {
        lines.extend(refusals(&report.file, &report.refusals, report.refused));
        if report.columns.iter().any(|column| column.inferred) {
            lines.push(format!("{}: columns {}", report.file, columns(&report.columns)));
        }
        lines.extend(report.warnings.iter().map(|warning| format!("{}: {warning}", report.file)));
    }
    lines.join("\n")
}

/// `user text, rating number (inferred)`.
fn columns(columns: &[ColumnView]) -> String {
    let column = |column: &ColumnView| {
        let inferred = if column.inferred { " (inferred)" } else { "" };
        format!("{} {}{inferred}", column.name, column.kind)
    };
    columns.iter().map(column).collect::<Vec<_>>().join(", ")
}

fn listed(all: &[DatasetView]) -> (Table, Vec<String>) {
    let mut table = table(&["data set", ">rows", ">entries", "first", "last", "key", "newest file"]);
    for dataset in all {
        table.add_row([
            dataset.name.clone(),
            dataset.rows.to_string(),
            dataset.entries.to_string(),
            or_nothing(dataset.first),
            or_nothing(dataset.last),
            key(dataset),
            or_nothing(dataset.file.clone()),
        ]);
    }
    (table, Vec::new())
}

fn key(dataset: &DatasetView) -> String {
    if dataset.key.is_empty() { "what it holds".into() } else { dataset.key.join(", ") }
}

fn show(dataset: &DatasetView) -> String {
    let days = dataset.first.zip(dataset.last).map(|(first, last)| format!(", {first} to {last}")).unwrap_or_default();
    let entries = counted(dataset.entries, "entry");
    let mut lines = vec![
        format!("{}: {} in {entries}{days}", dataset.name, counted(dataset.rows, "row")),
        format!("  key     {}", key(dataset)),
        format!("  time    {}", or_nothing(dataset.time.clone())),
    ];
    lines.extend(dataset.columns.iter().map(|column| format!("  column  {} ({})", column.name, column.kind)));
    if let Some((file, at)) = dataset.file.as_ref().zip(dataset.imported_at) {
        lines.push(format!("  newest  {file}, {}", time(at)));
    }
    lines.join("\n")
}
