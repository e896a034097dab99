//! A model is told to read other columns: fewer, all again, or one that is not there, which is refused.

use serde_json::json;

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "schema"
    }

    fn weight(&self, family: Family) -> u32 {
        match family {
            Family::Tabular => 5,
            Family::Text | Family::Recommender => 2,
            Family::Forecaster => 0,
        }
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        match reference.family {
            Family::Tabular => vec![records(key, dice)],
            Family::Text => vec![match dice.one_in(0, 2) {
                true => line(format!("model {key} --column text=nowhere")).in_vain(),
                false => line(format!("model {key} --column text=text")),
            }],
            Family::Recommender => vec![match dice.one_in(0, 2) {
                true => line(format!("model {key} --column value=nowhere")).in_vain(),
                false => line(format!("model {key} --column value=rating")),
            }],
            Family::Forecaster => Vec::new(),
        }
    }
}

fn records(key: &str, dice: Dice) -> CommandLine {
    let all = [("age", "number"), ("overtime", "flag"), ("salary", "number"), ("height", "number")];
    let inputs = dice.pick(0, &[&all[..3], &all[..2], &all[1..3], &all[..]]);
    let column = |(name, kind): &(&str, &str)| json!({ "name": name, "kind": kind, "role": "feature" });
    let mut columns = vec![
        json!({ "name": "id", "kind": "category", "role": "key" }),
        json!({ "name": "left", "kind": "flag", "role": "target" }),
    ];
    columns.extend(inputs.iter().map(column));
    let schema = json!({ "columns": columns, "task": { "is": { "column": "left", "positive": "yes" } } });
    let line = line(format!("model {key} --schema @")).with_file(schema.to_string());
    // Nobody is as tall as a column that is not there.
    if inputs.len() == all.len() { line.in_vain() } else { line }
}
