//! Channels: each takes a message to where somebody reads it.

mod alertmanager;
mod email;
mod outgoing;
mod outside;
mod port;
mod slack;
mod webhook;

use domain::alert::Address;

pub(super) use self::email::mailbox;
pub(super) use self::outgoing::{Attached, Outgoing};
pub(super) use self::outside::flaw;
use self::port::Channel;
pub(super) use self::webhook::new_secret;
use crate::service::runtime::Core;

/// Delivers a message to an address.
pub(super) async fn send(core: &Core, address: &Address, message: &Outgoing) -> Result<(), String> {
    let alerts = &core.settings.alerts;
    let channel: Box<dyn Channel> = match address.clone() {
        Address::Email { to } => Box::new(email::Email::new(&core.settings, to)?),
        Address::Slack { url } => Box::new(slack::Slack { to: outside::Receiver::new(alerts, &url)? }),
        Address::Webhook { url, secret } => {
            Box::new(webhook::Webhook { to: outside::Receiver::new(alerts, &url)?, secret })
        }
        Address::Alertmanager { url, token } => {
            let url = format!("{}/api/v2/alerts", url.trim_end_matches('/'));
            Box::new(alertmanager::Alertmanager { to: outside::Receiver::new(alerts, &url)?, token })
        }
    };
    channel.send(message).await
}
