//! A training's state as one file: safetensors for the numbers, its position as JSON in the header.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use common::vocabulary::{ContentHash, Resumption};
use safetensors::SafeTensors;
use serde::{Deserialize, Serialize};

use crate::error::TrainError;
use crate::family::{Fit, State};
use crate::files;
use crate::fingerprint::Fingerprint;
use crate::tensors::Tensors;

/// The key of the header in the file's metadata.
const HEADER: &str = "refit";

/// Everything in a checkpoint that is not a tensor.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    /// Version of this format.
    format: u32,
    /// See [`Fingerprint`].
    recipe: ContentHash,
    platform: BTreeMap<String, String>,
    /// Steps done.
    step: u64,
    position: serde_json::Value,
    /// Hash of all numbers in the file, so that a flipped bit is found.
    numbers: ContentHash,
}

const FORMAT: u32 = 1;

/// Writes a checkpoint into `folder`, whole or not at all.
///
/// # Errors
/// The file system refuses.
pub(crate) fn write(folder: &Path, fingerprint: &Fingerprint, step: u64, state: State) -> Result<PathBuf, TrainError> {
    let header = Header {
        format: FORMAT,
        recipe: fingerprint.hash,
        platform: fingerprint.platform.clone(),
        step,
        position: state.position,
        numbers: state.tensors.hash(),
    };
    let metadata = HashMap::from([(HEADER.to_owned(), serde_json::to_string(&header)?)]);
    let path = folder.join(format!("step-{step}.safetensors"));
    files::write_whole(&path, &state.tensors.encode(Some(metadata))?)?;
    Ok(path)
}

/// Has a fit go on from a checkpoint, if it is one of this very training. Whatever is wrong with it, training can start over: the
/// answer says so.
pub(crate) fn resume(path: &Path, fingerprint: &Fingerprint, fit: &mut impl Fit) -> Resumption {
    match go_on(path, fingerprint, fit) {
        Ok(resumption) => resumption,
        Err(because) => {
            tracing::warn!(%because, "starting over");
            Resumption::StartedOver { because }
        }
    }
}

fn go_on(path: &Path, fingerprint: &Fingerprint, fit: &mut impl Fit) -> Result<Resumption, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("the checkpoint cannot be read: {error}"))?;
    let damaged = |reason: String| format!("the checkpoint is damaged: {reason}");
    let (header, tensors) = parse(&bytes).map_err(damaged)?;
    if header.format != FORMAT {
        return Err(format!("the checkpoint has format {}, this build reads {FORMAT}", header.format));
    }
    if header.recipe != fingerprint.hash {
        return Err("the checkpoint is of another training: data, hyper-parameters, seed or parent differ".into());
    }
    let from_step = header.step;
    fit.resume(State { tensors, position: header.position }).map_err(damaged)?;
    Ok(match difference(&header.platform, &fingerprint.platform) {
        None => Resumption::BitIdentical { from_step },
        Some(because) => Resumption::NotBitIdentical { from_step, because },
    })
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

fn parse(bytes: &[u8]) -> Result<(Header, Tensors), String> {
    let (_, metadata) = SafeTensors::read_metadata(bytes).map_err(|error| error.to_string())?;
    let header = metadata.metadata().as_ref().and_then(|map| map.get(HEADER)).ok_or("it has no header")?;
    let header: Header = serde_json::from_str(header).map_err(|error| error.to_string())?;
    let tensors = Tensors::decode(bytes)?;
    if tensors.hash() == header.numbers {
        Ok((header, tensors))
    } else {
        Err("its numbers are not those it was written with".into())
    }
}
