//! Sources, errors and the page of settings (G4).

use std::path::PathBuf;

use super::*;

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("refit.toml");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn refused(sources: &Sources) -> String {
    Settings::load(sources).unwrap_err().to_string()
}

#[test]
fn defaults_hold_and_pass_their_own_checks() {
    let settings = Settings::load(&Sources::none()).unwrap();
    assert_eq!(settings.api.listen.to_string(), "127.0.0.1:7438");
    assert_eq!(settings.queue_url(), "sqlite://refit-data/bus.db");
    assert_eq!(settings.store_url(), "file://refit-data/store");
    assert!(settings.explain().iter().all(|entry| entry.origin == Origin::Default));
}

#[test]
fn later_sources_win_and_each_value_knows_its_source() {
    let (_folder, path) = file(
        "data_dir = \"from-file\"\n[worker]\nslots = 1\npools = [\"cpu\", \"gpu\"]\n[dispatch]\nlease = \"1min 30s\"",
    );
    let sources = Sources::none()
        .with_file(&path)
        .with_variable("REFIT_DATA_DIR", "from-environment")
        .with_variable("REFIT_WORKER__SLOTS", "2")
        .with_variable("REFIT_STORAGE__QUEUE", "amqp://refit:hunter2@broker")
        .with_variable("UNRELATED", "x")
        .with_flag("--slots", "worker.slots", Some(3))
        .with_flag("--listen", "api.listen", None::<String>);
    let settings = Settings::load(&sources).unwrap();
    assert_eq!(settings.data_dir, PathBuf::from("from-environment"));
    assert_eq!(settings.worker.slots, 3);
    assert_eq!(settings.worker.pools.len(), 2);
    assert_eq!(settings.dispatch.lease.as_secs(), 90);
    assert_eq!(settings.queue_url(), "amqp://refit:hunter2@broker");

    let explained = settings.explain();
    let of = |key: &str| {
        explained.iter().find(|entry| entry.key == key).map(|e| (e.value.as_str(), e.origin.to_string())).unwrap()
    };
    assert_eq!(of("data_dir"), ("from-environment", "environment REFIT_DATA_DIR".into()));
    assert_eq!(of("worker.slots"), ("3", "flag --slots".into()));
    assert_eq!(of("worker.pools"), ("cpu,gpu", format!("file {}", path.display())));
    assert_eq!(of("dispatch.lease"), ("1m 30s", format!("file {}", path.display())));
    assert_eq!(of("storage.queue"), ("amqp://refit:***@broker", "environment REFIT_STORAGE__QUEUE".into()));
    assert_eq!(of("api.listen"), ("127.0.0.1:7438", "default".into()));
}

#[test]
fn values_from_the_environment_have_the_types_of_their_keys() {
    let sources = Sources::none()
        .with_variable("REFIT_POLICY__AUTO_RETRAIN", "false")
        .with_variable("REFIT_POLICY__MIN_RELIABILITY_FOR_UPDATE", "0.25")
        .with_variable("REFIT_PRIORITY__FLOOR", "10")
        .with_variable("REFIT_WORKER__POOLS", "cpu, gpu-80g")
        .with_variable("REFIT_API__TOKEN", "007")
        .with_variable("REFIT_LOG__FORMAT", "json");
    let settings = Settings::load(&sources).unwrap();
    assert!(!settings.policy.0.auto_retrain);
    assert!((settings.policy.0.min_reliability_for_update - 0.25).abs() < f64::EPSILON);
    assert_eq!(settings.priority.floor, Some(10.0));
    assert_eq!(settings.worker.pools[1].as_str(), "gpu-80g");
    assert_eq!(settings.api.token.expose(), "007");
    assert_eq!(settings.log.format, LogFormat::Json);
}

#[test]
fn unknown_keys_of_files_and_flags_are_refused_with_the_nearest_one() {
    let (_folder, path) = file("[worker]\nslot = 1");
    let expected = format!("there is no setting \"worker.slot\" (file {}); did you mean worker.slots?", path.display());
    assert_eq!(refused(&Sources::none().with_file(&path)), expected);
    let expected = "there is no setting \"worker.slot\" (flag --slot); did you mean worker.slots?";
    assert_eq!(refused(&Sources::none().with_flag("--slot", "worker.slot", Some(1))), expected);
}

#[test]
fn unknown_variables_are_ignored_and_said_to_be_with_the_nearest_one() {
    let sources = Sources::none().with_variable("REFIT_API_LISTEN", "0.0.0.0:80").with_variable("REFIT_QQQQ", "x");
    // What the examples read is nobody's slip.
    let sources = sources.with_variable("REFIT_URL", "http://127.0.0.1:7438").with_variable("REFIT_TOKEN", "x");
    let settings = Settings::load(&sources).unwrap();
    let said: Vec<String> = settings.ignored().iter().map(ToString::to_string).collect();
    let expected = "the variable REFIT_API_LISTEN is no setting and is ignored; did you mean REFIT_API__LISTEN?";
    assert_eq!(said, [expected, "the variable REFIT_QQQQ is no setting and is ignored"]);
    assert_eq!(settings.api.listen.to_string(), "127.0.0.1:7438");
}

