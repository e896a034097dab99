//! Artifacts are open files, and a damaged one is found before it is used (G10).

use std::path::PathBuf;
use std::process::Command;

use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, wait};

/// An installation with one live version; the model and the folder of its artifact.
fn with_a_live_version() -> (Installation, String, PathBuf) {
    live_version_in(Installation::running())
}

fn live_version_in(refit: Installation) -> (Installation, String, PathBuf) {
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    refit.import(symbol, 0..prices::rows(symbol) - 30);
    let job = refit.ended(&refit.train(&model, &["--set", "epochs=2"]));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    if refit.json(&["models"])[0]["live"].is_null() {
        refit.refit(&["promote", &model, "v1.0"]).ok();
    }
    let folder = find(&refit.data(), "weights.safetensors").parent().unwrap().to_owned();
    (refit, model, folder)
}

fn find(below: &std::path::Path, name: &str) -> PathBuf {
    let mut folders = vec![below.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == name && entry.path().to_string_lossy().contains("/artifact/") {
                return entry.path();
            }
        }
    }
    panic!("no {name} below {}", below.display())
}

fn python(code: &str, argument: &std::path::Path) -> std::process::Output {
    let packages = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../.tools/safetensors");
    Command::new("python3").args(["-c", code]).arg(argument).env("PYTHONPATH", packages).output().unwrap()
}

