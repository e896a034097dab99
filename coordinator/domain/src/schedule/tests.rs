//! Due times by the calendar, through both turns of daylight saving (A7, B3, C6).

use common::vocabulary::{Family, Timestamp, Zone};
use proptest::prelude::*;

use super::*;
use crate::report::ReportKind;

fn zone(name: &str) -> Zone {
    name.parse().unwrap()
}

/// An instant, written in UTC.
fn utc(text: &str) -> Timestamp {
    Zone::UTC.instant(text.parse::<LocalTime>().unwrap().date_time())
}

fn timing(json: serde_json::Value) -> Timing {
    serde_json::from_value(json).unwrap()
}

fn daily(time: &str) -> Timing {
    timing(serde_json::json!({ "kind": "daily", "time": time }))
}

fn cron(expression: &str) -> Timing {
    timing(serde_json::json!({ "kind": "cron", "expression": expression }))
}

/// The next due times behind a moment, in UTC.
fn next(timing: &Timing, zone_name: &str, after: &str, count: usize) -> Vec<String> {
    let due = timing.upcoming(utc(after), zone(zone_name)).take(count);
    due.map(|at| at.utc().format("%Y-%m-%dT%H:%M").to_string()).collect()
}

/// Madrid: 02:00 becomes 03:00 on 29 March 2026, and 03:00 becomes 02:00 on 25 October.
#[test]
fn a7_what_the_clock_leaves_out_is_due_after_the_gap_and_what_it_shows_twice_the_first_time() {
    let half_past_two = daily("02:30");
    let spring = ["2026-03-28T01:30", "2026-03-29T01:00", "2026-03-30T00:30"];
    assert_eq!(next(&half_past_two, "Europe/Madrid", "2026-03-27T12:00", 3), spring);
    let autumn = ["2026-10-24T00:30", "2026-10-25T00:30", "2026-10-26T01:30"];
    assert_eq!(next(&half_past_two, "Europe/Madrid", "2026-10-23T12:00", 3), autumn);
    // Crons of a fixed time do the same.
    let by_cron = cron("30 2 * * *");
    assert_eq!(next(&by_cron, "Europe/Madrid", "2026-03-27T12:00", 3), spring);
    assert_eq!(next(&by_cron, "Europe/Madrid", "2026-10-23T12:00", 3), autumn);
    // What comes every so often does not look at clocks.
    let every = Timing::Every { minutes: 60 };
    let hours = ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00"];
    assert_eq!(next(&every, "Europe/Madrid", "2026-10-24T23:00", 3), hours);
    // A whole day that was left out.
    let samoa = next(&daily("12:00"), "Pacific/Apia", "2011-12-29T12:00", 3);
    assert_eq!(samoa, ["2011-12-29T22:00", "2011-12-30T10:00", "2011-12-30T22:00"]);
}

#[test]
fn b3_weeks_months_and_moments() {
    let weekly = timing(serde_json::json!({ "kind": "weekly", "day": "sunday", "time": "02:00" }));
    assert_eq!(next(&weekly, "UTC", "2026-11-30T00:00", 2), ["2026-12-06T02:00", "2026-12-13T02:00"]);
    assert_eq!(next(&weekly, "UTC", "2026-12-06T02:00", 1), ["2026-12-13T02:00"], "a due time is not behind itself");
    let monthly = |day: u32| timing(serde_json::json!({ "kind": "monthly", "day": day, "time": "08:00" }));
    let ends = ["2028-01-31T08:00", "2028-02-29T08:00", "2028-03-31T08:00", "2028-04-30T08:00"];
    assert_eq!(next(&monthly(31), "UTC", "2027-12-31T08:00", 4), ends);
    assert_eq!(next(&monthly(29), "UTC", "2027-02-01T00:00", 2), ["2027-02-28T08:00", "2027-03-29T08:00"]);
    let once = timing(serde_json::json!({ "kind": "once", "at": "2026-12-24 18:00" }));
    assert_eq!(next(&once, "America/New_York", "2026-11-30T00:00", 5), ["2026-12-24T23:00"]);
    assert_eq!(next(&cron("0 2 * * 0"), "UTC", "2026-11-30T00:00", 2), ["2026-12-06T02:00", "2026-12-13T02:00"]);
    let workdays = next(&cron("*/30 9-10 * * mon-fri"), "UTC", "2026-11-27T10:00", 3);
    assert_eq!(workdays, ["2026-11-27T10:30", "2026-11-30T09:00", "2026-11-30T09:30"]);
}

