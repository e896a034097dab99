//! What somebody should know: causes are found, stand as alerts until they are gone, and are told by channels.
//!
//! - [`AlertCause`]: what is wrong, with its numbers; [`of_model()`] finds those of a model with the facts of a decision
//! - [`reconcile()`]: what stands open meets what has been found
//! - [`Silence`], [`Address`], [`Terms`]: what is told, whom, and when
//! - [`gather()`]: news become messages; a flood becomes one

mod cause;
mod channel;
mod gather;
mod of_model;
mod quiet;
mod reconcile;
mod route;
mod severity;
mod silence;
#[cfg(test)]
mod tests;

pub use cause::{AlertCause, AlertKind};
pub use channel::{Address, ChannelKind, ChannelName, Terms};
pub use gather::{Gathered, Judged, MessageKind, News, NewsKind, SHOWN, Told, ToldAlert, Trained, gather};
pub use of_model::{OF_DECISIONS, of_model};
pub use quiet::quiet_until;
pub use reconcile::{Change, OpenAlert, reconcile};
pub use route::{Route, Traits};
pub use severity::Severity;
pub use silence::Silence;
