//! Jobs end, and none fails for a reason that is not its own.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::golden;
use crate::command_line::{Broken, Checked};
use crate::family::Family;
use crate::reference::{Job, Model, Reference, Version, Work};
use crate::shared_installation::SharedInstallation;

/// No job of a walk takes longer, also when its worker is killed.
const LIMIT: Duration = Duration::from_secs(120);

/// Learns what came of the jobs that have ended; waits for all of them, if asked to. Jobs of a paused model are not waited for.
pub(crate) fn follow(installation: &SharedInstallation, reference: &mut Reference, wait: bool) -> Checked {
    let family = reference.family;
    for model in &mut reference.models {
        evaluations(installation, model)?;
        for job in std::mem::take(&mut model.jobs) {
            match ended(installation, &job, wait && !model.paused)? {
                Some(view) => learn(installation, family, model, &job, &view)?,
                None => model.jobs.push(job),
            }
        }
    }
    Ok(())
}

/// Nobody asks for evaluations: a training whose champion has moved leaves one, and so does a version that waits.
fn evaluations(installation: &SharedInstallation, model: &mut Model) -> Checked {
    let jobs = installation.get(&format!("jobs?model={}&limit=20", model.key))?;
    let under_way = jobs["items"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|job| job["kind"] == "evaluate" && job["ended_at"].is_null());
    for id in under_way.filter_map(|job| job["id"].as_str()) {
        if model.jobs.iter().all(|job| job.id != id) {
            model.jobs.push(Job { id: id.to_owned(), what: Work::Evaluate, given: BTreeSet::new(), since: 0 });
        }
    }
    Ok(())
}

fn ended(installation: &SharedInstallation, job: &Job, wait: bool) -> Checked<Option<Value>> {
    let until = Instant::now() + LIMIT;
    loop {
        let view = installation.get(&format!("jobs/{}{}", job.id, if wait { "?wait=20" } else { "" }))?;
        match view["state"].as_str() {
            Some("completed" | "failed" | "cancelled") => return Ok(Some(view)),
            _ if !wait => return Ok(None),
            _ if Instant::now() > until => {
                return Err(Broken::new("hang", format!("a job has not ended within {LIMIT:?}: {view}")));
            }
            _ => {}
        }
    }
}

fn learn(installation: &SharedInstallation, family: Family, model: &mut Model, job: &Job, view: &Value) -> Checked {
    if view["state"] == "failed" {
        return Err(failed(model, view));
    }
    if view["state"] == "cancelled" {
        model.tried = None;
        if !model.cancelled.contains(&job.id) {
            return Err(Broken::new(
                "jobs",
                format!("nobody has cancelled this job of {}: {}", model.key, view["why"]),
            ));
        }
    }
    if job.what == Work::Reproduce && view["comparison"]["identical"] != true {
        let what = format!("a version of {} was trained again, and is another: {}", model.key, view["comparison"]);
        return Err(Broken::new("reproduced", what));
    }
    let Some(number) = view["version"].as_str().filter(|_| matches!(job.what, Work::Train | Work::Reproduce)) else {
        return Ok(());
    };
    let shown = installation.get(&format!("models/{}/versions/{number}", model.key))?;
    let parent = shown["parent"].as_str().and_then(|parent| model.versions.get(parent));
    let inherited = parent.map(|parent| parent.given.clone()).unwrap_or_default();
    let version = Version {
        reproduction: job.what == Work::Reproduce,
        given: job.given.union(&inherited).copied().collect(),
        since: job.since,
        golden: golden::cases(family, &installation.golden(&job.id)),
    };
    model.versions.insert(number.to_owned(), version);
    Ok(())
}

fn failed(model: &Model, view: &Value) -> Broken {
    Broken::new("jobs", format!("a job of {} failed: {} ({})", model.key, view["why"], view["attempts"]))
}

/// Neither those that were asked for nor any other.
pub(super) fn none_failed(installation: &SharedInstallation, reference: &Reference) -> Checked {
    for model in &reference.models {
        let jobs = installation.get(&format!("jobs?state=failed&model={}", model.key))?;
        if let Some(job) = jobs["items"][0]["id"].as_str() {
            return Err(failed(model, &installation.get(&format!("jobs/{job}"))?));
        }
    }
    Ok(())
}
