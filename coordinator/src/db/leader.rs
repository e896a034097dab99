//! The leader's row. Every change is a compare-and-swap on what was read.

use common::vocabulary::CoordinatorId;
use domain::leadership::LeaderRow;

use super::{Connection, Result, sql};

/// Who leads, and where it runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Holder {
    /// The row of who leads.
    pub(crate) leader: LeaderRow,
    /// Where the leader runs; empty if nobody does.
    pub(crate) process: String,
}

/// The row as it is.
pub(crate) async fn read(db: &mut Connection) -> Result<Holder> {
    let row = sql("SELECT holder, term, beat, place FROM leader").fetch_one(db).await?;
    let leader = LeaderRow { holder: row.opt_id("holder")?, term: row.int("term")?, beat: row.int("beat")? };
    Ok(Holder { leader, process: row.text("place")? })
}

/// Adds a beat. `false`: somebody else has taken the lead.
pub(crate) async fn renew(db: &mut Connection, me: CoordinatorId, leader: LeaderRow) -> Result<bool> {
    let done = sql("UPDATE leader SET beat = beat + 1 WHERE holder = $1 AND term = $2");
    Ok(done.bind(me).bind(leader.term).execute(db).await? == 1)
}

/// Takes the lead if the row is still as it was seen.
pub(crate) async fn take(db: &mut Connection, me: CoordinatorId, process: &str, seen: LeaderRow) -> Result<bool> {
    let done =
        sql("UPDATE leader SET holder = $1, place = $2, term = term + 1, beat = 0 WHERE term = $3 AND beat = $4");
    Ok(done.bind(me).bind(process).bind(seen.term).bind(seen.beat).execute(db).await? == 1)
}

/// Leaves the lead, if it is ours.
pub(crate) async fn resign(db: &mut Connection, me: CoordinatorId) -> Result<()> {
    sql("UPDATE leader SET holder = NULL, place = '', beat = beat + 1 WHERE holder = $1").bind(me).execute(db).await?;
    Ok(())
}
