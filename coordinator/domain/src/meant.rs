//! Which model is meant where none is named.

use common::vocabulary::{Family, ModelKey};
use serde::{Deserialize, Serialize};
use strum::{IntoStaticStr, VariantNames};

/// Why it cannot be told which model is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, VariantNames, IntoStaticStr)]
#[serde(tag = "code", rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Unmeant {
    /// There is none of the family.
    NoModel {
        /// The family.
        family: Family,
    },
    /// There are several of the family, and no setting says which.
    Several {
        /// The family.
        family: Family,
        /// The setting that could say it.
        setting: String,
    },
    /// The setting names one of another family.
    OfAnotherFamily {
        /// The family.
        family: Family,
        /// The setting.
        setting: String,
        /// The model it names.
        model: ModelKey,
    },
}

/// The model of a family that is meant: the one that a setting names, else the only one there is.
///
/// # Errors
/// [`Unmeant`].
pub fn meant(
    family: Family,
    setting: &str,
    named: Option<&ModelKey>,
    all: impl IntoIterator<Item = ModelKey>,
) -> Result<ModelKey, Unmeant> {
    let setting = setting.to_owned();
    if let Some(model) = named {
        return match model.folder() == family.as_str() {
            true => Ok(model.clone()),
            false => Err(Unmeant::OfAnotherFamily { family, setting, model: model.clone() }),
        };
    }
    let mut of_family = all.into_iter().filter(|model| model.folder() == family.as_str());
    match (of_family.next(), of_family.next()) {
        (Some(only), None) => Ok(only),
        (None, _) => Err(Unmeant::NoModel { family }),
        (Some(_), Some(_)) => Err(Unmeant::Several { family, setting }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_one_that_is_named_or_the_only_one_is_meant() {
        let key = |name: &str| -> ModelKey { name.parse().unwrap() };
        let of = |named: Option<&str>, all: &[&str]| {
            meant(Family::Text, "compat.classifier", named.map(key).as_ref(), all.iter().map(|name| key(name)))
        };
        let (family, setting) = (Family::Text, "compat.classifier".to_owned());
        assert_eq!(of(None, &["text/a", "tabular/b"]), Ok(key("text/a")));
        assert_eq!(of(Some("text/b"), &["text/a", "text/b"]), Ok(key("text/b")));
        assert_eq!(of(None, &["tabular/b"]), Err(Unmeant::NoModel { family }));
        assert_eq!(of(None, &["text/a", "text/b"]), Err(Unmeant::Several { family, setting: setting.clone() }));
        let model = key("tabular/b");
        assert_eq!(of(Some("tabular/b"), &["text/a"]), Err(Unmeant::OfAnotherFamily { family, setting, model }));
    }
}
