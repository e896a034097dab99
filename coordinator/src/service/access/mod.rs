//! Who may ask, and what is kept of what they changed.
//!
//! ```text
//! a call ─► bearer: whose token ─► (api: scope, handler) ─► trail: noted before it is answered ─► audit
//! ```

mod tokens;
mod trail;

pub use self::tokens::Bearer;
pub(crate) use self::trail::Recorder;
