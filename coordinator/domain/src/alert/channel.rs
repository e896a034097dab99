//! Whom alerts are told, and how.

use common::vocabulary::{Hours, TimeOfDay, Zone};
use serde::{Deserialize, Serialize};
use strum::{Display, EnumDiscriminants, EnumString, IntoStaticStr, VariantNames};
use utoipa::ToSchema;

use super::Route;
use crate::plain_name::plain_name;

plain_name! {
    /// The name of a channel: `night-shift`.
    ChannelName, "name of a channel"
}

/// Where a channel leads, with what it takes to get in there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, EnumDiscriminants)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[strum_discriminants(
    name(ChannelKind),
    doc = "What a channel is.",
    derive(Serialize, Deserialize, Display, EnumString, IntoStaticStr, VariantNames, ToSchema),
    serde(rename_all = "snake_case"),
    strum(serialize_all = "snake_case"),
    allow(missing_docs)
)]
pub enum Address {
    /// E-mail, by the server of the settings.
    Email {
        /// To these.
        to: Vec<String>,
    },
    /// An incoming webhook of Slack, or of what speaks like it.
    Slack {
        /// Whoever knows it may write.
        url: String,
    },
    /// A webhook, signed as by Standard Webhooks.
    Webhook {
        /// Where messages are posted.
        url: String,
        /// The key they are signed with: `whsec_…`.
        secret: String,
    },
    /// Prometheus Alertmanager.
    Alertmanager {
        /// Where it listens, without the path of its API.
        url: String,
        /// The bearer token that it asks for, if it does.
        token: Option<String>,
    },
}

/// What a channel is told, and when.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Terms {
    /// What it takes.
    pub route: Route,
    /// Whose clocks say when it is quiet, and when a digest is due; UTC, if never said.
    pub zone: Option<Zone>,
    /// When only what is critical is told; the rest waits.
    pub quiet: Option<Hours>,
    /// Everything is told once a day, at this time, in one message.
    pub digest: Option<TimeOfDay>,
}

impl Terms {
    /// Whose clocks say when.
    pub fn zone(&self) -> Zone {
        self.zone.unwrap_or(Zone::UTC)
    }
}

impl Address {
    /// What it is.
    pub fn kind(&self) -> ChannelKind {
        self.into()
    }
}
