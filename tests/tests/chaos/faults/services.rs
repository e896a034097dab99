//! RabbitMQ, Redis, PostgreSQL and the store: restarted, frozen, cut off, full.

use super::redis;
use crate::arena::{Arena, Heal};
use crate::plan::{Fault, FaultPlan};

/// How often a service that was restarted is waited for again, a minute each.
const TRIES: u32 = 4;

pub(super) fn strike(arena: &mut Arena, plan: &mut FaultPlan, fault: Fault) -> bool {
    match fault {
        Fault::RabbitRestart => restart(arena, fault, "rabbitmq"),
        Fault::RedisRestart => restart(arena, fault, "redis"),
        Fault::PostgresRestart => restart(arena, fault, "postgres"),
        Fault::RabbitFreeze => freeze(arena, plan, fault, "rabbitmq"),
        Fault::RedisFreeze => freeze(arena, plan, fault, "redis"),
        Fault::PostgresFreeze => freeze(arena, plan, fault, "postgres"),
        Fault::RabbitCut => cut(arena, 0),
        Fault::RedisCut => cut(arena, 1),
        Fault::PostgresCut => cut(arena, 2),
        Fault::RedisFlush | Fault::RedisReadOnly | Fault::RedisFull | Fault::RedisFailover => {
            redis::strike(arena, plan, fault)
        }
        _ => fill(arena, plan, fault),
    }
}

fn restart(arena: &mut Arena, fault: Fault, service: &'static str) -> bool {
    let child = arena.services.command(&["restart", service]).spawn().expect("services.sh can be started");
    arena.wound(fault.target(), None, 0, Heal::Restart(child, TRIES));
    true
}

fn freeze(arena: &mut Arena, plan: &mut FaultPlan, fault: Fault, service: &'static str) -> bool {
    arena.services.run(&["freeze", service]);
    arena.wound(fault.target(), None, 500 + plan.draw(3500), Heal::Thaw(service));
    true
}

fn cut(arena: &Arena, service: usize) -> bool {
    arena.proxies[service].cut();
    true
}

fn fill(arena: &mut Arena, plan: &mut FaultPlan, fault: Fault) -> bool {
    let Some(disk) = &arena.disk else { return false };
    disk.fill();
    // One in three lasts longer than all tries of a job would: what is finished waits, and is not thrown away.
    let for_ms = if plan.draw(3) == 0 { 11_000 + plan.draw(6000) } else { 500 + plan.draw(3000) };
    arena.wound(fault.target(), None, for_ms, Heal::Room);
    true
}
