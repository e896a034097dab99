//! Tokens with scopes, and who did what with them (G4).

use refit_tests::cli::CommandOutput;
use refit_tests::installation::LIMIT;
use refit_tests::{Installation, wait};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::{Value, json};

/// The token of the settings.
const ADMIN: &str = "correct-horse-battery-staple";

/// A coordinator that asks for tokens, and a model.
fn coordinator() -> Installation {
    let mut refit = Installation::new();
    refit.set("REFIT_API__TOKEN", ADMIN);
    refit.start_coordinator(&[]);
    refit.refit(&["model", "forecaster/AAPL"]).ok();
    refit
}

fn request(refit: &Installation, method: Method, path: &str) -> RequestBuilder {
    Client::new().request(method, format!("{}{path}", refit.address().expect("the coordinator listens")))
}

struct Answered {
    status: u16,
    retry_after: Option<u64>,
    body: Value,
}

fn send(refit: &Installation, request: RequestBuilder) -> Answered {
    refit.runtime().block_on(async {
        let answer = request.send().await.unwrap();
        let retry_after = answer.headers().get("retry-after").map(|seconds| seconds.to_str().unwrap().parse().unwrap());
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        Answered { status, retry_after, body: serde_json::from_str(&text).unwrap_or(Value::String(text)) }
    })
}

fn token(refit: &Installation, name: &str, scope: &str) -> String {
    refit.json(&["token", "create", name, "--scope", scope])["token"].as_str().unwrap().to_owned()
}

/// What the document says of an operation.
struct Operation {
    method: Method,
    path: String,
    /// `read`, `operate` or `admin`; none for what anybody may ask.
    scope: Option<String>,
    /// Takes a body of JSON.
    json: bool,
    /// Statuses it says it may answer with.
    statuses: Vec<String>,
}

fn operations(refit: &Installation) -> Vec<Operation> {
    let document = send(refit, request(refit, Method::GET, "/api/v1/openapi.json")).body;
    let mut all = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            all.push(Operation {
                method: method.to_uppercase().parse().unwrap(),
                path: path.clone(),
                scope: operation["security"][0]["token"][0].as_str().map(str::to_owned),
                json: operation["requestBody"]["content"]["application/json"].is_object(),
                statuses: operation["responses"].as_object().unwrap().keys().cloned().collect(),
            });
        }
    }
    all
}

impl Operation {
    /// A path to nothing that there is, of the form that each part has.
    fn to_nothing(&self) -> String {
        let fill = [
            ("{family}", "forecaster"),
            ("{version}", "v7.0"),
            ("{id}/restore", "20260102T030405.678Z-v1.0/restore"),
            ("{id}", "00000000-0000-7000-8000-000000000000"),
            ("{pool}", "nowhere"),
            ("{run}", "999999999"),
            ("{alert}", "999999999"),
            ("{search}", "999999999"),
            ("{silence}", "999999999"),
            ("{name}", "NOTHING"),
        ];
        let path = fill.iter().fold(self.path.clone(), |path, (part, value)| path.replace(part, value));
        if self.path.ends_with("/compare") { path + "?a=v1.0&b=v1.1" } else { path }
    }

