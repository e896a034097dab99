//! Which number a new version gets.

use common::vocabulary::{Mode, VersionNumber};

/// The number of the next version, given every number the model has given out, rejected ones included: none is given twice.
///
/// A training from scratch (complete or quick) gets the next major, an incremental one the next free minor of its parent's
/// major. An incremental training without a parent has nothing to count on and is numbered like a complete one.
pub fn next_version(
    given: impl IntoIterator<Item = VersionNumber>,
    mode: Mode,
    parent: Option<VersionNumber>,
) -> VersionNumber {
    let last = given.into_iter().chain(parent);
    match (mode, parent) {
        (Mode::Incremental, Some(parent)) => {
            let minor = last.filter(|number| number.major == parent.major).map(|number| number.minor).max();
            VersionNumber { major: parent.major, minor: minor.unwrap_or_default() + 1 }
        }
        (Mode::Incremental, None) | (Mode::Complete | Mode::Quick, _) => {
            VersionNumber { major: last.map(|number| number.major).max().unwrap_or_default() + 1, minor: 0 }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A3: majors count complete trainings, minors the incremental ones on them; none is given twice.
    #[test]
    fn a3_numbers_grow_and_are_never_given_twice() {
        use Mode::{Complete, Incremental, Quick};
        let table: [(&[&str], Mode, Option<&str>, &str); 9] = [
            (&[], Complete, None, "v1.0"),
            (&[], Incremental, None, "v1.0"),
            (&["v1.0"], Complete, None, "v2.0"),
            (&["v1.0"], Quick, None, "v2.0"),
            (&["v1.0"], Incremental, Some("v1.0"), "v1.1"),
            // After a rollback from v1.1 to v1.0.
            (&["v1.0", "v1.1"], Incremental, Some("v1.0"), "v1.2"),
            // On an old major, while a newer one exists.
            (&["v1.0", "v1.1", "v2.0", "v2.4"], Incremental, Some("v1.1"), "v1.2"),
            // v2.0 was rejected: its number stays given.
            (&["v1.0", "v2.0"], Complete, None, "v3.0"),
            (&["v2.3", "v10.0", "v9.7"], Complete, None, "v11.0"),
        ];
        for (given, mode, parent, expected) in table {
            let given: Vec<VersionNumber> = given.iter().map(|text| text.parse().unwrap()).collect();
            let next = next_version(given.iter().copied(), mode, parent.map(|text| text.parse().unwrap()));
            assert_eq!(next.to_string(), expected, "{given:?} {mode} on {parent:?}");
            assert!(!given.contains(&next));
        }
    }
}