/// What Kubernetes puts into every pod beside services called `refit`, `refit-api` and `refit-storage`.
#[test]
fn the_variables_of_kubernetes_change_no_setting() {
    let of_service = |name: &str| {
        ["", "_7438_TCP", "_7438_TCP_ADDR", "_7438_TCP_PORT", "_7438_TCP_PROTO"]
            .map(|end| format!("{name}_PORT{end}"))
            .into_iter()
            .chain(["HOST", "PORT", "PORT_API"].map(|end| format!("{name}_SERVICE_{end}")))
            .collect::<Vec<_>>()
    };
    let names: Vec<String> = ["REFIT", "REFIT_API", "REFIT_STORAGE"].into_iter().flat_map(of_service).collect();
    let with = |sources: Sources, name: &String| sources.with_variable(name, "tcp://10.0.0.1:7438");
    let settings = Settings::load(&names.iter().fold(Sources::none(), with)).unwrap();
    assert!(settings.explain().iter().all(|entry| entry.origin == Origin::Default));
    assert_eq!(settings.ignored().len(), names.len());
    let mut of_refit = settings.ignored().iter().filter(|ignored| of_service("REFIT").contains(&ignored.variable));
    assert!(of_refit.all(|ignored| ignored.hint.is_none()), "{:?}", settings.ignored());
}

#[test]
fn only_a_settings_own_variable_must_be_readable() {
    use std::os::unix::ffi::OsStringExt;
    let garbage = || std::ffi::OsString::from_vec(vec![0xff, 0xfe]);
    let with = |name: &str| Sources::none().with_variable(name, garbage());
    assert_eq!(Settings::load(&with("REFIT_PORT")).unwrap().ignored().len(), 1);
    assert_eq!(refused(&with("REFIT_API__TOKEN")), "api.token (environment REFIT_API__TOKEN): it is not UTF-8");
}

#[test]
fn wrong_values_name_key_and_source() {
    let variable = |name: &str, value: &str| refused(&Sources::none().with_variable(name, value));
    let expected = "worker.slots (environment REFIT_WORKER__SLOTS): string \"many\", but an integer is needed";
    assert_eq!(variable("REFIT_WORKER__SLOTS", "many"), expected);
    let expected = "policy.holdout_rows (environment REFIT_POLICY__HOLDOUT_ROWS): 5 is out of range: 40 to 2000";
    assert_eq!(variable("REFIT_POLICY__HOLDOUT_ROWS", "5"), expected);
    let expected = "dispatch.heartbeat (environment REFIT_DISPATCH__HEARTBEAT): 1ms is out of range: 50ms to 1m";
    assert_eq!(variable("REFIT_DISPATCH__HEARTBEAT", "1ms"), expected);
    assert!(variable("REFIT_DISPATCH__LEASE", "12").ends_with("write 90s, 30min or 12h"));
    assert!(
        variable("REFIT_DISPATCH__LEASE", "4s")
            .ends_with("it must be at least two heartbeats long, and dispatch.heartbeat is 3s")
    );
    assert!(
        variable("REFIT_POLICY__FORCE_RETRAIN_AGE_DAYS", "1")
            .contains("must not be less than policy.max_model_age_days")
    );
    assert!(variable("REFIT_POLICY__MIN_RELIABILITY_FOR_UPDATE", "NaN").ends_with("a finite number is needed: 0 to 1"));
    assert!(variable("REFIT_PRIORITY__FLOOR", "inf").ends_with("a finite number is needed, or leave it out"));
    assert!(variable("REFIT_LOG__FORMAT", "xml").starts_with("log.format (environment REFIT_LOG__FORMAT)"));
    assert!(variable("REFIT_LOG__LEVEL", "refit=loud").starts_with("log.level (environment REFIT_LOG__LEVEL)"));
    assert!(variable("REFIT_WORKER__POOLS", "GPU!").contains("worker.pools"));
    assert!(variable("REFIT_WORKER__POOLS", "").contains("name at least one"));

    let (_folder, path) = file("[api]\nlisten = 7");
    assert!(refused(&Sources::none().with_file(&path)).starts_with(&format!("api.listen (file {})", path.display())));
    let (_folder, path) = file("[api\n");
    assert!(refused(&Sources::none().with_file(&path)).starts_with(&format!("cannot read {}", path.display())));
    assert!(refused(&Sources::none().with_file("/no/such.toml")).starts_with("cannot read /no/such.toml"));
}

#[test]
fn an_api_that_others_can_reach_needs_a_token() {
    let open = Sources::none().with_variable("REFIT_API__LISTEN", "0.0.0.0:7438");
    assert!(refused(&open).ends_with("so a token is needed: set api.token or api.token_file"));
    let with = |token: &str| open.clone().with_variable("REFIT_API__TOKEN", token);
    assert!(refused(&with("hunter2")).contains("a token of 7 bytes can be guessed"));
    Settings::load(&with("0123456789abcdef")).unwrap();
    let at_home = Sources::none().with_variable("REFIT_API__TOKEN", "hunter2");
    Settings::load(&at_home).unwrap();
}

#[test]
fn secrets_may_lie_in_files_and_are_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("token");
    std::fs::write(&path, "hunter2\n").unwrap();
    let sources = Sources::none().with_variable("REFIT_API__TOKEN_FILE", path.to_str().unwrap());
    let settings = Settings::load(&sources).unwrap();
    assert_eq!(settings.api.token.expose(), "hunter2");
    let told = format!("{settings:?} {:?} {}", settings.explain(), serde_json::to_string(&settings).unwrap());
    assert!(!told.contains("hunter2") && told.contains("***"), "{told}");

    let both = sources.with_variable("REFIT_API__TOKEN", "other");
    assert!(refused(&both).ends_with("api.token is given as well: keep one of the two"));
    let gone = Sources::none().with_variable("REFIT_API__TOKEN_FILE", "/no/such/token");
    assert!(refused(&gone).starts_with("cannot read /no/such/token"));
}

/// The page follows from the types. A stale one is rewritten, and the test fails once.
#[test]
fn the_page_of_settings_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/settings.md");
    let page = page::page();
    if std::fs::read_to_string(path).unwrap_or_default() != page {
        std::fs::write(path, page).unwrap();
        panic!("docs/settings.md was out of date and has been rewritten: look at it and commit it");
    }
}
