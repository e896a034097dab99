//! Ratings that come with a question, beside those in the data set.

use std::collections::BTreeMap;

use common::vocabulary::{ModelKey, VersionNumber};

use crate::service::error::{Error, Result};
use crate::views::GivenRating;

/// The ratings by item.
///
/// # Errors
/// One names no item, is no number, or is given twice.
pub(super) fn checked(given: &[GivenRating]) -> Result<BTreeMap<String, f64>> {
    let mut ratings = BTreeMap::new();
    for GivenRating { item, value } in given {
        if item.trim().is_empty() {
            return Err(Error::invalid(format!("the rating {value} is of no item: name it")));
        }
        if !value.is_finite() {
            return Err(Error::invalid(format!("the rating of {item} is no number")));
        }
        if ratings.insert(item.clone(), *value).is_some() {
            return Err(Error::invalid(format!("{item} is rated twice: leave one of the two out")));
        }
    }
    Ok(ratings)
}

/// A rating is one of another scale than those that a version was trained on. These may all lie in the middle of theirs, so that one a
/// little outside is still a rating; one further off than they reach is none.
#[derive(Debug, PartialEq)]
pub(super) struct OffScale<'a> {
    rating: &'a GivenRating,
    scale: [f64; 2],
}

impl OffScale<'_> {
    /// In words.
    pub(super) fn of(&self, key: &ModelKey, version: VersionNumber) -> Error {
        let (GivenRating { item, value }, [low, high]) = (self.rating, self.scale);
        Error::invalid(format!("the rating of {item} is {value}: {key} {version} knows ratings from {low} to {high}"))
    }
}

/// Whether all of them may be on the scale of the ratings that a version was trained on: from the lowest to the highest of them.
///
/// # Errors
/// One is not.
pub(super) fn on_scale(given: &[GivenRating], scale: [f64; 2]) -> std::result::Result<(), OffScale<'_>> {
    let [low, high] = scale;
    let is_off = |rating: &&GivenRating| rating.value < low - (high - low) || rating.value > high + (high - low);
    given.iter().find(is_off).map_or(Ok(()), |rating| Err(OffScale { rating, scale }))
}

/// Of these items, those that were rated in the call.
pub(super) fn of_these(given: &[GivenRating], mut items: Vec<String>) -> Vec<String> {
    items.retain(|item| given.iter().any(|rating| rating.item == *item));
    items
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ratings(all: &[(&str, f64)]) -> Vec<GivenRating> {
        all.iter().map(|(item, value)| GivenRating { item: (*item).into(), value: *value }).collect()
    }

    #[test]
    fn what_is_no_rating_is_refused() {
        for (given, reason) in [
            (&[("", 5.0)][..], "the rating 5 is of no item: name it"),
            (&[("50", f64::NAN)], "the rating of 50 is no number"),
            (&[("50", 5.0), ("50", 3.0)], "50 is rated twice: leave one of the two out"),
        ] {
            assert_eq!(checked(&ratings(given)).unwrap_err().to_string(), reason);
        }
        assert_eq!(checked(&ratings(&[("50", 5.0), ("51", 3.0)])).unwrap().len(), 2);
    }

    #[test]
    fn a_rating_of_another_scale_is_refused_with_the_scale() {
        let all = ratings(&[("50", 2.0), ("51", 1.0), ("52", 5.0), ("53", 50.0)]);
        assert_eq!(on_scale(&all[..3], [2.0, 4.0]), Ok(()), "they may all have been in the middle");
        let reason = on_scale(&all, [2.0, 4.0]).unwrap_err();
        let said = reason.of(&"recommender/movies".parse().unwrap(), VersionNumber { major: 1, minor: 0 });
        assert_eq!(said.to_string(), "the rating of 53 is 50: recommender/movies v1.0 knows ratings from 2 to 4");
        assert!(on_scale(&ratings(&[("50", -0.5)]), [2.0, 4.0]).is_err());
    }

    #[test]
    fn only_items_of_the_call_are_said_to_be_unknown() {
        assert_eq!(of_these(&ratings(&[("50", 5.0)]), vec!["50".into(), "stored".into()]), ["50"]);
    }
}
