//! Which backups go when a new one is whole.

use common::vocabulary::{ModelKey, Timestamp};

use super::id::BackupId;
use super::storage::{BackupFolder, BackupStorage};
use crate::service::error::Result;

/// No backup takes so long: what is unfinished then was left by somebody who went away.
const ABANDONED: f64 = 24.0 * 3600.0;

/// Removes all but the newest, and what was never finished; says which backups went.
pub(super) async fn older(storage: &BackupStorage, key: &ModelKey, made: BackupId, kept: u32) -> Result<Vec<BackupId>> {
    let all = storage.list(key).await?;
    let (going, abandoned) = going(&all, made, kept as usize, Timestamp::now());
    for id in going.iter().chain(&abandoned) {
        storage.remove(&storage.folder(key, id)?).await?;
    }
    Ok(going)
}

/// Backups that are too many, and folders that no backup will ever be made of. The one just made stays, whatever the clock says.
fn going(all: &[BackupFolder], made: BackupId, kept: usize, now: Timestamp) -> (Vec<BackupId>, Vec<BackupId>) {
    let ids = |which: &dyn Fn(&BackupFolder) -> bool| all.iter().filter(|k| which(k)).map(|k| k.id).collect::<Vec<_>>();
    let mut others = ids(&|backup| backup.is_whole && backup.id != made);
    others.sort();
    others.truncate((others.len() + 1).saturating_sub(kept));
    let abandoned = ids(&|backup| !backup.is_whole && now.seconds_since(backup.modified) > ABANDONED);
    (others, abandoned)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000_000;

    fn id(hour: i64) -> BackupId {
        BackupId::new(Timestamp(hour * HOUR), "v1.0".parse().unwrap())
    }

    fn going_of(hours: &[i64], made: i64, kept: usize) -> Vec<i64> {
        let all: Vec<BackupFolder> = hours.iter().map(|hour| backup(*hour, true)).collect();
        super::going(&all, id(made), kept, Timestamp(1000 * HOUR)).0.iter().map(|id| id.at().0 / HOUR).collect()
    }

    fn backup(hour: i64, is_whole: bool) -> BackupFolder {
        BackupFolder { id: id(hour), is_whole, files: 1, bytes: 1, modified: Timestamp(hour * HOUR) }
    }

    #[test]
    fn d5_the_newest_stay_and_so_does_the_one_just_made() {
        assert_eq!(going_of(&[6, 1, 2, 5, 3, 4], 6, 5), [1]);
        assert_eq!(going_of(&[1, 2, 3], 3, 5), [0; 0]);
        assert_eq!(going_of(&[1, 2, 3], 3, 1), [1, 2]);
        // The clock went back: the one just made looks like the oldest.
        assert_eq!(going_of(&[1, 5, 6, 7], 1, 2), [5, 6]);
    }

    #[test]
    fn what_was_begun_a_day_ago_and_never_finished_goes() {
        let all = [backup(1, false), backup(990, false), backup(999, true)];
        let (going, abandoned) = super::going(&all, id(999), 5, Timestamp(1000 * HOUR));
        assert_eq!((going, abandoned), (vec![], vec![id(1)]));
    }
}
