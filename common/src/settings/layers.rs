//! The layers: each source becomes a flat list of keys and values, later ones win.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use config::{Config, ConfigError, File, FileFormat, Map, Source, Value, ValueKind};

use super::environment::{self, Variables};
use super::{Origin, Settings, SettingsError, catalogue};
use crate::nearest::nearest;

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
    pub fn with_variable(mut self, name: &str, value: impl Into<OsString>) -> Self {
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
pub(super) struct Given {
    pub(super) key: String,
    pub(super) value: Value,
    pub(super) origin: Origin,
}

/// Reads and merges all sources. What comes out has the right types; ranges are not checked yet.
pub(super) fn load(sources: &Sources) -> Result<Settings, SettingsError> {
    let mut layers = Vec::new();
    if let Some(file) = &sources.file {
        layers.push(from_file(file)?);
    }
    let entries = catalogue::entries();
    let Variables { given, ignored } = environment::read(&sources.environment, &entries)?;
    layers.push(given);
    layers.push(from_flags(&sources.flags));

    Ok(Settings { ignored, ..typed(merge(layers, &entries)?)? })
}

/// Defaults, but for one value.
pub(super) fn alone(given: Given, entries: &[catalogue::SettingsKey]) -> Result<Settings, SettingsError> {
    typed(merge(vec![vec![given]], entries)?)
}

/// Values with the types of their keys.
fn typed(merged: BTreeMap<String, Given>) -> Result<Settings, SettingsError> {
    let origins: Origins = merged.values().map(|given| (given.key.clone(), given.origin.clone())).collect();
    let settings = merged
        .into_values()
        .try_fold(Config::builder(), |builder, given| builder.set_override(given.key, given.value))
        .and_then(|builder| builder.build()?.try_deserialize::<Settings>())
        .map_err(|error| invalid(error, &origins))?;
    Ok(Settings { origins, ..settings })
}

/// One value for each key that was given, from the last layer that has it.
fn merge(
    layers: Vec<Vec<Given>>,
    entries: &[catalogue::SettingsKey],
) -> Result<BTreeMap<String, Given>, SettingsError> {
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
    let values = File::from_str(&text, FileFormat::Toml)
        .collect()
        .map_err(|error| unreadable(in_one_line(&error.to_string())))?;
    Ok(flat(values, &Origin::File(path.to_owned())))
}

/// Where TOML breaks off and why, without the drawing between them.
fn in_one_line(error: &str) -> String {
    let mut lines = error.lines().map(str::trim).filter(|line| !line.is_empty());
    let place = lines.next().unwrap_or(error);
    lines.next_back().map_or_else(|| place.to_owned(), |why| format!("{place}: {why}"))
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
    SettingsError::Unknown { key: given.key, origin: given.origin, hint }
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
