//! Decisions made anew: what is shown of a model is true within about a second of what happens to it.
//!
//! Whoever changes something that a decision depends on says whose. A task of every coordinator, whether it leads or not, decides on
//! these models once more, all that have gathered in one go. Nothing enters the backlog here: that is up to the periodic evaluation, or
//! to a person. Cut short, the periodic evaluation makes up for it or, where there is none, whoever leads next.
//!
//! A decision made anew is for the moment of the one that it replaces: made as of a day, as in a replay, it stays at that day; else
//! it is for now. So an event never changes the day that somebody asked about; a request or the periodic evaluation does.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::NaiveDate;
use common::vocabulary::{ModelKey, Timestamp};
use tokio::time::{Instant, sleep};

use super::{Round, Tally, decide};
use crate::db::{self, Scope};
use crate::service::error::Result;
use crate::service::runtime::Core;
use crate::service::runtime::fault::Mutant;
use crate::service::state::stale::{Concerned, Taken};

/// How long events are gathered before the models they concern are decided on.
const GATHER: Duration = Duration::from_millis(100);
/// After a round, so many times what it took is left to others …
const REST: u32 = 3;
/// … but no longer than this.
const LONGEST_REST: Duration = Duration::from_secs(10);

/// Decides anew on whomever something has happened to.
pub(crate) async fn round(core: &Core) -> Result<()> {
    sleep(GATHER).await;
    let (began, mut concerned) = (Instant::now(), Taken::from(&core.stale));
    if core.fault.has(Mutant::DecisionsGrowOld) {
        concerned.all = Concerned::default();
        return Ok(());
    }
    if concerned.all.everyone {
        let all = db::decisions::moments(&mut *core.db.read().await?, Scope::All).await?;
        concerned.all.later.extend(all.into_keys());
        concerned.all.everyone = false;
    }
    let piece = concerned.all.piece();
    let mut now = &concerned.all.models | &piece;
    if !concerned.all.datasets.is_empty() {
        now.extend(db::models::reading(&mut *core.db.read().await?, &concerned.all.datasets).await?);
    }
    anew(core, now).await?;
    concerned.all = concerned.all.without(&piece);
    drop(concerned);
    sleep((began.elapsed() * REST).min(LONGEST_REST)).await;
    Ok(())
}

/// Decides on these models once more, now.
pub(crate) async fn anew(core: &Core, models: impl IntoIterator<Item = ModelKey>) -> Result<()> {
    let models: Vec<ModelKey> = models.into_iter().collect();
    if models.is_empty() {
        return Ok(());
    }
    let mut view = core.db.snapshot().await?;
    let moments = db::decisions::moments(&mut view, Scope::Of(&models)).await?;
    drop(view);
    let mut by_day: BTreeMap<Option<NaiveDate>, Vec<ModelKey>> = BTreeMap::new();
    for model in models {
        by_day.entry(moments.get(&model).copied().and_then(day_of)).or_default().push(model);
    }
    for (day, models) in by_day {
        let round = Round { now: day.map_or_else(Timestamp::now, Timestamp::end_of), enqueue: false, ranked: false };
        let Tally { models, .. } = decide(core, &models, round, Tally::new(0)).await?;
        tracing::debug!(models, ?day, "decided anew");
    }
    Ok(())
}

/// The day a decision was asked for; nothing for one that was made for its now.
fn day_of(moment: Timestamp) -> Option<NaiveDate> {
    Some(moment.date()).filter(|day| Timestamp::end_of(*day) == moment)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_of_a_replay_is_told_from_now() {
        let day: NaiveDate = "2020-02-03".parse().unwrap();
        assert_eq!(day_of(Timestamp::end_of(day)), Some(day));
        assert_eq!(day_of(Timestamp::end_of(day).plus_days(0.5)), None);
    }
}