#[test]
fn what_makes_no_sense_is_refused_with_what_works() {
    let now = utc("2026-11-30T00:00");
    let said = |timing: Timing| timing.check(Zone::UTC, now).unwrap_err().to_string();
    assert!(said(Timing::Every { minutes: 0 }).contains("1 to 527040"));
    let monthly = timing(serde_json::json!({ "kind": "monthly", "day": 32, "time": "08:00" }));
    assert!(said(monthly).contains("1 to 31"));
    assert!(said(timing(serde_json::json!({ "kind": "once", "at": "2026-11-29T23:59" }))).contains("is over"));
    assert!(said(cron("0 0 31 2 *")).contains("no date fits"));
    let refused = |json| serde_json::from_value::<Timing>(json).unwrap_err().to_string();
    assert!(refused(serde_json::json!({ "kind": "daily", "time": "25:00" })).contains("06:00"));
    assert!(refused(serde_json::json!({ "kind": "cron", "expression": "0 0 2 * * *" })).contains("five fields"));
    assert!(refused(serde_json::json!({ "kind": "cron", "expression": "* * * *" })).contains("five fields"));
    assert!(refused(serde_json::json!({ "kind": "daily", "time": "06:00", "day": 3 })).contains("day"));
    assert!("weekly retrain".parse::<ScheduleName>().is_err());
    let monthly = |day: u32| timing(serde_json::json!({ "kind": "monthly", "day": day, "time": "08:00" }));
    let once = timing(serde_json::json!({ "kind": "once", "at": "2026-11-30 00:01" }));
    let often = [1, Timing::MOST_MINUTES].map(|minutes| Timing::Every { minutes });
    for sensible in often.into_iter().chain([monthly(1), monthly(31), once, cron("0 2 * * 0")]) {
        assert_eq!(sensible.check(Zone::UTC, now), Ok(()), "{sensible:?}");
    }
    assert!(Timing::Every { minutes: Timing::MOST_MINUTES + 1 }.check(Zone::UTC, now).is_err());
}

#[test]
fn times_and_expressions_are_shown_as_they_are_written() {
    let local: LocalTime = "2026-12-24 18:05".parse().unwrap();
    assert_eq!(local.to_string(), "2026-12-24T18:05");
    assert_eq!("0  2 * * 0 ".parse::<CronExpression>().unwrap().to_string(), "0 2 * * 0");
    let padded = |length: usize| format!("{:<length$}", "0 2 * * 0").parse::<CronExpression>();
    assert!(padded(200).is_ok());
    assert!(padded(201).unwrap_err().contains("longer than 200 characters"));
}

fn looked(missed: MissedRuns, timing: &Timing, due: &str, now: &str) -> Look {
    look(Timetable { timing, zone: Zone::UTC, missed }, utc(due), 0.0, utc(now))
}

