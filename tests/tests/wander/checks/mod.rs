//! What must be true, one file a truth.

pub(crate) mod advice;
pub(crate) mod answers;
mod decision;
pub(crate) mod golden;
mod invariants;
pub(crate) mod jobs;
mod live;
mod policy;
mod rows;

use serde_json::Value;

use crate::command_line::Checked;
use crate::walk::Walker;

/// After every step.
pub(crate) fn after(walker: &mut Walker<'_>) -> Checked {
    let Walker { installation, reference, .. } = walker;
    installation.settled()?;
    jobs::follow(installation, reference, false)?;
    for index in 0..reference.models.len() {
        let view = live::same(installation, &mut reference.models[index])?;
        reference.models[index].busy = false;
        installation.beyond(rows::counted(reference, &reference.models[index], &view))?;
        installation.beyond(rows::scored(reference, &reference.models[index], &view))?;
        installation.beyond(policy::is_its_own(&reference.models[index], &view))?;
        if !installation.knows(decision::CHECK) {
            decision::true_now(installation, &reference.models[index])?;
        }
        installation.beyond(golden::kept(installation, reference.family, &mut reference.models[index]))?;
    }
    Ok(())
}

/// When a walk ends: nothing is left under way, and everything holds once more.
pub(crate) fn at_the_end(walker: &mut Walker<'_>) -> Checked {
    for index in 0..walker.reference.models.len() {
        // A paused model's job waits until somebody resumes it.
        let model = &mut walker.reference.models[index];
        if std::mem::take(&mut model.paused) {
            walker.installation.post(&format!("models/{}/resume", model.key), &Value::Null).map(drop)?;
        }
    }
    jobs::follow(walker.installation, &mut walker.reference, true)?;
    after(walker)?;
    jobs::none_failed(walker.installation, &walker.reference)?;
    invariants::kept(walker.installation)
}
