//! The schedules that an installation has from the start. Each is made once: whoever deletes one has no more of it.

use common::vocabulary::Timestamp;
use domain::schedule::ScheduleName;
use domain::schedule::presets::{Preset, from_the_start};

use super::manage;
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
        let name = preset.name.parse().map_err(Error::from)?;
        let mut schedule = of(core, name, preset, now);
        if let Some(id) = db::schedules::insert(&mut tx, &schedule).await? {
            schedule.id = id;
            manage::begin(&mut schedule, now);
            db::schedules::save(&mut tx, &schedule).await?;
        }
        tx.commit().await.map_err(db::Error::from)?;
    }
    Ok(())
}

/// A schedule of a preset, by the clocks of the settings.
pub(super) fn of(core: &Core, name: ScheduleName, preset: Preset, now: Timestamp) -> Schedule {
    let Preset { timing, task, missed, .. } = preset;
    Schedule { missed, ..Schedule::new(name, timing, task, core.settings.schedules.zone, now) }
}
