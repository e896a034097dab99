//! Online answers.

use std::collections::HashMap;

use common::wire::{ListedItem, Prediction};

use super::model::{Model, Profile};

/// How users would rate items. A user or an item the model does not know is expected to be like the others.
pub(crate) fn ratings(model: &Model, pairs: &[(String, String)]) -> Prediction {
    let mut profiles: HashMap<&str, Profile> = HashMap::new();
    let mut ratings = Vec::with_capacity(pairs.len());
    for (user, item) in pairs {
        let profile = profiles.entry(user).or_insert_with(|| model.profile(user, []));
        ratings.push(model.predict(profile, item));
    }
    Prediction::Ratings { ratings }
}

/// What a user may like, of what they have not rated. Ratings the model has not seen are folded in.
pub(crate) fn list(model: &Model, user: &str, ratings: &[(String, f64)], n: u32) -> Prediction {
    let profile = model.profile(user, ratings.iter().map(|(item, rating)| (item.as_str(), *rating, 1.0)));
    let items = model.recommend(&profile, n as usize).into_iter().map(|found| ListedItem {
        item: found.item,
        score: found.score,
        rating: found.rating,
        reason: found.reason.to_string(),
        why: Some(found.reason),
    });
    let unknown = ratings.iter().map(|(item, _)| item).filter(|item| model.items.find(item).is_none());
    Prediction::List {
        known: profile.known,
        items: items.collect(),
        scale: Some(model.scale.map(f64::from)),
        unknown: unknown.cloned().collect(),
    }
}
