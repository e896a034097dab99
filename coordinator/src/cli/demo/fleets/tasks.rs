//! Software tasks in their order: bugs take longer than was thought, and one project is behind with everything.

use std::fmt::Write;

use super::{draws, one_of};

const ROWS: usize = 1_500;
/// A category, and the hours it takes for each that was estimated.
const CATEGORIES: [(&str, f64); 3] = [("Bug", 1.7), ("Enhancement", 1.0), ("Release", 0.8)];
const PROJECTS: [(&str, f64); 4] = [("PC1", 1.0), ("PC2", 1.6), ("PC3", 0.9), ("PC4", 1.0)];
const PEOPLE: [&str; 8] = ["1", "2", "3", "4", "5", "6", "7", "8"];

/// As the ready-made models `duration` and `risk` read them.
pub(super) fn csv() -> String {
    let mut csv = "TaskNumber,HoursEstimate,Priority,RaisedByID,AssignedToID,AuthorisedByID,ProjectCode,ProjectBreakdownCode,\
        Category,SubCategory,HoursActual,StatusCode,DeveloperHoursActual,TaskPerformance,DeveloperPerformance,DeveloperID\n"
        .to_owned();
    for row in 0..ROWS {
        let mut draws = draws(4, row);
        let (category, slow) = CATEGORIES[draws.below(CATEGORIES.len())];
        let (project, late) = PROJECTS[draws.below(PROJECTS.len())];
        let estimate = (1.0 + 20.0 * draws.uniform() * draws.uniform()).round();
        let actual = estimate * slow * late * (1.2 * (draws.uniform() - 0.5)).exp();
        let [raised, assigned, authorised] = [(); 3].map(|()| one_of(&mut draws, &PEOPLE));
        let part = one_of(&mut draws, &["A", "B", "C"]);
        let sub = one_of(&mut draws, &["Screen", "Report", "Data", "Other"]);
        let _ = writeln!(
            csv,
            "{row},{estimate},{},{raised},{assigned},{authorised},{project},{part},{category},{sub},{actual:.2},FINISHED,{actual:.2},\
             {:.2},{:.2},{assigned}",
            1 + draws.below(10),
            estimate - actual,
            estimate - actual
        );
    }
    csv
}
