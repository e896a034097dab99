//! The log as files: one a day, `incremental_20261130.log`, and `alerts.log` for what somebody should know. Off where a collector takes
//! the log. What cannot be written is not: the log on stderr goes on.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use chrono::{Days, NaiveDate};
use tracing_subscriber::fmt::MakeWriter;

use crate::settings::Settings;
use crate::vocabulary::Timestamp;

/// What lines about alerts are said to be of.
pub const ALERTS: &str = "refit::alerts";

/// Begins the names of the files of days.
const DAYS: &str = "incremental_";
/// Ends the names of all.
const SUFFIX: &str = ".log";

/// A file that lines are written to.
#[derive(Debug)]
pub(super) struct LogFile {
    folder: PathBuf,
    /// Files of days are kept for so many; none: there is one file for all time.
    keep_days: Option<u32>,
    open: Mutex<Option<(NaiveDate, File)>>,
}

/// The files of a coordinator: of days, and of alerts.
///
/// # Errors
/// Their folder cannot be made.
pub(super) fn of(settings: &Settings) -> io::Result<Option<(LogFile, LogFile)>> {
    if !settings.log.files {
        return Ok(None);
    }
    let folder = settings.data_dir.join("logs");
    fs::create_dir_all(&folder)?;
    let file = |keep_days| LogFile { folder: folder.clone(), keep_days, open: Mutex::new(None) };
    Ok(Some((file(Some(settings.log.keep_days)), file(None))))
}

impl LogFile {
    fn path(&self, today: NaiveDate) -> PathBuf {
        let name = match self.keep_days {
            Some(_) => format!("{DAYS}{}{SUFFIX}", today.format("%Y%m%d")),
            None => format!("alerts{SUFFIX}"),
        };
        self.folder.join(name)
    }

    fn write(&self, line: &[u8], today: NaiveDate) -> io::Result<()> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open.as_ref().is_none_or(|(day, _)| self.keep_days.is_some() && *day != today) {
            let file = OpenOptions::new().create(true).append(true).open(self.path(today))?;
            *open = Some((today, file));
            if let Some(days) = self.keep_days {
                remove_before(&self.folder, today - Days::new(days.into()))?;
            }
        }
        match open.as_mut() {
            Some((_, file)) => file.write_all(line),
            None => Ok(()),
        }
    }
}

/// Removes files of days before one.
fn remove_before(folder: &Path, first: NaiveDate) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let day = name.strip_prefix(DAYS).and_then(|rest| rest.strip_suffix(SUFFIX));
        let day = day.and_then(|day| NaiveDate::parse_from_str(day, "%Y%m%d").ok());
        if day.is_some_and(|day| day < first) {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// One line on its way.
pub(super) struct Line<'a>(&'a LogFile);

impl Write for Line<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        // A full disk must not stop whoever speaks.
        let _unwritten = self.0.write(line, Timestamp::now().date());
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for LogFile {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// A11: files of days by the names that the services before had, and not for ever.
    #[test]
    fn a11_each_day_has_its_file_and_old_ones_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = Settings::default();
        settings.data_dir = folder.path().into();
        settings.log.keep_days = 2;
        let (days, alerts) = of(&settings).unwrap().unwrap();
        let logs = folder.path().join("logs");
        for other in ["incremental_20260101.log", "incremental_notes.log", "other.txt"] {
            fs::write(logs.join(other), "x").unwrap();
        }
        for date in ["2026-11-28", "2026-11-29", "2026-11-30", "2026-12-01"] {
            days.write(b"a line\n", day(date)).unwrap();
            alerts.write(b"an alert\n", day(date)).unwrap();
        }
        let expected = [
            "alerts.log",
            "incremental_20261129.log",
            "incremental_20261130.log",
            "incremental_20261201.log",
            "incremental_notes.log",
            "other.txt",
        ];
        assert_eq!(names(&logs), expected);
        assert_eq!(fs::read_to_string(logs.join("alerts.log")).unwrap().lines().count(), 4);
        settings.log.files = false;
        assert!(of(&settings).unwrap().is_none());
    }
}
