//! A schedule is made, does its task, is changed and deleted. Its task trains nothing.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "schedules"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        let name = format!("{}-schedule", reference.name);
        let when =
            dice.pick(2, &["--daily 03:30", "--every 6h", "--cron 0 2 1 1 0", "--daily 02:30 --zone Europe/Madrid"]);
        let of = |words: &str| line(format!("schedules {words}"));
        let mut add = of(&format!("add {name} --task evaluate --model {key}"));
        match when.strip_prefix("--cron ") {
            Some(fields) => add.words.extend(["--cron".to_owned(), fields.to_owned()]),
            None => add.words.extend(when.split(' ').map(str::to_owned)),
        }
        let delete = of(&format!("delete {name}"));
        let between = dice.pick(
            0,
            &["run", "pause", "show", "history", "edit --missed all", "edit --every 90s", "edit --force", "run-twice"],
        );
        let mut lines = vec![add];
        match between {
            "run-twice" => lines.extend([of(&format!("run {name}")), of(&format!("run {name}"))]),
            "pause" => lines.extend([of(&format!("pause {name} --reason holidays")), of(&format!("resume {name}"))]),
            "edit --missed all" => lines.push(of(&format!("edit {name} --missed all"))),
            "edit --every 90s" => lines.push(of(&format!("edit {name} --every 90s")).in_vain()),
            "edit --force" => lines.push(of(&format!("edit {name} --force")).in_vain()),
            one => lines.push(of(&format!("{one} {name}"))),
        }
        lines.extend([of("list"), delete, of(&format!("show {name}")).in_vain(), line("scheduler status")]);
        lines
    }
}
