//! A file of rows is predicted as a job while trainings run: each row has the answer that it has online.

use refit_tests::fleets::{self, Row, Table as _, Texts};
use serde_json::{Value, json};

use super::{Incident, Moment};
use crate::SEED;
use crate::calendar::Day;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct Batch;

const MODEL: &str = "text/toxicity";
/// Texts that never arrive.
const NUMBERS: std::ops::Range<u64> = 6_000_000..6_000_200;

impl Incident for Batch {
    fn name(&self) -> &'static str {
        "a file of rows is predicted as a job"
    }

    fn when(&self) -> f64 {
        0.25
    }

    fn moment(&self) -> Moment {
        Moment::BeforeTrainings
    }

    fn happen(&self, world: &mut World, day: Day) {
        let texts = Texts::new(SEED);
        let rows: Vec<Row> = NUMBERS.map(|number| Row::new(number, day.date)).collect();
        let file: String = rows.iter().map(|row| texts.text(row) + "\n").collect();
        let job = world.client.post_csv(&format!("models/{MODEL}/predictions/batch"), &format!("text\n{file}")).body;
        let id = job["id"].as_str().unwrap_or_else(|| panic!("{}: no job: {job}", texts.dataset()));
        world.client.ended(id);
        let said = world.client.get(&format!("jobs/{id}/output"));
        let said: Vec<f64> = said.as_str().unwrap_or_default().lines().skip(1).filter_map(prediction).collect();
        let asked = json!({ "rows": fleets::questions(&texts, &rows) });
        let online = world.client.post(&format!("models/{MODEL}/predict"), &asked);
        let values: Vec<f64> = online["predictions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|one: &Value| one["value"].as_f64())
            .collect();
        let first = said.iter().zip(&values).position(|(file, online)| (file - online).abs() > 1e-9);
        world.breaches.insist(
            Promise::Sane,
            said.len() == rows.len() && values.len() == rows.len() && first.is_none(),
            || {
                format!(
                    "{MODEL}: {} rows, {} in the file, {} online, the first that differs: {first:?}",
                    rows.len(),
                    said.len(),
                    values.len()
                )
            },
        );
    }
}

/// The second cell of a line `row,prediction,label`.
fn prediction(line: &str) -> Option<f64> {
    line.split(',').nth(1)?.parse().ok()
}
