//! `refit explain`

use common::vocabulary::ModelKey;

use crate::cli::args::model_key;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{against, figure, span, time};
use crate::cli::text;
use crate::views::{DurationView, ExplanationView, JobView, VersionSummary};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The model.
    #[arg(value_parser = model_key)]
    model: ModelKey,
}

/// Explains a model.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let explanation = context.client()?.explain(&args.model).await?;
    context.out.answer(&explanation, shown)
}

fn shown(explanation: &ExplanationView) -> String {
    let mut lines = vec![text::decision(&explanation.decision)];
    if let Some(job) = &explanation.job {
        lines.push(place(job));
    }
    lines.extend(explanation.estimate.as_ref().map(probably));
    if let Some(live) = &explanation.live {
        lines.push(format!("live: {} since {}: {}", live.version, time(live.at), live.reason));
    }
    lines.extend(explanation.versions.iter().map(judged));
    let changes = explanation.changes.iter().map(|change| {
        let codes = change.reasons.iter().map(|reason| &reason.code).chain(change.holds.iter().map(|hold| &hold.code));
        let codes = codes.cloned().collect::<Vec<_>>().join(", ");
        let because = if codes.is_empty() { String::new() } else { format!(" ({codes})") };
        format!("  {} {}{because}", time(change.at), change.verdict.replace('_', " "))
    });
    let changes: Vec<String> = changes.collect();
    if !changes.is_empty() {
        lines.push("decisions before, newest first:".into());
        lines.extend(changes);
    }
    lines.join("\n")
}

/// `job 018f…: queued at position 3, score 27.5: …`
fn place(job: &JobView) -> String {
    let position = job.position.map(|position| format!(" at position {position}")).unwrap_or_default();
    let why = if job.why.is_empty() { String::new() } else { format!(": {}", job.why) };
    format!("job {}: {}{position}{why}", job.id, job.state)
}

/// `a training takes about 12s (median of 3 of this model, same mode); it probably starts … and ends …`
fn probably(estimate: &DurationView) -> String {
    let of = match estimate.basis {
        domain::estimate::Basis::Learned => "of its family, by their rows and epochs",
        domain::estimate::Basis::OwnMode => "of this model in this mode",
        domain::estimate::Basis::OwnOther => "of this model in other modes",
        domain::estimate::Basis::Family => "of others of its family",
    };
    let takes = span(std::time::Duration::from_secs_f64(estimate.seconds.max(0.0).ceil()));
    let trainings = text::counted(estimate.trainings, "training");
    let when = match (estimate.starts_at, estimate.ends_at) {
        (Some(start), Some(end)) => format!("; it probably starts {} and ends {}", time(start), time(end)),
        (None, Some(end)) => format!("; it probably ends {}", time(end)),
        (_, None) => String::new(),
    };
    format!("a training takes about {takes}, the median of {trainings} {of}{when}")
}

/// `v1.1 incremental, rejected: …`
fn judged(version: &VersionSummary) -> String {
    let said = version.verdict.as_ref().map(|verdict| format!(": {}", text::comparison(verdict))).unwrap_or_default();
    format!(
        "{} {}, {}: {} {} of naive, reliability {}{said}",
        version.version,
        version.mode,
        version.status,
        version.loss_name,
        against(version.loss, version.baseline_loss),
        figure(version.reliability, 2)
    )
}
