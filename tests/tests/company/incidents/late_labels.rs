//! Rows are predicted, and people say later what came of them: the rows join the data set.

use refit_tests::fleets::{Row, Table as _, Texts, questions};
use serde_json::{Value, json};

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::fleet::Target;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct LateLabels;

const MODEL: &str = "text/toxicity";
/// Texts that nobody has labelled so far.
const NUMBERS: std::ops::Range<u64> = 5_000_000..5_000_020;

impl Incident for LateLabels {
    fn name(&self) -> &'static str {
        "labels of predicted rows come in"
    }

    fn when(&self) -> f64 {
        0.0
    }

    fn moment(&self) -> Moment {
        Moment::BeforeTrainings
    }

    fn happen(&self, world: &mut World, day: Day) {
        let texts = Texts::new(crate::SEED);
        let rows: Vec<Row> = NUMBERS.map(|number| Row::new(number, day.date)).collect();
        let mut asked = questions(&texts, &rows);
        // A labelled row joins as it was predicted: with the day it came from.
        asked.iter_mut().for_each(|row| row[refit_tests::fleets::TIME] = json!(day.date.to_string()));
        let answer = world.client.post(&format!("models/{MODEL}/predict"), &json!({ "rows": asked }));
        let predicted = answer["predictions"].as_array().cloned().unwrap_or_default();
        let label = |(row, said): (&Row, Value)| json!({ "prediction": said["id"], "value": texts.label(row) });
        let labels: Vec<Value> = rows.iter().zip(predicted).map(label).collect();
        let report = world.client.post(&format!("models/{MODEL}/labels"), &json!({ "labels": labels }));
        world
            .breaches
            .insist(Promise::Asked, report["labelled"] == rows.len(), || format!("{MODEL}: labels: {report}"));
        world.book(Target::Dataset(texts.dataset().into()), report["labelled"].as_u64().unwrap_or_default());
    }
}
