//! `refit workers`

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::table::{table, time};
use crate::views::WorkerView;

/// Lists the workers.
pub(crate) async fn run(context: &Context) -> Done {
    let workers = context.client()?.workers().await?;
    context.out.answer(&workers, |workers| text(workers))
}

fn text(workers: &[WorkerView]) -> String {
    if workers.is_empty() {
        return "no workers; `refit up` starts some, `refit-worker run` one".into();
    }
    let mut table = table(&["host", ">pid", "state", "pools", ">free", ">slots", "devices", ">MiB", "seen"]);
    for worker in workers {
        table.add_row([
            worker.host.clone(),
            worker.pid.to_string(),
            worker.state.clone(),
            worker.pools.join(", "),
            worker.free.to_string(),
            worker.slots.to_string(),
            worker.devices.join(", "),
            (worker.memory >> 20).to_string(),
            time(worker.seen_at),
        ]);
    }
    table.to_string()
}
