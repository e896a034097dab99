//! Flags that say when a schedule is due, and what it does.

use std::time::Duration;

use common::vocabulary::{Family, InvalidHours, Mode, ModelKey, Pool, Zone};
use domain::alert::ChannelName;
use domain::report::ReportKind;
use domain::schedule::{
    CronExpression, LocalTime, MissedRuns, ReportParameters, Selection, Task, TaskKind, TimeOfDay, Timing,
    TrainingParameters, Weekday,
};

use crate::cli::args::{model_key, points};
use crate::cli::exit::{Code, Failure};

/// When it is due.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct TimingFlags {
    /// Once, such as 2026-12-01T02:00.
    #[arg(long, value_name = "TIME", group = "timing")]
    once: Option<LocalTime>,
    /// Every so often, such as 30min or 6h.
    #[arg(long, value_name = "SPAN", group = "timing", value_parser = minutes)]
    every: Option<u32>,
    /// Every day at a time, such as 06:00.
    #[arg(long, value_name = "TIME", group = "timing")]
    daily: Option<TimeOfDay>,
    /// Every week, such as "sunday 02:00".
    #[arg(long, value_name = "DAY TIME", group = "timing", value_parser = weekly)]
    weekly: Option<(Weekday, TimeOfDay)>,
    /// Every month, such as "31 02:00"; on the last day of a month that has no such day.
    #[arg(long, value_name = "DAY TIME", group = "timing", value_parser = monthly)]
    monthly: Option<(u32, TimeOfDay)>,
    /// As a cron expression of five fields says, such as "0 2 * * 0".
    #[arg(long, value_name = "FIELDS", group = "timing")]
    cron: Option<CronExpression>,
    /// Whose clocks say so, such as Europe/Madrid; else those of the settings.
    #[arg(long, value_name = "ZONE")]
    pub(crate) zone: Option<Zone>,
    /// What becomes of runs that were due while no coordinator ran: skip, once (one makes up for all) or all.
    #[arg(long, value_name = "HOW")]
    pub(crate) missed: Option<MissedRuns>,
    /// Put it off by at most so long, so that those of one time do not begin at once.
    #[arg(long, value_name = "SPAN", value_parser = humantime::parse_duration)]
    pub(crate) jitter: Option<Duration>,
}

impl TimingFlags {
    /// What they say.
    pub(crate) fn timing(&self) -> Option<Timing> {
        let every = self.every.map(|minutes| Timing::Every { minutes });
        let daily = self.daily.map(|time| Timing::Daily { time });
        let weekly = self.weekly.map(|(day, time)| Timing::Weekly { day, time });
        let monthly = self.monthly.map(|(day, time)| Timing::Monthly { day, time });
        let cron = self.cron.clone().map(|expression| Timing::Cron { expression });
        self.once.map(|at| Timing::Once { at }).or(every).or(daily).or(weekly).or(monthly).or(cron)
    }
}

/// A span of whole minutes.
fn minutes(text: &str) -> Result<u32, String> {
    let span = humantime::parse_duration(text)
        .map_err(|_| format!("{text:?} is no span of time: write it like 30min or 6h"))?;
    let (seconds, most) = (span.as_secs(), Timing::MOST_MINUTES);
    let minutes = u32::try_from(seconds / 60).ok().filter(|minutes| (1..=most).contains(minutes));
    match minutes.filter(|_| seconds.is_multiple_of(60) && span.subsec_nanos() == 0) {
        Some(minutes) => Ok(minutes),
        None => Err("a span is of whole minutes, from 1min to 366days".into()),
    }
}

/// `sunday 02:00`
fn weekly(text: &str) -> Result<(Weekday, TimeOfDay), String> {
    let (day, time) = text.split_once(' ').ok_or("write it like \"sunday 02:00\"")?;
    Ok((weekday(day)?, time_of_day(time)?))
}

/// `31 02:00`
fn monthly(text: &str) -> Result<(u32, TimeOfDay), String> {
    let (day, time) = text.split_once(' ').ok_or("write it like \"31 02:00\"")?;
    let day = day.parse().map_err(|_| format!("{day:?} is no day of a month: 1 to 31"))?;
    Ok((day, time_of_day(time)?))
}

/// `02:00`
fn time_of_day(text: &str) -> Result<TimeOfDay, String> {
    text.trim().parse().map_err(|error: InvalidHours| error.to_string())
}

