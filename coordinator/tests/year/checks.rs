//! What must hold at the end.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use common::vocabulary::{ModelKey, Timestamp};
use coordinator::views::{AlertFilter, ModelFilter, PageQuery, ScheduleRunView};
use domain::report::ReportKind;
use domain::schedule::{MissedRuns, RunState};

use crate::calendar::due;
use crate::run::Year;

/// Days without a judged attempt after which a model is overdue: past `force_retrain_age_days` (45) it is trained whatever else, once a day is
/// looked, and for three days nobody does.
const LIMIT: f64 = 45.0 + 1.0 + 3.0 + 1.0;

/// Says what is broken, and what the year was.
pub(crate) async fn of(year: &Year, took: Duration) -> Vec<String> {
    let mut broken = Vec::new();
    let (mut all, mut fired, mut missed, mut doubled) = (0, 0, 0, 0);
    for (watched, since) in &year.watched {
        let expected = due(watched.rhythm, *since, Timestamp::now());
        let runs = runs(year, watched.name).await;
        let found: BTreeSet<i64> = runs.iter().map(|run| run.due.timestamp_micros()).collect();
        let lacking: Vec<String> = expected.difference(&found).map(|at| Timestamp(*at).to_string()).collect();
        let odd: Vec<String> = found.difference(&expected).map(|at| Timestamp(*at).to_string()).collect();
        let twice = runs.len() - found.len();
        if !lacking.is_empty() || !odd.is_empty() || twice > 0 {
            broken.push(format!("{}: no run of {lacking:?}, a run of {odd:?}, {twice} twice", watched.name));
        }
        broken.extend(as_told(year, watched.name, &runs).await);
        all += expected.len();
        fired += runs.len();
        missed += lacking.len();
        doubled += twice;
    }
    let (models, promoted, overdue) = attempts(year, &mut broken).await;
    let (raised, resolved) = alerts(year).await;
    reports(year, &mut broken).await;
    println!(
        "year: {} days, {models} models, due {all}, fired {fired}, missed {missed}, doubled {doubled}, overdue {overdue}, {} trainings, {promoted} promoted, alerts raised {raised} resolved {resolved} in {:.0} s",
        year.plan.days,
        year.trained(),
        took.as_secs_f64(),
    );
    broken
}

async fn runs(year: &Year, name: &str) -> Vec<ScheduleRunView> {
    let (mut runs, mut cursor) = (Vec::new(), None);
    loop {
        let page = year.refit().schedule_runs(name, PageQuery { limit: Some(1000), cursor }).await.unwrap();
        runs.extend(page.items);
        match page.next {
            Some(next) => cursor = Some(next),
            None => return runs,
        }
    }
}

/// What was missed while nobody was there was made up for as the schedule says, and all else was done.
async fn as_told(year: &Year, name: &str, runs: &[ScheduleRunView]) -> Vec<String> {
    let missed = year.refit().schedule(name).await.unwrap().missed;
    let mut broken = Vec::new();
    for run in runs {
        let skipped = run.state == RunState::Skipped;
        if run.state != RunState::Completed && !(skipped && missed != MissedRuns::All) {
            broken.push(format!("{name}: {run:?}"));
        }
    }
    broken
}

/// Every model had a judged attempt within its limit: how many models, versions that went live, and models that are overdue.
async fn attempts(year: &Year, broken: &mut Vec<String>) -> (usize, u64, usize) {
    let (refit, mut cursor) = (year.refit(), None);
    let (mut models, mut promoted, mut overdue) = (0, 0, 0);
    let (from, to) = (year.watched[0].1, Timestamp::now());
    loop {
        let filter = ModelFilter { limit: Some(1000), cursor, ..ModelFilter::default() };
        let page = refit.models(filter).await.unwrap();
        for model in page.items {
            models += 1;
            let key: ModelKey = model.key.parse().unwrap();
            promoted += model.live_seq;
            if model.own_policy.contains_key("auto_retrain") {
                continue;
            }
            let versions = refit.versions(&key, PageQuery { limit: Some(1000), cursor: None }).await.unwrap().items;
            let judged = versions.iter().filter(|version| version.verdict.is_some());
            let mut at: Vec<Timestamp> = judged.map(|of| Timestamp(of.recorded_at.timestamp_micros())).collect();
            at.extend([from, to]);
            at.sort();
            let longest = at.windows(2).map(|pair| pair[1].days_since(pair[0])).fold(0.0, f64::max);
            if longest > LIMIT {
                overdue += 1;
                broken.push(format!("{key}: {longest:.1} days without a judged attempt"));
            }
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => return (models, promoted, overdue),
        }
    }
}

async fn alerts(year: &Year) -> (usize, usize) {
    let (mut raised, mut resolved, mut cursor) = (0, 0, None);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    loop {
        let filter = AlertFilter { all: true, limit: Some(1000), cursor, ..AlertFilter::default() };
        let page = year.refit().alerts(filter).await.unwrap();
        raised += page.items.len();
        resolved += page.items.iter().filter(|alert| alert.ended_at.is_some()).count();
        for alert in page.items.iter().filter(|alert| alert.ended_at.is_none()) {
            *open.entry(alert.kind.to_string()).or_default() += 1;
        }
        match page.next {
            Some(next) => cursor = Some(next),
            None => {
                println!("year: alerts that stand open: {open:?}");
                return (raised, resolved);
            }
        }
    }
}

/// Each day that was reported on has its report.
async fn reports(year: &Year, broken: &mut Vec<String>) {
    let done = runs(year, "daily-report").await;
    let name =
        |run: &ScheduleRunView| run.outcome.as_ref().and_then(|of| of.numbers["report"].as_str().map(str::to_owned));
    let made: BTreeSet<String> = done.iter().filter(|run| run.state == RunState::Completed).filter_map(name).collect();
    let kept = year.refit().kept_reports().await.unwrap();
    let kept: BTreeSet<String> =
        kept.into_iter().filter(|report| report.kind == ReportKind::Daily).map(|report| report.name).collect();
    // What is older than a year has gone.
    let lacking: Vec<&String> = made.difference(&kept).collect();
    if lacking.len() > year.plan.days.saturating_sub(364) as usize {
        broken.push(format!("reports that are not kept: {lacking:?}"));
    }
}
