//! `refit report`: the state of every model (A6).

use chrono::NaiveDate;

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{figure, or_nothing, table};
use crate::cli::text::counted;
use crate::views::IncrementalReport;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Report {
    /// Every model, how old its version is, what has come since, and what to do.
    Incremental {
        /// As of the end of this day instead of now.
        #[arg(long, value_name = "DATE", value_parser = crate::cli::args::date)]
        as_of: Option<NaiveDate>,
    },
}

/// Makes a report.
pub(crate) async fn run(context: &Context, report: &Report) -> Done {
    match report {
        Report::Incremental { as_of } => {
            let report = context.client()?.incremental_report(*as_of).await?;
            context.out.answer(&report, text)
        }
    }
}

fn text(report: &IncrementalReport) -> String {
    let mut table = table(&["model", "live", ">days", ">new rows", ">reliability", ">gap, new %", ">old %", "action"]);
    for row in &report.models {
        table.add_row([
            row.model.clone(),
            or_nothing(row.version.as_ref()),
            figure(row.age_days, 1),
            row.new_rows.to_string(),
            figure(row.reliability, 2),
            figure(row.gap.as_ref().map(|gap| 100.0 * gap.on_new), 2),
            figure(row.gap.as_ref().map(|gap| 100.0 * gap.on_old), 2),
            row.action.clone(),
        ]);
    }
    format!(
        "as of {}\n{table}\n{}: {} to retrain, {} up to date, {} without a live version",
        report.at.date_naive(),
        counted(report.total, "model"),
        report.need_retraining,
        report.up_to_date,
        report.without_model
    )
}
