//! One walk: lines are typed, answers teach the reference, and after every step what must be true is looked at.

use std::path::PathBuf;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;

use crate::checks;
use crate::command_line::{Broken, Checked, CommandLine, CommandOutput, May, line};
use crate::family::{Family, Row};
use crate::plan::Step;
use crate::reference::Reference;
use crate::report::Journal;
use crate::shared_installation::SharedInstallation;
use crate::verbs::{self, import, model};

/// Somebody who walks.
pub(crate) struct Walker<'a> {
    pub(crate) installation: &'a SharedInstallation,
    pub(crate) reference: Reference,
    pub(crate) journal: Journal,
    folder: PathBuf,
    /// The newest job that an answer named.
    job: Option<String>,
    /// Coordinators that had been killed when it looked last.
    kills: u64,
}

impl<'a> Walker<'a> {
    /// Of this name, that no walk has had.
    pub(crate) fn new(installation: &'a SharedInstallation, name: &str, family: Family) -> Self {
        let folder = installation.files.join(name);
        std::fs::create_dir_all(&folder).expect("a folder for the walk");
        Self {
            installation,
            reference: Reference::new(name, family),
            journal: Journal::default(),
            folder,
            job: None,
            kills: installation.kills(),
        }
    }

    /// Walks these steps, each of which is counted; stops early where `stop` says so.
    ///
    /// # Errors
    /// Something that must be true is not.
    pub(crate) fn walk(&mut self, steps: &[Step], seen: Option<&AtomicUsize>, stop: &AtomicBool) -> Checked {
        self.begin()?;
        for step in steps {
            if stop.load(Ordering::Relaxed) {
                return Ok(());
            }
            if let Some(seen) = seen {
                seen.fetch_add(1, Ordering::SeqCst);
            }
            self.journal.steps += 1;
            self.step(step)?;
        }
        let _beside_others = self.installation.turn.read().unwrap_or_else(PoisonError::into_inner);
        checks::at_the_end(self)
    }

    fn begin(&mut self) -> Checked {
        let _beside_others = self.installation.turn.read().unwrap_or_else(PoisonError::into_inner);
        let rows = (0..self.reference.family.base()).map(|id| (id, Row::default())).collect();
        self.say(import::bring(&self.reference, rows))?;
        self.say(model::register(&self.reference, &self.reference.name))?;
        if self.reference.models.is_empty() {
            return Err(Broken::new("begin", "the first model cannot be registered"));
        }
        Ok(())
    }

    fn step(&mut self, step: &Step) -> Checked {
        let lock = &self.installation.turn;
        let _turn = match step.verb.is_alone() {
            true => (None, Some(lock.write().unwrap_or_else(PoisonError::into_inner))),
            false => (Some(lock.read().unwrap_or_else(PoisonError::into_inner)), None),
        };
        for line in step.verb.lines(&self.reference, step.dice) {
            self.say(line)?;
        }
        checks::after(self)
    }

    /// What has come of a job that an answer is about, once it has ended; else the answer. What is advised may be a job that is not waited
    /// for: typed again before it has ended, a line cannot know better.
    fn came_of(&self, answer: &CommandOutput) -> Value {
        let job = answer.json["id"].as_str().and_then(|id| self.installation.get(&format!("jobs/{id}?wait=50")).ok());
        job.unwrap_or_else(|| answer.json.clone())
    }

    /// Types a line; where it is refused, does as it is told, and types it again.
    fn say(&mut self, line: CommandLine) -> Checked {
        let Some(line) = self.ready(line) else { return Ok(()) };
        let answer = self.typed(&line)?;
        if line.may == May::NotBeDone || line.act.is_some() {
            return Ok(());
        }
        for other in checks::advice::modes(&line, &answer) {
            let advised = self.typed(&other)?;
            self.installation.beyond(checks::advice::works(&other, &advised, &answer))?;
        }
        for advice in checks::advice::found(&answer, &self.reference.name) {
            let advice = crate::command_line::line(advice).advised();
            let advised = self.typed(&advice)?;
            self.installation.beyond(checks::advice::works(&advice, &advised, &answer))?;
            if !answer.done() {
                let came = self.came_of(&advised);
                checks::advice::helps(&advice, &came, &self.typed(&line)?, &answer)?;
            }
        }
        Ok(())
    }

    /// The line with its file written and its job named; none, if there is no job to name.
    fn ready(&mut self, mut line: CommandLine) -> Option<CommandLine> {
        if line.has("$JOB") && self.job.is_none() {
            return None;
        }
        let path = self.folder.join(format!("{}.csv", self.journal.len()));
        if let Some(content) = &line.file {
            std::fs::write(&path, content).expect("a file of the walk");
        }
        for word in &mut line.words {
            match word.as_str() {
                "@" => *word = path.display().to_string(),
                "$JOB" => *word = self.job.clone().unwrap_or_default(),
                _ => {}
            }
        }
        Some(line)
    }

    /// What was answered before a coordinator was killed may not have been noted.
    fn mourn(&mut self) {
        if self.kills != self.installation.kills() {
            self.kills = self.installation.kills();
            self.reference.unsure = self.reference.predictions.iter().map(|(id, _)| id.clone()).collect();
        }
    }

    /// Types a line as it is, and learns.
    fn typed(&mut self, line: &CommandLine) -> Checked<CommandOutput> {
        self.mourn();
        let index = self.journal.begin(line);
        for model in &mut self.reference.models {
            model.busy |= !model.jobs.is_empty();
            model.cancelled.extend((line.word(0) == "cancel").then(|| line.word(1).to_owned()));
        }
        let answer = match line.act {
            Some(act) => self.installation.act(act).map(|()| CommandOutput {
                code: 0,
                json: serde_json::Value::Null,
                stderr: String::new(),
            })?,
            None => self.installation.say(line)?,
        };
        self.journal.end(index, &answer);
        self.installation.beyond(checks::answers::documented(line, &answer))?;
        if line.word(0) == "retrain" {
            self.job = answer.json["items"][0]["job"].as_str().map(str::to_owned);
        }
        checks::jobs::follow(self.installation, &mut self.reference, false)?;
        self.installation.beyond(verbs::learn(&mut self.reference, line, &answer))?;
        if line.watch {
            checks::jobs::follow(self.installation, &mut self.reference, true)?;
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_shown_as_it_is_typed() {
        assert_eq!(line("retrain text/w --force").watched(true).to_string(), "refit retrain text/w --force --watch");
    }
}
