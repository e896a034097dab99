//! What a schedule is called.

use crate::plain_name::plain_name;

plain_name! {
    /// The name of a schedule: `weekly-retrain`.
    ScheduleName, "name of a schedule"
}
