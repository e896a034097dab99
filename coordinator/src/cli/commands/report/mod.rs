//! `refit report`: what happened, how things stand, and the history of a model (A6, A10, A12).

pub(super) mod shown;

use std::path::PathBuf;

use chrono::NaiveDate;
use common::vocabulary::ModelKey;
use domain::alert::ChannelName;
use domain::report::{ReportFormat, ReportKind, ReportName};

use crate::cli::args::{date, model_key};
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{table, time};
use crate::cli::text::counted;
use crate::views::{KeptReport, ReportRequest};

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Report {
    /// Every model, how old its version is, what has come since, and what to do.
    Incremental {
        /// As of the end of this day instead of now.
        #[arg(long, value_name = "DATE", value_parser = date)]
        as_of: Option<NaiveDate>,
        #[command(flatten)]
        form: Form,
    },
    /// Schedules: how they stand, how their runs ended, and the alerts about them.
    Scheduler {
        #[command(flatten)]
        form: Form,
    },
    /// What happened on a day: trainings, what went live, alerts, availability.
    Daily {
        #[command(flatten)]
        day: Day,
        #[command(flatten)]
        form: Form,
    },
    /// What happened in a week, Monday to Sunday.
    Weekly {
        #[command(flatten)]
        day: Day,
        #[command(flatten)]
        form: Form,
    },
    /// The history of a model: its versions, how they did, what they said against what came.
    Model {
        /// The model.
        #[arg(value_parser = model_key)]
        model: ModelKey,
        #[command(flatten)]
        form: Form,
    },
    /// Make a report now, keep it in the store as text, JSON and HTML, and send it to channels.
    Make(MakeArgs),
    /// Those that are kept, newest first.
    List,
    /// One that is kept, such as 2026/daily_report_20260611.
    Show {
        /// Its name.
        name: ReportName,
        #[command(flatten)]
        form: Form,
    },
}

/// Which day or week.
#[derive(Debug, clap::Args)]
pub(crate) struct Day {
    /// The day, or a day of the week; else today or this week, so far, and of one that is kept the newest that is at least half over.
    #[arg(long, value_name = "DATE", value_parser = date)]
    day: Option<NaiveDate>,
}

/// How it is shown.
#[derive(Debug, clap::Args)]
pub(crate) struct Form {
    /// As text, json or html; else text, or what the file's name ends in.
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Option<ReportFormat>,
    /// Write it to this file.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show it in the browser.
    #[arg(long)]
    open: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MakeArgs {
    /// Of what: incremental, scheduler, daily or weekly.
    #[arg(value_parser = kind)]
    report: ReportKind,
    #[command(flatten)]
    day: Day,
    /// Send it to this channel; may be given several times.
    #[arg(long = "send", value_name = "CHANNEL")]
    channels: Vec<ChannelName>,
}

/// What a report is on, as people type it.
pub(crate) fn kind(text: &str) -> Result<ReportKind, String> {
    text.parse().map_err(|_| format!("{text:?} is no report: use incremental, scheduler, daily or weekly"))
}

fn format(text: &str) -> Result<ReportFormat, String> {
    text.parse().map_err(|_| format!("{text:?} is no format: use text, json or html"))
}

/// Makes a report, or shows one.
pub(crate) async fn run(context: &Context, report: &Report) -> Done {
    let client = context.client()?;
    match report {
        Report::Incremental { as_of, form } => {
            shown::report(context, form, "incremental_report", &client.incremental_report(*as_of).await?)
        }
        Report::Scheduler { form } => {
            shown::report(context, form, "scheduler_report", &client.scheduler_report().await?)
        }
        Report::Daily { day, form } => {
            let report = client.period_report(ReportKind::Daily, day.day).await?;
            shown::report(context, form, &report.name, &report)
        }
        Report::Weekly { day, form } => {
            let report = client.period_report(ReportKind::Weekly, day.day).await?;
            shown::report(context, form, &report.name, &report)
        }
        Report::Model { model, form } => {
            shown::report(context, form, &format!("{model}_report"), &client.model_report(model).await?)
        }
        Report::Make(MakeArgs { report, day, channels }) => {
            let channels = channels.iter().map(ToString::to_string).collect();
            let made = client.make_report(&ReportRequest { report: *report, day: day.day, channels }).await?;
            context.out.answer(&made, |made| match made.channels.as_slice() {
                [] => format!("made {}: `refit report show {}`", made.name, made.name),
                channels => format!("made {}, on its way to {}", made.name, channels.join(", ")),
            })
        }
        Report::List => context.out.answer(&client.kept_reports().await?, |kept| listed(kept)),
        Report::Show { name, form } => {
            let format = form.kind(context)?;
            let body = client.report_file(name, format).await?;
            shown::bytes(context, form, name.as_str(), format, &body)
        }
    }
}

fn listed(kept: &[KeptReport]) -> String {
    let mut table = table(&["report", "made (UTC)", ">KiB", "~files"]);
    for report in kept {
        let files: Vec<&str> =
            report.files.iter().filter_map(|file| file.split_once('.')).map(|(_, ending)| ending).collect();
        table.add_row([
            report.name.clone(),
            time(report.made_at),
            report.bytes.div_ceil(1024).to_string(),
            files.join(", "),
        ]);
    }
    match kept {
        [] => "no report is kept: `refit report make daily` makes one".into(),
        kept => format!("{table}\n{}", counted(kept.len() as u64, "report")),
    }
}
