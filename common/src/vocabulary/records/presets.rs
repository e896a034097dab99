//! The four models of a company, ready to use: attrition and performance of employees, duration and risk of software tasks.

use crate::vocabulary::TabularHyper;

use super::schema::{AvailableAt, ColumnSpec, Kind, Order, Role, Schema, SliceSpec, Task};

/// A model defined as data.
#[derive(Debug, Clone, PartialEq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Columns and task.
    pub schema: Schema,
    /// How it is trained.
    pub hyper: TabularHyper,
    /// The data set it reads.
    pub dataset: &'static str,
}

/// The preset of this name.
pub fn preset(name: &str) -> Option<Preset> {
    presets().into_iter().find(|preset| preset.name == name)
}

/// All presets.
pub fn presets() -> Vec<Preset> {
    vec![attrition(), performance(), duration(), risk()]
}

const EMPLOYEE_NUMBERS: &[&str] = &[
    "Age",
    "DailyRate",
    "DistanceFromHome",
    "Education",
    "EnvironmentSatisfaction",
    "HourlyRate",
    "JobInvolvement",
    "JobLevel",
    "JobSatisfaction",
    "MonthlyIncome",
    "MonthlyRate",
    "NumCompaniesWorked",
    "RelationshipSatisfaction",
    "StockOptionLevel",
    "TotalWorkingYears",
    "TrainingTimesLastYear",
    "WorkLifeBalance",
    "YearsAtCompany",
    "YearsInCurrentRole",
    "YearsSinceLastPromotion",
    "YearsWithCurrManager",
];
const EMPLOYEE_CATEGORIES: &[&str] =
    &["BusinessTravel", "Department", "EducationField", "Gender", "JobRole", "MaritalStatus"];
const TASK_CATEGORIES: &[&str] =
    &["RaisedByID", "AssignedToID", "AuthorisedByID", "ProjectCode", "ProjectBreakdownCode", "Category", "SubCategory"];
/// Known only when the task is over, or who did it in the end.
const TASK_AFTER: &[&str] =
    &["StatusCode", "DeveloperHoursActual", "TaskPerformance", "DeveloperPerformance", "DeveloperID"];

/// Who leaves. `PercentSalaryHike` and `PerformanceRating` are known before and stay in.
fn attrition() -> Preset {
    let mut columns = employees();
    columns.extend([
        column("PercentSalaryHike", Kind::Number, Role::Feature),
        column("PerformanceRating", Kind::Number, Role::Feature),
        column("Attrition", Kind::Category, Role::Target),
    ]);
    Preset {
        name: "attrition",
        schema: Schema {
            columns,
            task: Task::Is { column: "Attrition".into(), positive: "Yes".into() },
            order: Order::Undated,
            slices: employee_slices(),
        },
        hyper: employee_hyper(),
        dataset: "employees",
    }
}

/// Who is rated 4. Without `PercentSalaryHike`, which follows from the rating, and `Attrition`, which comes later.
fn performance() -> Preset {
    let mut columns = employees();
    columns.extend([
        after("PercentSalaryHike", Kind::Number),
        after("Attrition", Kind::Category),
        column("PerformanceRating", Kind::Category, Role::Target),
    ]);
    Preset {
        name: "performance",
        schema: Schema {
            columns,
            task: Task::Is { column: "PerformanceRating".into(), positive: "4".into() },
            order: Order::Undated,
            slices: employee_slices(),
        },
        hyper: employee_hyper(),
        dataset: "employees",
    }
}

/// How long a task takes, as log(actual / estimate).
fn duration() -> Preset {
    Preset {
        name: "duration",
        schema: tasks(Task::LogRatio { actual: "HoursActual".into(), estimate: "HoursEstimate".into() }),
        hyper: TabularHyper { trees: 500, shrinkage: 0.03, ..task_hyper() },
        dataset: "tasks",
    }
}

/// Whether a task overruns its estimate by more than 25 %.
fn risk() -> Preset {
    Preset {
        name: "risk",
        schema: tasks(Task::Exceeds { actual: "HoursActual".into(), estimate: "HoursEstimate".into(), by: 0.25 }),
        hyper: TabularHyper { leaves: 31, leaf_rows: 40, leaf_ridge: 30.0, patience: 10, epochs: 0, ..task_hyper() },
        dataset: "tasks",
    }
}

/// Few rows: the network would take most of the time, and few trees have learnt what there is.
fn employee_hyper() -> TabularHyper {
    TabularHyper { epochs: 0, trees: 40, shrinkage: 0.2, patience: 2, ..TabularHyper::default() }
}

/// Whoever has few tasks is read as one of many: most ids are rare, and their own rates are chance.
fn task_hyper() -> TabularHyper {
    TabularHyper {
        leaves: 16,
        trees: 300,
        shrinkage: 0.05,
        batch_size: 64,
        epochs: 20,
        rare: 120,
        ..TabularHyper::default()
    }
}

fn employees() -> Vec<ColumnSpec> {
    let mut columns = vec![column("EmployeeNumber", Kind::Number, Role::Key)];
    columns.extend(EMPLOYEE_NUMBERS.iter().map(|name| column(name, Kind::Number, Role::Feature)));
    columns.extend(EMPLOYEE_CATEGORIES.iter().map(|name| column(name, Kind::Category, Role::Feature)));
    columns.push(column("OverTime", Kind::Flag, Role::Feature));
    columns
}

fn employee_slices() -> Vec<SliceSpec> {
    vec![
        SliceSpec { column: "Age".into(), bands: vec![30.0, 40.0, 50.0] },
        SliceSpec { column: "Gender".into(), bands: Vec::new() },
    ]
}

fn tasks(task: Task) -> Schema {
    let mut columns = vec![column("TaskNumber", Kind::Number, Role::Key)];
    columns.push(column("HoursEstimate", Kind::Number, Role::Feature));
    columns.push(column("Priority", Kind::Number, Role::Feature));
    columns.extend(TASK_CATEGORIES.iter().map(|name| column(name, Kind::Category, Role::Feature)));
    columns.push(column("HoursActual", Kind::Number, Role::Target));
    columns.extend(TASK_AFTER.iter().map(|name| after(name, Kind::Category)));
    let slices = vec![SliceSpec { column: "Category".into(), bands: Vec::new() }];
    Schema { columns, task, order: Order::Key, slices }
}

fn column(name: &str, kind: Kind, role: Role) -> ColumnSpec {
    ColumnSpec { name: name.into(), kind, role, available_at: AvailableAt::Before, confirmed_at: None }
}

fn after(name: &str, kind: Kind) -> ColumnSpec {
    ColumnSpec { name: name.into(), kind, role: Role::Ignored, available_at: AvailableAt::After, confirmed_at: None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::Ranged;

    /// B2: four models; what determines the outcome is never an input.
    #[test]
    fn presets_hold_together_and_leave_out_what_comes_after() {
        for preset in presets() {
            preset.schema.validate().unwrap();
            preset.hyper.check().unwrap();
            let inputs: Vec<&str> = preset.schema.with_role(Role::Feature).map(|column| column.name.as_str()).collect();
            assert!(TASK_AFTER.iter().chain(&["HoursActual"]).all(|name| !inputs.contains(name)), "{}", preset.name);
            assert_eq!(inputs.contains(&"PercentSalaryHike"), preset.name == "attrition");
        }
        let names: Vec<&str> = presets().iter().map(|preset| preset.name).collect();
        assert_eq!(names, ["attrition", "performance", "duration", "risk"]);
    }
}
