//! What the demo ends with: a table, and one line that says it all.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cli::output::Output;
use crate::cli::table::{against, figure, or_nothing, table};
use crate::cli::text::gate;
use crate::views::{JobView, VersionView};

/// What came of the demo.
pub(crate) struct Summary {
    /// Models there are.
    pub(crate) models: usize,
    /// Every version of them, oldest first within a model.
    pub(crate) versions: Vec<VersionView>,
    /// Every training, as it ended.
    pub(crate) jobs: Vec<JobView>,
    /// Trainings that were refused.
    pub(crate) refused: usize,
}

impl Summary {
    /// Trainings that came to no judged version, and those that could not be asked for.
    pub(crate) fn failed(&self) -> usize {
        self.refused + self.jobs.iter().filter(|job| job.state != "completed").count()
    }

    /// The table of versions.
    pub(crate) fn table(&self, out: &Output) -> String {
        let headings = ["model", "version", "mode", ">CRPS", ">RMSE", ">reliability", "verdict", ">seconds"];
        let mut table = table(out, &headings);
        for version in &self.versions {
            table.add_row([
                version.model.clone(),
                version.version.clone(),
                version.mode.clone(),
                against(version.crps, version.baseline_crps),
                against(version.rmse, version.baseline_rmse),
                figure(version.reliability, 2),
                or_nothing(version.verdict.as_ref().map(gate)),
                format!("{:.1}", version.seconds),
            ]);
        }
        format!("{table}\nCRPS and RMSE against the hardest naive baseline on the same unseen rows; below 0 is better")
    }

    /// The last line. A version is live when the gate let it in, even if a later one has replaced it; any other was
    /// rejected or waits for more rows. A model beats naive with confidence when a version of it that went live does.
    pub(crate) fn last_line(&self, took: Duration) -> String {
        let went_live = |version: &&VersionView| version.verdict.as_ref().is_some_and(|verdict| verdict.promoted);
        let beats = |version: &&VersionView| version.verdict.as_ref().is_some_and(|verdict| verdict.beats_naive);
        let live = self.versions.iter().filter(went_live).count();
        let beating: BTreeSet<&str> =
            self.versions.iter().filter(went_live).filter(beats).map(|version| version.model.as_str()).collect();
        format!(
            "demo: {models} models, {} trainings, {live} live, {} rejected, {} of {models} beat naive with confidence, \
             {} failed in {:.0} s",
            self.jobs.len(),
            self.versions.len() - live,
            beating.len(),
            self.failed(),
            took.as_secs_f64(),
            models = self.models,
        )
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use uuid::Uuid;

    use super::*;
    use crate::views::VerdictView;

    fn version(model: &str, promoted: bool, beats_naive: bool) -> VersionView {
        VersionView {
            model: model.into(),
            version: "v1.0".into(),
            status: if promoted { "live" } else { "rejected" }.into(),
            mode: "complete".into(),
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
            }),
            reliability: Some(0.61),
            crps: 0.0098,
            baseline_crps: 0.01,
            rmse: 0.0101,
            baseline_rmse: 0.01,
            baseline: "no change".into(),
            seconds: 1.23,
            gap: None,
            manifest: serde_json::Value::Null,
        }
    }

    #[test]
    fn the_last_line_counts_models_and_versions() {
        let versions = vec![version("a", true, true), version("a", true, true), version("b", false, true)];
        let summary = Summary { models: 2, versions, jobs: Vec::new(), refused: 1 };
        assert_eq!(
            summary.last_line(Duration::from_millis(41_600)),
            "demo: 2 models, 0 trainings, 2 live, 1 rejected, 1 of 2 beat naive with confidence, 1 failed in 42 s"
        );
    }

    #[test]
    fn the_table_shows_each_version_against_naive_within_a_hundred_columns() {
        let summary = Summary { models: 1, versions: vec![version("forecaster/AAPL", true, false)], jobs: Vec::new(), refused: 0 };
        let shown = summary.table(&Output::new(false));
        assert!(shown.contains("-2.0 %") && shown.contains("+1.0 %") && shown.contains("0.61"), "{shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 100), "{shown}");
    }
}
