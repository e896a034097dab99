//! What every room looks up, and how it says that it is not there.

pub(crate) mod dataset;
pub(crate) mod model;
mod near;
