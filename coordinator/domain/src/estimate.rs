//! When a job will probably start and end: by how long trainings like it have taken.

use serde::{Deserialize, Serialize};
use strum::{Display, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

/// A training that has been completed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Took {
    /// Whether it was of the model in question.
    pub own: bool,
    /// Whether it was of the mode in question.
    pub same_mode: bool,
    /// Seconds from its start to its end.
    pub seconds: f64,
}

/// What an estimate stands on, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Display, IntoStaticStr, VariantNames, ToSchema)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Basis {
    /// All trainings of its family on such a device, by their rows, epochs and size (see [`crate::cost`]).
    Learned,
    /// Trainings of this model in this mode.
    OwnMode,
    /// Trainings of this model in another mode.
    OwnOther,
    /// Trainings of other models of its family.
    Family,
}

/// How long a training will probably take.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Duration {
    /// The median, seconds.
    pub seconds: f64,
    /// Of so many trainings.
    pub trainings: u64,
    /// Which.
    pub basis: Basis,
}

/// How long a training will probably take, by those before it; nothing without any.
pub fn duration(before: &[Took]) -> Option<Duration> {
    let by = |basis: Basis, fits: &dyn Fn(&Took) -> bool| {
        let mut seconds: Vec<f64> = before.iter().filter(|took| fits(took)).map(|took| took.seconds).collect();
        seconds.sort_by(f64::total_cmp);
        let (low, high) = (seconds.get(seconds.len().checked_sub(1)? / 2)?, seconds.get(seconds.len() / 2)?);
        Some(Duration { seconds: (low + high) / 2.0, trainings: seconds.len() as u64, basis })
    };
    by(Basis::OwnMode, &|took| took.own && took.same_mode)
        .or_else(|| by(Basis::OwnOther, &|took| took.own))
        .or_else(|| by(Basis::Family, &|_| true))
}

/// Seconds until a job has its turn that is at this position of a queue, from 1, when so many slots serve it, so many of them free, and
/// each job takes so long. Jobs that run now are half done on average. Nothing: no slot serves it.
pub fn turn(position: u64, slots: u64, free: u64, each: f64) -> Option<f64> {
    let ahead = position.saturating_sub(1);
    if slots == 0 {
        return None;
    }
    if ahead < free {
        return Some(0.0);
    }
    // The busy slots become free one after the other, over the time of one job; then each of them takes another.
    let waits = (ahead - free) as f64 + 0.5;
    Some(each * waits / slots as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn took(own: bool, same_mode: bool, seconds: f64) -> Took {
        Took { own, same_mode, seconds }
    }

    #[test]
    fn g5_the_nearest_trainings_count_and_of_them_the_median() {
        let all = [took(true, true, 10.0), took(true, true, 30.0), took(true, false, 99.0), took(false, true, 7.0)];
        let expected = |seconds, trainings, basis| Some(Duration { seconds, trainings, basis });
        assert_eq!(duration(&all), expected(20.0, 2, Basis::OwnMode));
        assert_eq!(duration(&all[2..]), expected(99.0, 1, Basis::OwnOther));
        assert_eq!(duration(&all[3..]), expected(7.0, 1, Basis::Family));
        assert_eq!(duration(&[]), None);
        assert_eq!(
            duration(&[1.0, 100.0, 3.0].map(|seconds| took(true, true, seconds))),
            expected(3.0, 3, Basis::OwnMode)
        );
    }

    #[test]
    fn g5_whoever_is_further_back_waits_longer() {
        for (position, slots, free, seconds) in [
            (1, 2, 1, Some(0.0)),
            (2, 2, 1, Some(5.0 / 2.0)),
            (1, 1, 0, Some(5.0)),
            (2, 1, 0, Some(15.0)),
            (5, 4, 0, Some(11.25)),
            (1, 0, 0, None),
        ] {
            assert_eq!(turn(position, slots, free, 10.0), seconds, "{position} of {slots}, {free} free");
        }
    }
}
