//! What releases said, recorded as they said it: `recorded/<release>/<message>.msgpack`, and beside it as JSON to be read.
//!
//! A message is understood by the release before and by the one after: no field is removed, renamed or of another type, and no kind of
//! message. Fields may be added where unknown ones are passed over. What cannot keep to that is of another
//! [`VERSION`](common::wire::codec::VERSION), and refused by name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{fs, io};

use common::wire::codec::Limits;
use serde_json::Value as Json;

use crate::readable::{fields, lost, readable, values, with_one_more};
use crate::samples::{Sample, every_message};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/wire/recorded")
}

/// Writes down what has not been recorded of this release yet; says what that was.
pub(crate) fn record(name: &str, content: &[u8]) -> Option<String> {
    let file = folder().join(env!("CARGO_PKG_VERSION")).join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    match fs::File::create_new(&file).and_then(|mut file| io::Write::write_all(&mut file, content)) {
        Ok(()) => Some(name.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => None,
        Err(error) => panic!("{}: {error}", file.display()),
    }
}

/// All that was recorded with this ending: release and name without it, and the content.
pub(crate) fn recordings(ending: &str) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for release in fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap()) {
        for file in fs::read_dir(release.path()).unwrap().map(|entry| entry.unwrap()) {
            let name = file.file_name().into_string().unwrap();
            if let Some(name) = name.strip_suffix(ending) {
                let release = release.file_name().into_string().unwrap();
                found.push((format!("{release}/{name}"), fs::read(file.path()).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "nothing is recorded");
    found
}

/// The name without its release.
pub(crate) fn plain(recording: &str) -> &str {
    recording.split_once('/').unwrap().1
}

fn samples() -> BTreeMap<&'static str, Sample> {
    every_message().into_iter().collect()
}

fn json(bytes: &[u8]) -> Json {
    readable(&values(bytes))
}

#[test]
fn every_message_of_this_release_is_recorded() {
    let mut new = Vec::new();
    for (name, Sample { bytes, .. }) in every_message() {
        new.extend(record(&format!("{name}.msgpack"), &bytes));
        new.extend(record(&format!("{name}.json"), format!("{:#}\n", json(&bytes)).as_bytes()));
    }
    assert_eq!(new, Vec::<String>::new(), "were not recorded; they are now: look at them and commit them");
}

#[test]
fn what_is_to_be_read_is_what_was_recorded() {
    let read: BTreeMap<_, _> = recordings(".json").into_iter().collect();
    for (name, bytes) in recordings(".msgpack") {
        assert_eq!(serde_json::from_slice::<Json>(&read[&name]).unwrap(), json(&bytes), "{name}");
    }
}

/// N−1 into N.
#[test]
fn what_a_release_before_says_is_understood_and_nothing_of_it_is_lost() {
    let samples = samples();
    for (name, bytes) in recordings(".msgpack") {
        let sample = samples.get(plain(&name)).unwrap_or_else(|| panic!("{name} is understood no more"));
        let understood = (sample.again)(&bytes, Limits::default()).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(lost(&json(&bytes), &json(&understood), ""), Vec::<String>::new(), "{name}");
    }
}

/// N into N−1: all that it knows is there, and what it does not know, it passes over.
#[test]
fn what_is_said_today_is_understood_by_a_release_before() {
    let samples = samples();
    for (name, bytes) in recordings(".msgpack") {
        let (recorded, sample) = (json(&bytes), &samples[plain(&name)]);
        let now = json(&sample.bytes);
        assert_eq!(lost(&recorded, &now, ""), Vec::<String>::new(), "{name}");
        for at in closed(sample) {
            let names = |json: &Json| fields(json, &at).map(|fields| fields.keys().cloned().collect::<BTreeSet<_>>());
            assert_eq!(names(&now), names(&recorded), "{name}: {at} takes no new fields: leave them out by default");
        }
    }
}

/// The maps of a message in which an unknown field is refused.
fn closed(Sample { bytes, again }: &Sample) -> Vec<String> {
    let refuses = |message: &rmpv::Value| {
        let mut bytes = Vec::new();
        rmpv::encode::write_value(&mut bytes, message).unwrap();
        again(&bytes, Limits::default()).is_err()
    };
    let maps = with_one_more(&values(bytes)).into_iter();
    maps.filter(|(_, message)| refuses(message)).map(|(at, _)| at).collect()
}

/// What people write must not pass with a slip in it. Nothing else is closed, for it could not grow without being left out by default.
#[test]
fn only_what_people_write_takes_no_unknown_fields() {
    for (name, sample) in every_message() {
        for at in closed(&sample) {
            let is_written = at.contains(".reading") || at.ends_with(".hyper");
            // Either an answer or why there is none: one field, and never a second.
            assert!(is_written || at.ends_with(".prediction"), "{name}: {at} refuses what a later release may add");
        }
    }
}
