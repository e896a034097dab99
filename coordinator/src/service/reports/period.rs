//! What happened on a day or in a week.

use chrono::NaiveDate;
use common::vocabulary::Timestamp;
use domain::alert::{AlertKind, Severity};
use domain::ledger::Cause;
use domain::report::{Period, ReportKind, ReportName};
use domain::schedule::RunState;

use super::activity::Activity;
use super::tally::Tally;
use crate::db::reports::{Runs, Span};
use crate::db::{self, Connection};
use crate::service::error::{Error, Result};
use crate::service::present;
use crate::service::runtime::{Core, Refit};
use crate::views::{
    AlertCounts, AlertFigures, DecisionVerdict, FleetFigures, KindCount, PeriodReport, PoolFigures, ScheduleFigures,
    TrafficFigures,
};

/// Rows of each list.
const SHOWN: usize = 50;
/// Intervals of a day, and of a week.
const QUARTERS: usize = 96;
const HOURS: usize = 168;

impl Refit {
    /// What happened on a day, by the clocks of the settings; left out: today, so far.
    ///
    /// # Errors
    /// The day has not begun.
    pub async fn daily_report(&self, day: Option<NaiveDate>) -> Result<PeriodReport> {
        period(&self.core, ReportKind::Daily, day).await
    }

    /// What happened in the week of a day, Monday to Sunday; left out: this week, so far.
    ///
    /// # Errors
    /// The week has not begun.
    pub async fn weekly_report(&self, day: Option<NaiveDate>) -> Result<PeriodReport> {
        period(&self.core, ReportKind::Weekly, day).await
    }
}

/// The newest day, or week, that is at least half over: what a report that is kept is about, unless somebody names another.
pub(super) fn newest(core: &Core, kind: ReportKind) -> NaiveDate {
    Period::newest(days(kind).0, Timestamp::now(), core.settings.schedules.zone).first
}

/// The days that a report of a kind is about, and into how many intervals they are cut.
fn days(kind: ReportKind) -> (fn(NaiveDate) -> Period, usize) {
    match kind {
        ReportKind::Weekly => (Period::week, HOURS),
        ReportKind::Daily | ReportKind::Incremental | ReportKind::Scheduler => (Period::day, QUARTERS),
    }
}

/// What happened on the day, or in the week, of a day.
pub(super) async fn period(core: &Core, kind: ReportKind, day: Option<NaiveDate>) -> Result<PeriodReport> {
    let (now, zone) = (Timestamp::now(), core.settings.schedules.zone);
    let (of, intervals) = days(kind);
    let period = of(day.unwrap_or_else(|| zone.date_time(now).date_naive()));
    let (from, end) = period.span(zone);
    if from >= now {
        return Err(Error::invalid(format!("{} has not begun: a report is on what has happened", period.first)));
    }
    let span = (from, end.min(now));
    let mut view = core.db.snapshot().await?;
    let mut tally = Tally::new(SHOWN);
    db::reports::trainings::each(&mut view, span, |ended| tally.add(ended)).await?;
    let mut activity = Activity::over((from, end), intervals);
    db::reports::activity::each(&mut view, span, |course| activity.add(course)).await?;
    let moved = db::reports::moves(&mut view, span).await?;
    let alerts = alerts(&mut view, span, now).await?;
    let minutes = db::availability::between(&mut view, span.0, span.1).await?;
    let (predictions, labelled) = db::reports::served(&mut view, span).await?;

    let mut health = tally.health();
    health.promoted = moved.get(&Cause::Promote).copied().unwrap_or_default();
    health.taken_back = moved.get(&Cause::TakenBack).copied().unwrap_or_default();
    health.degradations = alerts.raised.iter().filter(|of| of.kind == AlertKind::Degraded).map(|of| of.count).sum();
    health.minutes = minutes.all;
    health.minutes_answered = minutes.answered;
    health.availability = (minutes.all > 0).then(|| minutes.available as f64 / minutes.all as f64);
    let (families, not_promoted, failures) = tally.lists();
    let moves = db::reports::newest_moves(&mut view, span, SHOWN).await?;
    Ok(PeriodReport {
        kind,
        name: ReportName::of(kind, period.first).to_string(),
        first: period.first,
        last: period.last,
        zone: zone.to_string(),
        from: span.0.utc(),
        to: span.1.utc(),
        is_over: end <= now,
        made_at: now.utc(),
        health,
        fleet: fleet(&mut view).await?,
        families,
        moves: moves.into_iter().map(present::ledger_entry).collect(),
        not_promoted,
        failures,
        alerts,
        schedules: schedules(db::reports::runs(&mut view, span).await?),
        traffic: TrafficFigures { imports: db::reports::imports(&mut view, span).await?, predictions, labelled },
        pools: pools(&mut view, span).await?,
        activity: activity.points(now),
    })
}

async fn fleet(view: &mut Connection) -> Result<FleetFigures> {
    let found = db::reports::fleet::count(view).await?;
    let decided = |verdict: DecisionVerdict| found.decisions.get(verdict.beginning()).copied().unwrap_or_default();
    Ok(FleetFigures {
        models: found.models,
        live: found.live,
        paused: found.paused,
        due: decided(DecisionVerdict::Retrain) + decided(DecisionVerdict::Recommended),
        held_back: decided(DecisionVerdict::HeldBack),
        declined: found.declined,
    })
}

async fn alerts(view: &mut Connection, span: Span, now: Timestamp) -> Result<AlertFigures> {
    let raised = db::reports::raised(view, span).await?;
    let resolved = db::reports::resolved(view, span).await?;
    let mut open = AlertCounts::default();
    for (severity, count) in db::alerts::count_open(view).await? {
        match severity {
            Severity::Critical => open.critical = count,
            Severity::Warning => open.warning = count,
            Severity::Info => open.info = count,
        }
    }
    let silences = db::alerts::silences::all(view).await?;
    let which = db::pages::alerts::Which::default();
    let standing = db::pages::alerts::behind(view, which, None, SHOWN as u32).await?;
    Ok(AlertFigures {
        raised: raised.into_iter().map(|(kind, count)| KindCount { kind, count }).collect(),
        resolved,
        open,
        standing: standing.into_iter().map(|alert| present::alert(alert, &silences, now)).collect(),
    })
}

/// The runs of each schedule; of those that have the same name, together.
pub(super) fn schedules(runs: Vec<Runs>) -> Vec<ScheduleFigures> {
    let mut figures: Vec<ScheduleFigures> = Vec::new();
    for of in runs.chunk_by(|a, b| a.schedule == b.schedule) {
        let in_state = |state: RunState| of.iter().filter(|runs| runs.state == state).map(|runs| runs.runs).sum();
        let seconds = of.iter().filter(|runs| runs.state != RunState::Skipped).map(|runs| runs.seconds).sum();
        let schedule = of.first().and_then(|runs| runs.schedule.as_ref()).map(ToString::to_string);
        figures.push(ScheduleFigures { schedule, runs: present::run_counts(in_state, seconds) });
    }
    figures
}

async fn pools(view: &mut Connection, span: Span) -> Result<Vec<PoolFigures>> {
    let worked = db::reports::worked(view, span).await?;
    let figures = |of: db::reports::Worked| PoolFigures {
        pool: of.pool.to_string(),
        workers: of.workers,
        attempts: of.attempts,
        lost: of.lost,
        seconds: of.seconds,
    };
    Ok(worked.into_iter().map(figures).collect())
}
