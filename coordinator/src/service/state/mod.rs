//! What the tasks remember between their rounds, and whoever asks between two questions. Each type is by itself and knows neither the core
//! nor a task; nothing in it is the truth, and after a restart all of it is filled anew.
//!
//! ```text
//!             a task, an operation ─► says what has happened ─► state ─► rings a bell ─► the task that waits for it
//! ```

pub(crate) mod answers;
pub(crate) mod behind;
pub(crate) mod bells;
pub(crate) mod board;
pub(crate) mod events;
pub(crate) mod fleet;
pub(crate) mod lead;
pub(crate) mod predictions;
pub(crate) mod pulse;
pub(crate) mod recent;
pub(crate) mod results;
pub(crate) mod slot_releases;
pub(crate) mod stale;
pub(crate) mod still;
mod task_name;
pub(crate) mod tokens;
pub(crate) mod trail;
pub(crate) mod transfers;
pub(crate) mod troubles;
pub(crate) mod violations;

pub use self::events::Listener;
pub use self::task_name::TaskName;
