//! `refit probe`

use std::time::Instant;

use serde::Serialize;

use crate::cli::client::InQueue;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::leave::Leave;
use crate::cli::text::counted;
use crate::views::{EventFilter, ProbeRequest};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many, 1 to 10000.
    #[arg(long, default_value_t = 1)]
    count: u32,
    /// Milliseconds that each pretends to work.
    #[arg(long, default_value_t = 0)]
    work_ms: u64,
    /// Where they run.
    #[arg(long)]
    pool: Option<String>,
    /// Do not wait for their ends.
    #[arg(long)]
    no_wait: bool,
}

/// What came of the probes.
#[derive(Debug, Serialize)]
struct Probed {
    count: usize,
    completed: usize,
    seconds: Option<f64>,
    jobs: Vec<uuid::Uuid>,
}

/// Sends probes, and waits for them as long as any worker lives that could run them.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let start = Instant::now();
    let request = ProbeRequest { count: args.count, work_ms: args.work_ms, pool: args.pool.clone(), priority: None };
    let filter = EventFilter { kinds: Some("job".into()), job_kind: Some("probe".into()), ..EventFilter::default() };
    let events = if args.no_wait { None } else { Some(client.events(&filter).await?) };
    let jobs = client.probe(&request).await?.jobs;
    let Some(events) = events else {
        let sent = Probed { count: jobs.len(), completed: 0, seconds: None, jobs };
        return context.out.answer(&sent, |sent| format!("{} are in the line", counted(sent.count as u64, "probe")));
    };
    let all = client.count_completed(&context.out, &jobs, events, InQueue::GiveUp);
    let completed = Leave::listen()?.unless(&jobs, all).await?;
    let seconds = start.elapsed().as_secs_f64();
    let probed = Probed { count: jobs.len(), completed, seconds: Some(seconds), jobs };
    context.out.answer(&probed, |probed| {
        let rate = probed.count as f64 / seconds;
        format!("{completed} of {} probes went through in {seconds:.3} s: {rate:.0} a second", probed.count)
    })
}