/// `sunday`
pub(crate) fn weekday(text: &str) -> Result<Weekday, String> {
    text.parse().map_err(|_| format!("{text:?} is no day of the week: monday to sunday"))
}

/// What it does.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct TaskFlags {
    /// What to do: health-check, evaluate, retrain, backup, cleanup or report.
    #[arg(long, value_name = "TASK", value_parser = kind)]
    task: Option<TaskKind>,
    /// Only this model; may be given several times.
    #[arg(long = "model", value_name = "MODEL", value_parser = model_key)]
    models: Vec<ModelKey>,
    /// Only models of this family.
    #[arg(long)]
    family: Option<Family>,
    /// Only models of this category; "" takes that back.
    #[arg(long)]
    category: Option<String>,
    /// Only models with this tag; "" takes that back.
    #[arg(long)]
    tag: Option<String>,
    /// How to retrain: complete, incremental or quick; else as the facts ask for.
    #[arg(long)]
    mode: Option<Mode>,
    /// Retrain also what is not due.
    #[arg(long)]
    force: bool,
    /// So many new rows are enough to retrain, and fewer are not; else as the policy says.
    #[arg(long, value_name = "ROWS", visible_alias = "min-ratings", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    min_new: Option<u32>,
    /// Replaces base and position in the priority of trainings; lower is sooner.
    #[arg(long, value_name = "POINTS", allow_negative_numbers = true, value_parser = points)]
    priority: Option<f64>,
    /// Where to train.
    #[arg(long)]
    pool: Option<Pool>,
    /// A hyper-parameter of the trainings, such as epochs=20; may be given several times.
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = setting)]
    hyper: Vec<(String, String)>,
    /// Which report to make: incremental, scheduler, daily or weekly.
    #[arg(long, value_name = "REPORT", value_parser = crate::cli::commands::report::kind)]
    report: Option<ReportKind>,
    /// Send the report to this channel; may be given several times.
    #[arg(long = "send", value_name = "CHANNEL")]
    channels: Vec<ChannelName>,
    /// Send the report to no channel any more.
    #[arg(long, conflicts_with = "channels")]
    no_send: bool,
}

/// The kind of a task, as people type it.
pub(crate) fn kind(text: &str) -> Result<TaskKind, String> {
    let kind = text.replace('-', "_").parse();
    kind.map_err(|_| format!("{text:?} is no task: use health-check, evaluate, retrain, backup, cleanup or report"))
}

