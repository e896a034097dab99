//! `refit cleanup`

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::views::{CleanupReport, CleanupRequest};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only say what would be done.
    #[arg(long)]
    dry_run: bool,
}

/// Removes what nothing refers to any more, in two steps an hour apart.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let report = context.client()?.cleanup(&CleanupRequest { dry_run: args.dry_run }).await?;
    context.out.answer(&report, text)
}

fn text(report: &CleanupReport) -> String {
    let would = if report.dry_run { "would be " } else { "" };
    let listed = |what: &'static str, names: &[String]| {
        names.iter().map(move |name| format!("{would}{what}  {name}")).collect::<Vec<_>>()
    };
    let mut lines = listed("thinned  ", &report.thinned);
    lines.extend(listed("condemned", &report.condemned));
    lines.extend(listed("deleted  ", &report.deleted));
    lines.push(format!(
        "{} versions {would}thinned to manifest and metrics, {} objects {would}condemned (deleted after `coordinator.condemned_for`), \
         {} {would}deleted ({} KiB), {} jobs, {} decisions, {} reports of imports and {} predictions {would}forgotten",
        report.thinned.len(),
        report.condemned.len(),
        report.deleted.len(),
        report.bytes >> 10,
        report.jobs,
        report.decisions,
        report.imports,
        report.predictions
    ));
    lines.join("\n")
}
