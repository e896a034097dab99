//! `refit pool list|pause|drain|resume`

use common::vocabulary::Pool;

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{or_nothing, table};
use crate::cli::text;
use crate::render::Table;
use crate::views::{PauseRequest, PoolState, PoolView};

/// What to do with pools.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List the pools: what they have to do, what they can do, and whether they may.
    List(Much),
    /// Hand out nothing new in a pool; what runs goes on.
    Pause(CloseArgs),
    /// Hand out nothing new in a pool, and have what runs given back with a checkpoint.
    Drain(CloseArgs),
    /// Hand out work in a pool again.
    Resume(Args),
}

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The pool.
    pool: Pool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct CloseArgs {
    /// The pool.
    pool: Pool,
    /// Why, for whoever wonders.
    #[arg(long)]
    reason: Option<String>,
}

/// Does it.
pub(crate) async fn run(context: &Context, command: &Command) -> Done {
    let client = context.client()?;
    let request = |args: &CloseArgs| PauseRequest { reason: args.reason.clone() };
    let pool = match command {
        Command::List(much) => {
            let list = List { empty: "there is no pool".into(), table: &listed, end: None };
            return pages::show(&context.out, much, list, async |query| client.pools(&query).await).await;
        }
        Command::Pause(args) => client.pause_pool(&args.pool, &request(args)).await?,
        Command::Drain(args) => client.drain_pool(&args.pool, &request(args)).await?,
        Command::Resume(args) => client.resume_pool(&args.pool).await?,
    };
    context.out.answer(&pool, sentence)
}

fn listed(pools: &[PoolView]) -> (Table, Vec<String>) {
    let headings =
        ["pool", "state", ">wanted", ">capacity", ">queued", ">held", ">running", ">free", ">workers", "offers"];
    let mut table = table(&headings);
    for pool in pools {
        let numbers = &pool.scaling;
        table.add_row([
            numbers.pool.clone(),
            pool.state.to_string(),
            numbers.wanted.to_string(),
            numbers.capacity.to_string(),
            numbers.queued.to_string(),
            numbers.held.to_string(),
            (numbers.dispatched + numbers.running).to_string(),
            numbers.free.to_string(),
            numbers.workers.to_string(),
            or_nothing(pool.offers.as_ref().filter(|offers| !offers.is_empty())),
        ]);
    }
    let paused = pools.iter().filter_map(|pool| Some((pool, pool.paused.as_ref()?)));
    let line =
        |(pool, pause): (&PoolView, _)| format!("{} is {} {}", pool.scaling.pool, pool.state, text::pause(pause));
    (table, paused.map(line).collect())
}

fn sentence(pool: &PoolView) -> String {
    let numbers = &pool.scaling;
    let jobs = |n: u64| text::counted(n, "job");
    let rest = match pool.state {
        PoolState::Open => {
            let slots = text::counted(numbers.capacity, "slot");
            format!("{} in its line, {} of {slots} free", jobs(numbers.queued), numbers.free)
        }
        PoolState::Paused => format!("{} in its line, {} still running", jobs(numbers.held), numbers.running),
        PoolState::Draining | PoolState::Drained => {
            format!("{} in its line, {} being given back", jobs(numbers.held), numbers.running)
        }
    };
    format!("pool {} is {}: {rest}", numbers.pool, pool.state)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::views::ScalingView;

    #[test]
    fn one_is_not_many() {
        let open = |capacity| {
            let scaling =
                ScalingView { pool: "cpu".into(), queued: capacity, free: 1, capacity, ..ScalingView::default() };
            sentence(&PoolView { state: PoolState::Open, paused: None, offers: None, scaling })
        };
        assert_eq!(open(1), "pool cpu is open: 1 job in its line, 1 of 1 slot free");
        assert_eq!(open(2), "pool cpu is open: 2 jobs in its line, 1 of 2 slots free");
    }
}
