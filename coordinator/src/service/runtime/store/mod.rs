//! The store: nothing in it is believed before its hash agrees (`artifact`), and what is needed stays though a cleanup is at work (`keep`,
//! `remove`).

pub(crate) mod artifact;
pub(crate) mod keep;
pub(crate) mod remove;
