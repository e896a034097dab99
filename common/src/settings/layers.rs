//! The layers: each source becomes a flat list of keys and values, later ones win.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, Environment, File, FileFormat, Map, Source, Value, ValueKind};

use super::{Origin, Settings, SettingsError, catalogue};
use crate::nearest::nearest;

/// Variables that begin like settings and are something else: the settings file, and the faults that tests plant.
const NOT_SETTINGS: [&str; 3] = ["REFIT_CONFIG", "REFIT_FAULT", "REFIT_FAULT_ONCE"];

/// Read from the current folder when no file is named.
const USUAL_FILE: &str = "refit.toml";

/// Where the values that do not have their default came from, by key.
pub(super) type Origins = BTreeMap<String, Origin>;

/// Where settings are read from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    file: Option<PathBuf>,
    environment: BTreeMap<String, OsString>,
    /// Flag, key and value.
    flags: Vec<(String, String, String)>,
}

impl Sources {
    /// Only defaults.
    pub fn none() -> Self {
        Self::default()
    }

    /// The sources of this process: the file named here, else by `REFIT_CONFIG`, else `refit.toml` in the current folder if
    /// there is one; and the environment.
    pub fn of_process(file: Option<PathBuf>) -> Self {
        let variables = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        let environment: BTreeMap<String, OsString> = variables.collect();
        let named = file.or_else(|| environment.get("REFIT_CONFIG").map(PathBuf::from));
        let usual = || Some(PathBuf::from(USUAL_FILE)).filter(|path| path.is_file());
        Self { file: named.or_else(usual), environment, flags: Vec::new() }
    }

    /// Reads this file.
    #[must_use]
    pub fn with_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// Reads this variable.
    #[must_use]
    pub fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.into());
        self
    }

    /// Takes the value of a flag (`--slots`) for a key (`worker.slots`); nothing, if the flag was not given.
    #[must_use]
    pub fn with_flag(mut self, flag: &str, key: &str, value: Option<impl ToString>) -> Self {
        self.flags.extend(value.map(|value| (flag.to_owned(), key.to_owned(), value.to_string())));
        self
    }
}

/// One value of one source.
struct Given {
    key: String,
    value: Value,
    origin: Origin,
}

/// Reads and merges all sources. What comes out has the right types; ranges are not checked yet.
pub(super) fn load(sources: &Sources) -> Result<Settings, SettingsError> {
    let mut layers = Vec::new();
    if let Some(file) = &sources.file {
        layers.push(from_file(file)?);
    }
    layers.push(from_environment(&sources.environment)?);
    layers.push(from_flags(&sources.flags));

    let merged = merge(layers)?;
    let origins: Origins = merged.values().map(|given| (given.key.clone(), given.origin.clone())).collect();
    let settings = merged
        .into_values()
        .try_fold(Config::builder(), |builder, given| builder.set_override(given.key, given.value))
        .and_then(|builder| builder.build()?.try_deserialize::<Settings>())
        .map_err(|error| invalid(error, &origins))?;
    Ok(Settings { origins, ..settings })
}

/// One value for each key that was given, from the last layer that has it.
fn merge(layers: Vec<Vec<Given>>) -> Result<BTreeMap<String, Given>, SettingsError> {
    let entries = catalogue::entries();
    let is_secret = |key: &str| entries.iter().any(|entry| entry.secret && entry.key == key);
    let mut merged = BTreeMap::new();
    for layer in layers {
        let named: BTreeSet<String> = layer.iter().map(|given| given.key.clone()).collect();
        for given in layer {
            let in_file = given.key.strip_suffix("_file").map(str::to_owned).filter(|key| is_secret(key));
            let given = match in_file {
                Some(key) if named.contains(&key) => {
                    let reason = format!("{key} is given as well: keep one of the two");
                    return Err(SettingsError::Invalid { key: given.key, origin: given.origin, reason });
                }
                Some(key) => from_secret_file(key, given)?,
                None => given,
            };
            if !entries.iter().any(|entry| entry.key == given.key) {
                return Err(unknown(given, entries.iter().map(|entry| entry.key.as_str())));
            }
            merged.insert(given.key.clone(), given);
        }
    }
    Ok(merged)
}

