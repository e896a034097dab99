//! Reports in the store: `reports/2026/daily_report_20260611.html`, in other languages `….es.html`.

use std::collections::BTreeMap;

use bytes::Bytes;
use common::ports::{PortError, StoreEntry, StoreKey};
use common::vocabulary::Timestamp;
use domain::report::{ReportFormat, ReportName};
use strum::VariantArray as _;

use crate::service::error::{Error, Result};
use crate::service::runtime::{Core, Refit};
use crate::views::KeptReport;
use crate::wording::Language;

/// The folder of all reports.
const FOLDER: &str = "reports";
/// The most bytes of one that is read.
const LARGEST: u64 = 64 << 20;

impl Refit {
    /// The reports that are kept, newest first.
    ///
    /// # Errors
    /// The store fails.
    pub async fn kept_reports(&self) -> Result<Vec<KeptReport>> {
        let mut reports: BTreeMap<ReportName, KeptReport> = BTreeMap::new();
        for entry in entries(&self.core).await? {
            let Some((name, file)) = parts(&entry) else { continue };
            let made_at = entry.modified.utc();
            let (kind, shown) = (name.kind(), name.to_string());
            let empty = KeptReport { name: shown, kind, made_at, files: Vec::new(), bytes: 0 };
            let report = reports.entry(name).or_insert(empty);
            report.files.push(file);
            report.bytes += entry.bytes;
            report.made_at = report.made_at.max(made_at);
        }
        let mut reports: Vec<KeptReport> = reports.into_values().collect();
        reports.sort_by(|a, b| b.made_at.cmp(&a.made_at).then_with(|| b.name.cmp(&a.name)));
        Ok(reports)
    }

    /// A file of a report that is kept, and in which form it is.
    ///
    /// # Errors
    /// There is no such file.
    pub async fn report_file(&self, year: &str, file: &str) -> Result<(ReportFormat, Bytes)> {
        let unknown = || Error::NotFound {
            what: format!("report {year}/{file}"),
            hint: Some("`refit report list` names those that are kept".into()),
        };
        let format = ReportFormat::VARIANTS
            .iter()
            .copied()
            .find(|format| file.strip_suffix(format.extension()).is_some_and(|rest| rest.ends_with('.')));
        let format = format.ok_or_else(unknown)?;
        let key: StoreKey = format!("{FOLDER}/{year}/{file}").parse().map_err(|_| unknown())?;
        match self.core.ports.store.get_within(&key, LARGEST).await {
            Ok(body) => Ok((format, body)),
            Err(PortError::NotFound { .. }) => Err(unknown()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Where a file of a report is; `other`: a language beside the one it was made in.
pub(super) fn key(name: &ReportName, other: Option<Language>, format: ReportFormat) -> Result<StoreKey> {
    let language = other.map(|language| format!(".{language}")).unwrap_or_default();
    Ok(format!("{FOLDER}/{name}{language}.{}", format.extension()).parse()?)
}

/// A report as a reader of a language is shown it: in that language, or in the one it was made in.
pub(crate) async fn read(core: &Core, name: &ReportName, language: Language, format: ReportFormat) -> Result<Bytes> {
    match core.ports.store.get_within(&key(name, Some(language), format)?, LARGEST).await {
        Err(PortError::NotFound { .. }) => {}
        found => return Ok(found?),
    }
    Ok(core.ports.store.get_within(&key(name, None, format)?, LARGEST).await?)
}

async fn entries(core: &Core) -> Result<Vec<StoreEntry>> {
    let folder: StoreKey = FOLDER.parse()?;
    Ok(core.ports.store.list(Some(&folder)).await?)
}

/// The report whose file it is, and what the file is called; nothing of what somebody else has put there.
fn parts(entry: &StoreEntry) -> Option<(ReportName, String)> {
    let path = entry.key.as_str().strip_prefix(FOLDER)?.strip_prefix('/')?;
    let (year, file) = path.split_once('/')?;
    let name = format!("{year}/{}", file.split('.').next()?).parse().ok()?;
    Some((name, file.to_owned()))
}

/// Removes the reports on days before a moment: how many files there were. By their names: a store that was copied has files of today.
pub(crate) async fn prune(core: &Core, before: Timestamp, dry_run: bool) -> Result<u64> {
    let is_old = |entry: &StoreEntry| {
        let day = parts(entry).and_then(|(name, _)| name.last_day());
        day.is_some_and(|day| day < before.date())
    };
    let old = entries(core).await?.into_iter().filter(is_old);
    let mut removed = 0;
    for entry in old {
        if !dry_run {
            core.ports.store.delete(&entry.key).await?;
        }
        removed += 1;
    }
    Ok(removed)
}