#[test]
fn g10_python_reads_the_weights_and_the_script_runs_where_torch_is() {
    let (_refit, _, folder) = with_a_live_version();
    let code = "import sys; from safetensors import deserialize\n\
        tensors = dict(deserialize(open(sys.argv[1], 'rb').read()))\n\
        assert tensors, 'no tensors'\n\
        for name, t in sorted(tensors.items()): print(name, t['dtype'], 'x'.join(map(str, t['shape'])))";
    let output = python(code, &folder.join("weights.safetensors"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(names.lines().count() >= 6 && names.contains("F32"), "{names}");
    assert!(names.contains("32x"), "four gates of 8 hidden units: {names}");

    if !python("import torch", &folder).status.success() {
        println!("skipped: Python has no torch, so model.ts is not run there");
        return;
    }
    let code = "import sys, json, torch\n\
        net = torch.jit.load(sys.argv[1] + '/model.ts')\n\
        print(net.code[:200])";
    let output = python(code, &folder);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn an_altered_artifact_is_refused_by_name_and_the_live_version_stays() {
    let (refit, model, folder) = with_a_live_version();
    let file = folder.join("weights.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&file, bytes).unwrap();
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..prices::rows(symbol));
    let job = refit.ended(&refit.train(&model, &["--mode", "incremental", "--set", "epochs=2"]));
    assert_eq!(job["state"], "failed", "{job}");
    let attempt = &job["attempts"][0];
    assert_eq!(attempt["outcome"], "damaged", "{job}");
    let said = attempt["message"].as_str().unwrap();
    assert!(said.contains("weights.safetensors"), "{job}");
    assert!(said.contains(&format!("it is of {model} v1.0")) && said.contains("`refit reproduce"), "{job}");
    assert_eq!(refit.json(&["models"])[0]["live"]["version"], "v1.0");
}

/// G10, G14: what can answer nothing any more is no installation that is well, and the advice mends it.
#[test]
fn a_live_version_that_is_damaged_is_named_by_health_until_it_is_whole() {
    let mut refit = Installation::new();
    refit.set("REFIT_COORDINATOR__CHECK_EVERY", "1s");
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let (refit, model, folder) = live_version_in(refit);
    let healthy = |what: &str, expected: bool| {
        wait::until(what, LIMIT, || {
            let answer = refit.refit(&["health", "--json"]);
            let health = answer.json();
            (health["healthy"] == expected && (answer.code == 0) == expected).then_some(health)
        })
    };
    healthy("a healthy start", true);
    std::fs::write(folder.join("weights.safetensors"), b"").unwrap();
    let sick = healthy("health to find it", false);
    let problems = sick["problems"].to_string();
    assert!(problems.contains(&model) && problems.contains(&format!("`refit reproduce {model} v1.0`")), "{problems}");
    refit.refit(&["reproduce", &model, "v1.0", "--watch"]).ok();
    healthy("health to see it whole", true);
}

/// The universal model only stands in: where the store has lost it, the others are trained and judged without it.
#[test]
fn a_lost_universal_model_fails_nobody_else() {
    let (refit, model, _) = with_a_live_version();
    let universal = "forecaster/universal";
    refit.make_small(universal);
    let job = refit.ended(&refit.train(universal, &["--set", "epochs=2"]));
    assert_eq!(job["state"], "completed", "{job}");
    let versions = refit.json(&["versions", universal]);
    if versions[0]["status"] != "live" {
        refit.json(&["promote", universal, "v1.0"]);
    }
    let folder = refit.data().join("store/jobs").join(job["id"].as_str().unwrap());
    std::fs::remove_dir_all(folder).unwrap();
    let job = refit.ended(&refit.train(&model, &["--mode", "complete", "--set", "epochs=2"]));
    assert_eq!((job["state"].as_str(), job["attempts"].as_array().unwrap().len()), (Some("completed"), 1), "{job}");
}

/// G1, G10: frozen rows are a copy: what the store has lost or damaged of them is found, written anew, and the training goes on.
#[test]
fn lost_and_truncated_snapshots_are_found_and_made_whole() {
    let (mut refit, model, _) = with_a_live_version();
    let snapshots = refit.data().join("store/snapshots");
    let (key, dataset) = ("text/notes", "notes");
    let notes = refit.folder().join("notes.csv");
    // No two texts are the same, and no word tells all.
    let row = |n: u32| {
        let (is_rude, is_odd) = (!n.is_multiple_of(3), n.is_multiple_of(5));
        let word = if is_rude == is_odd { "lovely" } else { "awful" };
        let name: String = [n / 26, n % 26].map(|letter| char::from(b'a' + letter as u8)).into_iter().collect();
        format!("n{n},{word} weather in {name},{}\n", u32::from(is_rude))
    };
    std::fs::write(&notes, "id,text,label\n".to_owned() + &(0..400).map(row).collect::<String>()).unwrap();
    refit.json(&["data", "import", dataset, notes.to_str().unwrap(), "--key", "id", "--kinds", "id:text"]);
    refit.json(&["model", key, "--dataset", dataset, "--set", "epochs=2", "--set", "hash_bits=12"]);
    let first = refit.ended(&refit.train(key, &[]));
    assert_eq!(first["state"], "completed", "{first}");
    let damages: [fn(&std::path::Path); 2] = [
        |file| std::fs::remove_file(file).unwrap(),
        |file| {
            let bytes = std::fs::read(file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        },
    ];
    for damage in damages {
        std::fs::read_dir(&snapshots).unwrap().flatten().for_each(|entry| damage(&entry.path()));
        // A worker that has the part in its cache would not notice: the cache is named by hash and stays good.
        refit.workers.remove(0).kill();
        let _none_yet = std::fs::remove_dir_all(refit.data().join("workers"));
        refit.start_worker(&[]);
        for key in [model.as_str(), key] {
            let job = refit.ended(&refit.train(key, &["--mode", "complete", "--set", "epochs=2"]));
            assert_eq!(job["state"], "completed", "{key}: {job}\n{}", refit.logs());
            let attempts = job["attempts"].as_array().unwrap();
            assert!(attempts[0]["message"].as_str().unwrap().contains("snapshots/"), "{job}");
            assert_eq!((attempts[0]["outcome"].as_str(), attempts.len()), (Some("damaged"), 2), "{job}");
        }
    }
}

/// A4, G10: a version whose files the store has lost is not made live by hand; what is advised makes it whole.
#[test]
fn a_version_without_its_weights_is_not_promoted() {
    let (refit, model, folder) = with_a_live_version();
    assert_eq!(refit.ended(&refit.train(&model, &["--mode", "complete", "--set", "epochs=2"]))["state"], "completed");
    let versions = refit.json(&["versions", &model]);
    if versions.as_array().unwrap().iter().any(|version| version["version"] == "v2.0" && version["status"] != "live") {
        refit.json(&["promote", &model, "v2.0"]);
    }
    std::fs::remove_file(folder.join("weights.safetensors")).unwrap();
    let refused = refit.refit(&["rollback", &model]);
    assert_eq!(refused.code, 4, "{}", refused.stderr);
    let advice = format!("`refit reproduce {model} v1.0`");
    assert!(
        refused.stderr.contains("lost its weights.safetensors") && refused.stderr.contains(&advice),
        "{}",
        refused.stderr
    );
    refit.refit(&["reproduce", &model, "v1.0", "--watch"]).ok();
    assert_eq!(refit.json(&["rollback", &model])["version"], "v1.0");
}
