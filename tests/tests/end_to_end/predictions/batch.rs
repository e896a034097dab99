//! Files of rows, predicted as jobs.

use std::fmt::Write;
use std::io::{Read, Write as _};
use std::net::TcpStream;

use refit_tests::draw::draw;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, wait};
use serde_json::json;

use crate::predictions::kit::{MODEL, complete, file, live, text, trained};

/// More rows than one file of the store holds, twice over.
const ROWS: u64 = 110_000;

fn many(rows: u64) -> String {
    let mut csv = "number,text\n".to_owned();
    (0..rows).for_each(|row| writeln!(csv, "{row},{}", text(row, draw(row, 0, 3) == 0)).unwrap());
    csv
}

/// The answers in the order of the rows, as they are written.
fn answers(csv: &str) -> Vec<&str> {
    let mut lines = csv.lines();
    assert_eq!(lines.next(), Some("row,prediction,label,id"));
    let answer = |(line, row): (_, u64)| {
        let (number, answer) = str::split_once(line, ',').unwrap();
        let (answer, id) = str::rsplit_once(answer, ',').unwrap();
        assert!(number.parse() == Ok(row) && id.ends_with(&format!(":{row}")), "{line}");
        answer
    };
    lines.zip(1..).map(answer).collect()
}

/// One output is sent at a time: whoever is sent it and takes nothing keeps another waiting for a while only, and is not told that what
/// it has got is all.
fn a_reader_that_takes_nothing_makes_room(refit: &Installation, job: &str) {
    let path = format!("/api/v1/jobs/{job}/output");
    let address = refit.address().unwrap();
    let host = address.trim_start_matches("http://");
    let mut stalled = TcpStream::connect(host).unwrap();
    stalled.write_all(format!("GET {path} HTTP/1.1\r\nhost: {host}\r\n\r\n").as_bytes()).unwrap();
    let mut head = [0; 12];
    stalled.read_exact(&mut head).unwrap();
    assert_eq!(head, *b"HTTP/1.1 200");
    let (status, problem) = refit.got(&path);
    assert!(status == 429 && problem["detail"].as_str().unwrap().contains("predictions.downloads"), "{problem}");
    wait::until("room for another reader", LIMIT, || (refit.got(&path).0 == 200).then_some(()));
    let mut rest = Vec::new();
    let _cut_off = stalled.read_to_end(&mut rest);
    assert!(!rest.is_empty() && !rest.ends_with(b"0\r\n\r\n"), "{} bytes that look like all", rest.len());
}

