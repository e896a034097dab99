//! What came of the other fleets.

use serde::Serialize;

use crate::cli::table::{against, figure, or_nothing, table};
use crate::cli::text::gate_in_short;
use crate::views::{JobView, VerdictView, VersionSummary};

/// What came of them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Fleets {
    /// Models there are.
    models: usize,
    /// Trainings that came to a judged version.
    trained: usize,
    /// Versions that went live.
    live: usize,
    /// Of these, how many beat the hardest baseline with confidence.
    beat_baseline: usize,
    /// Trainings that came to none, and those that could not be asked for.
    failed: usize,
    /// Their versions.
    versions: Vec<VersionSummary>,
}

impl Fleets {
    /// Sums up so many models: their versions, and their trainings as they ended.
    pub(crate) fn new(models: usize, versions: Vec<VersionSummary>, jobs: &[JobView]) -> Self {
        let trained = jobs.iter().filter(|job| job.state == "completed").count();
        let live = |version: &&VersionSummary| version.verdict.as_ref().is_some_and(|verdict| verdict.promoted);
        let beats = |verdict: &VerdictView| verdict.promoted && verdict.beats_naive;
        Self {
            models,
            trained,
            live: versions.iter().filter(live).count(),
            beat_baseline: versions.iter().filter_map(|version| version.verdict.as_ref()).filter(|v| beats(v)).count(),
            failed: models.saturating_sub(trained),
            versions,
        }
    }

    /// How many trainings failed.
    pub(crate) fn failed(&self) -> usize {
        self.failed
    }

    /// Whether a model has a live version.
    pub(crate) fn is_live(&self, model: &str) -> bool {
        self.versions.iter().any(|version| version.model == model && version.status == "live")
    }

    /// The table of versions.
    pub(crate) fn table(&self) -> String {
        let mut table =
            table(&["model", "version", "judged by", ">to baseline", ">reliability", "verdict", ">seconds"]);
        for version in &self.versions {
            table.add_row([
                version.model.clone(),
                version.version.clone(),
                version.loss_name.clone(),
                against(version.loss, version.baseline_loss),
                figure(version.reliability, 2),
                or_nothing(version.verdict.as_ref().map(gate_in_short)),
                format!("{:.1}", version.seconds),
            ]);
        }
        format!(
            "{table}\nbut for the forecaster, rows were generated with a planted signal: that it is found says that the way works"
        )
    }

    /// All of them in a line.
    pub(crate) fn line(&self) -> String {
        let Self { models, trained, live, beat_baseline, failed, .. } = self;
        format!(
            "fleets: {models} models (all tickers in one; ratings, texts and records, generated), {trained} trained, {live} live, \
             {beat_baseline} beat their baseline with confidence, {failed} failed"
        )
    }
}
