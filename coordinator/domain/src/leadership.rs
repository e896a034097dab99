//! Who leads: one row, and what a coordinator does about it. Pure: time is told, never read.
//!
//! The leader adds a beat to the row again and again, and trusts itself only for a while after the last one. The others take over
//! when they have seen no new beat for longer than that, each on its own monotonic clock: no two clocks need agree. Should there
//! be two leaders for a moment all the same, every effect has a guard of its own.

use std::time::{Duration, Instant};

use common::vocabulary::CoordinatorId;

/// How long a leader trusts itself after it began to add a beat that was accepted.
pub const TRUST: Duration = Duration::from_secs(4);
/// How long the others wait for the next beat. Longer than [`TRUST`], so that the old leader has stopped by then.
pub const TAKE_OVER_AFTER: Duration = Duration::from_secs(6);

/// The row as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeaderRow {
    /// Who leads; nobody, after a leader has resigned.
    pub holder: Option<CoordinatorId>,
    /// Counts the leaders.
    pub term: i64,
    /// Counts the beats of this one.
    pub beat: i64,
}

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Lead on: add a beat.
    Renew,
    /// Nobody leads any more: take the lead, if the row is still as it was seen.
    Take,
    /// Somebody else leads.
    Follow,
}

/// What a coordinator has seen of the leader.
#[derive(Debug, Default)]
pub struct Watch {
    newest: Option<(LeaderRow, Instant)>,
}

impl Watch {
    /// Whether somebody leads and has added a beat since the last look.
    pub fn is_news(&self, leader: LeaderRow) -> bool {
        leader.holder.is_some() && self.newest.is_some_and(|(newest, _)| newest != leader)
    }

    /// What `me` does about the row as it is `now`; `gone`: the holder is known to have ended.
    pub fn next(&mut self, leader: LeaderRow, me: CoordinatorId, gone: bool, now: Instant) -> Move {
        let since = match self.newest {
            Some((newest, since)) if newest == leader => since,
            Some(_) | None => now,
        };
        self.newest = Some((leader, since));
        match leader.holder {
            Some(holder) if holder == me => Move::Renew,
            None => Move::Take,
            Some(_) if gone || now.duration_since(since) >= TAKE_OVER_AFTER => Move::Take,
            Some(_) => Move::Follow,
        }
    }
}

#[cfg(test)]
mod tests {
    use newtype_uuid::GenericUuid;
    use uuid::Uuid;

    use super::*;

    fn me() -> CoordinatorId {
        CoordinatorId::from_untyped_uuid(Uuid::from_u128(1))
    }

    fn other() -> CoordinatorId {
        CoordinatorId::from_untyped_uuid(Uuid::from_u128(2))
    }

    fn leader(holder: Option<CoordinatorId>, beat: i64) -> LeaderRow {
        LeaderRow { holder, term: 1, beat }
    }

    #[test]
    fn the_seat_is_kept_taken_or_left_to_another() {
        let now = Instant::now();
        for (leader, gone, expected) in [
            (leader(Some(me()), 3), false, Move::Renew),
            (leader(None, 3), false, Move::Take),
            (leader(Some(other()), 3), false, Move::Follow),
            (leader(Some(other()), 3), true, Move::Take),
        ] {
            assert_eq!(Watch::default().next(leader, me(), gone, now), expected, "{leader:?}");
        }
    }

    #[test]
    fn a_leader_without_a_beat_is_waited_for_and_then_followed_no_more() {
        let (start, mut watch) = (Instant::now(), Watch::default());
        let mut at =
            |beat, seconds| watch.next(leader(Some(other()), beat), me(), false, start + Duration::from_secs(seconds));
        assert_eq!(at(1, 0), Move::Follow);
        assert_eq!(at(1, 5), Move::Follow);
        assert_eq!(at(2, 7), Move::Follow, "a beat came");
        assert_eq!(at(2, 12), Move::Follow);
        assert_eq!(at(2, 13), Move::Take);
        assert_eq!(at(3, 14), Move::Follow, "it came back");
    }

    #[test]
    fn news_is_a_beat_of_somebody_since_the_last_look() {
        let mut watch = Watch::default();
        assert!(!watch.is_news(leader(Some(other()), 1)), "there was no look");
        watch.next(leader(Some(other()), 1), me(), false, Instant::now());
        assert!(!watch.is_news(leader(Some(other()), 1)));
        assert!(watch.is_news(leader(Some(other()), 2)));
        assert!(!watch.is_news(leader(None, 2)), "nobody leads");
    }

    #[test]
    fn a_leader_stops_before_anybody_takes_over() {
        assert!(TRUST < TAKE_OVER_AFTER);
    }
}
