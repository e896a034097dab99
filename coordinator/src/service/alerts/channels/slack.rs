//! Slack's incoming webhooks, and what speaks like them.

use async_trait::async_trait;
use domain::alert::{MessageKind, Severity};
use serde_json::json;

use super::outgoing::{Outgoing, escaped};
use super::outside::{Receiver, delivered};
use super::port::Channel;

/// Characters of a report that are shown: Slack cuts a message at 40,000, and marks make it longer.
const LONGEST: usize = 20_000;

/// An incoming webhook.
pub(super) struct Slack {
    pub(super) to: Receiver,
}

#[async_trait]
impl Channel for Slack {
    async fn send(&self, message: &Outgoing) -> Result<(), String> {
        delivered(self.to.post().json(&json!({ "text": text(message) }))).await
    }
}

/// The message in Slack's markup.
fn text(message: &Outgoing) -> String {
    let sign = match (message.body.what, message.body.severity) {
        (MessageKind::Resolved, _) => ":white_check_mark:",
        (_, Severity::Info) => ":information_source:",
        (_, Severity::Warning) => ":warning:",
        (_, Severity::Critical) => ":rotating_light:",
    };
    if let Some(report) = &message.report {
        let shown: String = report.text.chars().take(LONGEST).collect();
        return format!("{sign} *{}*\n```{}```", escaped(&message.subject), escaped(&shown));
    }
    let lines = message.lines.iter().map(|line| format!("\n• {}", escaped(&line.text)));
    let more = Some(&message.more).filter(|more| !more.is_empty()).map(|more| format!("\n{}", escaped(more)));
    format!("{sign} *{}*", escaped(&message.subject)) + &lines.chain(more).collect::<String>()
}
