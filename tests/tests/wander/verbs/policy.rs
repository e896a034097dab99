//! A model gets values of its own for keys of the policy, or gives them back. Learnt by whoever learns of models.

use std::collections::BTreeMap;

use crate::command_line::{CommandLine, line};
use crate::family::Family;
use crate::plan::Dice;
use crate::reference::Reference;

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "policy"
    }

    fn weight(&self, _: Family) -> u32 {
        4
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(1, reference).key;
        let said = |words: &str| line(format!("model {key} {words}"));
        match dice.pick(
            0,
            &[
                "--policy min_new_samples=5",
                "--policy min_new_samples=9 --policy max_increments=2",
                "--policy min_new_samples=default",
                "--policy max_increments=",
                "--policy auto_rollback=false",
                "--policy auto_retrain=default",
                "",
                "--policy min_new_sample=5",
                "--policy holdout_rows=7",
                "--policy force_retrain_age_days=3",
            ],
        ) {
            "" => vec![said("")],
            refused @ ("--policy min_new_sample=5"
            | "--policy holdout_rows=7"
            | "--policy force_retrain_age_days=3") => {
                vec![said(refused).in_vain()]
            }
            words => vec![said(words)],
        }
    }
}

/// What a line says of a model's own policy, by the family's keys; nothing takes a key back.
pub(super) fn said(family: Family, line: &CommandLine) -> BTreeMap<String, Option<String>> {
    let pairs = line.words.windows(2).filter_map(|pair| match (pair[0].as_str(), pair[1].as_str()) {
        ("--policy", said) => said.split_once('='),
        ("--auto-retrain", on) => Some(("auto_retrain", on)),
        _ => None,
    });
    let own = |(key, value): (&str, &str)| {
        let key = if key == "min_new_samples" { family.threshold() } else { key };
        (key.to_owned(), Some(value.to_owned()).filter(|value| !value.is_empty() && value != "default"))
    };
    pairs.map(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_line_says_is_read() {
        let words = "model text/w1 --tag x --policy min_new_samples=5 --policy max_increments= --auto-retrain false";
        let said: Vec<(String, Option<String>)> = said(Family::Text, &line(words)).into_iter().collect();
        let own = |key: &str, value: Option<&str>| (key.to_owned(), value.map(str::to_owned));
        let expected =
            [own("auto_retrain", Some("false")), own("max_increments", None), own("min_new_texts", Some("5"))];
        assert_eq!(said, expected);
    }
}
