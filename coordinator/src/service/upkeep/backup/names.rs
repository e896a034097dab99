//! The names of the files of a backup, beside those of the artifact.

/// For people.
pub(super) const INFO: &str = "INFO.txt";
/// The version's row.
pub(super) const RECORD: &str = "backup.json";
/// Hashes of all the others.
pub(super) const SUMS: &str = "SHA256SUMS";
