//! What the demo ends with: a table, and one line that says it all.

use std::collections::BTreeSet;
use std::time::Duration;

use serde::Serialize;

use super::fleets::Fleets;
use crate::cli::table::{against, figure, or_nothing, rmse, table};
use crate::cli::text::gate_in_short;
use crate::views::{JobView, VersionSummary};

/// What came of the demo.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// Models there are.
    models: usize,
    /// Trainings that were asked for and taken.
    trainings: usize,
    /// Versions that the gate let in, also those that a later one has replaced.
    live: usize,
    /// Versions that it did not let in: rejected, or waiting for more rows.
    rejected: usize,
    /// Models with a version that went live and beats the hardest naive baseline with confidence.
    beat_naive: usize,
    /// Trainings that came to no judged version, and those that could not be asked for.
    failed: usize,
    /// How long it all took, seconds.
    seconds: f64,
    /// Every version, oldest first within a model.
    versions: Vec<VersionSummary>,
    /// The other fleets, on generated rows; not counted above.
    fleets: Fleets,
}

impl Summary {
    /// Sums up `models` models: their versions, their trainings as they ended, and how many could not be asked for.
    pub(crate) fn new(models: usize, versions: Vec<VersionSummary>, jobs: &[JobView], refused: usize) -> Self {
        let went_live = |version: &&VersionSummary| version.verdict.as_ref().is_some_and(|verdict| verdict.promoted);
        let beats = |version: &&VersionSummary| version.verdict.as_ref().is_some_and(|verdict| verdict.beats_naive);
        let live = versions.iter().filter(went_live).count();
        let beating = versions.iter().filter(went_live).filter(beats).map(|version| version.model.as_str());
        Self {
            models,
            trainings: jobs.len(),
            live,
            rejected: versions.len() - live,
            beat_naive: beating.collect::<BTreeSet<_>>().len(),
            failed: refused + jobs.iter().filter(|job| job.state != "completed").count(),
            seconds: 0.0,
            versions,
            fleets: Fleets::default(),
        }
    }

    /// The same, with what came of the other fleets.
    #[must_use]
    pub(crate) fn with(self, fleets: Fleets) -> Self {
        Self { fleets, ..self }
    }

    /// The same, with how long it took.
    #[must_use]
    pub(crate) fn after(self, took: Duration) -> Self {
        Self { seconds: took.as_secs_f64(), ..self }
    }

    /// How many trainings failed, of all fleets.
    pub(crate) fn failed(&self) -> usize {
        self.failed + self.fleets.failed()
    }

    /// All of it: tables, a line of the other fleets, and the last line.
    pub(crate) fn text(&self) -> String {
        format!("\n{}\n\n{}\n\n{}\n{}", self.table(), self.fleets.table(), self.fleets.line(), self.last_line())
    }

    /// The table of versions.
    pub(crate) fn table(&self) -> String {
        let headings = ["ticker", "version", "mode", ">CRPS", ">RMSE", ">reliability", "verdict", ">seconds"];
        let mut table = table(&headings);
        for version in &self.versions {
            table.add_row([
                version.model.rsplit('/').next().unwrap_or_default().to_owned(),
                version.version.clone(),
                version.mode.to_string(),
                against(version.loss, version.baseline_loss),
                rmse(version),
                figure(version.reliability, 2),
                or_nothing(version.verdict.as_ref().map(gate_in_short)),
                format!("{:.1}", version.seconds),
            ]);
        }
        format!("{table}\nCRPS and RMSE against the hardest naive baseline on the same unseen rows; below 0 is better")
    }

    /// The last line, which says it all.
    pub(crate) fn last_line(&self) -> String {
        let Self { models, trainings, live, rejected, beat_naive, failed, seconds, .. } = self;
        format!(
            "demo: {models} models, {trainings} trainings, {live} live, {rejected} rejected, \
             {beat_naive} of {models} beat naive with confidence, {failed} failed in {seconds:.0} s"
        )
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use common::vocabulary::Mode;
    use uuid::Uuid;

    use super::*;
    use crate::views::VerdictView;

    fn version(model: &str, promoted: bool, beats_naive: bool) -> VersionSummary {
        VersionSummary {
            model: model.into(),
            version: "v1.0".into(),
            status: if promoted { "live" } else { "rejected" }.into(),
            mode: Mode::Complete,
            parent: None,
            job: Uuid::nil(),
            trained_at: DateTime::UNIX_EPOCH,
            recorded_at: DateTime::UNIX_EPOCH,
            data_through: NaiveDate::default(),
            seen_through: NaiveDate::default(),
            verdict: Some(VerdictView {
                verdict: if promoted { "better" } else { "worse" }.into(),
                promoted,
                against: "baseline".into(),
                difference: -0.01,
                low: -0.02,
                high: 0.0,
                rows: 60,
                beats_naive,
                reasons: Vec::new(),
                findings: Vec::new(),
            }),
            reliability: Some(0.61),
            loss_name: "CRPS".into(),
            loss: 0.0098,
            baseline_loss: 0.01,
            figures: [("rmse".to_owned(), 0.0101)].into(),
            baseline_figures: [("rmse".to_owned(), 0.01)].into(),
            seconds: 1.23,
            gap: None,
        }
    }

    #[test]
    fn the_last_line_counts_models_and_versions() {
        let versions = vec![version("a", true, true), version("a", true, true), version("b", false, true)];
        let summary = Summary::new(2, versions, &[], 1).after(Duration::from_millis(41_600));
        assert_eq!(
            summary.last_line(),
            "demo: 2 models, 0 trainings, 2 live, 1 rejected, 1 of 2 beat naive with confidence, 1 failed in 42 s"
        );
    }

    #[test]
    fn the_table_shows_each_version_against_naive_within_a_hundred_columns() {
        let summary = Summary::new(1, vec![version("forecaster/AAPL", true, false)], &[], 0);
        let shown = summary.table();
        assert!(shown.contains("-2.0 %") && shown.contains("+1.0 %") && shown.contains("0.61"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    }
}
