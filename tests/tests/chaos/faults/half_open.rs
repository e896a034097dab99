//! PostgreSQL's host vanishes: what is sent is lost both ways, and neither side is told.

use crate::arena::{Arena, Heal};
use crate::plan::{Fault, FaultPlan};

/// Of the proxies: that before PostgreSQL.
const POSTGRES: usize = 2;

/// Loses the connections there are for ever, and new ones for longer than a write may take.
pub(super) fn strike(arena: &mut Arena, plan: &mut FaultPlan, fault: Fault) -> bool {
    arena.proxies[POSTGRES].lose(true);
    arena.wound(fault.target(), None, 16_000 + plan.draw(6000), Heal::Found(POSTGRES));
    true
}
