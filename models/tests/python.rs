//! An artifact is open to those who have Python but not Refit (G4). `REFIT_PYTHON` names another interpreter than `python3`;
//! what it cannot import is not checked, and the test says so.
#![allow(clippy::unwrap_used)]

mod support;

use std::path::Path;
use std::process::Command;

use models::run::Inputs;
use support::*;

fn python() -> Command {
    Command::new(std::env::var("REFIT_PYTHON").unwrap_or_else(|_| "python3".into()))
}

fn check(folder: &Path, module: &str, what: &str) {
    let can_import = python().args(["-c", &format!("import {module}")]).output();
    if !can_import.is_ok_and(|output| output.status.success()) {
        eprintln!("not checked: this Python has no {module}");
        return;
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/check_artifact.py");
    let output = python().arg(script).arg(folder).arg(what).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn weights_and_script_are_read_by_python() {
    let workspace = Workspace::new();
    let (spec, parts) =
        spec(&[workspace.part("AAA", &prices(1, 420, 0.3)), workspace.part("BBB", &prices(2, 420, 0.3))]);
    let output = workspace.path("artifact");
    let inputs = Inputs { parts, output: output.clone(), scratch: workspace.path("scratch"), ..Inputs::default() };
    train(&spec, &inputs, &mut Watcher::default()).unwrap();
    check(&output, "safetensors", "weights");
    check(&output, "torch", "script");
}
