//! Schedules as people read them.

use domain::schedule::presets::{from_the_start, offered};
use domain::schedule::{Selection, Task};
use serde::Serialize;

use super::runs;
use crate::cli::table::{or_nothing, table, time};
use crate::cli::text;
use crate::render::Table;
use crate::views::ScheduleView;
use crate::wording::{self, When};

/// Models that are named.
const NAMED: usize = 5;

/// The schedules of a page.
pub(super) fn table_of(schedules: &[ScheduleView]) -> (Table, Vec<String>) {
    let mut table = table(&["schedule", "state", "~when", "~does", "next (UTC)", "last run"]);
    for schedule in schedules {
        table.add_row([
            schedule.name.clone(),
            schedule.state.to_string(),
            schedule.when.clone(),
            does(&schedule.task),
            or_nothing(schedule.next.first().copied().map(time)),
            or_nothing(schedule.last_run.as_ref().map(|run| run.state)),
        ]);
    }
    let paused = schedules.iter().filter_map(|schedule| Some((schedule, schedule.paused.as_ref()?)));
    let line = |(schedule, pause): (&ScheduleView, _)| format!("{} is paused {}", schedule.name, text::pause(pause));
    (table, paused.map(line).collect())
}

/// One schedule.
pub(super) fn whole(schedule: &ScheduleView) -> String {
    let mut lines = vec![
        format!("{} is {}: {}", schedule.name, schedule.state, schedule.when),
        format!("  does     {}", does(&schedule.task)),
        format!("  missed   {}", schedule.missed),
    ];
    if schedule.jitter_seconds > 0 {
        lines.push(format!("  put off  by {} s, of at most {}", schedule.put_off_seconds, schedule.jitter_seconds));
    }
    if let Some(pause) = &schedule.paused {
        lines.push(format!("  paused   {}", text::pause(pause)));
    }
    let next: Vec<String> = schedule.next.iter().map(|due| time(*due)).collect();
    lines.push(format!("  next     {}", if next.is_empty() { "never".to_owned() } else { next.join(", ") + " UTC" }));
    if let Some(run) = &schedule.last_run {
        lines.push(format!("  last     {}", runs::sentence(run)));
    }
    lines.join("\n")
}

/// `retrain family recommender, min_new_rows 100`
pub(super) fn does(task: &Task) -> String {
    let which = task.selection().map(which).unwrap_or_default();
    let how = match task {
        Task::Retrain { parameters, .. } => {
            let hyper = parameters.hyper.iter().map(|(name, value)| format!("{name}={value}"));
            let said = [
                parameters.mode.map(|mode| mode.to_string()),
                parameters.force.then(|| "by force".to_owned()),
                parameters.min_new_rows.map(|rows| format!("from {rows} new rows")),
                parameters.priority.map(|points| format!("priority {points}")),
                parameters.pool.as_ref().map(|pool| format!("pool {pool}")),
            ];
            said.into_iter().flatten().chain(hyper).collect()
        }
        Task::Report { parameters } => {
            let to = parameters.channels.iter().map(|channel| format!("to {channel}"));
            std::iter::once(parameters.report.to_string()).chain(to).collect()
        }
        Task::HealthCheck { .. } | Task::Evaluate { .. } | Task::Backup { .. } | Task::Cleanup => Vec::new(),
    };
    let of: Vec<String> = which.into_iter().chain(how).collect();
    let rest = if of.is_empty() { String::new() } else { format!(" {}", of.join(", ")) };
    format!("{}{rest}", task.as_str())
}

fn which(of: &Selection) -> Vec<String> {
    let named = of.models.iter().take(NAMED).map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let models = match of.models.len().saturating_sub(NAMED) {
        _ if of.models.is_empty() => None,
        0 => Some(named),
        more => Some(format!("{named} and {more} more")),
    };
    let family = of.family.map(|family| format!("family {family}"));
    let category = of.category.as_ref().map(|category| format!("category {category}"));
    let tag = of.tag.as_ref().map(|tag| format!("tag {tag}"));
    [models, family, category, tag].into_iter().flatten().collect()
}

/// A preset, to be shown.
#[derive(Debug, Clone, Serialize)]
pub(super) struct PresetView {
    pub(super) name: String,
    when: String,
    pub(super) task: Task,
    /// Whether it is there from the start.
    from_the_start: bool,
}

/// All presets.
pub(super) fn presets() -> Vec<PresetView> {
    let view = |from_the_start| {
        move |preset: domain::schedule::presets::Preset| PresetView {
            name: preset.name.to_owned(),
            when: wording::text(&When { timing: preset.timing, zone: common::vocabulary::Zone::UTC }),
            task: preset.task,
            from_the_start,
        }
    };
    from_the_start().into_iter().map(view(true)).chain(offered().into_iter().map(view(false))).collect()
}

pub(super) fn preset_table(presets: &[PresetView]) -> String {
    let mut table = table(&["preset", "~when", "~does", "there from the start"]);
    for preset in presets {
        let there = if preset.from_the_start { "yes" } else { "no" };
        table.add_row([preset.name.clone(), preset.when.clone(), does(&preset.task), there.to_owned()]);
    }
    format!("{table}\n`refit schedules add NAME --preset NAME` makes a schedule of one")
}
