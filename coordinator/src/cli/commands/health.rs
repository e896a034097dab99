//! `refit health`

use chrono::{DateTime, Utc};

use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::table::{or_nothing, span, table};
use crate::cli::text::counted;
use crate::views::{AlertCounts, HealthAnswer, HealthView, TaskState, TaskView};

/// What strangers are not told.
const WITH_A_TOKEN: &str = "with a token (REFIT_API__TOKEN) it says how each part stands";

/// Shows how everything stands; fails if something is wrong.
pub(crate) async fn run(context: &Context) -> Done {
    let answer = context.client()?.health().await?;
    context.out.answer(&answer, summary)?;
    match answer {
        HealthAnswer::Whole(health) if !health.healthy => {
            let wrong = counted(health.problems.len() as u64, "thing");
            Err(Failure::failed(format!("not healthy: {wrong} to look at, named above")))
        }
        HealthAnswer::Short { healthy: false } => Err(Failure::failed("not healthy").next(WITH_A_TOKEN)),
        HealthAnswer::Whole(_) | HealthAnswer::Short { healthy: true } => Ok(()),
    }
}

fn summary(answer: &HealthAnswer) -> String {
    match answer {
        HealthAnswer::Whole(health) => text(health),
        HealthAnswer::Short { healthy: true } => format!("all is well; {WITH_A_TOKEN}"),
        HealthAnswer::Short { healthy: false } => String::new(),
    }
}

fn text(health: &HealthView) -> String {
    let mut lines = Vec::new();
    if health.healthy {
        let and_yet = match (health.alerts.critical, health.waiting.is_empty()) {
            (0, true) => "",
            (0, false) => "; what waits, waits for you:",
            (_, _) => " with Refit itself, but critical alerts stand open:",
        };
        lines.push(format!("all is well{and_yet}"));
    }
    lines.extend(health.problems.iter().map(|problem| format!("! {problem}")));
    lines.extend(health.waiting.iter().map(|waiting| format!("· {waiting}")));
    lines.push(String::new());
    let HealthView { database, bus, queue, store, telemetry, .. } = health;
    lines.push(format!("database {database} · bus {bus} · queue {queue} · store {store} · telemetry {telemetry}"));
    let leader = match (health.leads, health.led) {
        (true, _) => "this coordinator leads",
        (false, true) => "another coordinator leads",
        (false, false) => "nobody leads",
    };
    lines.push(format!("{leader} · {} alive", counted(health.workers.into(), "worker")));
    let open = health.alerts;
    if open != AlertCounts::default() {
        let AlertCounts { critical, warning, info } = open;
        lines.push(format!("alerts: {critical} critical, {warning} warning, {info} info; `refit alerts` lists them"));
    }
    for still in &health.standing_still {
        let model = still.model.as_deref().unwrap_or_default();
        lines.push(format!("  job {} {model} stands still for {:.0} s: {}", still.job, still.seconds, still.why));
    }
    lines.push(String::new());
    let span = |from: DateTime<Utc>, to: DateTime<Utc>| span((to - from).to_std().unwrap_or_default());
    let mut tasks = table(&["task", "state", "last round", "next within", ">panics", "~last error"]);
    for task in &health.tasks {
        tasks.add_row([
            task.name.to_string(),
            state(task).to_owned(),
            or_nothing(task.last_start.map(|start| format!("{} ago", span(start, health.at)))),
            or_nothing(task.next_due.map(|due| span(health.at, due))),
            task.panics.to_string(),
            or_nothing(task.last_error.clone()),
        ]);
    }
    lines.push(tasks.to_string());
    lines.join("\n")
}

fn state(task: &TaskView) -> &'static str {
    match task.state {
        TaskState::Working => "working",
        TaskState::Resting => "resting",
        TaskState::Failing => "failing",
        TaskState::Hanging => "hanging",
        TaskState::StandsBy => "stands by",
        TaskState::Off => "off",
    }
}
