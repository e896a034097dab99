//! Which steps of a schema a release can live with, its own or those that a later one has taken.
//!
//! While an installation is upgraded, both releases are at work on one database, and whoever goes back finds what the later one left. A
//! step that only adds is therefore taken beside code that does not know it. One that such code could not live with begins a new thousand:
//! 9, 10, 11 add to each other; 1000 is not for whoever knows 11.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType};

/// Steps of one thousand only add.
const GENERATION: i64 = 1000;
/// Where the steps that were taken are noted.
pub const TABLE: &str = "_sqlx_migrations";

/// One step: its number, what it is about, and its text. They are listed by hand: sqlx's macro for it costs a fifth of a cold build, since
/// its databases are then compiled a second time, for the compiler.
pub type Step = (i64, &'static str, &'static str);

/// The steps as sqlx takes them.
pub fn migrations(steps: &[Step]) -> Vec<Migration> {
    let migration = |&(number, about, text): &Step| {
        Migration::new(number, about.into(), MigrationType::Simple, text.into_sql_str(), false)
    };
    steps.iter().map(migration).collect()
}

/// Files of a folder that are no step, and steps that have no file: a step that nobody lists would never be taken. For tests.
///
/// # Errors
/// The folder cannot be read.
pub fn unlisted(folder: &Path, steps: &[Step]) -> io::Result<BTreeSet<String>> {
    let files: io::Result<BTreeSet<String>> =
        fs::read_dir(folder)?.map(|file| Ok(file?.file_name().to_string_lossy().into_owned())).collect();
    let named = |(number, about, _): &Step| format!("{number:04}_{}.sql", about.replace(' ', "_"));
    Ok(&files? ^ &steps.iter().map(named).collect())
}

/// Whether code that knows the steps up to `known` can work where these have been taken.
///
/// # Errors
/// A later release has changed what this one relies on: which step, and what to do.
pub fn live_with(taken: impl IntoIterator<Item = i64>, known: i64) -> Result<(), String> {
    let newest = taken.into_iter().max().unwrap_or(known);
    if newest / GENERATION > known / GENERATION {
        return Err(format!(
            "it belongs to a later release of Refit (its schema has step {newest}, this release knows {known}): run that \
             release, or restore a backup from before it"
        ));
    }
    if newest > known {
        tracing::info!(newest, known, "a later release has added to the schema; this one works on what it knows of it");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_nobody_lists_and_a_step_without_a_file_are_found() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["0001_begin.sql", "0003_by_hand.sql"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let unlisted = |steps: &[Step]| unlisted(folder.path(), steps).unwrap().into_iter().collect::<Vec<_>>();
        assert_eq!(unlisted(&[(1, "begin", ""), (3, "by hand", "")]), [""; 0]);
        assert_eq!(unlisted(&[(1, "begin", ""), (2, "growth", "")]), ["0002_growth.sql", "0003_by_hand.sql"]);
    }

    #[test]
    fn what_only_adds_is_lived_with_and_a_new_thousand_is_not() {
        let later = |taken: &[i64], known| live_with(taken.iter().copied(), known);
        for (taken, known) in
            [(&[][..], 8), (&[1, 2], 8), (&[7, 8], 8), (&[8, 9, 10], 8), (&[999], 1), (&[8, 1000, 1001], 1000)]
        {
            assert_eq!(later(taken, known), Ok(()), "{taken:?}, knowing {known}");
        }
        for (taken, known) in [(&[8, 1000][..], 8), (&[8, 1000, 2000], 1005), (&[9999], 8)] {
            let refused = later(taken, known).unwrap_err();
            assert!(refused.starts_with("it belongs to a later release of Refit"), "{refused}");
        }
    }
}
