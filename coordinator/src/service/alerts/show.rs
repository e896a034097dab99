//! Silences, channels and messages, for whoever looks.

use common::settings::without_password;
use common::vocabulary::Timestamp;
use domain::alert::Address;
use newtype_uuid::GenericUuid as _;

use crate::db::alerts::{channels::Channel, messages, silences::Asked};
use crate::views::{ChannelView, MessageView, PauseView, SilenceView};
use crate::wording;

/// A silence.
pub(super) fn silence(asked: Asked) -> SilenceView {
    SilenceView {
        id: asked.id,
        cause: asked.silence.key,
        kind: asked.silence.kind,
        model: asked.silence.model.map(|model| model.to_string()),
        until: asked.silence.until.utc(),
        reason: asked.reason,
    }
}

/// A channel, with what waits for it.
pub(super) fn channel(channel: Channel, waiting: messages::Waiting) -> ChannelView {
    let route = channel.terms.route.clone();
    ChannelView {
        name: channel.name.to_string(),
        kind: channel.address.kind(),
        to: shown(&channel.address),
        severity: route.severity,
        kinds: route.kinds,
        families: route.families.iter().map(ToString::to_string).collect(),
        tags: route.tags,
        trainings: route.trainings,
        zone: channel.terms.zone().to_string(),
        quiet: channel.terms.quiet.map(|hours| hours.to_string()),
        digest: channel.terms.digest.map(|time| time.to_string()),
        language: channel.language.to_string(),
        paused: channel.paused.as_ref().map(PauseView::from),
        waiting: waiting.messages,
        error: waiting.error,
        created_at: channel.created_at.utc(),
        changed_at: channel.changed_at.utc(),
    }
}

/// Where a channel leads, without what would let anybody use it.
fn shown(address: &Address) -> String {
    match address {
        Address::Email { to } => to.join(", "),
        // Whoever knows the whole of it may often write there.
        Address::Slack { url } | Address::Webhook { url, .. } => match reqwest::Url::parse(url) {
            Ok(url) => format!("{}/***", url.origin().ascii_serialization()),
            Err(_) => "***".into(),
        },
        Address::Alertmanager { url, .. } => without_password(url).into_owned(),
    }
}

/// A message.
pub(super) fn message(message: messages::Message) -> MessageView {
    MessageView {
        id: message.id.into_untyped_uuid(),
        channel: message.channel.to_string(),
        what: message.body.what,
        severity: message.body.severity,
        text: wording::text(&message.body.subject()),
        count: message.body.count,
        created_at: message.created_at.utc(),
        due_at: message.due_at.map(Timestamp::utc),
        tries: message.tries,
        sent_at: message.sent_at.map(Timestamp::utc),
        error: message.error,
    }
}
