//! `refit import`

use std::path::PathBuf;

use crate::cli::client::Whose;
use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::table::{or_nothing, table};
use crate::cli::text::refusals;
use crate::views::ImportReport;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Import {
    /// Daily bars as CSV (date,open,high,low,close,adj_close,volume), a file a symbol.
    Prices {
        /// The files; a file's name is its symbol, as in AAPL.csv.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        #[command(flatten)]
        whose: Whose,
    },
}

/// Brings data in; what is refused is shown row by row and keeps nothing else out.
pub(crate) async fn run(context: &Context, import: &Import) -> Done {
    let Import::Prices { files, whose } = import;
    if whose.symbol.is_some() && files.len() > 1 {
        return Err(Failure::new(Code::Usage, "--symbol names one symbol, but there are several files")
            .next("import them one by one, or name each file after its symbol"));
    }
    let client = context.client()?;
    let (mut reports, mut failures) = (Vec::new(), Vec::new());
    for file in files {
        match client.import(file, whose).await {
            Ok(report) => reports.push(report),
            Err(failure) => failures.push(Failure { what: format!("{}: {}", file.display(), failure.what), ..failure }),
        }
    }
    // One document on stdout: with --json a failure is the document, unless some files came in.
    if !reports.is_empty() || failures.is_empty() {
        context.out.answer(&reports, |reports| text(reports))?;
    }
    let all_refused =
        |report: &&ImportReport| report.refused > 0 && report.accepted + report.unchanged + report.revised == 0;
    failures.extend(reports.iter().filter(all_refused).map(|report| nothing_taken(&report.file)));
    match failures.pop() {
        None => Ok(()),
        Some(last) => {
            failures.iter().for_each(|failure| context.out.note(failure));
            Err(last)
        }
    }
}

/// A file that came in vain: nobody who runs this by night must take it for success.
pub(crate) fn nothing_taken(file: &str) -> Failure {
    Failure::new(Code::Refused, format!("{file}: none of its rows was taken"))
}

fn text(reports: &[ImportReport]) -> String {
    let headings = ["file", "symbol", ">rows", ">new", ">unchanged", ">revised", ">refused", "newest"];
    let mut table = table(&headings);
    for report in reports {
        let counts = [report.rows, report.accepted, report.unchanged, report.revised, report.refused];
        let mut row = vec![report.file.clone(), report.symbol.clone()];
        row.extend(counts.iter().map(ToString::to_string));
        row.push(or_nothing(report.last));
        table.add_row(row);
    }
    let mut lines = vec![table.to_string()];
    for report in reports {
        lines.extend(refusals(&report.file, &report.refusals, report.refused));
        lines.extend(report.warnings.iter().map(|warning| format!("{}: {warning}", report.file)));
    }
    lines.join("\n")
}
