//! What the binary says when a person runs it.

use std::process::{Command, Output};

use crate::stage::binary;

fn run(arguments: &[&str]) -> Output {
    Command::new(binary()).args(arguments).env_clear().output().unwrap()
}

#[test]
fn the_version_needs_no_environment() {
    let output = run(&["--version"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), format!("refit-worker {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn devices_are_listed_for_people_and_programs() {
    let output = run(&["devices", "--json"]);
    let hardware: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let last = hardware["devices"].as_array().unwrap().last().unwrap();
    assert_eq!(last["device"], "cpu");
    assert!(last["memory"].as_u64().unwrap() > 0);
    let shown = String::from_utf8_lossy(&run(&["devices"]).stdout).into_owned();
    assert!(shown.contains("cpu"));
    // Either there is a GPU to train on, or a line says why not.
    let note = hardware["note"].as_str().unwrap();
    let gpus = hardware["devices"].as_array().unwrap().len() - 1;
    assert!(gpus > 0 || note.contains("GPU") && shown.contains(note), "{shown}");
}

#[test]
fn wrong_usage_is_2_and_failure_is_1() {
    assert_eq!(run(&["--slots", "0"]).status.code(), Some(2));
    assert_eq!(run(&["run", "--pools", "GPU!"]).status.code(), Some(2));
    assert_eq!(run(&["executor", "--device", "abacus"]).status.code(), Some(1));
    let folder = tempfile::NamedTempFile::new().unwrap();
    let output = run(&["run", "--data-dir", &folder.path().display().to_string()]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stderr).contains(&folder.path().display().to_string()), "{output:?}");
}
