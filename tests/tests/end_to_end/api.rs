//! The API as a client meets it that makes mistakes: every one is a problem that says what to do.

use refit_tests::Installation;
use reqwest::{Client, Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};

/// A coordinator alone, with more variables.
fn coordinator(variables: &[(&str, &str)]) -> Installation {
    let mut refit = Installation::new();
    refit.start_coordinator(variables);
    refit
}

fn request(refit: &Installation, method: Method, path: &str) -> RequestBuilder {
    Client::new().request(method, format!("{}{path}", refit.address().expect("the coordinator listens")))
}

/// The answer's status and body; a body that is not JSON is shown as text.
fn send(refit: &Installation, request: RequestBuilder) -> (StatusCode, Value) {
    refit.runtime().block_on(async {
        let answer = request.send().await.unwrap();
        let status = answer.status();
        let kind = answer.headers().get("content-type").map(|kind| kind.to_str().unwrap().to_owned());
        assert!(answer.headers().contains_key("x-request-id"), "every answer has an id");
        let text = answer.text().await.unwrap();
        if !status.is_success() {
            assert_eq!(kind.as_deref(), Some("application/problem+json"), "{status}: {text}");
        }
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    })
}

#[test]
fn every_mistake_is_a_problem() {
    let refit = coordinator(&[]);
    refit.import("AAPL", 0..100);
    let body = |text: &'static str| {
        request(&refit, Method::POST, "/api/v1/trainings").header("content-type", "application/json").body(text)
    };
    let plain = |method, path| request(&refit, method, path);
    let mistakes = [
        (plain(Method::GET, "/api/v1/modles"), 404, "/api/v1/modles"),
        (plain(Method::GET, "/nowhere"), 404, "/nowhere"),
        (plain(Method::DELETE, "/api/v1/models"), 405, "DELETE"),
        (plain(Method::GET, "/api/v1/jobs/not-an-id"), 400, "not-an-id"),
        (plain(Method::GET, "/api/v1/jobs/00000000-0000-0000-0000-000000000000"), 404, "job"),
        (plain(Method::GET, "/api/v1/models/forecaster/NOPE"), 404, "NOPE"),
        (plain(Method::GET, "/api/v1/models/forecaster/..%2F..%2Fetc"), 422, "model key"),
        (plain(Method::GET, "/api/v1/models/forecaster/AAPL/versions/latest"), 422, "latest"),
        (plain(Method::GET, "/api/v1/reports/incremental?as_of=soon"), 400, "as_of"),
        (plain(Method::GET, "/api/v1/reports/incremental?since=2019-01-01"), 400, "since"),
        (body("{"), 400, "EOF"),
        (body(r#"{"model":"forecaster/AAPL","forse":true}"#), 400, "forse"),
        (body(r#"{"model":"forecaster/NOPE"}"#), 404, "NOPE"),
        (body(r#"{"model":"../../etc/passwd"}"#), 422, "model key"),
        (body(r#"{"model":"forecaster/AAPL","mode":"sideways"}"#), 422, "sideways"),
        (plain(Method::POST, "/api/v1/trainings").body("model=AAPL"), 415, "content-type"),
        (body(Box::leak(format!("{{\"model\":\"{}\"}}", "A".repeat(2 << 20)).into_boxed_str())), 413, "limit"),
    ];
    for (request, status, word) in mistakes {
        let shown = format!("{request:?}").chars().take(300).collect::<String>();
        let (got, problem) = send(&refit, request);
        assert_eq!((got.as_u16(), &problem["status"]), (status, &json!(status)), "{shown}: {problem}");
        assert!(problem["type"].as_str().unwrap().starts_with("urn:refit:"), "{problem}");
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.to_lowercase().contains(&word.to_lowercase()), "{shown}: {detail}");
    }
}

#[test]
fn with_a_token_only_its_bearer_may_ask() {
    let refit = coordinator(&[("REFIT_API__TOKEN", "correct-horse")]);
    let models = || request(&refit, Method::GET, "/api/v1/models");
    assert_eq!(send(&refit, models()).0, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&refit, models().bearer_auth("correct-hors")).0, StatusCode::UNAUTHORIZED);
    assert_eq!(send(&refit, models().bearer_auth("correct-horse")).0, StatusCode::OK);
    assert_eq!(send(&refit, request(&refit, Method::GET, "/api/v1/health")).0, StatusCode::OK, "probes need no token");

    // The command line finds it in the settings, and shows it to nobody.
    let with_token = |words: &[&str]| {
        refit_tests::cli::CommandOutput::of(
            refit.command("refit").args(words).env("REFIT_API__TOKEN", "correct-horse").output().unwrap(),
        )
    };
    assert_eq!(with_token(&["models", "--json"]).ok().json(), json!([]));
    assert_eq!(refit.refit(&["models"]).code, 1);
    let config = with_token(&["config"]).ok().stdout;
    assert!(config.contains("token") && !config.contains("correct-horse"), "{config}");
}

#[test]
fn an_open_api_is_closed_to_other_sites() {
    let refit = coordinator(&[]);
    let post = || request(&refit, Method::POST, "/api/v1/evaluations").json(&json!({}));
    assert_eq!(send(&refit, post()).0, StatusCode::OK);
    let cross_site = post().header("sec-fetch-site", "cross-site").header("origin", "https://evil.example");
    assert_eq!(send(&refit, cross_site).0, StatusCode::FORBIDDEN);
    let rebound = request(&refit, Method::GET, "/api/v1/models").header("host", "evil.example");
    assert_eq!(send(&refit, rebound).0, StatusCode::FORBIDDEN);
}

#[test]
fn an_api_open_to_the_network_does_not_start_without_a_token() {
    let refit = Installation::new();
    let answer = refit.refit(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(answer.code, 2, "{}{}", answer.stdout, answer.stderr);
    assert!(answer.stderr.contains("api.token"), "{}", answer.stderr);
}

#[test]
fn the_document_and_its_page_are_served_without_the_internet() {
    let refit = coordinator(&[]);
    let (_, document) = send(&refit, request(&refit, Method::GET, "/api/v1/openapi.json"));
    assert!(document["paths"]["/api/v1/jobs/{id}"].is_object(), "{document}");
    let (status, page) = send(&refit, request(&refit, Method::GET, "/docs/"));
    let page = page.as_str().unwrap();
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("swagger-ui") && !page.contains("src=\"http") && !page.contains("href=\"http"), "{page}");
}

/// What one is told first who listens so.
fn first_told(refit: &Installation, query: &str, last: &str) -> String {
    let request = request(refit, Method::GET, &format!("/api/v1/events{query}")).header("last-event-id", last);
    refit.runtime().block_on(async {
        let mut answer = request.send().await.unwrap();
        let piece = tokio::time::timeout(refit_tests::installation::LIMIT, answer.chunk()).await;
        String::from_utf8_lossy(&piece.unwrap().unwrap().unwrap()).into_owned()
    })
}

#[test]
fn events_are_chosen_by_words_and_ids_of_elsewhere_are_no_secret_loss() {
    let refit = coordinator(&[]);
    let mistakes =
        [("?kinds=jobs", 422), ("?job=18f", 422), ("?job_kind=guess", 422), ("?model=", 422), ("?state=running", 400)];
    for (query, expected) in mistakes {
        let (status, problem) = send(&refit, request(&refit, Method::GET, &format!("/api/v1/events{query}")));
        assert_eq!(status, expected, "{query}: {problem}");
    }
    assert!(first_told(&refit, "?kinds=verdict", "of-another").contains("event: missed"));
}

#[test]
fn events_tell_what_happens_from_now_on() {
    let refit = coordinator(&[]);
    let symbol = &refit_tests::prices::symbols()[0];
    refit.import(symbol, 0..10);
    let url = format!("{}/api/v1/events", refit.address().unwrap());
    let (events, told) = std::sync::mpsc::channel();
    let mut answer = refit.runtime().block_on(async { reqwest::get(url).await.unwrap() });
    assert_eq!(answer.headers()["content-type"], "text/event-stream");
    refit.import(symbol, 0..20);
    refit.runtime().block_on(async {
        let limit = tokio::time::timeout(refit_tests::installation::LIMIT, answer.chunk());
        events.send(String::from_utf8_lossy(&limit.await.unwrap().unwrap().unwrap()).into_owned()).unwrap();
    });
    let first = told.recv().unwrap();
    assert!(first.starts_with("event: "), "{first}");
    let all_of_it = first.contains("\"accepted\":10") || !first.contains("\"accepted\":");
    assert!(all_of_it, "what was before is not told again: {first}");
}
