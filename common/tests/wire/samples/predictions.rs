//! Questions past the backlog, and their answers.

use common::bars::Bar;
use common::wire::{
    Forecast, ListedItem, ListedReason, PredictAnswer, PredictQuestion, PredictRequest, Prediction, RecordPrediction,
    TextPrediction, ToAsker,
};
use newtype_uuid::GenericUuid;

use super::{Sample, artifact, date, id, there_and_back};

fn asked(question: PredictQuestion) -> Sample {
    let asker = GenericUuid::from_untyped_uuid(id(6));
    there_and_back(&PredictRequest { id: id(5), asker, artifact: artifact(), live_seq: 3, question, left_ms: 10_000 })
}

fn answered(prediction: Result<Prediction, String>) -> Sample {
    there_and_back(&ToAsker::Answer(PredictAnswer { id: id(5), prediction }))
}

pub(super) fn exchanged() -> Vec<(&'static str, Sample)> {
    let bar = Bar { date: date(), open: 1.0, high: 2.0, low: 0.5, close: 1.5, adj_close: 1.4, volume: 100.0 };
    let forecast = Forecast {
        location: 0.001,
        scale: 0.01,
        degrees: 5.0,
        p_up: 0.52,
        confidence: 0.04,
        direction: "up".into(),
        change_percent: 0.1,
        interval_percent: (-1.0, 1.2),
    };
    let record = [("age".to_owned(), "41".to_owned())].into();
    let why = ListedReason::RatedToo { one: "alien".into(), other: None };
    let item = ListedItem { item: "heat".into(), score: 1.5, rating: 4.5, reason: why.to_string(), why: Some(why) };
    let popular = ListedReason::Popular { users: 12 };
    let favourite = ListedItem { item: "jaws".into(), reason: popular.to_string(), why: Some(popular), ..item.clone() };
    let list = Prediction::List {
        known: true,
        items: vec![item, favourite],
        scale: Some([1.0, 5.0]),
        unknown: vec!["ran".into()],
    };
    let text = TextPrediction { probability: 0.9, label: true };
    let number = RecordPrediction { value: 12.0, label: Some(true), interval: Some((10.0, 14.0)) };
    vec![
        ("ask_forecast", asked(PredictQuestion::Forecast { symbol: "AAPL".parse().unwrap(), bars: vec![bar] })),
        ("ask_texts", asked(PredictQuestion::Texts { texts: vec!["hello".into()] })),
        ("ask_records", asked(PredictQuestion::Records { rows: vec![record] })),
        ("ask_ratings", asked(PredictQuestion::Ratings { pairs: vec![("ann".into(), "heat".into())] })),
        ("ask_list", asked(PredictQuestion::List { user: "ann".into(), ratings: vec![("heat".into(), 4.0)], n: 10 })),
        ("loading", there_and_back(&ToAsker::Loading { id: id(5) })),
        ("answer_forecast", answered(Ok(Prediction::Forecast(forecast)))),
        ("answer_texts", answered(Ok(Prediction::Texts { texts: vec![text] }))),
        ("answer_records", answered(Ok(Prediction::Records { records: vec![number] }))),
        ("answer_ratings", answered(Ok(Prediction::Ratings { ratings: vec![3.5] }))),
        ("answer_list", answered(Ok(list))),
        ("no_answer", answered(Err("no such version".into()))),
    ]
}
