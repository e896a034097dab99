//! The schedules that an installation has from the start. Each is made once: whoever deletes one has no more of it.

use common::vocabulary::Timestamp;
use domain::schedule::presets::{Preset, from_the_start};

use super::fire::next;
use crate::db::{self, schedules::Schedule};
use crate::service::error::{Error, Result};
use crate::service::runtime::Core;

/// Makes those that have not been there yet, if the settings want any.
pub(super) async fn begin(core: &Core, now: Timestamp) -> Result<()> {
    if !core.settings.schedules.presets {
        return Ok(());
    }
    for preset in from_the_start() {
        let mut tx = core.db.begin().await?;
        if !db::schedules::note_preset(&mut tx, preset.name).await? {
            continue;
        }
        let mut schedule = of(core, preset, now)?;
        if let Some(id) = db::schedules::insert(&mut tx, &schedule).await? {
            schedule.id = id;
        }
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// A schedule of a preset, by the clocks of the settings.
pub(super) fn of(core: &Core, preset: Preset, now: Timestamp) -> Result<Schedule> {
    let Preset { name, timing, task, missed } = preset;
    let zone = core.settings.schedules.zone;
    let mut schedule = Schedule {
        id: 0,
        name: name.parse().map_err(Error::from)?,
        timing,
        zone,
        task,
        missed,
        jitter: 0,
        created_at: now,
        changed_at: now,
        paused: None,
        next_due: None,
        fire_at: None,
    };
    let due = schedule.timing.next_after(now, zone);
    (schedule.next_due, schedule.fire_at) = (due, next(&schedule, due).fire_at);
    Ok(schedule)
}
