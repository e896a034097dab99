//! `refit probe`

use std::time::Instant;

use serde::Serialize;

use crate::cli::client::InLine;
use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::views::ProbeRequest;

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
    let jobs = client.probe(&request).await?.jobs;
    if args.no_wait {
        let sent = Probed { count: jobs.len(), completed: 0, seconds: None, jobs };
        return context.out.answer(&sent, |sent| format!("{} probes are in the line", sent.count));
    }
    let mut completed = 0;
    for id in &jobs {
        let ended = client.ended(&context.out, *id, InLine::GiveUp).await?;
        completed += usize::from(ended.state == "completed");
    }
    let seconds = start.elapsed().as_secs_f64();
    let probed = Probed { count: jobs.len(), completed, seconds: Some(seconds), jobs };
    context.out.answer(&probed, |probed| {
        let rate = probed.count as f64 / seconds;
        format!("{completed} of {} probes went through in {seconds:.3} s: {rate:.0} a second", probed.count)
    })
}
