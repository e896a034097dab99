//! Everything that only looks: it is always there.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "report"
    }

    fn weight(&self, _: Family) -> u32 {
        3
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        let of_model = |verb: &str| format!("{verb} {key}");
        let (versions, backups, predictions) = (of_model("versions"), of_model("backups"), of_model("predictions"));
        let report = format!("report model {key}");
        let looks = [
            versions.as_str(),
            backups.as_str(),
            predictions.as_str(),
            "models",
            "jobs",
            "jobs --all",
            "workers",
            "pool list",
            "dead-letters",
            "data list",
            "report incremental",
            "report scheduler",
            "report daily",
            "report weekly",
            "report make daily",
            "report list",
            report.as_str(),
            "config",
        ];
        vec![line(dice.pick(0, &looks))]
    }
}
