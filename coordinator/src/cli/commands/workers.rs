//! `refit workers`, `refit worker drain`

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{short_ids, table, time};
use crate::cli::text::counted;
use crate::render::Table;
use crate::views::{DeviceView, PageQuery, WorkerFilter, WorkerView};

/// What to ask of one worker.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Have it give back what it holds, with checkpoints, and end.
    Drain(DrainArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct DrainArgs {
    /// The worker's id, or its beginning.
    id: String,
}

/// Asks one worker.
pub(crate) async fn command(context: &Context, command: &Command) -> Done {
    let client = context.client()?;
    let Command::Drain(args) = command;
    let worker = client.drain_worker(client.worker_named(&args.id).await?).await?;
    context.out.answer(&worker, |worker| {
        let (host, pid) = (&worker.host, worker.pid);
        format!(
            "worker {} ({host}, {pid}) drains: {} back into the line, then it ends",
            worker.id,
            counted(worker.jobs.len() as u64, "job")
        )
    })
}

/// Lists the workers.
pub(crate) async fn run(context: &Context, much: &Much) -> Done {
    let client = context.client()?;
    let empty = "no workers; `refit up` starts some, `refit-worker run` one".into();
    let list = List { empty, table: &listed, end: None };
    pages::show(&context.out, much, list, async |PageQuery { limit, cursor }| {
        client.workers(&WorkerFilter { id: None, limit, cursor }).await
    })
    .await
}

fn listed(workers: &[WorkerView]) -> (Table, Vec<String>) {
    let mut table = table(&["worker", "host", ">pid", "state", "pools", ">free", ">slots", "devices", ">MiB", "seen"]);
    let ids = short_ids(&workers.iter().map(|worker| worker.id).collect::<Vec<_>>());
    let mut troubles = Vec::new();
    for (worker, id) in workers.iter().zip(ids) {
        for trouble in &worker.troubles {
            troubles.push(format!("worker {id}: {trouble}"));
        }
        table.add_row([
            id,
            worker.host.clone(),
            worker.pid.to_string(),
            worker.state.to_string(),
            worker.pools.join(", "),
            worker.free.to_string(),
            worker.slots.to_string(),
            worker.devices.iter().map(device).collect::<Vec<_>>().join(", "),
            (worker.memory >> 20).to_string(),
            time(worker.seen_at),
        ]);
    }
    (table, troubles)
}

/// `NVIDIA H200 (140.0 GiB, 5 % used, 42 % busy)`.
fn device(device: &DeviceView) -> String {
    let used = device.memory.zip(device.memory_used).filter(|(all, _)| *all > 0);
    let parts = [
        device.memory.filter(|_| device.device != "cpu").map(|memory| bytesize::ByteSize(memory).to_string()),
        used.map(|(all, used)| format!("{:.0} % used", 100.0 * used as f64 / all as f64)),
        device.utilisation.map(|share| format!("{:.0} % busy", 100.0 * share)),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { device.name.clone() } else { format!("{} ({})", device.name, parts.join(", ")) }
}