#[test]
fn b3_missed_runs_are_skipped_made_up_for_once_or_one_by_one() {
    let timing = daily("06:00");
    let days = |days: &[u32]| days.iter().map(|day| utc(&format!("2026-12-{day:02}T06:00"))).collect::<Vec<_>>();
    // Nothing was missed.
    for missed in [MissedRuns::Skip, MissedRuns::Once, MissedRuns::All] {
        let on_time = looked(missed, &timing, "2026-12-01T06:00", "2026-12-01T06:05");
        let next = Some(utc("2026-12-02T06:00"));
        assert_eq!(on_time, Look { on_time: Some(utc("2026-12-01T06:00")), next, ..Look::default() });
        assert_eq!(looked(missed, &timing, "2026-12-01T06:00", "2026-12-01T05:59").next, Some(utc("2026-12-01T06:00")));
    }
    // Three days were.
    let away = |missed| looked(missed, &timing, "2026-12-01T06:00", "2026-12-03T12:00");
    let next = Some(utc("2026-12-04T06:00"));
    assert_eq!(away(MissedRuns::Skip), Look { skipped: days(&[1, 2, 3]), next, ..Look::default() });
    assert_eq!(away(MissedRuns::Once), Look { made_up: days(&[3]), skipped: days(&[1, 2]), next, ..Look::default() });
    assert_eq!(away(MissedRuns::All), Look { made_up: days(&[1, 2, 3]), next, ..Look::default() });
    // One that is on time makes up for those before it.
    let back = |missed| looked(missed, &timing, "2026-12-01T06:00", "2026-12-03T06:01");
    let on_time = Some(utc("2026-12-03T06:00"));
    assert_eq!(back(MissedRuns::Once), Look { on_time, skipped: days(&[1, 2]), next, ..Look::default() });
    assert_eq!(back(MissedRuns::All), Look { on_time, made_up: days(&[1, 2]), next, ..Look::default() });
}

#[test]
fn a_year_of_missed_minutes_is_bounded() {
    let every = Timing::Every { minutes: 1 };
    let found = looked(MissedRuns::All, &every, "2026-01-01T00:00", "2027-01-01T00:00");
    assert_eq!(found.next, Some(utc("2027-01-01T00:01")));
    assert!(found.made_up.len() <= 101 && found.skipped_before >= 9_000, "{}", found.skipped_before);
    let hour = looked(MissedRuns::All, &every, "2026-12-01T00:00", "2026-12-01T03:20");
    assert_eq!((hour.made_up.len(), hour.skipped_before, hour.on_time.is_some()), (100, 100, true));
    let fewer = looked(MissedRuns::All, &every, "2026-12-01T00:00", "2026-12-01T01:40");
    assert_eq!((fewer.made_up.len(), fewer.skipped_before, fewer.on_time.is_some()), (100, 0, true));
}

#[test]
fn what_is_put_off_on_purpose_is_not_late() {
    let timing = daily("06:00");
    let table = Timetable { timing: &timing, zone: Zone::UTC, missed: MissedRuns::Skip };
    let due = utc("2026-12-01T06:00");
    assert_eq!(look(table, due, 3600.0, utc("2026-12-01T06:59")), Look { next: Some(due), ..Look::default() });
    assert_eq!(look(table, due, 3600.0, utc("2026-12-01T07:01")).on_time, Some(due));
}

#[test]
fn schedules_of_one_time_are_spread() {
    let late: Vec<f64> = (1..=200).map(|schedule| put_off(schedule, 600)).collect();
    assert!(late.iter().all(|late| (0.0..=600.0).contains(late)));
    assert!(late.iter().filter(|late| **late < 300.0).count().abs_diff(100) < 30);
    assert_eq!((put_off(7, 600), put_off(7, 0)), (late[6], 0.0));
    assert!((1..=20).any(|schedule| put_off(schedule, 1) == 1.0), "the most is among them");
}

#[test]
fn a_run_is_over_when_nothing_more_comes_of_it() {
    use RunState::{Completed, Due, Failed, Running, Skipped};
    let over = [Due, Running, Completed, Failed, Skipped].map(RunState::is_over);
    assert_eq!(over, [false, false, true, true, true]);
}

