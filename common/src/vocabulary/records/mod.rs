//! Records: tables of typed columns of which one is to be predicted, and the models of a company that are ready to use.

pub mod cell;
mod infer;
mod presets;
mod schema;

pub use infer::{Frame, infer};
pub use presets::{Preset, preset, presets};
pub use schema::{AvailableAt, ColumnSpec, Kind, Order, Role, Schema, SchemaError, SliceSpec, Task};
