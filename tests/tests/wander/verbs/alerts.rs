//! Alerts are looked at and silenced, and channels are made, changed and deleted. Nothing is told: nobody listens there.

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "alerts"
    }

    fn weight(&self, _: Family) -> u32 {
        2
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        let name = format!("{}-channel", reference.name);
        let of = |words: &str| line(format!("alerts {words}"));
        match dice.pick(2, &["look", "silence", "channel", "odd"]) {
            "look" => {
                let all = of(&format!("list --resolved --model {key}"));
                vec![of("list"), all, of("list --kind over-age"), of("silences"), of("channels"), of("messages")]
            }
            "silence" => {
                let about = dice.pick(0, &["--kind retraining-due", "--kind degraded", ""]);
                vec![of(format!("silence {about} --model {key} --for 1min --reason walking").trim()), of("silences")]
            }
            "channel" => {
                let add =
                    of(&format!("channels add {name} slack --url https://hooks.example.com/x --severity critical"));
                let edit = of(&format!("channels edit {name} --quiet 22:00-07:00 --zone Europe/Madrid --language es"));
                let (pause, show) = (of(&format!("channels pause {name}")), of(&format!("channels show {name}")));
                let delete = of(&format!("channels delete {name}"));
                vec![add, edit, pause, show.clone(), of(&format!("messages {name}")), delete, show.in_vain()]
            }
            _ => vec![
                of("ack 999999999").in_vain(),
                of("silence --for 1h").in_vain(),
                of(&format!("channels add {name} webhook --url https://127.0.0.1/x")).in_vain(),
                of(&format!("channels add {name} email --to ops@example.com")).in_vain(),
                of(&format!("test {name}")).in_vain(),
            ],
        }
    }
}