#[test]
fn b4_a_schedule_stands_as_its_newest_run_and_its_next_one_say() {
    use ScheduleState as S;
    for (paused, has_next, newest, state) in [
        (false, true, None, S::Scheduled),
        (false, true, Some(RunState::Due), S::Running),
        (true, true, Some(RunState::Running), S::Running),
        (true, true, Some(RunState::Completed), S::Paused),
        (true, true, None, S::Paused),
        (false, true, Some(RunState::Failed), S::Scheduled),
        (false, false, Some(RunState::Failed), S::Failed),
        (false, false, Some(RunState::Completed), S::Completed),
        (false, false, Some(RunState::Skipped), S::Completed),
        (false, false, None, S::Completed),
    ] {
        assert_eq!(ScheduleState::of(paused, has_next, newest), state, "{paused} {has_next} {newest:?}");
    }
}

#[test]
fn b5_tasks_are_read_with_their_parameters() {
    let json = serde_json::json!({ "kind": "retrain", "of": { "family": "recommender" },
        "parameters": { "min_new_ratings": 100, "hyper": { "n_factors": "50" } } });
    let task: Task = serde_json::from_value(json).unwrap();
    let Task::Retrain { of, parameters } = &task else { panic!("{task:?}") };
    assert_eq!((of.family, parameters.min_new_rows, task.as_str()), (Some(Family::Recommender), Some(100), "retrain"));
    assert_eq!((task.selection(), Task::Cleanup.selection()), (Some(of), None));
    assert!(serde_json::from_value::<Task>(serde_json::json!({ "kind": "retrain", "off": {} })).is_err());
    let (key, tags) = ("tabular/attrition".parse().unwrap(), vec!["priority".to_owned()]);
    let has = |json| serde_json::from_value::<Selection>(json).unwrap().has(&key, Family::Tabular, "portfolio", &tags);
    for (json, expected) in [
        (serde_json::json!({}), true),
        (serde_json::json!({ "tag": "priority" }), true),
        (serde_json::json!({ "tag": "other" }), false),
        (serde_json::json!({ "category": "portfolio", "family": "tabular" }), true),
        (serde_json::json!({ "category": "portfolio", "family": "text" }), false),
        (serde_json::json!({ "models": ["tabular/attrition"] }), true),
        (serde_json::json!({ "models": ["tabular/risk"] }), false),
        (serde_json::json!({ "category": "watchlist" }), false),
    ] {
        assert_eq!(has(json.clone()), expected, "{json}");
    }
    let read = |json| serde_json::from_value::<Selection>(json);
    assert!(read(serde_json::json!({ "models": [] })).unwrap_err().to_string().contains("leave it out"));
    let twice = read(serde_json::json!({ "models": ["text/b", "text/a", "text/b"] })).unwrap();
    assert_eq!((twice.models.len(), twice.contradiction()), (2, None));
    for (json, said) in [
        (serde_json::json!({ "category": "" }), "leave it out"),
        (serde_json::json!({ "tag": "" }), "leave it out"),
        (serde_json::json!({ "models": ["text/a"], "family": "forecaster" }), "another family"),
    ] {
        assert!(read(json.clone()).unwrap().contradiction().unwrap().contains(said), "{json}");
    }
}

