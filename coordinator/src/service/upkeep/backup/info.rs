//! `INFO.txt`: what a person finds in the folder of a backup.

use std::fmt::Write;

use super::names::{INFO, RECORD, SUMS};
use super::record::Record;
use crate::views::VerdictView;

/// The text, whole.
pub(super) fn text(record: &Record) -> String {
    let version = &record.version;
    let mut text = format!("Backup of {} {}\n\n", version.model, version.version);
    let mut line = |name: &str, value: &str| {
        let _infallible = writeln!(text, "{name:<14}{value}");
    };
    line("made", &record.made_at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    if !record.note.is_empty() {
        line("note", &record.note.replace('\n', " "));
    }
    line("status", &format!("{} when this was made", version.status));
    line("mode", &version.mode.to_string());
    if let Some(parent) = version.parent {
        line("from", &parent.to_string());
    }
    line("trained", &version.trained_at.format("%Y-%m-%d %H:%M:%S UTC").to_string());
    line("data through", &version.data_through.to_string());
    line("rows", &record.data_rows.to_string());
    line("reliability", &version.reliability.map_or("unknown".into(), |reliability| format!("{reliability:.2}")));
    for reason in version.verdict().map(VerdictView::from).iter().flat_map(|verdict| &verdict.reasons) {
        line("verdict", reason);
    }
    line("written by", &format!("refit {}", record.refit));
    text.push_str("\nFiles\n");
    for (name, entry) in &record.files {
        let _infallible = writeln!(text, "  {name:<24}{:>12} bytes  {}", entry.bytes, entry.sha256);
    }
    let (model, id) = (&version.model, &record.backup);
    let _infallible = write!(
        text,
        "\n`refit restore {model} {id}` makes it live again, also where the store is gone.\n{RECORD} holds the version's row, and \
         `sha256sum -c {SUMS}` checks every file. {SUMS} is written last:\na folder with {INFO} and without it was never finished.\n"
    );
    text
}
