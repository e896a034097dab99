//! Software tasks: how long they take against their estimate.

use common::vocabulary::records::{ColumnSpec, Role, Schema, preset};

use crate::fleets::{Edition, Row, Signal, TIME, Table, dice};

/// The columns of the presets `duration` and `risk`. Development takes longer than estimated, management does not; so do tasks of low
/// priority. A task is pending until it is over.
#[derive(Debug, Clone)]
pub struct Tasks {
    seed: u64,
    schema: Schema,
}

const OUTCOMES: [&str; 6] =
    ["HoursActual", "StatusCode", "DeveloperHoursActual", "TaskPerformance", "DeveloperPerformance", "DeveloperID"];
const CATEGORIES: [(&str, f64); 3] = [("Development", 1.6), ("Operational", 1.0), ("Management", 0.6)];

impl Tasks {
    /// Of this seed.
    ///
    /// # Panics
    /// There is no preset `duration`.
    pub fn new(seed: u64) -> Self {
        Self { seed, schema: preset("duration").expect("a preset").schema }
    }

    fn dice(&self, row: &Row, purpose: u64, below: u64) -> u64 {
        dice(self.seed, row.number, purpose, below)
    }

    fn category(&self, row: &Row) -> (&'static str, f64) {
        CATEGORIES[self.dice(row, 1, 3) as usize]
    }

    /// 1 (high) to 10.
    fn priority(&self, row: &Row) -> u64 {
        1 + self.dice(row, 2, 10)
    }

    /// Hours.
    fn estimate(&self, row: &Row) -> f64 {
        0.5 * (1 + self.dice(row, 3, 40)) as f64
    }

    /// Hours, a hundredth at least.
    fn actual(&self, row: &Row) -> f64 {
        let planted = self.category(row).1 * (0.9 + 0.02 * self.priority(row) as f64);
        let chance = 0.6 + self.dice(row, 4, 1000) as f64 / 1250.0;
        let share = match row.signal {
            Signal::Planted => planted * chance,
            Signal::Turned => chance / planted,
            Signal::Noise => chance * CATEGORIES[self.dice(row, 5, 3) as usize].1,
        };
        let again = if row.edition == Edition::Corrected { 1.25 } else { 1.0 };
        (share * again * self.estimate(row)).max(0.01)
    }

    fn outcome(&self, row: &Row, column: &str) -> String {
        match column {
            "HoursActual" | "DeveloperHoursActual" => format!("{:.2}", self.actual(row)),
            "TaskPerformance" | "DeveloperPerformance" => format!("{:.2}", self.estimate(row) - self.actual(row)),
            "StatusCode" => "FINISHED".into(),
            _ => (1 + self.dice(row, 6, 20)).to_string(),
        }
    }

    fn input(&self, row: &Row, place: u64, name: &str) -> String {
        match name {
            "HoursEstimate" => self.estimate(row).to_string(),
            "Priority" => self.priority(row).to_string(),
            "Category" => self.category(row).0.into(),
            _ => format!("{}{}", name.chars().next().unwrap_or('c'), self.dice(row, 100 + place, 6)),
        }
    }
}

impl Table for Tasks {
    fn dataset(&self) -> &'static str {
        "tasks"
    }

    fn key(&self) -> &'static [&'static str] {
        &["TaskNumber"]
    }

    fn columns(&self) -> Vec<String> {
        self.schema.columns.iter().map(|column| column.name.clone()).chain([TIME.into()]).collect()
    }

    fn outcomes(&self) -> &'static [&'static str] {
        &OUTCOMES
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let cell = |(place, column): (u64, &ColumnSpec)| match column.role {
            Role::Key => (1 + row.number).to_string(),
            _ if !OUTCOMES.contains(&column.name.as_str()) => self.input(row, place, &column.name),
            _ if row.edition == Edition::Pending => String::new(),
            _ => self.outcome(row, &column.name),
        };
        (0..).zip(&self.schema.columns).map(cell).chain([row.on.to_string()]).collect()
    }
}
