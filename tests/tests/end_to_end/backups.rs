//! Backups: whole, apart from the store, and of use when that is gone (C9, D3, D5).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use common::connect;
use refit_tests::cli::CommandOutput;
use refit_tests::limits::SmallDisk;
use refit_tests::{Installation, prices};
use serde_json::{Value, json};

/// A coordinator and a worker with one live version of the first shipped symbol; any version may answer forecasts.
fn with_a_live_version(mut refit: Installation) -> (Installation, String, String) {
    refit.set("REFIT_POLICY__RELIABILITY_THRESHOLD", "0");
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let symbol = prices::symbols().remove(0);
    let model = format!("forecaster/{symbol}");
    refit.import(&symbol, 0..prices::rows(&symbol) - 30);
    let job = refit.ended(&refit.train(&model, &["--set", "epochs=2"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.0".into()), "{job}\n{}", refit.logs());
    if live(&refit).is_null() {
        refit.refit(&["promote", &model, "v1.0"]).ok();
    }
    (refit, symbol, model)
}

fn live(refit: &Installation) -> Value {
    refit.json(&["models"])[0]["live"]["version"].clone()
}

fn live_seq(refit: &Installation) -> u64 {
    refit.json(&["models"])[0]["live_seq"].as_u64().unwrap()
}

/// What the live version says of tomorrow, every digit of it; not from the cache.
fn forecast(refit: &Installation, symbol: &str) -> Value {
    let answer = refit.post("forecasts", &json!({ "symbols": [symbol], "refresh": true }));
    assert_eq!(
        (&answer[0]["model_type"], &answer[0]["cached"]),
        (&"own".into(), &false.into()),
        "{answer}\n{}",
        refit.logs()
    );
    ["version", "as_of", "direction", "confidence", "change_percent", "interval_percent"]
        .iter()
        .map(|figure| answer[0][figure].clone())
        .collect()
}

/// What must always hold does.
fn nothing_is_broken(refit: &Installation) {
    let invariants = refit.get("invariants").expect("an answer");
    assert!(invariants.as_array().unwrap().iter().all(|invariant| invariant["violations"] == 0), "{invariants}");
}

/// The store is gone, whatever kind it is of, and so is every copy of it on this machine.
fn lose_the_store(refit: &mut Installation) {
    refit.workers.clear();
    refit.coordinator = None;
    let url = refit.settings().iter().find(|(name, _)| name == "REFIT_STORAGE__STORE").map(|(_, url)| url.clone());
    match url {
        None => fs::remove_dir_all(refit.data().join("store")).unwrap(),
        Some(url) => refit.runtime().block_on(async {
            let store = connect::store(&url).await.unwrap();
            for entry in store.list(None).await.unwrap() {
                store.delete(&entry.key).await.unwrap();
            }
        }),
    }
    let _none = fs::remove_dir_all(refit.data().join("workers"));
}

/// Back up, lose the store, restore: the same version answers with the same bits, and trainings go on.
fn a_version_outlives_its_store(refit: Installation) {
    let (mut refit, symbol, model) = with_a_live_version(refit);
    let before = forecast(&refit, &symbol);
    let backup = refit.json(&["backup", &model, "--note", "before the move"]);
    let id = backup["id"].as_str().unwrap_or_else(|| panic!("{backup}")).to_owned();
    assert!(id.ends_with("Z-v1.0") && backup["place"].as_str().unwrap().contains(&format!("{model}/{id}")), "{backup}");
    let seq = live_seq(&refit);

    lose_the_store(&mut refit);
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let none = refit.post("forecasts", &json!({ "symbols": [symbol], "refresh": true }));
    assert_eq!(none[0]["model_type"], "none", "{none}");
    let listed = refit.json(&["backups", &model]);
    assert_eq!((&listed[0]["id"], &listed[0]["note"]), (&id.as_str().into(), &"before the move".into()), "{listed}");
    let restored = refit.json(&["restore", &model, &id]);
    let (entry, added) = (&restored["entry"], restored["added"].as_array().unwrap());
    assert_eq!((&entry["kind"], &entry["version"]), (&"restore".into(), &"v1.0".into()), "{restored}");
    assert_eq!(entry["live_seq"], seq + 1, "one more entry, no edit: {restored}");
    assert!(added.len() as u64 == backup["files"].as_u64().unwrap() - 3, "all of the artifact: {restored}");
    assert_eq!(forecast(&refit, &symbol), before, "{}", refit.logs());

    // The frozen rows went with the store: they are frozen anew.
    refit.import(&symbol, 0..prices::rows(&symbol));
    let job = refit.ended(&refit.train(&model, &["--mode", "incremental", "--set", "epochs=1"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.1".into()), "{job}\n{}", refit.logs());
    nothing_is_broken(&refit);
}

#[test]
fn c9_d5_a_version_outlives_its_store_on_one_machine() {
    a_version_outlives_its_store(Installation::new());
}

#[test]
fn c9_d5_f2_a_version_outlives_its_store_on_the_engines_of_many_machines() {
    let Some(mut refit) = Installation::distributed() else { return };
    let (mut unnamed, _, model) = with_a_live_version(refit);
    let refused = unnamed.refit(&["backup", &model]);
    assert_eq!(refused.code, 1, "{}", refused.stdout);
    assert!(refused.stderr.contains("set storage.backups (REFIT_STORAGE__BACKUPS) to"), "{}", refused.stderr);
    unnamed.workers.clear();
    unnamed.coordinator = None;
    drop(unnamed);

    refit = Installation::distributed().expect("services");
    let store = refit.settings().iter().find(|(name, _)| name == "REFIT_STORAGE__STORE").unwrap().1.clone();
    let inside = store.replacen('?', "/backups?", 1);
    let within =
        CommandOutput::of(refit.command("refit").arg("config").env("REFIT_STORAGE__BACKUPS", inside).output().unwrap());
    assert_eq!(within.code, 2, "{}", within.stdout);
    assert!(within.stderr.contains("it lies inside the store"), "{}", within.stderr);
    refit.set("REFIT_STORAGE__BACKUPS", &store.replacen('?', "-backups?", 1));
    a_version_outlives_its_store(refit);
}

/// Everything but the place of backups is gone. A new installation, that knows the prices and no model, makes the version live.
#[test]
fn c9_d3_a_version_outlives_its_database_too() {
    let (first, symbol, model) = with_a_live_version(Installation::new());
    let before = forecast(&first, &symbol);
    let version = first.versions(&model)[0].clone();
    let id = first.json(&["backup", &model, "--version", "v1.0"])["id"].as_str().unwrap().to_owned();
    let place = tempfile::tempdir().unwrap();
    fs::rename(first.data().join("backups"), place.path().join("kept")).unwrap();
    drop(first);

    let mut second = Installation::new();
    second.set("REFIT_POLICY__RELIABILITY_THRESHOLD", "0");
    second.set("REFIT_STORAGE__BACKUPS", &format!("file://{}", place.path().join("kept").display()));
    second.start_coordinator(&[]);
    second.start_worker(&[]);
    assert_eq!(second.json(&["backups", &model])[0]["id"], id.as_str());
    let restored = second.json(&["restore", &model, &id, "--reason", "the old house burnt down"]);
    assert_eq!((&restored["recorded"], &restored["entry"]["live_seq"]), (&true.into(), &1.into()), "{restored}");
    assert_eq!(restored["entry"]["reason"], "the old house burnt down");
    let known = second.versions(&model)[0].clone();
    for figure in
        ["mode", "trained_at", "data_through", "seen_through", "verdict", "reliability", "loss", "job", "manifest"]
    {
        assert_eq!(known[figure], version[figure], "{figure}");
    }
    second.import(&symbol, 0..prices::rows(&symbol) - 30);
    assert_eq!(forecast(&second, &symbol), before, "{}", second.logs());
    nothing_is_broken(&second);

    // The number is given: the next training takes the next one, and the one after a restore is recorded as ever.
    let job = second.ended(&second.train(&model, &["--mode", "complete", "--set", "epochs=1"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v2.0".into()), "{job}\n{}", second.logs());
    let compared = second.json(&["compare", &model, "v1.0", "v2.0"]);
    assert!(compared["difference"]["rows"].as_u64().is_some_and(|rows| rows >= 40), "{compared}");
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// D5: each file is there, people can read what it is, any tool can check it; one flipped byte anywhere and it is refused.
#[test]
fn d5_a_backup_is_complete_and_a_flipped_byte_is_refused() {
    let (refit, _, model) = with_a_live_version(Installation::new());
    let backup = refit.json(&["backup", &model, "--note", "for the auditors"]);
    let id = backup["id"].as_str().unwrap();
    let folder = refit.data().join("backups").join(&model).join(id);
    let names: Vec<String> =
        files(&folder).iter().map(|file| file.file_name().unwrap().to_string_lossy().into_owned()).collect();
    for name in
        ["weights.safetensors", "preprocessing.json", "golden.json", "sketch.json", "losses.parquet", "manifest.json"]
    {
        assert!(names.contains(&name.to_owned()), "{name}: {names:?}");
    }
    let info = fs::read_to_string(folder.join("INFO.txt")).unwrap();
    for words in [&format!("Backup of {model} v1.0"), "for the auditors", "weights.safetensors", "refit restore", id] {
        assert!(info.contains(words), "{words}: {info}");
    }
    let checked =
        std::process::Command::new("sha256sum").args(["-c", "--quiet", "SHA256SUMS"]).current_dir(&folder).status();
    assert!(checked.unwrap().success(), "sha256sum agrees");

    let (seq, store) = (live_seq(&refit), fs::read_dir(refit.data().join("store")).unwrap().count());
    for file in files(&folder) {
        let whole = fs::read(&file).unwrap();
        let mut flipped = whole.clone();
        let middle = flipped.len() / 2;
        flipped[middle] ^= 1;
        fs::write(&file, flipped).unwrap();
        let refused = refit.refit(&["restore", &model, id]);
        assert_eq!(refused.code, 4, "{}: {}{}", file.display(), refused.stdout, refused.stderr);
        assert!(refused.stderr.contains(&format!("backup {id} of {model} cannot be restored")), "{}", refused.stderr);
        fs::write(&file, whole).unwrap();
    }
    assert_eq!((live_seq(&refit), fs::read_dir(refit.data().join("store")).unwrap().count()), (seq, store));
    refit.refit(&["restore", &model, id]).ok();

    let unknown = refit.refit(&["restore", &model, "20200101T000000.000Z-v1.0"]);
    assert_eq!((unknown.code, unknown.stderr.contains("refit backups")), (3, true), "{}", unknown.stderr);
    assert_eq!(refit.refit(&["restore", &model, "../../etc"]).code, 3);
    assert_eq!(refit.refit(&["backup", "NOPE"]).code, 3);
}

/// D5: the newest five stay. Two at once make two, and both can be restored.
#[test]
fn d5_the_sixth_backup_makes_the_first_one_go() {
    let (refit, _, model) = with_a_live_version(Installation::new());
    let first = refit.json(&["backup", &model])["id"].clone();
    let begun: Vec<_> = (0..2)
        .map(|_| refit.command("refit").args(["backup", &model, "--json"]).stdout(Stdio::piped()).spawn().unwrap())
        .collect();
    let at_once: Vec<Value> = begun
        .into_iter()
        .map(|child| CommandOutput::of(child.wait_with_output().unwrap()).ok().json()["id"].clone())
        .collect();
    assert_ne!(at_once[0], at_once[1]);
    for _ in 0..2 {
        assert_eq!(refit.json(&["backup", &model])["pruned"], json!([]));
    }
    let sixth = refit.refit(&["backup", &model]).ok().stdout;
    assert!(sixth.contains(&format!("{} made room for it", first.as_str().unwrap())), "{sixth}");
    let listed = refit.json(&["backups", &model]);
    let ids: Vec<&Value> = listed.as_array().unwrap().iter().map(|backup| &backup["id"]).collect();
    assert_eq!((ids.len(), ids.contains(&&first)), (5, false), "{listed}");
    for id in &at_once {
        assert!(ids.contains(&id), "{listed}");
        refit.refit(&["restore", &model, id.as_str().unwrap()]).ok();
    }
    let table = refit.refit(&["backups", &model]).ok().stdout;
    assert!(table.contains("v1.0") && table.contains("refit restore"), "{table}");
}

/// No room, or no place at all: one line says so, what was there stays, and half a backup is none.
#[test]
fn d5_a_place_that_cannot_be_written_is_a_clear_error_and_loses_nothing() {
    let (mut refit, _, model) = with_a_live_version(Installation::new());
    refit.coordinator = None;
    let file = refit.folder().join("a-file");
    fs::write(&file, "no folder").unwrap();
    refit.start_coordinator(&[("REFIT_STORAGE__BACKUPS", &format!("file://{}/backups", file.display()))]);
    let refused = refit.refit(&["backup", &model]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""), "{}", refused.stderr);
    assert!(refused.stderr.contains("a-file/backups cannot be used"), "{}", refused.stderr);
    assert_eq!(live(&refit), "v1.0");

    let Some(disk) = SmallDisk::mount(8) else { return };
    refit.coordinator = None;
    refit.start_coordinator(&[
        ("REFIT_STORAGE__BACKUPS", &format!("file://{}", disk.path().join("backups").display())),
        ("REFIT_COORDINATOR__BACKUPS_KEPT", "1"),
    ]);
    let first = refit.json(&["backup", &model])["id"].clone();
    disk.fill();
    let full = refit.refit(&["backup", &model]);
    assert_eq!(full.code, 1, "{}", full.stdout);
    assert!(full.stderr.contains("in the place of backups: free some room there"), "{}", full.stderr);
    let listed = refit.json(&["backups", &model]);
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["id"]), (1, &first), "{listed}");
    refit.refit(&["restore", &model, first.as_str().unwrap()]).ok();
    disk.free();
    let second = refit.json(&["backup", &model]);
    assert_eq!(second["pruned"], json!([first]), "{second}");
    refit.refit(&["restore", &model, second["id"].as_str().unwrap()]).ok();
}
