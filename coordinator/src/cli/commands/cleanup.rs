//! `refit cleanup`

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::text::counted;
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
        "{} {would}thinned to manifest and metrics, {} {would}condemned (deleted after `coordinator.condemned_for`), \
         {} {would}deleted ({} KiB), {}, {}, {} of imports, {} and {} of reports {would}forgotten",
        counted(report.thinned.len() as u64, "version"),
        counted(report.condemned.len() as u64, "object"),
        report.deleted.len(),
        report.bytes >> 10,
        counted(report.jobs, "job"),
        counted(report.decisions, "decision"),
        counted(report.imports, "report"),
        counted(report.predictions, "prediction"),
        counted(report.reports, "file")
    ));
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_not_many() {
        let report = CleanupReport {
            dry_run: false,
            jobs: 1,
            decisions: 2,
            imports: 1,
            predictions: 0,
            reports: 3,
            condemned: vec!["a".into()],
            deleted: Vec::new(),
            bytes: 0,
            thinned: vec!["b".into()],
        };
        let last = "1 version thinned to manifest and metrics, 1 object condemned (deleted after `coordinator.condemned_for`), 0 deleted \
                    (0 KiB), 1 job, 2 decisions, 1 report of imports, 0 predictions and 3 files of reports forgotten";
        assert_eq!(text(&report).lines().last(), Some(last));
    }
}
