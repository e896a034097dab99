//! Alerts, silences, channels and messages as people read them.

use crate::cli::table::{or_nothing, table, time};
use crate::cli::text::{self, counted};
use crate::render::Table;
use crate::views::{AlertState, AlertView, ChannelView, MessageView, SilenceView};

/// The alerts of a page.
pub(super) fn alerts(alerts: &[AlertView]) -> (Table, Vec<String>) {
    let mut table = table(&["alert", "severity", "state", "since (UTC)", "~what"]);
    for alert in alerts {
        table.add_row([
            alert.id.to_string(),
            alert.severity.to_string(),
            state(alert),
            time(alert.raised_at),
            alert.what.text.clone(),
        ]);
    }
    (table, Vec::new())
}

fn state(alert: &AlertView) -> String {
    match (alert.state, alert.silenced_until) {
        (AlertState::Open, Some(_)) => "silenced".into(),
        (state, _) => state.to_string(),
    }
}

/// One alert.
pub(super) fn alert(alert: &AlertView) -> String {
    let mut lines = vec![
        format!("alert {} ({}, {}): {}", alert.id, alert.kind, alert.severity, alert.what.text),
        format!("  since     {} UTC", time(alert.raised_at)),
    ];
    if let Some(ended) = alert.ended_at {
        lines.push(format!("  resolved  {} UTC", time(ended)));
    }
    if let Some(acknowledged) = &alert.acknowledged {
        lines.push(format!("  known     {}", text::pause(acknowledged)));
    }
    if let Some(until) = alert.silenced_until {
        lines.push(format!("  silenced  until {} UTC", time(until)));
    }
    lines.join("\n")
}

/// A silence.
pub(super) fn silence(silence: &SilenceView) -> String {
    let kind = silence.kind.map(|kind| kind.to_string());
    let about = [silence.cause.clone(), kind, silence.model.clone()];
    let about: Vec<String> = about.into_iter().flatten().collect();
    let reason = if silence.reason.is_empty() { String::new() } else { format!(" ({})", silence.reason) };
    format!("silence {} about {} until {} UTC{reason}", silence.id, about.join(" and "), time(silence.until))
}

/// All silences.
pub(super) fn silences(all: &[SilenceView]) -> String {
    match all {
        [] => "no silences; `refit alerts silence --kind source-silent --for 2h` makes one".into(),
        all => all.iter().map(silence).collect::<Vec<_>>().join("\n"),
    }
}

/// All channels.
pub(super) fn channels(channels: &[ChannelView]) -> String {
    if channels.is_empty() {
        return "no channels; `refit alerts channels add NAME slack --url URL` makes one".into();
    }
    let mut table = table(&["channel", "kind", "~to", "from", "waiting", "~state"]);
    for channel in channels {
        let state = match (&channel.paused, &channel.error) {
            (Some(pause), _) => format!("paused {}", text::pause(pause)),
            (None, Some(error)) if channel.waiting > 0 => error.clone(),
            (None, _) => "open".into(),
        };
        table.add_row([
            channel.name.clone(),
            channel.kind.to_string(),
            channel.to.clone(),
            channel.severity.to_string(),
            channel.waiting.to_string(),
            state,
        ]);
    }
    table.to_string()
}

/// One channel.
pub(super) fn channel(channel: &ChannelView) -> String {
    let mut lines = vec![
        format!("{} ({}) leads to {}", channel.name, channel.kind, channel.to),
        format!("  takes     alerts that are at least {}", channel.severity),
    ];
    let kinds: Vec<String> = channel.kinds.iter().map(ToString::to_string).collect();
    for (what, values) in [("of kinds", &kinds), ("families", &channel.families), ("tags", &channel.tags)] {
        if !values.is_empty() {
            lines.push(format!("  {what:9} {}", values.join(", ")));
        }
    }
    if channel.trainings {
        lines.push("  trainings every one that ends".into());
    }
    if let Some(quiet) = &channel.quiet {
        lines.push(format!("  quiet     {quiet} ({}), but for what is critical", channel.zone));
    }
    if let Some(digest) = &channel.digest {
        lines.push(format!("  digest    daily at {digest} ({})", channel.zone));
    }
    lines.push(format!("  language  {}", channel.language));
    if let Some(pause) = &channel.paused {
        lines.push(format!("  paused    {}", text::pause(pause)));
    }
    if channel.waiting > 0 {
        let error = channel.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        lines.push(format!("  waiting   {}{error}", counted(channel.waiting, "message")));
    }
    lines.join("\n")
}

/// The messages of a page.
pub(super) fn messages(messages: &[MessageView]) -> (Table, Vec<String>) {
    let mut table = table(&["message", "channel", "made (UTC)", "delivered (UTC)", "tries", "~subject", "~last error"]);
    for message in messages {
        table.add_row([
            // Its beginning is the time.
            message.id.simple().to_string().chars().skip(20).collect(),
            message.channel.clone(),
            time(message.created_at),
            delivered(message),
            message.tries.to_string(),
            message.text.clone(),
            or_nothing(message.error.clone()),
        ]);
    }
    (table, Vec::new())
}

fn delivered(message: &MessageView) -> String {
    match (message.sent_at, message.due_at) {
        (Some(at), _) => time(at),
        (None, Some(_)) => "waits".into(),
        (None, None) => "given up".into(),
    }
}

/// What came of a message that somebody waits for.
pub(super) fn tried(message: &MessageView) -> String {
    let at = message.sent_at.map(time).unwrap_or_default();
    format!("delivered to {} at {at} UTC", message.channel)
}
