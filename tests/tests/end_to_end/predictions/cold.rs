//! Versions that are not on the worker yet: who asks for another one does not wait for them (D7).

use std::fs::{self, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use nix::unistd::mkfifo;
use refit_tests::Installation;
use refit_tests::installation::LIMIT;
use refit_tests::wait;
use serde_json::{Value, json};

use crate::predictions::kit::{MODEL, completely, trained};

const OTHER: &str = "text/other";

/// The golden cases of all versions in the store.
fn golden(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries
        .flat_map(|path| match path.is_dir() {
            true => golden(&path),
            false => path.ends_with("golden.json").then_some(path).into_iter().collect(),
        })
        .collect()
}

fn ask(refit: &Installation, model: &str) -> (u16, Value) {
    refit.asked(&format!("/api/v1/models/{model}/predict"), &json!({"rows": [{"text": "thanks for the coffee"}]}))
}

/// A file of the other version is a pipe that nobody writes to: it comes as slowly as can be.
#[test]
fn d7_a_version_that_is_slow_to_come_holds_up_no_other() {
    let mut refit = Installation::new();
    refit.set("REFIT_COORDINATOR__PREDICT_WITHIN", "2m");
    refit.start_coordinator(&[]);
    let worker = refit.start_worker(&[]);
    trained(&refit);
    let store = refit.data().join("store");
    let before = golden(&store);
    refit.json(&["model", OTHER, "--dataset", "toxicity"]);
    completely(&refit, OTHER);
    let slow = golden(&store).into_iter().find(|path| !before.contains(path)).expect("the other version");
    let kept = slow.with_extension("kept");
    fs::rename(&slow, &kept).unwrap();
    mkfifo(&slow, Mode::S_IRWXU).unwrap();

    // Another worker, which has nothing yet.
    refit.workers[worker].kill();
    refit.start_worker(&[]);
    wait::until("the first model to answer", LIMIT, || (ask(&refit, MODEL).0 == 200).then_some(()));
    let fetches = || refit.logs().matches("fetching a version").count();
    let before = fetches();
    let (status, answer) = std::thread::scope(|scope| {
        let asking = scope.spawn(|| ask(&refit, OTHER));
        wait::until("the other version to be fetched", LIMIT, || (fetches() > before).then_some(()));
        for _ in 0..3 {
            let (status, answer) = ask(&refit, MODEL);
            assert_eq!(status, 200, "{answer}\n{}", refit.logs());
        }
        assert!(!asking.is_finished(), "nobody can have its files");
        // What comes is cut off; it is fetched again, from a file this time.
        let writer = wait::until("the worker to read the pipe", LIMIT, || {
            OpenOptions::new().write(true).custom_flags(OFlag::O_NONBLOCK.bits()).open(&slow).ok()
        });
        fs::rename(&kept, &slow).unwrap();
        drop(writer);
        asking.join().unwrap()
    });
    assert_eq!(status, 200, "{answer}\n{}", refit.logs());
}
