//! Golden cases: inputs and the answers a model gave, so that whoever loads it can check that it still gives them.

use serde::{Deserialize, Serialize};

use super::model::Model;

/// How many users are asked, and how many items of each.
const USERS: usize = 3;
const ITEMS: usize = 4;

/// A prediction.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Golden {
    /// The user; one is unknown to the model.
    pub user: String,
    /// Ratings in the call.
    pub ratings: Vec<(String, f64)>,
    /// The item.
    pub item: String,
    /// The rating expected.
    pub prediction: f64,
}

/// Some known users, and one who is folded in from a rating, each with some items, evenly spread.
pub fn golden(model: &Model) -> Vec<Golden> {
    let spread = |ids: Vec<&str>, n: usize| {
        let stride = ids.len().div_ceil(n).max(1);
        ids.into_iter().step_by(stride).map(str::to_owned).collect::<Vec<_>>()
    };
    let users = spread(model.users.iter().collect(), USERS);
    let items = spread(model.items.iter().collect(), ITEMS);
    let unknown = || users.iter().flat_map(|user| user.chars()).chain(['+']).collect::<String>();
    let known = users.iter().map(|user| (user.clone(), Vec::new()));
    let best = f64::from(model.scale[1]);
    let folded = items.first().map(|item| (unknown(), vec![(item.clone(), best)]));
    let mut cases = Vec::new();
    for (user, ratings) in known.chain(folded) {
        for item in &items {
            let case = Golden { user: user.clone(), ratings: ratings.clone(), item: item.clone(), prediction: 0.0 };
            cases.push(Golden { prediction: answer(model, &case), ..case });
        }
    }
    cases
}

/// The first case the model answers otherwise, with its answer.
pub fn differs<'a>(model: &Model, cases: &'a [Golden]) -> Option<(&'a Golden, f64)> {
    let answers = cases.iter().map(|case| (case, answer(model, case)));
    answers.into_iter().find(|(case, answer)| answer.to_bits() != case.prediction.to_bits())
}

fn answer(model: &Model, case: &Golden) -> f64 {
    let ratings = case.ratings.iter().map(|(item, value)| (item.as_str(), *value, 1.0));
    model.predict(&model.profile(&case.user, ratings), &case.item)
}
