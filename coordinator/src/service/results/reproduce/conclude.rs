//! What came of a reproduction: how alike the two are, and whether the original is whole again.

use common::telemetry::table::{attribute, metric};
use common::vocabulary::{JobId, Manifest, Timestamp, files};
use domain::job_reason::{JobReason, Library, Original};
use domain::transition::Command;

use super::give_back::{self, GivenBack};
use crate::db::{self, jobs::ComparisonRecord, reproductions::Reproduction, versions::Version};
use crate::service::error::{Error, Result};
use crate::service::jobs::lifecycle;
use crate::service::runtime::Core;
use crate::service::runtime::fault::Step;

/// Compares a recorded reproduction with its original, and ends its job. The same to the bit, it takes the place of what the original
/// lacks.
pub(crate) async fn conclude(core: &Core, id: JobId) -> Result<()> {
    let mut view = core.db.snapshot().await?;
    let Some(repeated) = db::reproductions::of_job(&mut view, id).await? else {
        return Err(Error::not_found(format!("reproduction of job {id}")));
    };
    let original = original(&mut view, &repeated).await?;
    drop(view);
    let mut found = Found::between(&original, &repeated.manifest);
    let given = match found.comparison.identical {
        true => give_back::files(core, &original, &repeated).await?,
        false => GivenBack::Nothing,
    };

    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    let Ok(mut next) = lifecycle::next(core, &job, &Command::Judge, now) else { return Ok(()) };
    match given {
        GivenBack::Nothing => {}
        GivenBack::Whole(keys, removed) => {
            give_back::keep(&mut tx, &original, &keys, &removed, now).await?;
            found.original(Original::WholeAgain, None);
        }
        GivenBack::Lacks(file) => found.original(Original::Lacks, Some(file)),
    }
    next.job.reason = Some(found.reason);
    next.job.comparison = Some(found.comparison);
    lifecycle::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Promoted).await;
    metric::VERDICTS.add(1, &[(&attribute::VERDICT, "reproduction")]);
    lifecycle::follow(core, vec![next]).await
}

async fn original(view: &mut db::Connection, repeated: &Reproduction) -> Result<Version> {
    let found = db::versions::get(view, &repeated.model, repeated.of).await?;
    found.ok_or_else(|| Error::not_found(format!("version {} of {}", repeated.of, repeated.model)))
}

/// What the comparison of a repetition with its original shows.
struct Found {
    comparison: ComparisonRecord,
    reason: JobReason,
}

impl Found {
    fn between(original: &Version, now: &Manifest) -> Self {
        let (then, of) = (&original.manifest, original.number);
        let weights = |manifest: &Manifest| manifest.files.get(files::WEIGHTS).map(|entry| entry.sha256);
        let loss = |manifest: &Manifest| manifest.evaluation.contestants.first().map(|m| m.loss);
        let identical = weights(then).is_some() && weights(then) == weights(now);
        let loss_difference = loss(then).zip(loss(now)).map_or(0.0, |(then, now)| now - then);
        let reason = match identical {
            true => JobReason::Repeated { of, original: Original::Whole, file: None },
            false => JobReason::Differs {
                of,
                libraries: changed(then, now),
                figure: then.evaluation.loss.title().to_owned(),
                difference: loss_difference,
            },
        };
        Self { comparison: ComparisonRecord { of, identical, loss_difference, text: String::new() }, reason }
    }

    /// What that means for the original.
    fn original(&mut self, is: Original, lacks: Option<String>) {
        if let JobReason::Repeated { original, file, .. } = &mut self.reason {
            (*original, *file) = (is, lacks);
        }
    }
}

/// Libraries that were others then.
fn changed(then: &Manifest, now: &Manifest) -> Vec<Library> {
    let library = |(name, was): (&String, &String)| {
        let (name, was) = (name.clone(), was.clone());
        match now.libraries.get(&name) {
            Some(is) if *is == was => None,
            Some(is) => Some(Library::Changed { name, was, is: is.clone() }),
            None => Some(Library::Absent { name, was }),
        }
    };
    then.libraries.iter().filter_map(library).collect()
}