    fn ask(&self, refit: &Installation, token: Option<&str>) -> RequestBuilder {
        let request = request(refit, self.method.clone(), &self.to_nothing());
        match token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    fn shown(&self) -> String {
        format!("{} {}", self.method, self.path)
    }
}

/// Each route, by each scope: let through or refused before anything is looked at.
#[test]
fn g4_every_route_asks_for_its_scope() {
    let refit = coordinator();
    let scopes = ["read", "operate", "admin"];
    let tokens = scopes.map(|scope| token(&refit, &format!("of-{scope}"), scope));
    let all = operations(&refit);
    assert!(all.len() > 50 && scopes.iter().all(|scope| all.iter().any(|one| one.scope.as_deref() == Some(scope))));
    for operation in &all {
        let shown = operation.shown();
        let without = send(&refit, operation.ask(&refit, None)).status;
        let Some(needed) = &operation.scope else {
            assert_eq!(operation.path, "/api/v1/health");
            assert_eq!(without, 200, "{shown}");
            continue;
        };
        assert_eq!(without, 401, "{shown}");
        for status in ["401", "403", "429"] {
            assert!(operation.statuses.iter().any(|said| said == status), "{shown} says nothing of {status}");
        }
        let least = scopes.iter().position(|scope| scope == needed).unwrap();
        for (index, token) in tokens.iter().enumerate() {
            // A stream has no end: its head is enough. And what deletes is not to.
            if operation.path == "/api/v1/events" && index >= least {
                continue;
            }
            let answered = send(&refit, operation.ask(&refit, Some(token)));
            assert_eq!(answered.status == 403, index < least, "{shown} by {}: {}", scopes[index], answered.body);
            assert_ne!(answered.status, 401, "{shown} by {}", scopes[index]);
        }
    }
}

/// Who may only look is told what it takes, and how to come by it.
#[test]
fn g4_a_token_that_is_too_narrow_is_told_what_it_takes() {
    let refit = coordinator();
    let reader = token(&refit, "grafana", "read");
    let ask = |words: &[&str]| {
        let mut command = refit.command("refit");
        CommandOutput::of(command.args(words).env("REFIT_API__TOKEN", &reader).output().unwrap())
    };
    ask(&["models"]).ok();
    for words in [&["monitor", "--no-wait"][..], &["model", "forecaster/AAPL", "--policy", "max_increments=2"]] {
        let refused = ask(words);
        let said: Vec<&str> = refused.stderr.lines().map(str::trim).collect();
        assert_eq!(
            (refused.code, said[0]),
            (4, "refit: the token grafana has the scope read, and this needs the scope operate")
        );
        assert!(
            said[1].contains("`refit token create NAME --scope operate`") && said[1].contains("REFIT_API__TOKEN"),
            "{said:?}"
        );
    }
}

/// Bodies that are none, too large, or lists where objects are asked for, and names of nothing: each route says so in the same way.
#[test]
fn g4_every_route_says_what_is_wrong() {
    let refit = coordinator();
    let mut bodies = 0;
    for operation in operations(&refit) {
        let shown = operation.shown();
        let ask = || operation.ask(&refit, Some(ADMIN));
        if operation.json {
            bodies += 1;
            let sent = |body: String| send(&refit, ask().header("content-type", "application/json").body(body));
            let listed = sent("[]".into());
            assert_eq!(listed.status, 400, "{shown}: {}", listed.body);
            let detail = listed.body["detail"].as_str().unwrap();
            assert!(detail.contains("a list, expected an object"), "{shown}: {detail}");
            assert_eq!(sent("{\"no such field\":1}".into()).status, 400, "{shown}");
            assert_eq!(sent(format!("{{\"a\":\"{}\"}}", "x".repeat(2 << 20))).status, 413, "{shown}");
            assert_eq!(send(&refit, ask().body("a=1")).status, 415, "{shown}");
        }
        let named = operation.path.contains('{') && !operation.path.contains("{pool}");
        let reads = operation.method == Method::GET || operation.method == Method::DELETE;
        if named && (operation.statuses.iter().any(|said| said == "404")) {
            let request = match (reads, operation.json) {
                (false, true) => ask().json(&body_of(&operation.path)),
                (false, false) => ask().header("content-type", "text/csv").body("a,b\n1,2\n"),
                (true, _) => ask(),
            };
            let answered = send(&refit, request);
            assert_eq!(answered.status, 404, "{shown}: {}", answered.body);
        }
    }
    assert!(bodies > 15, "only {bodies} routes take a body");
    let cases = [
        (Method::POST, "/api/v1/tokens", json!({"name": "settings", "scope": "read"}), 422),
        (Method::POST, "/api/v1/tokens", json!({"name": "ci", "scope": "root"}), 400),
        (Method::POST, "/api/v1/tokens", json!({"name": "ci", "scope": "read", "expires_in_days": 0}), 422),
        (Method::POST, "/api/v1/tokens", json!({"name": "ci", "scope": "read"}), 200),
        (Method::POST, "/api/v1/tokens", json!({"name": "ci", "scope": "read"}), 409),
        (Method::GET, "/api/v1/audit?limit=0", Value::Null, 422),
        (Method::POST, "/api/v1/probes", json!({"count": 0}), 422),
        (Method::POST, "/api/v1/models/forecaster/AAPL/rollback", json!({}), 409),
    ];
    for (method, path, body, status) in cases {
        let answered = send(&refit, request(&refit, method, path).bearer_auth(ADMIN).json(&body));
        assert_eq!(answered.status, status, "{path}: {}", answered.body);
    }
}

/// The least that a route takes, so that what it names is looked for.
fn body_of(path: &str) -> Value {
    match path.rsplit('/').next() {
        Some("predict") => json!({"rows": [{"text": "a"}]}),
        Some("recommendations") => json!({"user": "u"}),
        Some("labels") => {
            json!({"labels": [{"prediction": "00000000-0000-7000-8000-000000000000", "value": "a"}]})
        }
        Some("promote") => json!({"version": "v1.0"}),
        _ => json!({}),
    }
}

#[test]
fn g4_wrong_tokens_are_slowed_down_and_right_ones_are_not() {
    let refit = coordinator();
    let models = |token: &str| send(&refit, request(&refit, Method::GET, "/api/v1/models").bearer_auth(token));
    let mut wait = None;
    for number in 0..11 {
        let answered = models(&format!("guess-{number}"));
        match answered.status {
            401 => assert!(answered.retry_after.is_none()),
            429 => wait = answered.retry_after,
            other => panic!("{other}: {}", answered.body),
        }
    }
    // Forgiven with time: on a slow machine a few more are needed.
    let seconds = wait::until("a guess to be put off", LIMIT, || wait.or_else(|| models("guess").retry_after));
    assert!((1..=60).contains(&seconds), "{seconds}");
    for path in ["/api/v1/health", "/api/v1/nowhere", "/api/v1/models"] {
        let guess = request(&refit, Method::GET, path).bearer_auth("guess");
        assert_eq!(send(&refit, guess).status, 429, "{path} would tell whether a guess is right");
    }
    assert_eq!(models(ADMIN).status, 200, "the right one is taken at once");
    assert_eq!(
        send(&refit, request(&refit, Method::GET, "/api/v1/health")).status,
        200,
        "who presents none guesses nothing"
    );
}

#[test]
fn g4_who_did_what_is_noted() {
    let refit = coordinator();
    let (reader, operator) = (token(&refit, "grafana", "read"), token(&refit, "ci", "operate"));
    let ask = |method, path: &str, token: &str, body: Value| {
        send(&refit, request(&refit, method, path).bearer_auth(token).json(&body)).status
    };
    let pause = "/api/v1/models/forecaster/AAPL/pause";
    assert_eq!(ask(Method::POST, pause, &operator, json!({"reason": "hunter2"})), 200);
    assert_eq!(ask(Method::POST, pause, &reader, json!({})), 403);
    assert_eq!(ask(Method::POST, "/api/v1/trainings", &operator, json!({"model": "forecaster/NONE"})), 404);
    assert_eq!(ask(Method::GET, "/api/v1/models", &reader, Value::Null), 200);
    assert_eq!(ask(Method::DELETE, "/api/v1/tokens/ci", ADMIN, Value::Null), 200);
    assert_eq!(ask(Method::POST, pause, &operator, json!({})), 401, "it was revoked");

    let found = refit.json(&["audit"]);
    let calls: Vec<[&str; 6]> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|call| {
            ["by", "method", "route", "subject", "outcome", "remote"].map(|field| call[field].as_str().unwrap())
        })
        .collect();
    let route = "/api/v1/models/{family}/{name}/pause";
    let expected = [
        ["settings", "DELETE", "/api/v1/tokens/{name}", "ci", "done", "127.0.0.1"],
        ["ci", "POST", "/api/v1/trainings", "forecaster/NONE", "refused", "127.0.0.1"],
        ["grafana", "POST", route, "forecaster/AAPL", "refused", "127.0.0.1"],
        ["ci", "POST", route, "forecaster/AAPL", "done", "127.0.0.1"],
        ["settings", "POST", "/api/v1/tokens", "ci operate", "done", "127.0.0.1"],
        ["settings", "POST", "/api/v1/tokens", "grafana read", "done", "127.0.0.1"],
        ["settings", "PUT", "/api/v1/models/{family}/{name}", "forecaster/AAPL", "done", "127.0.0.1"],
    ];
    assert_eq!(calls, expected, "questions are not noted, nor is what nobody known has asked");
    let all = found.to_string();
    for secret in ["hunter2", ADMIN, &reader, &operator] {
        assert!(!all.contains(secret), "{secret} stands in the trail");
    }
    let by_ci = refit.json(&["audit", "--by", "ci", "--since", "2020-01-01", "--limit", "1"]);
    assert_eq!((by_ci.as_array().unwrap().len(), by_ci[0]["by"].as_str()), (1, Some("ci")));
    let short = refit.refit(&["audit", "--by", "ci", "--limit", "1"]).ok().stdout;
    assert!(short.contains("the first 1; --all shows all"), "{short}");
    let table = refit.refit(&["audit"]).ok().stdout;
    assert!(table.contains("(403)") && table.contains("forecaster/AAPL"), "{table}");
    let tokens = refit.refit(&["token", "list"]).ok().stdout;
    assert!(tokens.contains("grafana") && !tokens.contains("ci "), "{tokens}");
}

