//! A message in the language of its channel.

use common::vocabulary::{MessageId, Timestamp};
use domain::alert::{Severity, Told};
use domain::report::ReportName;

use crate::db::alerts::channels::Channel;
use crate::db::alerts::messages::{Body, Message};
use crate::wording::{self, Language, Unnamed};

/// A message that goes out.
#[derive(Debug, Clone)]
pub(in crate::service::alerts) struct Outgoing {
    /// Its id: one that is sent twice has the same.
    pub(super) id: MessageId,
    /// When it was made.
    pub(super) at: Timestamp,
    /// What it tells, as data.
    pub(super) body: Body,
    /// In a few words.
    pub(super) subject: String,
    /// Item by item.
    pub(super) lines: Vec<Line>,
    /// What is said of the items that are not named; empty, if all are.
    pub(super) more: String,
    /// The report that it brings.
    pub(super) report: Option<Attached>,
}

/// A report in the language of the channel.
#[derive(Debug, Clone)]
pub(in crate::service::alerts) struct Attached {
    /// What it is called.
    pub(in crate::service::alerts) name: ReportName,
    /// As text.
    pub(in crate::service::alerts) text: String,
    /// As a page.
    pub(in crate::service::alerts) html: String,
}

/// An item in words.
#[derive(Debug, Clone)]
pub(in crate::service::alerts) struct Line {
    /// What it says.
    pub(super) text: String,
    /// How soon somebody should look.
    pub(super) severity: Severity,
}

impl Outgoing {
    /// A message to a channel, with the report that it brings.
    pub(in crate::service::alerts) fn of(channel: &Channel, message: &Message, report: Option<Attached>) -> Self {
        let (language, body) = (channel.language, &message.body);
        let rest = body.count.saturating_sub(body.items.len() as u64);
        Self {
            id: message.id,
            at: message.created_at,
            subject: match report.as_ref().and_then(|report| report.text.lines().next()) {
                Some(title) => title.to_owned(),
                None => wording::text_in(language, &body.subject()),
            },
            lines: body.items.iter().map(|told| line(language, told)).collect(),
            more: if rest == 0 { String::new() } else { wording::text_in(language, &Unnamed::Others { count: rest }) },
            body: body.clone(),
            report,
        }
    }

    /// All of it as plain text, a line each.
    pub(super) fn plain(&self) -> String {
        if let Some(report) = &self.report {
            return report.text.clone();
        }
        if self.lines.is_empty() {
            return format!("{}\n", self.subject);
        }
        let items = self.lines.iter().map(|line| line.text.as_str());
        let more = Some(self.more.as_str()).filter(|more| !more.is_empty());
        items.chain(more).fold(String::new(), |text, line| text + line + "\n")
    }
}

fn line(language: Language, told: &Told) -> Line {
    match told {
        Told::Alert(alert) => Line { text: wording::text_in(language, &alert.cause), severity: alert.severity },
        Told::Training(trained) => Line { text: wording::text_in(language, trained), severity: told.severity() },
    }
}

/// Text between marks, in HTML as in Slack's markup: the three characters that one may begin or end with.
pub(super) fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_is_taken_as_markup() {
        assert_eq!(escaped("a <!channel> & b"), "a &lt;!channel&gt; &amp; b");
    }
}
