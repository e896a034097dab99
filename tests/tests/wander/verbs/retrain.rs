//! A training is asked for: in every mode, with force or without, as of some day.

use std::collections::BTreeSet;

use chrono::NaiveDate;

use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, line};
use crate::family::{Family, day};
use crate::plan::Dice;
use crate::reference::{Job, Reference, Work};

use super::Verb;

/// The verb.
pub(super) struct It;

impl Verb for It {
    fn name(&self) -> &'static str {
        "retrain"
    }

    fn weight(&self, _: Family) -> u32 {
        12
    }

    fn trains(&self) -> bool {
        true
    }

    fn lines(&self, reference: &Reference, dice: Dice) -> Vec<CommandLine> {
        let key = &dice.model(2, reference).key;
        let mode = dice.pick(0, &["", "--mode incremental", "--mode complete", "--mode incremental", "--mode quick"]);
        let force = if dice.one_in(1, 2) { "" } else { "--force" };
        let more = match dice.0[2] {
            20 | 21 => format!("--as-of {}", a_day(reference, dice)),
            22 => "--yardstick".to_owned(),
            17..=19 | 23 => reference.family.poor().to_owned(),
            _ => String::new(),
        };
        let asked = line(format!("retrain {key} {mode} {force} {more}")).watched(!dice.one_in(1, 5));
        // And a look at what Refit makes of what came of it.
        if dice.one_in(2, 6) { vec![asked, line(format!("check {key} --enqueue"))] } else { vec![asked] }
    }

    fn learn(&self, reference: &mut Reference, line: &CommandLine, answer: &CommandOutput) -> Checked {
        let item = &answer.json["items"][0];
        let Some(job) = item["job"].as_str().filter(|_| item["result"] == "requested") else { return Ok(()) };
        let mode = item["mode"].as_str().unwrap_or_default();
        let as_of = line.words.iter().position(|word| word == "--as-of").map(|index| line.word(index + 1).to_owned());
        asked(reference, line.word(1), job, mode, as_of.as_deref())
    }
}

/// A day near the end of the rows, or long before them.
pub(super) fn a_day(reference: &Reference, dice: Dice) -> NaiveDate {
    let id = reference.next.saturating_sub(u32::from(dice.0[0]) * 5 + 1);
    if dice.one_in(0, 3) { day(reference.family, 0) } else { day(reference.family, id) }
}

/// A training is in the backlog: what it is given for sure, and that it was tried.
pub(super) fn asked(reference: &mut Reference, key: &str, job: &str, mode: &str, as_of: Option<&str>) -> Checked {
    let until = as_of.and_then(|day| day.parse::<NaiveDate>().ok());
    let dated = |id: &u32| match reference.family {
        Family::Forecaster | Family::Recommender => until.is_none_or(|until| day(reference.family, *id) <= until),
        Family::Text | Family::Tabular => until.is_none(),
    };
    let given: BTreeSet<_> = reference.contents().into_iter().filter(|(id, _)| dated(id)).collect();
    let since = if until.is_some() { 0 } else { reference.arrivals.len() };
    let tried = until.is_none().then(|| (reference.changes, mode.to_owned()));
    let Some(model) = reference.model_mut(key) else { return Ok(()) };
    if model.paused {
        return Err(Broken::new("pause", format!("{key} is paused, and job {job} was made all the same")));
    }
    model.tried = tried;
    model.busy = true;
    model.asked.insert(job.to_owned());
    model.jobs.push(Job { id: job.to_owned(), what: Work::Train, given, since });
    Ok(())
}
