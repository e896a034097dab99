//! What came of a reproduction: how alike the two are, and whether the original is whole again.

use common::telemetry::table::{attribute, metric};
use common::vocabulary::{JobId, Manifest, Timestamp, files};

use super::give_back::{self, GivenBack};
use crate::db::{self, jobs::Alike, reproductions::Reproduction, versions::Version};
use crate::domain::transition::Command;
use crate::service::error::{Error, Result};
use crate::service::jobs::life;
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
    let mut comparison = comparison(&original, &repeated.manifest);
    let given = match comparison.identical {
        true => give_back::files(core, &original, &repeated).await?,
        false => GivenBack::Nothing,
    };

    let now = Timestamp::now();
    let mut tx = core.db.begin().await?;
    let Some(job) = db::jobs::get(&mut tx, id).await? else { return Ok(()) };
    let Ok(mut next) = life::next(core, &job, &Command::Judge, now) else { return Ok(()) };
    match given {
        GivenBack::Nothing => {}
        GivenBack::Whole(keys, removed) => {
            give_back::keep(&mut tx, &original, &keys, &removed, now).await?;
            comparison.text += &format!(": {} is whole again", original.number);
        }
        GivenBack::Lacks(file) => {
            comparison.text += &format!(", but its {file} is another: {} stays without its files", original.number);
        }
    }
    next.job.why = comparison.text.clone();
    next.job.comparison = Some(comparison);
    life::write_whole(&mut tx, &mut next).await?;
    tx.commit().await.map_err(db::Error::from)?;
    core.fault.at(Step::Promoted).await;
    metric::VERDICTS.add(1, &[(&attribute::VERDICT, "reproduction")]);
    life::follow(core, vec![next]).await
}

async fn original(view: &mut db::Connection, repeated: &Reproduction) -> Result<Version> {
    let found = db::versions::get(view, &repeated.model, repeated.of).await?;
    found.ok_or_else(|| Error::not_found(format!("version {} of {}", repeated.of, repeated.model)))
}

fn comparison(original: &Version, now: &Manifest) -> Alike {
    let then = &original.manifest;
    let weights = |manifest: &Manifest| manifest.files.get(files::WEIGHTS).map(|entry| entry.sha256);
    let loss = |manifest: &Manifest| manifest.evaluation.contestants.first().map(|m| m.loss);
    let identical = weights(then).is_some() && weights(then) == weights(now);
    let loss_difference = loss(then).zip(loss(now)).map_or(0.0, |(then, now)| now - then);
    let of = original.number;
    let text = if identical {
        format!("the weights are those of {of} to the bit")
    } else {
        let differs: Vec<String> = then
            .libraries
            .iter()
            .filter_map(|(name, was)| {
                let is = now.libraries.get(name).map_or("absent", String::as_str);
                (is != was).then(|| format!("{name} was {was}, is {is}"))
            })
            .collect();
        let because = if differs.is_empty() { String::new() } else { format!(" ({})", differs.join("; ")) };
        let name = then.evaluation.loss.title();
        format!("the weights differ from those of {of}{because}; mean {name} differs by {loss_difference:+.6}")
    };
    Alike { of, identical, loss_difference, text }
}