fn setting(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write it like epochs=20")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// What a flag says, or what was said before; said to be nothing, it is taken back.
fn said(now: &Option<String>, before: Option<String>) -> Option<String> {
    now.clone().or(before).filter(|text| !text.is_empty())
}

impl TaskFlags {
    /// What they say, on top of what a schedule does already. Nothing: it stays as it is.
    ///
    /// # Errors
    /// There is no task that they could be about, or it has no such parameters.
    pub(crate) fn task(&self, base: Option<Task>) -> Result<Option<Task>, Failure> {
        let says_which =
            !self.models.is_empty() || self.family.is_some() || self.category.is_some() || self.tag.is_some();
        let says_how = self.mode.is_some()
            || self.force
            || self.min_new.is_some()
            || self.priority.is_some()
            || self.pool.is_some()
            || !self.hyper.is_empty();
        let says_report = self.report.is_some() || !self.channels.is_empty() || self.no_send;
        let Some(kind) = self.task.or(base.as_ref().map(TaskKind::from)) else {
            let needs = "say what it does with --task, such as --task retrain";
            return if says_which || says_how || says_report {
                Err(Failure::new(Code::Usage, needs))
            } else {
                Ok(None)
            };
        };
        if kind != TaskKind::Retrain && says_how {
            let what = format!(
                "a task {kind} trains nothing: --mode, --force, --min-new, --priority, --pool and --set are of retrain"
            );
            return Err(Failure::new(Code::Usage, what));
        }
        if matches!(kind, TaskKind::Cleanup | TaskKind::Report) && says_which {
            return Err(Failure::new(Code::Usage, format!("a task {kind} is about no model in particular")));
        }
        if kind != TaskKind::Report && says_report {
            return Err(Failure::new(Code::Usage, "--report, --send and --no-send are of the task report"));
        }
        if self.task.is_none() && !says_which && !says_how && !says_report {
            return Ok(None);
        }
        let of = base.as_ref().and_then(Task::selection).cloned().unwrap_or_default();
        let of = Selection {
            models: if self.models.is_empty() { of.models } else { self.models.clone() },
            family: self.family.or(of.family),
            category: said(&self.category, of.category),
            tag: said(&self.tag, of.tag),
        };
        let (how, report) = match base {
            Some(Task::Retrain { parameters, .. }) => (parameters, ReportParameters::default()),
            Some(Task::Report { parameters }) => (TrainingParameters::default(), parameters),
            Some(_) | None => Default::default(),
        };
        let mut hyper = how.hyper;
        hyper.extend(self.hyper.iter().cloned());
        let parameters = TrainingParameters {
            mode: self.mode.or(how.mode),
            force: self.force || how.force,
            min_new_rows: self.min_new.or(how.min_new_rows),
            priority: self.priority.or(how.priority),
            pool: self.pool.clone().or(how.pool),
            hyper,
        };
        let report = ReportParameters {
            report: self.report.unwrap_or(report.report),
            channels: if self.channels.is_empty() && !self.no_send { report.channels } else { self.channels.clone() },
            language: report.language,
        };
        Ok(Some(Task::new(kind, of, parameters, report)))
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        timing: TimingFlags,
        #[command(flatten)]
        task: TaskFlags,
    }

    fn line(words: &[&str]) -> Line {
        Line::try_parse_from(["x"].iter().chain(words)).unwrap()
    }

    #[test]
    fn flags_say_when() {
        let json = |words: &[&str]| serde_json::to_value(line(words).timing.timing()).unwrap();
        assert_eq!(json(&["--every", "6h"]), serde_json::json!({ "kind": "every", "minutes": 360 }));
        let weekly = serde_json::json!({ "kind": "weekly", "day": "sunday", "time": "02:00" });
        assert_eq!(json(&["--weekly", "Sunday 02:00"]), weekly);
        assert_eq!(json(&["--monthly", "31 02:00"])["day"], 31);
        assert_eq!(json(&[]), serde_json::Value::Null);
        for odd in ["90s", "0s", "1ms", "400days", "999999999999d", "foo"] {
            assert!(Line::try_parse_from(["x", "--every", odd]).is_err(), "{odd}");
        }
        assert!(Line::try_parse_from(["x", "--daily", "06:00", "--every", "6h"]).is_err(), "one of them");
        assert!(Line::try_parse_from(["x", "--weekly", "someday 02:00"]).is_err());
    }

    #[test]
    fn flags_change_what_they_name_and_no_more() {
        let weekly =
            line(&["--task", "retrain", "--family", "recommender", "--min-ratings", "100", "--set", "epochs=5"]);
        let task = weekly.task.task(None).unwrap().unwrap();
        let changed = line(&["--min-new", "50", "--set", "factors=20"]).task.task(Some(task.clone())).unwrap().unwrap();
        let Task::Retrain { of, parameters } = &changed else { panic!("{changed:?}") };
        assert_eq!(
            (of.family, parameters.min_new_rows, parameters.hyper.len()),
            (Some(Family::Recommender), Some(50), 2)
        );
        assert_eq!(line(&[]).task.task(Some(task.clone())).unwrap(), None, "it stays as it is");
        let backup = line(&["--task", "backup"]).task.task(Some(task)).unwrap().unwrap();
        assert_eq!(backup.selection().unwrap().family, Some(Family::Recommender));
        let weekly =
            line(&["--task", "report", "--report", "weekly", "--send", "ops"]).task.task(None).unwrap().unwrap();
        let Task::Report { parameters } = line(&["--report", "daily"]).task.task(Some(weekly)).unwrap().unwrap() else {
            panic!("a report stays one")
        };
        assert_eq!((parameters.report, parameters.channels.len()), (ReportKind::Daily, 1));
        assert!(line(&["--task", "backup", "--send", "ops"]).task.task(None).is_err());
        let sent = line(&["--task", "report", "--send", "ops"]).task.task(None).unwrap();
        let Some(Task::Report { parameters }) = line(&["--no-send"]).task.task(sent).unwrap() else {
            panic!("no report")
        };
        assert!(parameters.channels.is_empty(), "taken back");
        assert!(line(&["--task", "report", "--tag", "x"]).task.task(None).is_err());
        assert!(line(&["--task", "backup", "--force"]).task.task(None).is_err());
        assert!(line(&["--tag", "priority"]).task.task(None).is_err(), "nothing to do with them");
    }
}