#[test]
fn many_rows_go_through_the_line_by_the_version_of_their_day() {
    let mut refit = Installation::new();
    refit.set("REFIT_PREDICTIONS__DOWNLOADS", "1");
    refit.set("REFIT_PREDICTIONS__DOWNLOAD_IDLE", "2s");
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    trained(&refit);
    let rows = file(&refit, "rows.csv", &many(ROWS));
    let output = refit.folder().join("out.csv");
    let (from, to) = (rows.to_str().unwrap(), output.to_str().unwrap());
    let job = refit.json(&["predict", MODEL, "--file", from, "--batch", "--output", to, "--priority", "7"]);
    assert_eq!((&job["kind"], &job["state"], &job["score"]), (&json!("predict"), &json!("completed"), &json!(7.0)));
    assert_eq!((&job["batch"]["version"], &job["batch"]["rows"]), (&json!("v1.0"), &json!(ROWS)), "{job}");
    let csv = std::fs::read_to_string(&output).unwrap();
    let first = answers(&csv);
    assert_eq!(first.len() as u64, ROWS);

    a_reader_that_takes_nothing_makes_room(&refit, job["id"].as_str().unwrap());

    // The same as online, row by row.
    let few = file(&refit, "few.csv", &many(20));
    let online = refit.json(&["predict", MODEL, "--file", few.to_str().unwrap()]);
    for (row, answer) in online["predictions"].as_array().unwrap().iter().enumerate() {
        let label = if answer["label"].as_bool().unwrap() { "yes" } else { "no" };
        assert_eq!(first[row], format!("{},{label}", answer["value"].as_f64().unwrap()), "row {row}");
    }
    // A cleanup leaves the rows as long as the predictions.
    let cleanup = refit.json(&["cleanup", "--dry-run"]);
    let condemned = cleanup["condemned"].as_array().unwrap();
    let rows = |name: &&serde_json::Value| name.as_str().unwrap().starts_with("snapshots/");
    assert_eq!(condemned.iter().find(rows), None, "{cleanup}");
    // D2: what came of its rows can be told, from both of its files; they are rows of the data set then, and scored.
    let outcomes = |of: &[(u64, &str)]| {
        let mut sheet = "row,prediction,label,id,outcome\n".to_owned();
        for (line, row) in csv.lines().skip(1).zip(1..) {
            let outcome = of.iter().find(|(labelled, _)| *labelled == row).map_or("", |(_, outcome)| outcome);
            writeln!(sheet, "{line},{outcome}").unwrap();
        }
        let path = file(&refit, "outcomes.csv", &sheet);
        refit.json(&["label", MODEL, "--file", path.to_str().unwrap()])
    };
    let rows_there = || refit.get("datasets/toxicity").unwrap()["rows"].as_u64().unwrap();
    let before = rows_there();
    let report = outcomes(&[(1, "1"), (2, "nonsense"), (ROWS, "0")]);
    assert_eq!((&report["labelled"], report["refused"].as_array().unwrap().len()), (&json!(2), 1), "{report}");
    assert_eq!(report["refused"][0]["prediction"], format!("{}:2", job["id"].as_str().unwrap()), "{report}");
    assert_eq!((rows_there(), &outcomes(&[(1, "0")])["superseded"]), (before + 2, &json!(1)));
    let scored = refit.json(&["predictions", MODEL, "--scored"]);
    assert_eq!((&scored["scores"][0]["labelled"], rows_there()), (&json!(2), before + 2), "{scored}");
    let strange = refit.refit(&["label", MODEL, &format!("{}:{}", job["id"].as_str().unwrap(), ROWS + 1), "1"]);
    assert!(strange.code != 0 && strange.stderr.contains("there is no such prediction"), "{}", strange.stderr);

    // It is one entry of the log.
    let logged = refit.json(&["predictions", MODEL, "--limit", "100"]);
    let batch = logged["items"].as_array().unwrap().iter().find(|p| p["kind"] == "batch").unwrap();
    assert_eq!((&batch["output"]["rows"], &batch["output"]["sha256"]), (&json!(ROWS), &job["batch"]["output"]));

    // One that waits keeps the version it was asked of; its worker dies, another does it again: the same file.
    complete(&refit);
    refit.json(&["pool", "pause", "cpu"]);
    if live(&refit) != "v1.0" {
        refit.json(&["rollback", MODEL]);
    }
    let waiting = refit.json(&["predict", MODEL, "--file", from, "--batch"]);
    assert_eq!((&waiting["state"], &waiting["batch"]["output"]), (&json!("queued"), &json!(null)), "{waiting}");
    let id = waiting["id"].as_str().unwrap();
    let early = refit.refit(&["output", id]);
    assert!(early.code != 0 && early.stderr.contains("has no predictions: it is queued"), "{}", early.stderr);
    refit.json(&["promote", MODEL, "v2.0"]);
    refit.json(&["pool", "resume", "cpu"]);
    refit.reaches(id, &["running", "completed"]);
    refit.workers[0].kill();
    refit.start_worker(&[]);
    let done = refit.ended(id);
    assert_eq!((&done["state"], &done["batch"]), (&json!("completed"), &job["batch"]), "{done}\n{}", refit.logs());
    assert!(answers(&refit.refit(&["output", id]).ok().stdout) == first, "the same predictions, of another job");
}

#[test]
fn what_cannot_be_predicted_is_said_before_it_waits_and_what_waits_can_be_cancelled() {
    let refit = Installation::running();
    trained(&refit);
    let refused = |content: &str, part: &str| {
        let path = file(&refit, "bad.csv", content);
        let answer = refit.refit(&["predict", MODEL, "--file", path.to_str().unwrap(), "--batch"]);
        assert!(answer.code != 0 && answer.stderr.contains(part), "{content:?}: {}", answer.stderr);
    };
    refused("body\na\n", "there is no column text. The rows have body");
    refused("text\n", "there are no rows below the first line");
    refused("text,id\na,1\n,2\n", "row 2 has no text");
    let answer = refit.refit(&["predict", "text/none", "--file", "/dev/null", "--batch"]);
    assert!(answer.code != 0 && answer.stderr.contains("text/none"), "{}", answer.stderr);

    refit.json(&["pool", "pause", "cpu"]);
    let rows = file(&refit, "rows.csv", &many(30));
    let job = refit.json(&["predict", MODEL, "--file", rows.to_str().unwrap(), "--batch"]);
    let id = job["id"].as_str().unwrap();
    assert_eq!(refit.json(&["cancel", id])["job"]["state"], "cancelled");
    let probe = refit.post("probes", &json!({"count": 1}));
    let answer = refit.refit(&["output", probe["jobs"][0].as_str().unwrap()]);
    assert!(answer.code != 0 && answer.stderr.contains("is no batch prediction"), "{}", answer.stderr);
}
