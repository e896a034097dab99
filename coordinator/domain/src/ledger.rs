//! The ledger of a live pointer: what its moves mean, and where a rollback goes.

mod reason;

use std::fmt;
use std::str::FromStr;

use common::vocabulary::VersionNumber;
use strum::VariantNames;

pub use self::reason::{DoesWorse, LedgerReason};

/// Why a live pointer was moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub enum Cause {
    /// The gate or a person made a version live.
    Promote,
    /// A person went back to an earlier one.
    Rollback,
    /// The live version did worse than the one before it: a rollback that nobody asked for.
    TakenBack,
    /// A version was made live from its backup.
    Restore,
}

impl Cause {
    const ALL: [Self; 4] = [Self::Promote, Self::Rollback, Self::TakenBack, Self::Restore];

    /// The word of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Promote => "promote",
            Self::Rollback => "rollback",
            Self::TakenBack => "taken_back",
            Self::Restore => "restore",
        }
    }

    /// Whether it leads back to where the pointer has been, instead of on.
    fn goes_back(self) -> bool {
        match self {
            Self::Rollback | Self::TakenBack => true,
            Self::Promote | Self::Restore => false,
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// No cause is called so.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no cause of a ledger entry")]
pub struct UnknownCause(String);

impl FromStr for Cause {
    type Err = UnknownCause;

    fn from_str(text: &str) -> Result<Self, UnknownCause> {
        Self::ALL.into_iter().find(|cause| cause.as_str() == text).ok_or_else(|| UnknownCause(text.into()))
    }
}

/// One move of the pointer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Move {
    /// What moved the pointer.
    pub cause: Cause,
    /// What is live from then on.
    pub to: VersionNumber,
}

/// The version a rollback goes back to: what was live before the live one was made live. `moves`: all there were, oldest first.
///
/// They are replayed as a stack. A promotion or a restore puts its version on top, also one that lies deeper: it was live twice. A
/// rollback uncovers what lies below, so that rolling back twice goes back twice.
pub fn predecessor(moves: impl IntoIterator<Item = Move>) -> Option<VersionNumber> {
    let mut stack: Vec<VersionNumber> = Vec::new();
    for Move { cause, to } in moves {
        let known = stack.iter().rposition(|version| *version == to);
        match known {
            Some(index) if cause.goes_back() => stack.truncate(index + 1),
            // Restored where it was lost: it has not moved.
            Some(index) if index + 1 == stack.len() => {}
            Some(_) | None => stack.push(to),
        }
    }
    stack.pop();
    stack.pop()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name, moves to versions by their major, and where a rollback goes then.
    type Case = (&'static str, &'static [(Cause, u32)], Option<u32>);

    fn back_from(moves: &[(Cause, u32)]) -> Option<u32> {
        let version = |major| VersionNumber { major, minor: 0 };
        predecessor(moves.iter().map(|&(cause, major)| Move { cause, to: version(major) })).map(|version| version.major)
    }

    /// A4: back to what was live before, however it came to be live.
    #[test]
    fn a4_a_rollback_goes_back_to_what_was_live_before() {
        use Cause::{Promote, Restore, Rollback, TakenBack};
        let table: [Case; 11] = [
            ("nothing was live", &[], None),
            ("the first", &[(Promote, 1)], None),
            ("the one before", &[(Promote, 1), (Promote, 2), (Promote, 3)], Some(2)),
            ("twice is two back", &[(Promote, 1), (Promote, 2), (Promote, 3), (Rollback, 2)], Some(1)),
            ("to the end", &[(Promote, 1), (Promote, 2), (Rollback, 1)], None),
            ("an automatic one counts", &[(Promote, 1), (Promote, 2), (Promote, 3), (TakenBack, 2)], Some(1)),
            ("an earlier one promoted", &[(Promote, 1), (Promote, 2), (Promote, 3), (Promote, 2)], Some(3)),
            (
                "back from there, and back again",
                &[(Promote, 1), (Promote, 2), (Promote, 3), (Promote, 2), (Rollback, 3)],
                Some(2),
            ),
            ("going on after going back", &[(Promote, 1), (Promote, 2), (Rollback, 1), (Promote, 3)], Some(1)),
            ("an earlier one restored", &[(Promote, 1), (Promote, 2), (Restore, 1)], Some(2)),
            ("the live one restored", &[(Promote, 1), (Promote, 2), (Restore, 2)], Some(1)),
        ];
        for (name, moves, expected) in table {
            assert_eq!(back_from(moves), expected, "{name}");
        }
    }

    #[test]
    fn causes_are_read_as_they_are_written() {
        for cause in Cause::ALL {
            assert_eq!(cause.as_str().parse(), Ok(cause));
            assert_eq!(cause.to_string(), cause.as_str());
        }
        assert!("promoted".parse::<Cause>().is_err());
    }
}
