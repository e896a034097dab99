//! The suite `service` on PostgreSQL, each test in a schema of its own, and what only PostgreSQL can do. It runs on the server
//! that `REFIT_TEST_POSTGRES` names (`postgres://…`, a user that may create schemas) and is skipped without one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

#[path = "../service/kit/mod.rs"]
mod kit;

const DATABASE: kit::Kind = kit::Kind::Postgres;

#[path = "../service/access.rs"]
mod access;
#[path = "../service/again.rs"]
mod again;
#[path = "../service/alerting.rs"]
mod alerting;
#[path = "../service/backlog.rs"]
mod backlog;
#[path = "../service/backups.rs"]
mod backups;
#[path = "../service/batches_of_doorbells.rs"]
mod batches_of_doorbells;
#[path = "../service/cancelling.rs"]
mod cancelling;
#[path = "../service/cleaning.rs"]
mod cleaning;
#[path = "../service/clocks.rs"]
mod clocks;
#[path = "../service/crashes.rs"]
mod crashes;
#[path = "../service/deciding.rs"]
mod deciding;
#[path = "../service/explaining.rs"]
mod explaining;
#[path = "../service/families.rs"]
mod families;
#[path = "../service/giving_up.rs"]
mod giving_up;
#[path = "../service/invariants.rs"]
mod invariants;
#[path = "../service/keeping.rs"]
mod keeping;
#[path = "../service/leases.rs"]
mod leases;
#[path = "../service/listening.rs"]
mod listening;
#[path = "../service/monitoring.rs"]
mod monitoring;
#[path = "../service/neighbours.rs"]
mod neighbours;
#[path = "../service/opening.rs"]
mod opening;
#[path = "../service/outcomes.rs"]
mod outcomes;
#[path = "../service/paging.rs"]
mod paging;
#[path = "../service/pausing.rs"]
mod pausing;
#[path = "../service/placing.rs"]
mod placing;
#[path = "../service/pointer.rs"]
mod pointer;
#[path = "../service/policies.rs"]
mod policies;
#[path = "../service/preempting.rs"]
mod preempting;
#[path = "../service/reading.rs"]
mod reading;
#[path = "../service/reporting.rs"]
mod reporting;
#[path = "../service/reproducing.rs"]
mod reproducing;
#[path = "../service/results.rs"]
mod results;
#[path = "../service/revising.rs"]
mod revising;
#[path = "../service/ringing.rs"]
mod ringing;
#[path = "../service/scheduling.rs"]
mod scheduling;
#[path = "../service/searching.rs"]
mod searching;
#[path = "../service/showing.rs"]
mod showing;
#[path = "../service/speaking.rs"]
mod speaking;
#[path = "../service/standstill.rs"]
mod standstill;
#[path = "../service/store_away.rs"]
mod store_away;
#[path = "../service/tables.rs"]
mod tables;

mod server;

#[test]
fn no_part_of_the_suite_is_left_out() {
    let parts = |text: &'static str| text.lines().filter(|line| line.starts_with("mod ")).collect::<Vec<_>>();
    let here = parts(include_str!("main.rs"));
    for part in parts(include_str!("../service/main.rs")) {
        assert!(here.contains(&part), "{part}");
    }
}
