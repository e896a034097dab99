//! Employees: who leaves, and who is rated well.

use common::vocabulary::records::{ColumnSpec, Kind, Role, Schema, preset};

use crate::fleets::{Edition, Row, Signal, TIME, Table, dice};

/// The columns of the presets `attrition` and `performance`. Who works overtime leaves, above all for little pay; who is involved in
/// the job is rated 4.
#[derive(Debug, Clone)]
pub struct Employees {
    seed: u64,
    schema: Schema,
}

const OUTCOMES: [&str; 3] = ["PercentSalaryHike", "PerformanceRating", "Attrition"];

impl Employees {
    /// Of this seed.
    ///
    /// # Panics
    /// There is no preset `attrition`.
    pub fn new(seed: u64) -> Self {
        Self { seed, schema: preset("attrition").expect("a preset").schema }
    }

    fn dice(&self, row: &Row, purpose: u64, below: u64) -> u64 {
        dice(self.seed, row.number, purpose, below)
    }

    /// True with this chance in percent, as the signal says.
    fn happens(&self, row: &Row, purpose: u64, percent: u64) -> bool {
        let chance = match row.signal {
            Signal::Planted => percent,
            Signal::Turned => 100 - percent,
            Signal::Noise => 50,
        };
        self.dice(row, purpose, 100) < chance
    }

    fn works_overtime(&self, row: &Row) -> bool {
        self.dice(row, 1, 3) == 0
    }

    /// Monthly.
    fn income(&self, row: &Row) -> u64 {
        1000 + 10 * self.dice(row, 2, 900)
    }

    /// 1 to 4.
    fn involvement(&self, row: &Row) -> u64 {
        1 + self.dice(row, 3, 4)
    }

    fn leaves(&self, row: &Row) -> bool {
        let base = if self.works_overtime(row) { 60 } else { 8 };
        self.happens(row, 4, base + if self.income(row) < 3000 { 20 } else { 0 })
    }

    fn is_outstanding(&self, row: &Row) -> bool {
        self.happens(row, 5, [4, 10, 30, 75][self.involvement(row) as usize - 1])
    }

    fn outcome(&self, row: &Row, column: &str) -> String {
        let outstanding = self.is_outstanding(row);
        match column {
            "Attrition" if self.leaves(row) == (row.edition == Edition::Corrected) => "No".into(),
            "Attrition" => "Yes".into(),
            "PerformanceRating" => (3 + u64::from(outstanding)).to_string(),
            _ => if outstanding { 20 + self.dice(row, 6, 6) } else { 11 + self.dice(row, 6, 9) }.to_string(),
        }
    }

    fn input(&self, row: &Row, place: u64, name: &str, kind: Kind) -> String {
        let plain = |below| self.dice(row, 100 + place, below);
        match (name, kind) {
            ("MonthlyIncome", _) => self.income(row).to_string(),
            ("JobInvolvement", _) => self.involvement(row).to_string(),
            ("OverTime", _) => if self.works_overtime(row) { "Yes" } else { "No" }.into(),
            ("Age", _) => (20 + plain(40)).to_string(),
            ("Gender", _) => ["Female", "Male"][plain(2) as usize].into(),
            (_, Kind::Number | Kind::Date) => (1 + plain(40)).to_string(),
            (_, Kind::Category) => ["a", "b", "c"][plain(3) as usize].into(),
            (_, Kind::Flag) => ["Yes", "No"][plain(2) as usize].into(),
        }
    }
}

impl Table for Employees {
    fn dataset(&self) -> &'static str {
        "employees"
    }

    fn key(&self) -> &'static [&'static str] {
        &["EmployeeNumber"]
    }

    fn columns(&self) -> Vec<String> {
        self.schema.columns.iter().map(|column| column.name.clone()).chain([TIME.into()]).collect()
    }

    fn outcomes(&self) -> &'static [&'static str] {
        &OUTCOMES
    }

    fn cells(&self, row: &Row) -> Vec<String> {
        let cell = |(place, column): (u64, &ColumnSpec)| match column.role {
            Role::Key => row.number.to_string(),
            _ if OUTCOMES.contains(&column.name.as_str()) && row.edition == Edition::Pending => String::new(),
            _ if OUTCOMES.contains(&column.name.as_str()) => self.outcome(row, &column.name),
            _ => self.input(row, place, &column.name, column.kind),
        };
        (0..).zip(&self.schema.columns).map(cell).chain([row.on.to_string()]).collect()
    }
}
