//! Bad input of every kind: a clear answer, the rest taken, nothing lost.

use std::io::{BufWriter, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;

use refit_tests::installation::LIMIT;
use refit_tests::{Installation, prices, wait};

const HEADER: &str = "date,open,high,low,close,adj_close,volume\n";

/// An installation with a coordinator alone, and a file in its folder.
fn with_file(name: &str, content: &[u8]) -> (Installation, PathBuf) {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let path = refit.folder().join(name);
    std::fs::write(&path, content).unwrap();
    (refit, path)
}

fn import(refit: &Installation, path: &std::path::Path) -> serde_json::Value {
    refit.json(&["import", "prices", path.to_str().unwrap()])[0].clone()
}

#[test]
fn bad_rows_are_refused_one_by_one_and_the_rest_is_visible_at_once() {
    let rows: [(&str, &str); 9] = [
        ("2019-01-03,10,11,9,10,10,1000", ""),
        ("2019-01-04,NaN,11,9,10,10,1000", "open"),
        ("2019-01-07,10,11,9,10,10", "6 fields"),
        ("not-a-date,10,11,9,10,10,1000", "date"),
        ("2999-01-08,10,11,9,10,10,1000", "future"),
        ("2019-01-09,10,9,11,10,10,1000", "low"),
        ("2019-01-10,-10,11,9,10,10,1000", "open"),
        ("2019-01-03,10,11,9,10,10,1000", "already on line 2"),
        ("2019-01-11,10,11,9,10,10,1000", ""),
    ];
    let text = format!("{HEADER}{}\n", rows.map(|(row, _)| row).join("\n"));
    let (refit, path) = with_file("AAA.csv", text.as_bytes());
    let report = import(&refit, &path);
    assert_eq!((&report["accepted"], &report["refused"]), (&2.into(), &7.into()), "{report:#}");
    for (index, (row, word)) in rows.iter().enumerate().filter(|(_, (_, word))| !word.is_empty()) {
        let refusal = report["refusals"].as_array().unwrap().iter().find(|r| r["line"] == index + 2);
        let reason = refusal.unwrap_or_else(|| panic!("{row} was taken: {report:#}"))["reason"].as_str().unwrap();
        assert!(reason.contains(word), "{row}: {reason}");
    }
    let model = &refit.json(&["models"])[0];
    assert_eq!((&model["rows"], &model["last_row"]), (&2.into(), &"2019-01-11".into()), "{model}");
}

#[test]
fn a_renamed_column_is_named() {
    let text = "date,open,high,low,clsoe,adj_close,volume\n2019-01-03,10,11,9,10,10,1000\n";
    let (refit, path) = with_file("AAA.csv", text.as_bytes());
    let answer = refit.refit(&["import", "prices", path.to_str().unwrap()]);
    assert_ne!(answer.code, 0);
    assert!(answer.stderr.contains("close") && answer.stderr.contains("clsoe"), "{}", answer.stderr);
}

#[test]
fn files_that_are_no_price_files_are_refused_as_a_whole() {
    for (content, word) in [(&b""[..], "empty"), (&b"\x89PNG\r\n\x1a\n\0\0\0"[..], "UTF-8")] {
        let (refit, path) = with_file("AAA.csv", content);
        let answer = refit.refit(&["import", "prices", path.to_str().unwrap()]);
        assert_ne!(answer.code, 0, "{content:?}: {}", answer.stdout);
        assert!(answer.stderr.contains(word), "{content:?}: {}", answer.stderr);
        assert_eq!(refit.json(&["models"]), serde_json::json!([]));
    }
}

#[test]
fn a_line_of_two_gigabytes_does_not_fill_the_memory() {
    let (refit, path) = with_file("AAA.csv", HEADER.as_bytes());
    let mut file = BufWriter::new(std::fs::File::options().append(true).open(&path).unwrap());
    let piece = vec![b'9'; 1 << 20];
    for _ in 0..2048 {
        file.write_all(&piece).unwrap();
    }
    file.write_all(b"\n2019-01-03,10,11,9,10,10,1000\n").unwrap();
    drop(file);
    let report = import(&refit, &path);
    assert_eq!((&report["accepted"], &report["refused"]), (&1.into(), &1.into()), "{report}");
    let pid = refit.coordinator.as_ref().unwrap().pid();
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let peak: u64 =
        status.lines().find(|l| l.starts_with("VmHWM")).unwrap().split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(peak < 300_000, "the coordinator's memory rose to {peak} kB");
}

#[test]
fn requests_that_cannot_work_are_refused_before_a_job_is_made() {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..100);
    let model = format!("forecaster/{symbol}");
    let refused = |words: &[&str], code: i32, word: &str| {
        let answer = refit.refit(words);
        assert_eq!(answer.code, code, "{words:?}: {}{}", answer.stdout, answer.stderr);
        assert!(answer.stderr.contains(word), "{words:?}: {}", answer.stderr);
    };
    refused(&["retrain", "forecaster/NOPE"], 3, "NOPE");
    refused(&["retrain", &model, "--force"], 4, "are needed");
    refused(&["retrain", &model, "--force", "--set", "epochs=0"], 4, "1 to 500");
    refused(&["retrain", &model, "--force", "--set", "epoch=5"], 4, "did you mean \"epochs\"");
    refused(&["retrain", "../../etc/passwd"], 2, "model key");
    refused(&["retrain", &model, "--mode", "sideways"], 2, "sideways");
    refused(&["versions", "forecaster/NOPE"], 3, "NOPE");
    refused(&["job", "00000000-0000-0000-0000-000000000000"], 3, "job");
    assert_eq!(refit.json(&["jobs"]), serde_json::json!([]));
}

