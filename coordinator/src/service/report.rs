//! Reports: the state of every model and what to do about it; who works.

use common::vocabulary::Timestamp;
use common::wire::DeviceState;
use newtype_uuid::GenericUuid;

use super::Result;
use super::core::Core;
use super::evaluate::{self, Wish};
use crate::db::{self, Scope};
use crate::domain::decide::{HoldCode, Verdict};
use crate::views::{DeviceView, GapView, IncrementalReport, ReportRow, WorkerView};

/// The state of every model.
pub(super) async fn incremental(core: &Core, now: Timestamp) -> Result<IncrementalReport> {
    let mut view = core.db.snapshot().await?;
    let known = evaluate::facts(&mut view, Scope::All, &core.settings, now).await?;
    let live = db::versions::live(&mut view).await?;
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
        let plan = evaluate::plan(known, &Wish::default(), &core.settings, now);
        let version = live.get(&known.model.key);
        let due = plan.decision.verdict != Verdict::NotNeeded;
        report.total += 1;
        report.need_retraining += u64::from(due);
        report.up_to_date += u64::from(!due);
        report.without_model += u64::from(version.is_none());
        report.models.push(ReportRow {
            model: known.model.key.to_string(),
            version: version.map(|version| version.number.to_string()),
            // For a day before it was trained it has none.
            age_days: version.map(|version| now.days_since(version.as_of)).filter(|age| *age >= 0.0),
            new_rows: known.facts.new_rows,
            reliability: version.and_then(|version| version.reliability),
            gap: version.and_then(|v| v.manifest.gap).map(|gap| GapView { on_new: gap.on_new, on_old: gap.on_old }),
            action: action(&plan),
        });
    }
    Ok(report)
}

/// What to do, in words.
fn action(plan: &evaluate::Plan) -> String {
    let decision = &plan.decision;
    let mode = decision.mode.map(|mode| mode.to_string()).unwrap_or_default();
    let training = decision.holds.iter().any(|hold| hold.code == HoldCode::ActiveTraining);
    match decision.verdict {
        Verdict::Retrain => format!("retrain ({mode})"),
        Verdict::Recommended => format!("retrain ({mode}) when asked to"),
        Verdict::HeldBack if training => "wait: it is being trained".into(),
        Verdict::HeldBack => {
            let holds: Vec<&str> = decision.holds.iter().map(|hold| hold.code.as_str()).collect();
            format!("wait ({}), then retrain ({mode})", holds.join(", "))
        }
        Verdict::NotNeeded => "nothing".into(),
    }
}

/// The workers heard of lately, by host and process.
pub(super) async fn workers(core: &Core) -> Result<Vec<WorkerView>> {
    let under_way = db::line::under_way(&mut *core.db.read().await?).await?;
    let mut shown: Vec<WorkerView> = core
        .fleet()
        .everyone()
        .filter_map(|(id, member, lost)| member.heartbeat.as_ref().map(|heartbeat| (id, member, lost, heartbeat)))
        .map(|(id, member, lost, heartbeat)| WorkerView {
            id: id.into_untyped_uuid(),
            host: heartbeat.host.clone(),
            pid: heartbeat.pid,
            state: match (lost, heartbeat.draining) {
                (true, true) => "gone",
                (true, false) => "lost",
                (false, true) => "draining",
                (false, false) => "ready",
            }
            .into(),
            pools: heartbeat.pools.iter().map(ToString::to_string).collect(),
            slots: heartbeat.slots,
            free: heartbeat.free,
            devices: heartbeat.hardware.devices.iter().cloned().map(device).collect(),
            note: heartbeat.hardware.note.clone(),
            troubles: heartbeat.troubles.clone(),
            memory: heartbeat.memory,
            jobs: under_way
                .iter()
                .filter(|job| job.holder().is_some_and(|claim| claim.worker == id))
                .map(|job| job.id.into_untyped_uuid())
                .collect(),
            seen_at: member.seen_at.utc(),
            version: heartbeat.version.clone(),
        })
        .collect();
    shown.sort_by(|a, b| (&a.host, a.pid).cmp(&(&b.host, b.pid)));
    Ok(shown)
}

fn device(state: DeviceState) -> DeviceView {
    let DeviceState { device, name, memory, memory_used, utilisation } = state;
    DeviceView { device, name, memory, memory_used, utilisation }
}
