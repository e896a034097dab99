//! What every room looks up, and how it says that it is not there.

pub(crate) mod dataset;
pub(crate) mod model;
mod near;
mod policy;

pub(crate) use self::policy::{policy_by_key, policy_of};
