//! What somebody should know, and how they are told.
//!
//! ```text
//! decisions ──► (planning) ─┐
//! monitoring ───────────────┼─► alerts, one open a cause ─► news ─► compose: messages, a flood in one ─► deliver ─► channels
//! the installation ─► look ─┘
//! ```
//!
//! An alert and its news are written in one transaction, and so are a message and the news it takes: none is lost, and none is told
//! twice under another id. A message is delivered at least once.

mod causes;
mod channels;
mod compose;
mod deliver;
mod look;
mod manage;
mod show;
mod silences;
mod stand;

pub(crate) use self::compose::round as compose;
pub(crate) use self::deliver::Deliveries;
pub(crate) use self::look::Look;
