//! Refit's vocabulary: what the coordinator, the workers and the model families say to each other, and the ports they say
//! it through. This crate does not link LibTorch and knows neither routes nor SQL of the coordinator.
//!
//! - [`vocabulary`]: ids, models, jobs, versions, hyper-parameters, what a training is asked for and what it leaves behind
//! - [`wire`]: the messages on the queue and the bus, and how they are encoded
//! - [`ports`]: `JobQueue`, `EventBus`, `ArtifactStore`; [`embedded`] holds their implementations for one machine, [`distributed`]
//!   those for a cluster; [`objects`] is the store of both; [`connect`] opens a port by its URL
//! - [`bars`], [`table`], [`losses`], [`seen`] and [`rows`]: the Parquet formats that cross process borders
//! - [`retry`]: trying again what may heal
//! - [`random`]: every random draw, as a pure function
//! - [`settings`]: configuration, one place for every key; [`shell`]: words of advice that can be copied
//! - [`schema_steps`]: which schemas of databases a release can live with
//! - [`visible`]: texts from outside, as a terminal may show them; [`umask`]: files that only the user may read

pub mod bars;
mod columnar;
pub mod connect;
pub mod distributed;
pub mod drift;
pub mod embedded;
pub mod losses;
mod nearest;
pub mod objects;
pub mod open_files;
pub mod ports;
pub mod random;
pub mod retry;
pub mod rows;
pub mod schema_steps;
pub mod seen;
pub mod settings;
pub mod shell;
pub mod table;
pub mod telemetry;
pub mod umask;
pub mod visible;
pub mod vocabulary;
pub mod wire;
mod written;
