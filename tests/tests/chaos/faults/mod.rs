//! How each fault is done.

mod half_open;
mod messages;
mod objects;
mod processes;
pub(crate) mod redis;
mod services;
mod slow_clients;

use crate::arena::Arena;
use crate::plan::{Cell, Fault, FaultPlan, Target};
use crate::watch::{Job, View};

/// What a fault is aimed at.
pub(crate) struct Aim<'a> {
    pub(crate) view: &'a View,
    /// Jobs in the state that was wanted.
    pub(crate) jobs: Vec<&'a Job>,
}

/// Strikes. `false`: what it needs is not there.
pub(crate) fn strike(arena: &mut Arena, plan: &mut FaultPlan, view: &View, (fault, state): Cell) -> bool {
    let aim = Aim { view, jobs: view.jobs.iter().filter(|job| job.state == state).collect() };
    match fault.target() {
        Target::Coordinator if fault == Fault::LeaderEndWithSlowClients => slow_clients::strike(arena, &aim),
        Target::Postgres if fault == Fault::PostgresVanish => half_open::strike(arena, plan, fault),
        Target::Worker => processes::worker(arena, plan, &aim, fault),
        Target::Coordinator => processes::leader(arena, plan, &aim, fault),
        Target::RabbitMq | Target::Redis | Target::Postgres | Target::Store => services::strike(arena, plan, fault),
        Target::Objects => objects::strike(arena, plan, &aim, fault),
        Target::Messages => messages::strike(arena, plan, &aim, fault),
    }
}