fn from_flags(flags: &[(String, String, String)]) -> Vec<Given> {
    let given = |(flag, key, value): &(String, String, String)| Given {
        key: key.clone(),
        value: value.as_str().into(),
        origin: Origin::Flag(flag.clone()),
    };
    flags.iter().map(given).collect()
}

fn from_file(path: &Path) -> Result<Vec<Given>, SettingsError> {
    let unreadable = |reason: String| SettingsError::Unreadable { path: path.to_owned(), reason };
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?;
    let values = File::from_str(&text, FileFormat::Toml).collect().map_err(|error| unreadable(error.to_string()))?;
    Ok(flat(values, &Origin::File(path.to_owned())))
}

fn from_environment(variables: &BTreeMap<String, OsString>) -> Result<Vec<Given>, SettingsError> {
    let settings =
        variables.iter().filter(|(name, _)| name.starts_with("REFIT_") && !NOT_SETTINGS.contains(&name.as_str()));
    let mut layer = Vec::new();
    for (name, value) in settings {
        let origin = Origin::Environment(name.clone());
        let Some(value) = value.to_str() else {
            return Err(SettingsError::Invalid { key: name.clone(), origin, reason: "it is not UTF-8".into() });
        };
        // One variable at a time, so that each keeps its name. Texts are not guessed at: a token `007` stays what it is.
        let source = Environment::with_prefix("REFIT").prefix_separator("_").separator("__");
        let source = source.source(Some(Map::from_iter([(name.clone(), value.to_owned())])));
        let values = source.collect().map_err(|error| invalid(error, &BTreeMap::new()))?;
        layer.extend(flat(values, &origin));
    }
    Ok(layer)
}

/// `api.token_file = PATH`: the value is the content of the file, without the line break at its end.
fn from_secret_file(key: String, given: Given) -> Result<Given, SettingsError> {
    let path = PathBuf::from(given.value.into_string().map_err(|error| invalid(error, &BTreeMap::new()))?);
    match std::fs::read_to_string(&path) {
        Ok(content) => {
            let value = content.trim_end_matches(['\r', '\n']).into();
            Ok(Given { key, value, origin: Origin::File(path) })
        }
        Err(error) => Err(SettingsError::Unreadable { path, reason: error.to_string() }),
    }
}

/// Tables opened up: `[api] listen = …` becomes `api.listen`.
fn flat(table: Map<String, Value>, origin: &Origin) -> Vec<Given> {
    let open = |(name, value): (String, Value)| match value.kind {
        ValueKind::Table(inner) => flat(inner, origin)
            .into_iter()
            .map(|given| Given { key: format!("{name}.{}", given.key), ..given })
            .collect(),
        kind => vec![Given { key: name, value: Value::new(None, kind), origin: origin.clone() }],
    };
    table.into_iter().flat_map(open).collect()
}

fn unknown<'a>(given: Given, known: impl Iterator<Item = &'a str>) -> SettingsError {
    let hint = nearest(&given.key, known);
    match given.origin {
        Origin::Environment(name) => {
            let hint = hint.map(|key| catalogue::variable(&key));
            SettingsError::Unknown { key: name.clone(), origin: Origin::Environment(name), hint }
        }
        origin => SettingsError::Unknown { key: given.key, origin, hint },
    }
}

/// An error of the `config` crate, with the key and where its value stands.
fn invalid(error: ConfigError, origins: &Origins) -> SettingsError {
    let (key, reason) = match error {
        ConfigError::Type { key: Some(key), unexpected, expected, .. } => {
            (key, format!("{unexpected}, but {expected} is needed"))
        }
        ConfigError::At { key: Some(key), error, .. } => (key, error.to_string()),
        other => ("settings".into(), other.to_string()),
    };
    let origin = origins.get(&key).cloned().unwrap_or(Origin::Default);
    SettingsError::Invalid { key, origin, reason }
}
