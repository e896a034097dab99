//! What validation rows decide: when a member is done, how far the model is trusted, what lists are to suit.

use super::factors::Factors;
use super::lanes::vectorised;
use super::model::{Model, Trust};
use super::recommend::ValidationUser;
use super::training::{Held, Training};
use crate::trust::trust;

/// A validation row, and what biases and factors add to the mean there.
struct Expected {
    value: f64,
    weight: f64,
    parts: [f64; 2],
}

/// How far factors are to be trusted beyond the biases, and what comes of it beyond the mean, by what validation users have shown;
/// entirely without any. In this order: biases are fitted beside the factors, and mean little without them.
pub(crate) fn measured_trust(model: &Model, validation: &[Held]) -> Trust {
    let user = |held: &[Held]| -> Vec<Expected> {
        let known = held.first().and_then(|held| held.user);
        let profile = model.profile(known.map_or("", |user| model.users.name(user)), []);
        let expected = |row: &Held| Expected {
            value: f64::from(row.value),
            weight: f64::from(row.weight),
            parts: model.parts(&profile, row.item),
        };
        held.iter().map(expected).collect()
    };
    let users: Vec<Vec<Expected>> = validation.chunk_by(|a, b| a.who == b.who).map(user).collect();
    if users.is_empty() {
        return Trust::default();
    }
    let share = |less: &dyn Fn([f64; 2]) -> f64, more: &dyn Fn([f64; 2]) -> f64| {
        let gain = |rows: &Vec<Expected>| {
            let error = |row: &Expected, above: f64| (row.value - model.on_scale(above)).powi(2);
            let weight: f64 = rows.iter().map(|row| row.weight).sum();
            let of = |row: &Expected| row.weight * (error(row, less(row.parts)) - error(row, more(row.parts)));
            (rows.iter().map(of).sum::<f64>() / weight.max(f64::MIN_POSITIVE), weight)
        };
        let (gains, weights): (Vec<f64>, Vec<f64>) = users.iter().map(gain).unzip();
        trust(&gains, &weights, 0.0)
    };
    let factors = share(&|[biases, _]| biases, &|[biases, factors]| biases + factors);
    let whole = share(&|_| 0.0, &|[b, f]| b + factors * f);
    Trust { factors, whole }
}

/// What validation users turned out to like. The first half of the rows of one who is not known is folded in.
pub(crate) fn validation_users(model: &Model, validation: &[Held]) -> Vec<ValidationUser> {
    let user = |held: &[Held]| {
        let known = held.first()?.user;
        let (earlier, later) = held.split_at(if known.is_some() { 0 } else { held.len() / 2 });
        let given = |held: &Held| Some((model.items.name(held.item?), f64::from(held.value), f64::from(held.weight)));
        let profile = model.profile(known.map_or("", |user| model.users.name(user)), earlier.iter().filter_map(given));
        let liked = later.iter().filter(|held| held.value >= model.mean).filter_map(|held| held.item);
        let liked: Vec<u32> = liked.collect();
        (!liked.is_empty()).then_some(ValidationUser { profile, liked })
    };
    validation.chunk_by(|a, b| a.who == b.who).filter_map(user).collect()
}

/// The weighted RMSE on the validation rows; `None` without any.
pub(crate) fn validate(training: &Training, factors: &Factors) -> Option<f64> {
    let mut whole = vec![0.0; factors.width];
    let (mut sum, mut weight) = (0.0, 0.0);
    for held in training.validation.chunk_by(|a, b| a.who == b.who) {
        let user = held.first().and_then(|held| held.user);
        whole.fill(0.0);
        if let Some(user) = user {
            vectorised(
                #[inline(always)]
                || factors.whole_user(&training.history, user, &mut whole),
            );
        }
        let bias = training.mean + user.map_or(0.0, |user| factors.user_bias[user as usize]);
        for row in held {
            let answer = bias
                + row.item.map_or(0.0, |item| {
                    vectorised(
                        #[inline(always)]
                        || factors.answer(&whole, item),
                    )
                });
            let error = f64::from(row.value - answer.clamp(training.scale[0], training.scale[1]));
            sum += f64::from(row.weight) * error * error;
            weight += f64::from(row.weight);
        }
    }
    (weight > 0.0).then(|| (sum / weight).sqrt())
}
