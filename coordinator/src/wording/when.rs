//! When a schedule is due, as a message: its timing with its zone.

use common::vocabulary::Zone;
use domain::schedule::Timing;
use serde::ser::Error as _;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};

use super::CODE;

/// When something is due.
#[derive(Debug, Clone)]
pub(crate) struct When {
    /// The timing.
    pub(crate) timing: Timing,
    /// By whose clocks.
    pub(crate) zone: Zone,
}

impl Serialize for When {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = match serde_json::to_value(&self.timing).map_err(S::Error::custom)? {
            Value::Object(fields) => fields,
            other => return Err(S::Error::custom(format!("{other} is no timing"))),
        };
        if let Some(kind) = fields.remove("kind") {
            fields.insert(CODE.into(), kind);
        }
        if let Some(day) = fields.remove("day") {
            let name = if day.is_string() { "weekday" } else { "day" };
            fields.insert(name.into(), day);
        }
        if let Timing::Every { minutes } = self.timing {
            let hours = minutes / 60;
            fields.insert("hours".into(), if hours * 60 == minutes { json!(hours) } else { Value::Null });
        }
        fields.insert("zone".into(), json!(self.zone));
        fields.serialize(serializer)
    }
}