#[test]
fn an_unknown_setting_is_named_with_the_nearest_one() {
    let refit = Installation::new();
    let file = refit.folder().join("refit.toml");
    std::fs::write(&file, "[policy]\nmin_new_sample = 5\n").unwrap();
    let answer = refit.refit(&["--config", file.to_str().unwrap(), "config"]);
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("min_new_sample") && answer.stderr.contains("min_new_samples"), "{}", answer.stderr);
}

/// What Kubernetes puts into every pod beside a service called `refit`, and a slip of one's own: said, and nobody is stopped by it.
#[test]
fn variables_that_only_begin_like_settings_are_warned_of() {
    let mut refit = Installation::new();
    let of_service = [
        ("REFIT_PORT", "tcp://10.0.0.1:7438"),
        ("REFIT_SERVICE_HOST", "10.0.0.1"),
        ("REFIT_SERVICE_PORT", "7438"),
        ("REFIT_PORT_7438_TCP", "tcp://10.0.0.1:7438"),
        ("REFIT_PORT_7438_TCP_ADDR", "10.0.0.1"),
    ];
    of_service.iter().for_each(|(name, value)| refit.set(name, value));
    refit.set("REFIT_API_LISTEN", "10.0.0.1:80");
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    refit.refit(&["probe"]).ok();

    let shown = refit.refit(&["config"]).ok().stderr;
    let logs = [refit.coordinator.as_ref().unwrap().output(), refit.workers[0].output(), shown];
    for log in logs {
        for (name, _) in of_service {
            let warning = format!("the variable {name} is no setting and is ignored");
            assert_eq!(log.matches(&warning).count(), 1, "{name}: {log}");
        }
        assert!(log.contains("ignored; did you mean REFIT_API__LISTEN?"), "{log}");
    }
}

/// Sends the head of an import, and so many bytes of its body, which is said to be larger.
fn begin_import(refit: &Installation, sent: usize) -> TcpStream {
    let address = refit.address().unwrap();
    let host = address.trim_start_matches("http://");
    let mut socket = TcpStream::connect(host).unwrap();
    let length = 1_u64 << 40;
    let head = format!("POST /api/v1/datasets/set/rows HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\n\r\n");
    socket.write_all(head.as_bytes()).unwrap();
    // Whoever has heard enough hangs up.
    let _refused_meanwhile = socket.write_all("a\n".repeat(sent / 2).as_bytes());
    socket
}

/// The head of an answer, and its body.
fn answer(socket: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = socket.read(&mut piece) {
        answer.extend_from_slice(&piece[..read]);
        if answer.ends_with(b"}") {
            break;
        }
    }
    String::from_utf8(answer).unwrap()
}

#[test]
fn an_import_has_a_size_and_must_not_fall_silent() {
    let mut refit = Installation::new();
    refit.set("REFIT_IMPORT__MAX_SIZE_MIB", "1");
    refit.set("REFIT_IMPORT__IDLE", "1s");
    refit.start_coordinator(&[]);
    let large = answer(&mut begin_import(&refit, (1 << 20) + 2));
    assert!(large.starts_with("HTTP/1.1 413") && large.contains("import it in parts"), "{large}");
    let slow = answer(&mut begin_import(&refit, 2));
    assert!(slow.starts_with("HTTP/1.1 408") && slow.contains("nothing came for 1s"), "{slow}");
    assert_eq!(refit.post_csv("datasets/set/rows", "n\n1\n")["new"], 1);
}

#[test]
fn a_few_imports_come_in_at_a_time() {
    let mut refit = Installation::new();
    refit.set("REFIT_IMPORT__AT_ONCE", "1");
    refit.start_coordinator(&[]);
    let mut two = [begin_import(&refit, 0), begin_import(&refit, 0)];
    two.iter().for_each(|socket| socket.set_nonblocking(true).unwrap());
    let busy = wait::until("one of them to be refused", LIMIT, || {
        two.iter_mut().map(answer).find(|answer| !answer.is_empty())
    });
    assert!(busy.starts_with("HTTP/1.1 429") && busy.contains("retry-after: 5"), "{busy}");
    assert!(busy.contains("import.at_once"), "{busy}");
    drop(two);
    wait::until("room for another", LIMIT, || {
        let (status, report) = refit.asked_csv("/api/v1/datasets/set/rows", "n\n1\n");
        assert!(status == 200 || status == 429, "{status}: {report}");
        (status == 200).then_some(())
    });
}
