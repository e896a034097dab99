//! Data sets as a user meets them: files of rows through the command line, on real processes (C1, C10, D6, G10).

use std::path::PathBuf;
use std::process::Stdio;

use nix::sys::signal::Signal;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, wait};
use serde_json::{Value, json};

/// The columns of MovieLens' files, which do not name them.
const RATINGS: [&str; 6] = ["--key", "user,item", "--columns", "user,item,rating,unix_time", "--time", "unix_time"];

fn coordinator() -> Installation {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    refit
}

fn file(refit: &Installation, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = refit.folder().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

fn import(refit: &Installation, name: &str, path: &std::path::Path, more: &[&str]) -> Value {
    let mut words = vec!["data", "import", name, path.to_str().unwrap()];
    words.extend(more);
    refit.json(&words)[0].clone()
}

/// Ratings as MovieLens writes them.
fn ratings(rows: std::ops::Range<u32>) -> String {
    rows.map(|n| format!("{}\t{}\t{}\t{}\n", n % 943 + 1, n + 1, n % 5 + 1, 881_250_949 + n)).collect()
}

#[test]
fn c1_ratings_come_in_are_rated_again_and_deleted() {
    let refit = coordinator();
    let path = file(&refit, "u.data", ratings(0..10_000));
    let report = import(&refit, "movies", &path, &RATINGS);
    assert_eq!(
        (&report["rows"], &report["new"], &report["refused"]),
        (&json!(10_000), &json!(10_000), &json!(0)),
        "{report}"
    );
    let again = import(&refit, "movies", &path, &RATINGS);
    assert_eq!((&again["new"], &again["unchanged"], &again["entries"]), (&json!(0), &json!(10_000), &json!(10_000)));

    // The application's own ratings: with a header, in another order, and a user whose id is no number.
    let own = "rating,unix_time,user,item,deleted\n5,2026-01-02T08:00:00Z,1,1,\n4,2026-01-02,ann,10001,\n,,2,2,true\n";
    let own = import(&refit, "movies", &file(&refit, "own.csv", own), &[]);
    assert_eq!((&own["superseded"], &own["new"], &own["deleted"]), (&json!(1), &json!(1), &json!(1)), "{own}");
    let listed = file(&refit, "gone.csv", "user,item\n3,3\n");
    assert_eq!(import(&refit, "movies", &listed, &["--delete"])["deleted"], 1);

    let shown = refit.json(&["data", "show", "movies"]);
    assert_eq!((&shown["rows"], &shown["entries"]), (&json!(9_999), &json!(10_004)), "{shown}");
    assert_eq!((&shown["first"], &shown["last"]), (&json!("1997-12-04"), &json!("2026-01-02")));
    assert_eq!(refit.json(&["data", "list"])[0]["name"], "movies");
    let table = refit.refit(&["data", "list"]).ok().stdout;
    assert!(table.contains("movies") && table.contains("user, item"), "{table}");
    let missing = refit.refit(&["data", "show", "movie"]);
    assert_eq!(missing.code, 3, "{}", missing.stderr);
    assert!(missing.stderr.contains("did you mean movies?"), "{}", missing.stderr);
}

#[test]
fn d6_rows_that_are_not_utf8_are_refused_or_read_as_latin1() {
    let refit = coordinator();
    let tasks = b"TaskNumber,Summary,Hours\n1,\"two\nlines\",1.5\n2,caf\xe9,2\n3,\"plain, \"\"quoted\"\"\",\n".to_vec();
    let path = file(&refit, "tasks.csv", &tasks);
    let report = import(&refit, "tasks", &path, &["--key", "TaskNumber"]);
    assert_eq!((&report["new"], &report["refused"]), (&json!(2), &json!(1)), "{report}");
    assert_eq!(report["refusals"][0]["line"], 4, "the row after the one of two lines: {report}");
    assert!(report["refusals"][0]["reason"].as_str().unwrap().contains("latin1"), "{report}");
    let kinds: Vec<&str> = report["columns"].as_array().unwrap().iter().map(|c| c["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["text", "text", "number"]);
    let report = import(&refit, "tasks", &path, &["--encoding", "latin1"]);
    assert_eq!((&report["new"], &report["unchanged"]), (&json!(1), &json!(2)), "{report}");
    for (words, code, reason) in [
        (&["data", "import", "tasks", path.to_str().unwrap(), "--key", "Hours"][..], 4, "named by TaskNumber"),
        (&["data", "import", "../tasks", path.to_str().unwrap()], 2, "data set"),
        (&["data", "import", "tasks", "/no/such/file.csv"], 3, "cannot read"),
    ] {
        let answer = refit.refit(words);
        assert_eq!(answer.code, code, "{words:?}: {}", answer.stderr);
        assert!(answer.stderr.contains(reason), "{words:?}: {}", answer.stderr);
    }
}

/// C10: while 200,000 ratings come in, probes go to a worker and back, and no heartbeat is lost.
#[test]
fn c10_work_goes_on_while_200000_ratings_come_in() {
    let refit = Installation::running();
    let path = file(&refit, "u.data", ratings(0..200_000));
    let mut command = refit.command("refit");
    command.args(["data", "import", "movies", path.to_str().unwrap(), "--json"]).args(RATINGS);
    let mut importing = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut probes = 0;
    while importing.try_wait().unwrap().is_none() {
        let answer = refit.json(&["probe", "--count", "20"]);
        assert_eq!(answer["completed"], 20, "{answer}\n{}", refit.logs());
        assert_eq!(refit.json(&["workers"])[0]["state"], "ready", "its heartbeats are heard");
        probes += 20;
    }
    let output = importing.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report[0]["new"], 200_000, "{report}");
    assert!(probes > 0);
    for listed in refit.list("jobs?state=completed").unwrap() {
        let job = refit.job(listed["id"].as_str().unwrap());
        assert_eq!(job["attempts"].as_array().unwrap().len(), 1, "no attempt was lost: {job}");
    }
    assert!(!refit.logs().contains("database is locked"), "{}", refit.logs());
}

/// C10: killed in the middle, nothing of the file is visible; imported again, all of it is, once.
#[test]
fn c10_a_coordinator_killed_in_the_middle_shows_nothing_of_the_file() {
    let mut refit = coordinator();
    import(&refit, "movies", &file(&refit, "first", ratings(0..100)), &RATINGS);
    let path = file(&refit, "u.data", ratings(0..300_000));
    let mut command = refit.command("refit");
    command.args(["data", "import", "movies", path.to_str().unwrap()]).args(RATINGS);
    let mut importing = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let database = format!("sqlite://{}?mode=ro", refit.data().join("refit.db").display());
    let staged = |refit: &Installation| {
        refit.runtime().block_on(async {
            use sqlx::Connection as _;
            let mut db = sqlx::SqliteConnection::connect(&database).await.ok()?;
            sqlx::query_scalar::<_, i64>("SELECT max(seq) FROM entries").fetch_one(&mut db).await.ok()
        })
    };
    wait::until("entries to be staged", LIMIT, || staged(&refit).filter(|count| *count > 2000));
    refit.coordinator.as_mut().unwrap().signal(Signal::SIGKILL);
    refit.coordinator.as_mut().unwrap().kill();
    assert!(!importing.wait().unwrap().success(), "whoever sent it hears that it broke off");
    refit.start_coordinator(&[]);
    let shown = refit.json(&["data", "show", "movies"]);
    assert_eq!((&shown["rows"], &shown["entries"]), (&json!(100), &json!(100)), "{shown}");
    // Nobody imports anything, and what nobody has ever seen goes all the same.
    wait::until("the rows of the broken import to go", LIMIT, || staged(&refit).filter(|count| *count == 100));
    let report = import(&refit, "movies", &path, &RATINGS);
    assert_eq!((&report["unchanged"], &report["new"]), (&json!(100), &json!(299_900)), "{report}");
    let shown = refit.json(&["data", "show", "movies"]);
    assert_eq!((&shown["rows"], &shown["entries"]), (&json!(300_000), &json!(300_000)), "{shown}");
}

/// C10: a disk without room is a clear error, and loses nothing.
#[test]
fn c10_a_full_disk_is_a_clear_error_and_loses_nothing() {
    let Some(disk) = refit_tests::limits::SmallDisk::mount(64) else { return };
    std::fs::write(disk.path().join("ballast"), vec![7; 40 << 20]).unwrap();
    let mut refit = Installation::new();
    refit.set("REFIT_DATA_DIR", disk.path().join("data").to_str().unwrap());
    refit.set("REFIT_STORAGE__BUS", &format!("sqlite://{}", refit.folder().join("bus.db").display()));
    refit.set("REFIT_STORAGE__QUEUE", &format!("sqlite://{}", refit.folder().join("bus.db").display()));
    let log = refit.folder().join("coordinator.log");
    let mut command = refit.command("refit");
    let _coordinator = refit_tests::process::Process::start(command.arg("serve"), &log);
    wait::until("the coordinator to answer", LIMIT, || (refit.refit(&["data", "list"]).code == 0).then_some(()));
    import(&refit, "movies", &file(&refit, "first", ratings(0..100)), &RATINGS);
    let large = file(&refit, "u.data", ratings(0..400_000));
    let mut words = vec!["data", "import", "movies", large.to_str().unwrap()];
    words.extend(RATINGS);
    let answer = refit.refit(&words);
    assert_ne!(answer.code, 0, "{}", answer.stdout);
    assert!(answer.stderr.contains("make room on the disk"), "{}", answer.stderr);
    let shown = refit.json(&["data", "show", "movies"]);
    assert_eq!(shown["rows"], 100, "{shown}");
    disk.free();
    let report = import(&refit, "movies", &file(&refit, "more", ratings(100..200)), &RATINGS);
    assert_eq!((&report["new"], &report["total"]), (&json!(100), &json!(200)), "there is room again: {report}");
}

/// D6: a file of which nothing could be taken is no success to whoever runs this by night; a folder is no file.
#[test]
fn d6_a_file_that_came_in_vain_ends_with_4() {
    let refit = coordinator();
    import(&refit, "people", &file(&refit, "a.csv", "id,age\n1,30\n"), &["--key", "id"]);
    let vain = file(&refit, "b.csv", "id,age\n2,old\n");
    let answer = refit.refit(&["data", "import", "people", vain.to_str().unwrap()]);
    assert_eq!(answer.code, 4, "{}", answer.stdout);
    assert!(answer.stderr.contains("b.csv: none of its rows was taken"), "{}", answer.stderr);
    for words in [["data", "import", "people"].as_slice(), &["import", "prices"]] {
        let answer = refit.refit(&[words, &[refit.folder().to_str().unwrap()]].concat());
        assert_eq!(answer.code, 2, "{}", answer.stderr);
        assert!(answer.stderr.contains("is a folder: name its files"), "{}", answer.stderr);
    }
}