/// What is streamed to the bearer of a token ends with it.
#[test]
fn g4_a_revoked_token_hears_nothing_more() {
    let refit = coordinator();
    let reader = token(&refit, "grafana", "read");
    let listening = request(&refit, Method::GET, "/api/v1/events").bearer_auth(&reader);
    let mut stream = refit.runtime().block_on(listening.send()).unwrap();
    assert_eq!(stream.status(), 200);
    refit.refit(&["token", "revoke", "grafana"]).ok();
    let end = async { while stream.chunk().await.unwrap().is_some() {} };
    refit.runtime().block_on(async { tokio::time::timeout(LIMIT, end).await }).expect("the stream ends");
}

/// On this machine nobody need have a token; whoever presents one is known by it.
#[test]
fn g4_an_open_api_knows_who_presents_a_token() {
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    let reader = token(&refit, "grafana", "read");
    let ask = |method, path, token: Option<&str>| {
        let request = request(&refit, method, path).json(&json!({}));
        send(&refit, token.into_iter().fold(request, RequestBuilder::bearer_auth)).status
    };
    assert_eq!(ask(Method::POST, "/api/v1/evaluations", None), 200);
    assert_eq!(ask(Method::POST, "/api/v1/evaluations", Some(&reader)), 403);
    assert_eq!(ask(Method::GET, "/api/v1/models", Some(&reader)), 200);
    assert_eq!(ask(Method::GET, "/api/v1/models", Some("wrong")), 401);
    let calls = refit.json(&["audit"]);
    assert_eq!(calls[0]["by"], "grafana");
    assert_eq!(calls[1]["by"], "local");
}

/// Without a token the health is a word, and nothing is asked or written for it.
#[test]
fn g4_health_says_little_to_strangers() {
    let refit = coordinator();
    let health = || request(&refit, Method::GET, "/api/v1/health");
    let known = wait::until("a first look", LIMIT, || {
        let answered = send(&refit, health());
        (answered.status == 200).then_some(answered.body)
    });
    assert_eq!(known, json!({"healthy": true}));
    let whole = send(&refit, health().bearer_auth(ADMIN)).body;
    assert_eq!((&whole["store"], &whole["healthy"]), (&json!("ok"), &json!(true)), "{whole}");
}
