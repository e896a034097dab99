//! Reports: the state of every model and what to do about it.

use chrono::NaiveDate;
use common::vocabulary::Timestamp;
use domain::decide::{Action, Verdict};

use crate::db::{self, Scope};
use crate::service::error::Result;
use crate::service::facts;
use crate::service::planning::evaluate::{self, PlanningRequest};
use crate::service::runtime::{Core, Refit};
use crate::views::{GapView, IncrementalReport, ReportRow};
use crate::wording;

impl Refit {
    /// The state of every model and what to do about it.
    ///
    /// # Errors
    /// The database fails.
    pub async fn incremental_report(&self, as_of: Option<NaiveDate>) -> Result<IncrementalReport> {
        incremental(&self.core, evaluate::moment(as_of)?).await
    }
}

/// The state of every model.
pub(super) async fn incremental(core: &Core, now: Timestamp) -> Result<IncrementalReport> {
    let mut view = core.db.snapshot().await?;
    let known = facts::facts(&mut view, Scope::All, &core.settings, now).await?;
    let gaps = db::versions::gaps(&mut view).await?;
    drop(view);
    let mut report = IncrementalReport {
        at: now.utc(),
        models: Vec::new(),
        total: 0,
        need_retraining: 0,
        up_to_date: 0,
        without_model: 0,
    };
    for known in &known {
        let outcome = evaluate::plan(known, &PlanningRequest::default(), &core.settings, now);
        let version = known.facts.live.as_ref();
        let due = outcome.decision.verdict != Verdict::NotNeeded;
        report.total += 1;
        report.need_retraining += u64::from(due);
        report.up_to_date += u64::from(!due);
        report.without_model += u64::from(version.is_none());
        report.models.push(ReportRow {
            model: known.model.key.to_string(),
            version: version.map(|version| version.version.to_string()),
            // For a day before it was trained it has none.
            age_days: version.map(|version| now.days_since(version.trained_at)).filter(|age| *age >= 0.0),
            new_rows: known.facts.new_rows,
            reliability: version.and_then(|version| version.reliability),
            gap: gaps.get(&known.model.key).map(|gap| GapView { on_new: gap.on_new, on_old: gap.on_old }),
            action: wording::text(&Action::of(&outcome.decision)),
        });
    }
    Ok(report)
}
