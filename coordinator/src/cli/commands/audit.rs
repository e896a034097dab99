//! `refit audit`

use chrono::{DateTime, NaiveDate, Utc};

use crate::cli::context::Context;
use crate::cli::exit::Done;
use crate::cli::pages::{self, List, Much};
use crate::cli::table::{NOTHING, table, time};
use crate::render::Table;
use crate::views::{AuditFilter, CallView, PageQuery};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Only from this day (YYYY-MM-DD, UTC) or moment (2026-03-31T08:00:00Z) on.
    #[arg(long, value_parser = moment)]
    since: Option<DateTime<Utc>>,
    /// Only with the token of this name; `settings` for that of the settings, `local` where none is asked for.
    #[arg(long, value_name = "TOKEN")]
    by: Option<String>,
    #[command(flatten)]
    much: Much,
}

/// Shows who changed what, newest first.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let client = context.client()?;
    let empty = "no call has changed anything, as far back as is kept".into();
    let list = List { empty, table: &listed, end: None };
    pages::show(&context.out, &args.much, list, async |PageQuery { limit, cursor }| {
        client.audit(&AuditFilter { since: args.since, by: args.by.clone(), limit, cursor }).await
    })
    .await
}

fn listed(calls: &[CallView]) -> (Table, Vec<String>) {
    let mut table = table(&["at", "by", "call", "about", "outcome", "from"]);
    for call in calls {
        let CallView { at, by, method, route, subject, outcome, status, remote, .. } = call;
        let or_nothing = |text: &String| if text.is_empty() { NOTHING.to_owned() } else { text.clone() };
        table.add_row([
            time(*at),
            by.clone(),
            format!("{method} {}", route.trim_start_matches("/api/v1")),
            or_nothing(subject),
            format!("{} ({status})", outcome.as_str()),
            or_nothing(remote),
        ]);
    }
    (table, Vec::new())
}

/// A day's beginning, or a moment.
fn moment(text: &str) -> Result<DateTime<Utc>, String> {
    let day = |day: NaiveDate| day.and_time(chrono::NaiveTime::MIN).and_utc();
    let moment = || DateTime::parse_from_rfc3339(text).map(|moment| moment.to_utc());
    text.parse()
        .map(day)
        .or_else(|_| moment())
        .map_err(|_| "a moment is given as YYYY-MM-DD or as 2026-03-31T08:00:00Z".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn since_is_a_day_or_a_moment() {
        let read = |text| moment(text).map(|moment| moment.to_rfc3339());
        assert_eq!(read("2026-03-31").unwrap(), "2026-03-31T00:00:00+00:00");
        assert_eq!(read("2026-03-31T08:00:00+02:00").unwrap(), "2026-03-31T06:00:00+00:00");
        assert!(read("yesterday").is_err());
    }
}
