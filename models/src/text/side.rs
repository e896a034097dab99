//! Which rows may teach and which may judge (undated data): fixed for ever by a hash of the group of near-duplicates.

use serde::{Deserialize, Serialize};

use super::canonical::group;

/// What a row is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Weights are fitted on it.
    Train,
    /// Calibration, threshold and the choice of contestant are fitted on it.
    Validation,
    /// The gate judges on it.
    Holdout,
    /// Never trained on by any version, and judged by all, to see forgetting.
    Anchor,
}

impl Side {
    /// The side of a text: anchor 5 %, holdout 15 %, validation 10 %, train 70 % of the groups.
    pub fn of(text: &str) -> Self {
        Self::of_group(group(text))
    }

    /// The side of a group of near-duplicates.
    pub fn of_group(group: u64) -> Self {
        match group % 100 {
            0..5 => Self::Anchor,
            5..20 => Self::Holdout,
            20..30 => Self::Validation,
            _ => Self::Train,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sides_have_their_shares() {
        let texts: Vec<String> = (0..20_000_u32).map(|n| format!("w{}", letters(n))).collect();
        let share = |side| texts.iter().filter(|text| Side::of(text) == side).count() as f64 / 20_000.0;
        for (side, expected) in
            [(Side::Anchor, 0.05), (Side::Holdout, 0.15), (Side::Validation, 0.1), (Side::Train, 0.7)]
        {
            assert!((share(side) - expected).abs() < 0.01, "{side:?} {}", share(side));
        }
        let counted = common::vocabulary::Parting::TEXTS_FITTED;
        assert!((share(Side::Train) - counted).abs() < 0.01, "what the coordinator counts on");
    }

    /// JUDGING §1: near-duplicates are on one side.
    #[test]
    fn near_duplicates_are_on_one_side() {
        for n in 0..200 {
            let text = format!("some {} text {}", letters(n), letters(n * 7 + 1));
            let copy = format!("RT @user{n}: {}!!! http://t.co/{n}", text.to_uppercase());
            assert_eq!(Side::of(&text), Side::of(&copy), "{text}");
        }
    }

    /// The number in letters, since digits are no part of the canonical form.
    fn letters(n: u32) -> String {
        n.to_string().bytes().map(|digit| char::from(digit - b'0' + b'a')).collect()
    }
}
