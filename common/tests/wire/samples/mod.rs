//! One of every message there is. They never change: what a release said is compared with them (see [`crate::recorded`]). What is new, a
//! field or a kind, gets a sample of its own.

mod hyper;
mod jobs;
mod predictions;
mod workers;

use std::fmt::Debug;

use bytes::Bytes;
use common::vocabulary::{ArtifactRef, ContentHash, VersionNumber};
use common::wire::codec::{CodecError, Limits, decode, encode};
use common::wire::{CheckpointRef, Claim};
use newtype_uuid::GenericUuid;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

pub(crate) use self::hyper::hyper;
pub(crate) use self::jobs::snapshots;
pub(crate) use self::workers::progress;

/// The bytes of a message, and how bytes of its type are read and written again.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    pub(crate) bytes: Bytes,
    pub(crate) again: fn(&[u8], Limits) -> Result<Bytes, CodecError>,
}

/// Encodes a message and proves that it comes back as it was.
pub(crate) fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) -> Sample {
    let bytes = encode(message).unwrap();
    assert_eq!(&decode::<T>(&bytes, Limits::default()).unwrap(), message);
    Sample { bytes, again: |bytes, limits| encode(&decode::<T>(bytes, limits)?) }
}

/// One of every message, by name.
pub(crate) fn every_message() -> Vec<(&'static str, Sample)> {
    [workers::said(), jobs::told(), predictions::exchanged()].concat()
}

pub(crate) fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

pub(crate) fn claim() -> Claim {
    Claim {
        job: GenericUuid::from_untyped_uuid(id(1)),
        attempt: GenericUuid::from_untyped_uuid(id(2)),
        claim: GenericUuid::from_untyped_uuid(id(3)),
        worker: GenericUuid::from_untyped_uuid(id(4)),
    }
}

pub(crate) fn hash() -> ContentHash {
    ContentHash::of(b"content")
}

pub(crate) fn date() -> chrono::NaiveDate {
    "2025-06-30".parse().unwrap()
}

pub(crate) fn artifact() -> ArtifactRef {
    ArtifactRef {
        model: Some("forecaster/AAPL".parse().unwrap()),
        version: VersionNumber { major: 1, minor: 2 },
        prefix: "jobs/a/b/c/artifact".into(),
        manifest: hash(),
        seen_through: date(),
    }
}

pub(crate) fn checkpoint() -> CheckpointRef {
    CheckpointRef { key: "jobs/a/b/c/checkpoint-7".into(), sha256: hash(), step: 7 }
}
