//! Webhooks, signed as by Standard Webhooks 1.0: whoever has the key can tell who sent a message, when, and that it is whole.

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use newtype_uuid::GenericUuid as _;
use serde_json::{Value, json};
use sha2::Sha256;

use super::outgoing::{Line, Outgoing};
use super::outside::{Receiver, delivered};
use super::port::Channel;
use crate::service::error::{Error, Result as ServiceResult};
use crate::views::ToldView;
use common::vocabulary::Timestamp;
use domain::alert::Told;

/// What a key begins with.
const PREFIX: &str = "whsec_";
/// Bytes of a key.
const KEY: usize = 32;

/// A webhook.
pub(super) struct Webhook {
    pub(super) to: Receiver,
    pub(super) secret: String,
}

#[async_trait]
impl Channel for Webhook {
    async fn send(&self, message: &Outgoing) -> Result<(), String> {
        let body = body(message).to_string();
        // Of this try, not of the message: a receiver refuses what is too old.
        let at = Timestamp::now().utc().timestamp().to_string();
        let id = message.id.into_untyped_uuid().to_string();
        let signature = signature(&self.secret, &id, &at, &body).ok_or("its key is damaged: make the channel anew")?;
        let request = self.to.post().header("webhook-id", id).header("webhook-timestamp", at);
        let request = request.header("webhook-signature", format!("v1,{signature}"));
        delivered(request.header("content-type", "application/json").body(body)).await
    }
}

/// A new key, of random bits of the operating system.
pub(in crate::service::alerts) fn new_secret() -> ServiceResult<String> {
    let mut key = [0; KEY];
    getrandom::fill(&mut key).map_err(|error| Error::Internal(error.to_string().into()))?;
    Ok(format!("{PREFIX}{}", BASE64_STANDARD.encode(key)))
}

/// HMAC-SHA256 over id, time and body.
fn signature(secret: &str, id: &str, at: &str, body: &str) -> Option<String> {
    let key = BASE64_STANDARD.decode(secret.strip_prefix(PREFIX)?).ok()?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).ok()?;
    mac.update(format!("{id}.{at}.{body}").as_bytes());
    Some(BASE64_STANDARD.encode(mac.finalize().into_bytes()))
}

/// The message: what it is, when it was made, and its data.
fn body(message: &Outgoing) -> Value {
    let told = |(told, line): (&Told, &Line)| match told {
        Told::Alert(alert) => json!({
            "alert": alert.id,
            "kind": alert.cause.kind(),
            "model": alert.cause.model(),
            "severity": alert.severity,
            "text": line.text,
            "raised_at": alert.raised_at.utc(),
            "ended_at": alert.ended_at.map(Timestamp::utc),
            "what": ToldView::of(&alert.cause).numbers,
        }),
        Told::Training(trained) => json!({ "training": trained, "text": line.text, "severity": line.severity }),
    };
    if let Some(report) = &message.report {
        return json!({
            "type": format!("refit.{}", message.body.what),
            "timestamp": message.at.utc(),
            "data": { "subject": message.subject, "report": report.name, "text": report.text },
        });
    }
    let items: Vec<Value> = message.body.items.iter().zip(&message.lines).map(told).collect();
    json!({
        "type": format!("refit.{}", message.body.what),
        "timestamp": message.at.utc(),
        "data": {
            "subject": message.subject,
            "severity": message.body.severity,
            "kind": message.body.kind,
            "count": message.body.count,
            "items": items,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries (standardwebhooks 1.0).
    #[test]
    fn a_signature_is_that_of_standard_webhooks() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let signed = signature(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", r#"{"test": 2432232314}"#);
        assert_eq!(signed.as_deref(), Some("g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
        assert_eq!(signature("secret", "id", "1", "{}"), None);
        assert_eq!(new_secret().unwrap().len(), PREFIX.len() + 44);
    }
}