#[test]
fn a7_c5_what_is_there_from_the_start_is_due_as_documented() {
    let now = utc("2026-11-30T12:00");
    let due = |preset: &presets::Preset| {
        preset.timing.check(Zone::UTC, now).unwrap();
        let next = preset.timing.next_after(now, Zone::UTC).unwrap().utc().format("%a %H:%M").to_string();
        (preset.name, preset.task.as_str(), next)
    };
    let expected = [
        ("daily-check", "health_check", "Tue 06:00"),
        ("priority-check", "health_check", "Mon 18:00"),
        ("weekly-retrain", "retrain", "Sun 02:00"),
        ("daily-report", "report", "Mon 23:30"),
        ("weekly-report", "report", "Mon 08:00"),
        ("low-traffic", "retrain", "Sun 02:00"),
        ("high-traffic", "retrain", "Tue 02:00"),
    ];
    let all: Vec<_> = presets::from_the_start().iter().chain(&presets::offered()).map(due).collect();
    assert_eq!(all, expected.map(|(name, task, next)| (name, task, next.to_owned())));
    let start = presets::from_the_start();
    assert_eq!(start[1].task.selection().unwrap().tag.as_deref(), Some("priority"));
    let report = |preset: presets::Preset| {
        let Task::Report { parameters } = preset.task else { return None };
        Some(parameters.report)
    };
    let reports: Vec<ReportKind> = start.into_iter().filter_map(report).collect();
    assert_eq!(reports, [ReportKind::Daily, ReportKind::Weekly]);
    let retrains = |preset: presets::Preset| {
        let Task::Retrain { of, parameters } = preset.task else { panic!("{preset:?}") };
        (of.family, parameters.min_new_rows)
    };
    let rows: Vec<_> = presets::offered().into_iter().map(retrains).collect();
    assert_eq!(rows, [(Some(Family::Recommender), Some(100)), (Some(Family::Recommender), Some(50))]);
}

fn any_timing() -> impl Strategy<Value = Timing> {
    let time = || (0u32..24, 0u32..60).prop_map(|(hour, minute)| TimeOfDay::of(hour, minute));
    let day = (0usize..7).prop_map(|day| {
        use Weekday::*;
        [Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday][day]
    });
    prop_oneof![
        (1u32..10_000).prop_map(|minutes| Timing::Every { minutes }),
        time().prop_map(|time| Timing::Daily { time }),
        (day, time()).prop_map(|(day, time)| Timing::Weekly { day, time }),
        (1u32..=31, time()).prop_map(|(day, time)| Timing::Monthly { day, time }),
        (0u32..60, 0u32..24).prop_map(|(minute, hour)| cron(&format!("{minute} {hour} * * *"))),
    ]
}

proptest! {
    /// Whatever the zone and the moment: what is due next lies ahead, within a month of days and an hour, and never comes twice.
    #[test]
    fn due_times_only_go_forward(
        timing in any_timing(),
        zone in prop::sample::select(Zone::names().collect::<Vec<_>>()),
        after in 0i64..4_102_444_800,
    ) {
        let (zone, after) = (super::tests::zone(zone), Timestamp(after * 1_000_000));
        let mut last = after;
        for due in timing.upcoming(after, zone).take(40) {
            prop_assert!(due > last);
            prop_assert!(due.days_since(last) <= 33.0);
            last = due;
        }
        prop_assert!(last > after);
    }

    /// Whoever looks, however often, finds each due time once: to run, made up for, or skipped.
    #[test]
    fn each_due_time_is_found_once(minutes in 5u32..600, looks in prop::collection::vec(0.1f64..40.0, 1..30), missed in 0usize..3) {
        let timing = Timing::Every { minutes };
        let missed = [MissedRuns::Skip, MissedRuns::Once, MissedRuns::All][missed];
        let table = Timetable { timing: &timing, zone: Zone::UTC, missed };
        let (mut now, first) = (utc("2026-01-01T00:00"), timing.next_after(utc("2026-01-01T00:00"), Zone::UTC).unwrap());
        let (mut due, mut found, mut uncounted) = (first, Vec::new(), 0);
        for hours in looks {
            now = now.plus_seconds(hours * 3600.0);
            let look = look(table, due, 0.0, now);
            let mut all: Vec<_> = look.skipped.into_iter().chain(look.made_up).chain(look.on_time).collect();
            all.sort();
            uncounted += look.skipped_before;
            found.extend(all);
            due = look.next.unwrap();
            prop_assert!(due > now);
        }
        let expected = timing.upcoming(utc("2026-01-01T00:00"), Zone::UTC).take_while(|at| *at <= now).count() as u64;
        prop_assert_eq!(found.len() as u64 + uncounted, expected);
        prop_assert!(found.is_sorted() && found.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
