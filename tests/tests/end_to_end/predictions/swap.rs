//! The live version moves while it is asked: no request fails, and the newest answers (C7, D7).

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use refit_tests::Installation;
use refit_tests::installation::LIMIT;
use refit_tests::wait;
use serde_json::{Value, json};

use crate::predictions::kit::{MODEL, complete, live, trained};

/// Asks again and again until told to stop: the versions that answered, in order, each once in a row; or what was answered instead.
async fn ask(address: &str, stop: &AtomicBool, seen: &std::sync::Mutex<Vec<String>>) -> Result<u64, String> {
    let client = reqwest::Client::new();
    let url = format!("{address}/api/v1/models/{MODEL}/predict");
    let body = json!({"rows": [{"text": "thanks for the coffee"}, {"text": "you idiot"}]});
    let mut asked = 0;
    while !stop.load(Ordering::Relaxed) {
        let answer = client.post(&url).json(&body).send().await.map_err(|error| error.to_string())?;
        let (status, text) = (answer.status(), answer.text().await.map_err(|error| error.to_string())?);
        let said: Value = serde_json::from_str(&text).map_err(|_| text.clone())?;
        if !status.is_success() || said["predictions"].as_array().map(Vec::len) != Some(2) {
            return Err(format!("{status}: {text}"));
        }
        let version = said["version"].as_str().unwrap_or_default().to_owned();
        let mut seen = seen.lock().unwrap();
        if seen.last() != Some(&version) {
            seen.push(version);
        }
        asked += 1;
    }
    Ok(asked)
}

#[test]
fn c7_d7_no_request_fails_while_the_live_version_moves() {
    let refit = Installation::running();
    trained(&refit);
    complete(&refit);
    if live(&refit) != "v1.0" {
        refit.json(&["rollback", MODEL]);
    }
    assert_eq!(live(&refit), "v1.0");
    let (address, stop, seen) = (refit.address().unwrap(), AtomicBool::new(false), std::sync::Mutex::default());
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    runtime.block_on(ask(&address, &stop, &seen))
                })
            })
            .collect();
        let until = |version: &str| {
            wait::until(&format!("{version} to answer\n{}", refit.logs()), LIMIT, || {
                assert!(asking.iter().all(|asker| !asker.is_finished()), "a request failed");
                (seen.lock().unwrap().last().map(String::as_str) == Some(version)).then_some(())
            });
        };
        until("v1.0");
        for _ in 0..3 {
            refit.json(&["promote", MODEL, "v2.0"]);
            until("v2.0");
            refit.json(&["rollback", MODEL]);
            until("v1.0");
        }
        stop.store(true, Ordering::Relaxed);
        for asker in asking {
            let asked = asker.join().unwrap().unwrap_or_else(|why| panic!("a request failed: {why}"));
            assert!(asked > 0);
        }
    });
}

/// D7: a question that is given up while its version is being loaded says so, and is worth asking again.
#[test]
fn d7_without_a_worker_the_answer_says_what_to_do() {
    let mut refit = Installation::new();
    refit.set("REFIT_COORDINATOR__PREDICT_WITHIN", "500ms");
    refit.start_coordinator(&[]);
    let worker = refit.start_worker(&[]);
    trained(&refit);
    refit.workers[worker].kill();
    let path = format!("/api/v1/models/{MODEL}/predict");
    let (status, problem) = refit.asked(&path, &json!({"rows": [{"text": "a"}]}));
    assert_eq!((status, &problem["type"]), (503, &json!("urn:refit:unavailable")), "{problem}");
    let detail = problem["detail"].as_str().unwrap();
    assert!(detail.contains("no worker answered") && detail.ends_with("try again in a moment"), "{detail}");
    refit.start_worker(&[]);
    wait::until("an answer", LIMIT.max(Duration::from_secs(1)), || {
        let (status, _) = refit.asked(&path, &json!({"rows": [{"text": "a"}]}));
        (status == 200).then_some(())
    });
}
