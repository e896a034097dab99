//! A training's state as one file: safetensors for the numbers, its position as JSON in the header.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use common::vocabulary::{ContentHash, Resumption};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use super::recipe::Recipe;
use super::state::{Position, State};
use crate::error::TrainError;
use crate::safe;

/// The key of the header in the file's metadata.
const HEADER: &str = "refit";

/// Everything in a checkpoint that is not a weight.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// Version of this format.
    format: u32,
    /// See [`super::recipe`].
    recipe: ContentHash,
    platform: BTreeMap<String, String>,
    position: Position,
    /// Hash of all numbers in the file, so that a flipped bit is found.
    numbers: ContentHash,
}

const FORMAT: u32 = 1;

/// Writes a checkpoint into `folder`, whole or not at all.
///
/// # Errors
/// The file system refuses.
pub(crate) fn write(folder: &Path, recipe: &Recipe, state: &State) -> Result<PathBuf, TrainError> {
    let tensors = tensors(state);
    let header = Header {
        format: FORMAT,
        recipe: recipe.hash,
        platform: recipe.platform.clone(),
        position: state.position.clone(),
        numbers: safe::hash(&tensors),
    };
    let metadata = HashMap::from([(HEADER.to_owned(), serde_json::to_string(&header)?)]);
    let bytes = safe::encode(&tensors, Some(metadata))?;
    let path = folder.join(format!("step-{}.safetensors", state.position.step));
    safe::write_whole(&path, &bytes)?;
    Ok(path)
}

/// Reads a checkpoint for this recipe. Whatever is wrong with it, training can start over: the answer says why.
pub(crate) fn read(path: &Path, recipe: &Recipe, weights: usize) -> Result<(State, Resumption), String> {
    let bytes = std::fs::read(path).map_err(|error| format!("the checkpoint cannot be read: {error}"))?;
    let damaged = |reason: String| format!("the checkpoint is damaged: {reason}");
    let (header, state) = parse(&bytes, weights).map_err(damaged)?;
    if header.format != FORMAT {
        return Err(format!("the checkpoint has format {}, this build reads {FORMAT}", header.format));
    }
    if header.recipe != recipe.hash {
        return Err("the checkpoint is of another training: data, hyper-parameters, seed or parent differ".into());
    }
    let from_step = state.position.step;
    let resumption = match difference(&header.platform, &recipe.platform) {
        None => Resumption::BitIdentical { from_step },
        Some(because) => Resumption::NotBitIdentical { from_step, because },
    };
    Ok((state, resumption))
}

/// What keeps a resumed training from giving the same bits.
fn difference(then: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Option<String> {
    let changed = now.iter().find(|(name, value)| then.get(*name) != Some(value));
    match changed {
        Some((name, value)) => {
            let before = then.get(name).map_or("unknown", String::as_str);
            Some(format!("{name} was {before}, is {value}"))
        }
        None if now.get("device").is_some_and(|device| device != "cpu") => Some("GPUs add up in no fixed order".into()),
        None => None,
    }
}

fn parse(bytes: &[u8], weights: usize) -> Result<(Header, State), String> {
    let file = SafeTensors::deserialize(bytes).map_err(|error| error.to_string())?;
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let header = metadata.metadata().as_ref().and_then(|map| map.get(HEADER)).ok_or("it has no header")?;
    let header: Header = serde_json::from_str(header).map_err(|error| error.to_string())?;
    let tensor = |name: &str| safe::numbers(&file, name, &[weights]);
    let state = State {
        position: header.position.clone(),
        weights: tensor("weights")?,
        moments: [tensor("first_moment")?, tensor("second_moment")?],
        best: tensor("best")?,
    };
    if safe::hash(&tensors(&state)) != header.numbers {
        return Err("its numbers are not those it was written with".into());
    }
    Ok((header, state))
}

fn tensors(state: &State) -> Vec<safe::Named<'_>> {
    let [first, second] = &state.moments;
    [("weights", &state.weights), ("first_moment", first), ("second_moment", second), ("best", &state.best)]
        .map(|(name, numbers)| safe::Named { name: name.into(), sizes: vec![numbers.len()], numbers })
        .into()
}
