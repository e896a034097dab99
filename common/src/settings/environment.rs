//! Variables of the environment. Each either is a setting by its exact name, or is ignored and said to be: others put variables
//! there, too, as Kubernetes does beside a service called `refit` (`REFIT_PORT=tcp://…`).

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;

use config::Value;

use super::layers::Given;
use super::{Origin, SettingsError, catalogue};
use crate::nearest::nearest;

/// Begins the name of every setting.
const PREFIX: &str = "REFIT_";
/// Variables that begin like settings and are something else: the settings file, the language of the command line, what clients in
/// `examples` read, and the faults that tests plant.
const NOT_SETTINGS: [&str; 6] =
    ["REFIT_CONFIG", "REFIT_LANG", "REFIT_URL", "REFIT_TOKEN", "REFIT_FAULT", "REFIT_FAULT_ONCE"];

/// So alike is a slip to what was meant, from 0 to 1.
const SLIP: f64 = 0.7;

/// A variable that begins like a setting and is none: nothing follows from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignored {
    /// Its name.
    pub variable: String,
    /// The nearest name that there is, if one is near.
    pub hint: Option<String>,
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the variable {} is no setting and is ignored", self.variable)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; did you mean {hint}?"))
    }
}

/// The variables that begin like settings.
pub(super) struct Variables {
    /// Those that are.
    pub(super) given: Vec<Given>,
    /// Those that are not.
    pub(super) ignored: Vec<Ignored>,
}

/// Tells settings from what only begins like them. Values stay texts: a token `007` stays what it is.
///
/// # Errors
/// The value of a setting is not UTF-8.
pub(super) fn read(
    variables: &BTreeMap<String, OsString>,
    entries: &[catalogue::SettingsKey],
) -> Result<Variables, SettingsError> {
    let keys: BTreeMap<String, String> = entries.iter().flat_map(names).collect();
    let (mut given, mut ignored) = (Vec::new(), Vec::new());
    let ours = |name: &&String| name.starts_with(PREFIX) && !NOT_SETTINGS.contains(&name.as_str());
    for (name, value) in variables.iter().filter(|(name, _)| ours(name)) {
        let origin = Origin::Environment(name.clone());
        match (keys.get(&name.to_uppercase()), value.to_str()) {
            (Some(key), Some(value)) => given.push(Given { key: key.clone(), value: Value::new(None, value), origin }),
            (Some(key), None) => {
                return Err(SettingsError::Invalid { key: key.clone(), origin, reason: "it is not UTF-8".into() });
            }
            (None, _) => ignored.push(Ignored { hint: near(name, &keys), variable: name.clone() }),
        }
    }
    Ok(Variables { given, ignored })
}

/// The nearest variable, by what comes after the prefix that all share. Most variables that are none were not meant to be one, so
/// only a slip is hinted at.
fn near(name: &str, keys: &BTreeMap<String, String>) -> Option<String> {
    let rest = |name| str::strip_prefix(name, PREFIX);
    let meant = rest(name)?;
    let found = nearest(meant, keys.keys().filter_map(|known| rest(known)))?;
    (strsim::normalized_levenshtein(meant, &found) > SLIP).then(|| format!("{PREFIX}{found}"))
}

/// The variables of a key, and which key each gives: a secret's value, or the file it lies in.
fn names(entry: &catalogue::SettingsKey) -> impl Iterator<Item = (String, String)> {
    let in_file = entry.secret.then(|| format!("{}_file", entry.key));
    std::iter::once(entry.key.clone()).chain(in_file).map(|key| (catalogue::variable(&key), key))
}
