//! Employees: those who work overtime leave, above all the badly paid; involvement and training make a good rating.

use std::fmt::Write;

use common::random::Stream;

use super::{draws, happens, one_of};

const ROWS: usize = 1_500;
/// Answers from 1 to 4 that decide nothing.
const OPINIONS: [&str; 3] = ["EnvironmentSatisfaction", "RelationshipSatisfaction", "WorkLifeBalance"];
/// Columns in the order of [`values`].
const COLUMNS: &str = "EmployeeNumber,Age,DailyRate,DistanceFromHome,Education,HourlyRate,JobInvolvement,JobLevel,JobSatisfaction,\
    MonthlyIncome,MonthlyRate,NumCompaniesWorked,StockOptionLevel,TotalWorkingYears,TrainingTimesLastYear,YearsAtCompany,\
    YearsInCurrentRole,YearsSinceLastPromotion,YearsWithCurrManager,BusinessTravel,Department,EducationField,Gender,JobRole,\
    MaritalStatus,OverTime,PerformanceRating,PercentSalaryHike,Attrition";

/// As the ready-made models `attrition` and `performance` read them.
pub(super) fn csv() -> String {
    let mut csv = format!("{},{COLUMNS}\n", OPINIONS.join(","));
    for row in 0..ROWS {
        let mut draws = draws(3, row);
        let opinions = OPINIONS.map(|_| upto(&mut draws, 4).to_string());
        let _ = writeln!(csv, "{},{row},{}", opinions.join(","), values(&mut draws).join(","));
    }
    csv
}

/// All but the number, in the order of [`COLUMNS`].
fn values(draws: &mut Stream) -> Vec<String> {
    let (involvement, satisfaction, level) = (upto(draws, 4), upto(draws, 4), upto(draws, 5));
    let income = 1_500 + 1_800 * level + draws.below(3_000);
    let (training, years) = (draws.below(7), draws.below(20));
    let overtime = draws.below(3) == 0;
    let rated = happens(draws, -3.0 + 0.7 * involvement as f64 + 0.3 * training as f64);
    let odds = if overtime { 1.9 } else { 0.0 } + if income < 5_000 { 1.0 } else { 0.0 } - 0.3 * satisfaction as f64;
    let leaves = happens(draws, odds - 1.4);
    let numbers = [
        20 + draws.below(40),
        100 + draws.below(1_400),
        upto(draws, 29),
        upto(draws, 5),
        30 + draws.below(70),
        involvement,
        level,
        satisfaction,
        income,
        2_000 + draws.below(24_000),
        draws.below(10),
        draws.below(4),
        years + draws.below(15),
        training,
        years,
        draws.below(years + 1),
        draws.below(years + 1),
        draws.below(years + 1),
    ];
    let words = [
        one_of(draws, &["Non-Travel", "Travel_Rarely", "Travel_Frequently"]),
        one_of(draws, &["Sales", "Research", "Human Resources"]),
        one_of(draws, &["Life Sciences", "Medical", "Marketing", "Technical"]),
        one_of(draws, &["Female", "Male"]),
        one_of(draws, &["Manager", "Technician", "Representative", "Scientist"]),
        one_of(draws, &["Single", "Married", "Divorced"]),
        yes_or_no(overtime),
        if rated { "4" } else { "3" },
    ];
    let hike = if rated { 20 + draws.below(6) } else { 11 + draws.below(9) };
    let words = words.into_iter().map(str::to_owned);
    let outcome = [hike.to_string(), yes_or_no(leaves).to_owned()];
    numbers.iter().map(ToString::to_string).chain(words).chain(outcome).collect()
}

/// From 1 to `most`.
fn upto(draws: &mut Stream, most: usize) -> usize {
    1 + draws.below(most)
}

fn yes_or_no(is_so: bool) -> &'static str {
    if is_so { "Yes" } else { "No" }
}
