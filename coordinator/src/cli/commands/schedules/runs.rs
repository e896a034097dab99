//! Runs of schedules: waited for, and as people read them.

use std::time::{Duration, Instant};

use domain::schedule::RunState;
use tokio::time::sleep;

use super::listed::does;
use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::table::{or_nothing, table, time};
use crate::render::Table;
use crate::views::ScheduleRunView;

/// How long a run may wait for its turn before that is said.
const TURN: Duration = Duration::from_secs(15);
/// How often a run is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// Waits for the end of a run and shows it; one that has failed is a failure.
pub(crate) async fn wait_for(context: &Context, run: ScheduleRunView) -> Done {
    let run = ended(context, run).await?;
    context.out.answer(&run, sentence)?;
    succeeded(&run)
}

/// A run, once it has ended.
pub(crate) async fn ended(context: &Context, mut run: ScheduleRunView) -> Result<ScheduleRunView, Failure> {
    let (client, begin, mut is_told) = (context.client()?, Instant::now(), false);
    while !run.state.is_over() {
        sleep(LOOK).await;
        run = client.schedule_run(run.id).await.map_err(|failure| {
            failure.next(format!("run {} was begun and goes on: `refit schedules history` shows it", run.id))
        })?;
        if run.state == RunState::Due && begin.elapsed() > TURN && !is_told {
            context.out.note("the run waits for its turn: others go first, or nobody leads (`refit health` says)");
            is_told = true;
        }
    }
    Ok(run)
}

/// A run that has failed is a failure.
pub(crate) fn succeeded(run: &ScheduleRunView) -> Done {
    match run.state {
        RunState::Failed => {
            let whose = run.schedule.clone().unwrap_or_else(|| run.task.as_str().to_owned());
            Err(Failure::failed(format!("the run of {whose} has failed"))
                .next("`refit jobs --all` shows trainings that failed"))
        }
        RunState::Due | RunState::Running | RunState::Completed | RunState::Skipped => Ok(()),
    }
}

/// `retrain of weekly-retrain, due 2026-12-06 02:00:00: completed in 12 s. 3 trainings: …`
pub(crate) fn sentence(run: &ScheduleRunView) -> String {
    let whose = run.schedule.as_ref().map(|name| format!("{name}, ")).unwrap_or_default();
    let took = run.seconds.filter(|_| run.ended_at.is_some()).map(|s| format!(" in {s:.0} s")).unwrap_or_default();
    let outcome = run.outcome.as_ref().map(|outcome| format!(": {}", outcome.text)).unwrap_or_default();
    format!("{whose}{}, due {} ({}): {}{took}{outcome}", does(&run.task), time(run.due), run.occasion, run.state)
}

/// Runs of a page.
pub(super) fn table_of(runs: &[ScheduleRunView]) -> (Table, Vec<String>) {
    let mut table = table(&["due (UTC)", "schedule", "state", "occasion", ">seconds", "~outcome"]);
    for run in runs {
        let seconds = run.seconds.filter(|_| run.ended_at.is_some());
        table.add_row([
            time(run.due),
            run.schedule.clone().unwrap_or_else(|| format!("({})", run.task.as_str())),
            run.state.to_string(),
            run.occasion.to_string(),
            or_nothing(seconds.map(|seconds| format!("{seconds:.0}"))),
            run.outcome.as_ref().map_or_else(|| does(&run.task), |outcome| outcome.text.clone()),
        ]);
    }
    (table, Vec::new())
}
