//! Answers of the predictors: each coordinator has a mailbox of its own for them, and wakes whoever asked.

use std::time::Duration;

use common::ports::{LetterKind, Mailbox, Taken, set_aside};
use common::wire::ToAsker;
use common::wire::codec::{self, Limits};

use crate::service::error::Result;
use crate::service::runtime::Core;

/// How long one look into the mailbox waits.
const WAIT: Duration = Duration::from_secs(5);

/// Hears one answer, or waits for one in vain.
pub(crate) async fn round(core: &Core) -> Result<()> {
    let bus = core.ports.bus.as_ref();
    let Some(Taken { body, .. }) = bus.take(Mailbox::Answers(core.id), WAIT).await? else { return Ok(()) };
    match codec::decode::<ToAsker>(&body, Limits::default()) {
        Ok(message) => core.answers.receive(message),
        Err(error) => set_aside(bus, LetterKind::Answer, &body, &error).await,
    }
    Ok(())
}
