//! The minutes in which Refit was there for those who want something of it.

use common::vocabulary::Timestamp;

use super::{Connection, Result, sql};

/// Microseconds of a minute.
const MINUTE: i64 = 60_000_000;
/// Minutes of an hour: the bits of a row.
const MINUTES: i64 = 60;

/// How many minutes were as they should be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Minutes {
    /// Minutes that are counted: from the first that ever was noted.
    pub(crate) all: u64,
    /// Of those, the ones in which somebody led.
    pub(crate) answered: u64,
    /// Of those, the ones in which every pool that was wanted had a worker.
    pub(crate) available: u64,
}

/// Notes that somebody leads in the minute of a moment, and whether a pool that is wanted lacks workers. However often and by whomever it
/// is noted, a minute is one, and what lacked once in it has lacked.
pub(crate) async fn note(db: &mut Connection, at: Timestamp, lacking: bool) -> Result<()> {
    let minute = at.0.div_euclid(MINUTE);
    let bit = 1_i64 << minute.rem_euclid(MINUTES);
    sql("INSERT INTO availability (hour, answered, lacking) VALUES ($1, $2, $3)
         ON CONFLICT (hour) DO UPDATE SET answered = availability.answered | excluded.answered,
             lacking = availability.lacking | excluded.lacking")
    .bind(minute.div_euclid(MINUTES))
    .bind(bit)
    .bind(if lacking { bit } else { 0 })
    .execute(db)
    .await?;
    Ok(())
}

/// The minutes of a span; none before the first that was ever noted.
pub(crate) async fn between(db: &mut Connection, from: Timestamp, to: Timestamp) -> Result<Minutes> {
    let noted = sql("SELECT hour, answered FROM availability ORDER BY hour LIMIT 1")
        .read_each(&mut *db, |row| Ok(row.int("hour")? * MINUTES + i64::from(row.int("answered")?.trailing_zeros())))
        .await?;
    let Some(first) = noted.first().copied() else { return Ok(Minutes::default()) };
    let (from, to) = (from.0.div_euclid(MINUTE).max(first), to.0.div_euclid(MINUTE));
    let mut minutes = Minutes { all: u64::try_from(to - from).unwrap_or_default(), ..Minutes::default() };
    let mut count = |hour: i64, answered: i64, lacking: i64| {
        let within = (0..MINUTES).filter(|minute| (from..to).contains(&(hour * MINUTES + minute)));
        let mask = within.fold(0_i64, |mask, minute| mask | 1 << minute);
        minutes.answered += u64::from((answered & mask).count_ones());
        minutes.available += u64::from((answered & !lacking & mask).count_ones());
    };
    sql("SELECT hour, answered, lacking FROM availability WHERE hour >= $1 AND hour <= $2")
        .bind(from.div_euclid(MINUTES))
        .bind(to.div_euclid(MINUTES))
        .read_each(db, |row| {
            count(row.int("hour")?, row.int("answered")?, row.int("lacking")?);
            Ok(())
        })
        .await?;
    Ok(minutes)
}

/// Removes what was noted before a moment.
pub(crate) async fn remove_before(db: &mut Connection, moment: Timestamp) -> Result<u64> {
    sql("DELETE FROM availability WHERE hour < $1").bind(moment.0.div_euclid(MINUTE * MINUTES)).execute(db).await
}
