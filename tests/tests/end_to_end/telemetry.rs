//! What reaches an OpenTelemetry collector from real processes: one trace a job, metrics by the table, lines of the log (F1, G3).

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::time::Duration;

use common::telemetry::catalogue;
use nix::sys::signal::Signal;
use refit_tests::installation::LIMIT;
use refit_tests::proxy::Proxy;
use refit_tests::sink::{Seen, SeenSpan};
use refit_tests::{Installation, Sink, prices, wait};
use serde_json::{Value, json};

/// What the collector wants to be told, and nobody else should.
const TOKEN: &str = "hunter2-for-the-collector";
/// The trace of somebody who asks over HTTP.
const CALLER: (&str, &str) = ("0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331");

/// Steps too small to leave the naive forecast it begins as: not worse for certain, and so promoted.
const STILL: &[(&str, &str)] = &[("learning_rate", "0.000001"), ("patience", "100")];

fn export_to(refit: &mut Installation, endpoint: &str) {
    refit.set("REFIT_TELEMETRY__ENDPOINT", endpoint);
    refit.set("REFIT_TELEMETRY__HEADERS", &format!("authorization=Bearer {TOKEN}"));
    refit.set("REFIT_TELEMETRY__INTERVAL", "1s");
    // A machine that is busy with other tests makes no attempt of its own.
    refit.set("REFIT_DISPATCH__UNCLAIMED_AFTER", "1min");
}

/// Asks for a training as somebody would who has a trace already.
fn train(refit: &Installation, model: &str, epochs: u32) -> String {
    let mut hyper: serde_json::Map<String, Value> = STILL.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
    hyper.insert("epochs".into(), epochs.to_string().into());
    let url = format!("{}/api/v1/trainings", refit.address().unwrap());
    let request = reqwest::Client::new()
        .post(url)
        .header("traceparent", format!("00-{}-{}-01", CALLER.0, CALLER.1))
        .json(&json!({ "model": model, "force": true, "hyper": hyper }));
    let answer: Value = refit.runtime().block_on(async { request.send().await.unwrap().json().await.unwrap() });
    answer["items"][0]["job"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// Everything ends as an operator would end it; what was not sent yet is sent then.
fn end(refit: &mut Installation) {
    for process in refit.workers.iter_mut().chain(&mut refit.coordinator) {
        process.signal(Signal::SIGTERM);
        process.wait(Duration::from_secs(20));
    }
}

/// Names, kinds, units and attributes are those of the table.
#[track_caller]
fn assert_as_in_the_table(seen: &Seen) {
    let (metrics, spans) = (catalogue::metrics(), catalogue::spans());
    for metric in &seen.metrics {
        let known = metrics.iter().find(|known| known.name == metric.name);
        let known = known.unwrap_or_else(|| panic!("{} is not in the table", metric.name));
        assert_eq!((metric.kind, metric.unit.as_str()), (known.kind, known.unit), "{}", metric.name);
        let attributes: BTreeSet<&String> = metric.points.iter().flat_map(|(about, _)| about.keys()).collect();
        assert!(
            attributes.iter().all(|name| known.attributes.contains(&name.as_str())),
            "{}: {attributes:?}",
            known.name
        );
        if metric.kind == "histogram" {
            assert_eq!(
                (metric.bounds.first(), metric.bounds.last()),
                (Some(&0.001), Some(&86_400.0)),
                "{}",
                known.name
            );
        }
    }
    for span in &seen.spans {
        let known = spans.iter().find(|known| known.name == span.operation());
        let known = known.unwrap_or_else(|| panic!("{} is not in the table", span.name));
        assert_eq!(span.kind, known.kind, "{}", span.name);
        assert_eq!(
            span.attribute("messaging.operation.type"),
            known.operation_type.unwrap_or_default(),
            "{}",
            span.name
        );
        let of_events = span.events.iter().flat_map(|event| event.attributes.keys());
        let unknown: Vec<_> =
            span.attributes.keys().chain(of_events).filter(|a| !known.attributes.contains(&a.as_str())).collect();
        assert!(unknown.is_empty(), "{}: {unknown:?}", span.name);
    }
}

/// The only span of a name in a trace.
#[track_caller]
fn one<'a>(seen: &'a Seen, name: &str) -> &'a SeenSpan {
    let found = seen.spans_of(name);
    assert_eq!(found.len(), 1, "{name}: {:#?}", seen.spans);
    found[0]
}

/// The only training of an installation, followed by its trace through both processes.
fn one_trace_from_decision_to_promotion(mut refit: Installation, system: &str, queue: &str) {
    let sink = Sink::start();
    export_to(&mut refit, sink.endpoint());
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let id = train(&refit, &format!("forecaster/{symbol}"), 2);
    let job = refit.ended(&id);
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    end(&mut refit);

    let seen = sink.seen();
    assert_as_in_the_table(&seen);
    assert!(seen.spans.iter().all(|span| span.trace == CALLER.0), "{:#?}", seen.spans);
    let family = [
        ("decide", "refit", None),
        ("attempt", "refit", Some("decide")),
        ("send", "refit", Some("attempt")),
        ("receive", "refit-worker", Some("send")),
        ("claim", "refit-worker", Some("receive")),
        ("ack", "refit-worker", Some("receive")),
        ("process", "refit-worker", Some("attempt")),
        ("load", "refit-worker", Some("process")),
        ("train", "refit-worker", Some("process")),
        ("upload", "refit-worker", Some("process")),
        ("record", "refit", Some("attempt")),
        ("judge", "refit", Some("decide")),
        ("promote", "refit", Some("judge")),
    ];
    for (name, service, parent) in family {
        let span = one(&seen, name);
        let above = parent.map_or(CALLER.1.to_owned(), |parent| one(&seen, parent).id.clone());
        assert_eq!((span.service.as_str(), &span.parent), (service, &above), "{name}");
        assert!(span.error.is_none() && span.time.0 <= span.time.1, "{span:#?}");
    }
    let begins = ["decide", "send", "receive", "process", "train", "upload", "record", "judge", "promote"];
    let begins = begins.map(|name| one(&seen, name).time.0);
    assert!(begins.is_sorted(), "{begins:?}");

    for name in ["send", "receive", "ack", "process"] {
        let span = one(&seen, name);
        assert_eq!(span.name, format!("{name} {queue}"));
        let about = ["messaging.system", "messaging.destination.name", "messaging.operation.name"];
        assert_eq!(about.map(|key| span.attribute(key)), [system, queue, name]);
        assert_eq!(span.attribute("messaging.message.id"), one(&seen, "attempt").attribute("refit.attempt.id"));
    }
    let epochs: Vec<&str> =
        one(&seen, "train").events.iter().map(|event| event.attributes["refit.epoch"].as_str()).collect();
    assert_eq!(epochs, ["1", "2"]);
    assert_eq!(one(&seen, "decide").attribute("refit.job.id"), id);
    assert_eq!(one(&seen, "judge").attribute("refit.verdict"), "promote");
    assert_eq!(one(&seen, "promote").attribute("refit.live_seq"), "1");

    for (service, body, name) in [("refit-worker", "a claim begins", "process"), ("refit", "judged", "judge")] {
        let line = seen.lines.iter().find(|line| line.service == service && line.body == body);
        let line = line.unwrap_or_else(|| panic!("no line {body:?}: {:#?}", seen.lines));
        assert_eq!((line.trace.as_str(), &line.span), (CALLER.0, &one(&seen, name).id), "{body}");
    }
    let mut secrets: Vec<String> = vec![TOKEN.into()];
    secrets.extend(refit.settings().iter().filter_map(|(_, value)| password(value)));
    for (headers, body) in &seen.raw {
        assert_eq!(headers["authorization"], format!("Bearer {TOKEN}"));
        let body = String::from_utf8_lossy(body);
        assert!(secrets.iter().all(|secret| !body.contains(secret)), "telemetry holds a secret");
    }
    assert!(secrets.iter().all(|secret| !refit.logs().contains(secret)), "a log holds a secret");
}

/// The password of a URL, if it has one.
fn password(url: &str) -> Option<String> {
    let (user, _) = url.split_once("://")?.1.split_once('@')?;
    user.split_once(':').map(|(_, password)| password.to_owned())
}

#[test]
fn f1_one_trace_on_one_machine() {
    one_trace_from_decision_to_promotion(Installation::new(), "sqlite", "cpu");
}

#[test]
fn f1_one_trace_on_the_engines_of_many_machines() {
    let Some(refit) = Installation::distributed() else { return };
    one_trace_from_decision_to_promotion(refit, "rabbitmq", "refit.cpu");
}

/// A worker is killed in mid-training: what it did not tell, the coordinator tells, and the next attempt follows from it.
#[test]
fn g1_a_killed_worker_and_the_retry_are_in_one_trace_and_in_the_metrics() {
    let sink = Sink::start();
    let mut refit = Installation::new();
    export_to(&mut refit, sink.endpoint());
    refit.set("REFIT_DISPATCH__HEARTBEAT", "300ms");
    refit.set("REFIT_DISPATCH__LEASE", "6s");
    refit.start_coordinator(&[]);
    let first = refit.start_worker(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..1000);
    let id = train(&refit, &format!("forecaster/{symbol}"), 500);
    wait::until("the training to get on", LIMIT, || {
        let job = refit.get(&format!("jobs/{id}"))?;
        (job["progress"]["epoch"].as_u64()? >= 2).then_some(())
    });
    refit.workers[first].kill();
    refit.start_worker(&[]);
    let job = refit.ended(&id);
    assert_eq!((&job["state"], &job["attempts"][0]["outcome"]), (&"completed".into(), &"lost".into()), "{job}");

    // All that must be seen once a job has been lost, rescued, judged and promoted.
    let unlikely = [
        "refit.reconnects",
        "refit.invariant.violations",
        "refit.telemetry.dropped",
        "refit.slots.retired",
        "refit.task.failures",
    ];
    let of_serving = ["refit.predictions", "refit.predictions.unlogged", "refit.alerts"];
    let elsewhere = [&unlikely[..], &of_serving].concat();
    let expected = catalogue::metrics().into_iter().map(|metric| metric.name).filter(|name| !elsewhere.contains(name));
    for name in expected {
        sink.until(&format!("{name}\n{}", refit.logs()), LIMIT, |seen| {
            seen.metrics.iter().find(|m| m.name == name).map(|_| ())
        });
    }
    end(&mut refit);

    let seen = sink.seen();
    assert_as_in_the_table(&seen);
    let mut attempts = seen.spans_of("attempt");
    attempts.sort_by_key(|attempt| attempt.attribute("refit.attempt.number"));
    let [lost, done] = attempts[..] else { panic!("{attempts:#?}") };
    assert_eq!((lost.trace.as_str(), &lost.links), (CALLER.0, &vec![]));
    assert_eq!((done.trace.as_str(), &done.links), (CALLER.0, &vec![(lost.trace.clone(), lost.id.clone())]));
    assert_eq!((lost.attribute("refit.attempt.outcome"), done.attribute("refit.attempt.outcome")), ("lost", "result"));
    assert!(lost.error.as_ref().is_some_and(|error| error.contains("its worker is dead")), "{lost:#?}");
    assert_eq!(&one(&seen, "process").parent, &done.id, "the killed worker told nothing of its own");
    let sent: BTreeSet<&str> = seen.spans_of("send").iter().map(|send| send.parent.as_str()).collect();
    assert_eq!(sent, BTreeSet::from([lost.id.as_str(), done.id.as_str()]));

    let newest =
        |name: &str| seen.metrics.iter().rev().find(|metric| metric.name == name && metric.service == "refit").unwrap();
    assert_eq!(newest("refit.rescues").sum(&[("refit.pool", "cpu")]), 1.0);
    let attempts =
        |outcome| newest("refit.attempts").sum(&[("refit.attempt.outcome", outcome), ("refit.job.kind", "train")]);
    assert_eq!((attempts("lost"), attempts("result")), (1.0, 1.0));
    assert_eq!(newest("refit.jobs.ended").sum(&[("refit.job.state", "completed")]), 1.0);
    assert_eq!(newest("refit.verdicts").sum(&[("refit.verdict", "promote")]), 1.0);
    assert_eq!(newest("refit.job.wait.duration").sum(&[]), 1.0, "the wait is that for the first claim");
    let ever = |name: &str, about: &[(&str, &str)]| {
        seen.metrics.iter().filter(|metric| metric.name == name).map(|metric| metric.sum(about)).fold(0.0, f64::max)
    };
    assert_eq!(ever("refit.pool.wanted", &[("refit.pool", "cpu")]), 1.0);
    assert!(ever("refit.pool.capacity", &[("refit.pool", "cpu")]) >= 1.0);
    assert_eq!(ever("refit.jobs", &[("refit.job.state", "running")]), 1.0);
    assert!(ever("refit.slots", &[("refit.slot.state", "busy")]) >= 1.0);
    assert!(ever("refit.lease.age", &[]) > 0.0, "between two heartbeats, each worker is silent");
}

/// A collector that is not there, or that never answers, costs nothing but a counter and one line in each log.
fn without_a_collector(endpoint: &str) {
    let mut refit = Installation::new();
    export_to(&mut refit, endpoint);
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let job = refit.ended(&train(&refit, &format!("forecaster/{symbol}"), 2));
    assert_eq!(job["state"], "completed", "{job}\n{}", refit.logs());
    let health = wait::until("drops to be counted", LIMIT, || {
        refit.get("health").filter(|health| health["telemetry_dropped"].as_u64().unwrap_or_default() > 20)
    });
    assert_eq!(
        (&health["healthy"], &health["telemetry"]),
        (&true.into(), &format!("{endpoint} does not take it").into())
    );
    end(&mut refit);
    for log in ["coordinator.log", "worker-0.log"] {
        let text = std::fs::read_to_string(refit.folder().join(log)).unwrap();
        assert_eq!(text.matches("telemetry does not get through").count(), 1, "{log}:\n{text}");
        assert!(!text.contains(TOKEN), "{log}");
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn g3_a_collector_that_is_not_there_costs_a_counter() {
    without_a_collector(&format!("http://127.0.0.1:{}", free_port()));
}

#[test]
fn g3_a_collector_that_hangs_costs_a_counter() {
    let sink = Sink::hanging();
    without_a_collector(sink.endpoint());
    assert!(!sink.seen().raw.is_empty());
}

/// F4: a collector that comes back is told again, within its pause and without anybody's help.
#[test]
fn f4_a_collector_that_comes_back_is_told_again() {
    let port = free_port();
    let mut refit = Installation::new();
    export_to(&mut refit, &format!("http://127.0.0.1:{port}"));
    refit.start_coordinator(&[]);
    wait::until("drops to be counted", LIMIT, || {
        refit.get("health").filter(|health| health["telemetry_dropped"].as_u64().unwrap_or_default() > 3)
    });
    let sink = Sink::start_at(port);
    wait::until("it to be reached", LIMIT, || refit.get("health").filter(|health| health["telemetry"] == "ok"));
    refit.post("probes", &json!({ "count": 1 }));
    sink.until("the trace of a probe", LIMIT, |seen| seen.spans_of("decide").first().map(|_| ()));
}

/// F4: probes are small; a hundredth of them is traced, from backlog to result, and all are counted.
#[test]
fn f4_of_many_probes_a_hundredth_is_traced_and_all_are_counted() {
    let sink = Sink::start();
    let mut refit = Installation::new();
    export_to(&mut refit, sink.endpoint());
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let answer = refit.json(&["probe", "--count", "150"]);
    assert_eq!(answer["completed"], 150, "{answer}\n{}", refit.logs());
    end(&mut refit);
    let seen = sink.seen();
    assert_as_in_the_table(&seen);
    assert_eq!(["decide", "attempt", "process"].map(|name| seen.spans_of(name).len()), [2, 2, 2]);
    let ended = seen.metrics.iter().filter(|metric| metric.name == "refit.jobs.ended");
    assert_eq!(ended.map(|metric| metric.sum(&[])).fold(0.0, f64::max), 150.0);
}

/// The usual variable works as well, and without any nothing is exported.
#[test]
fn the_usual_variable_names_a_collector_too() {
    let sink = Sink::start();
    let mut refit = Installation::new();
    refit.start_coordinator(&[]);
    assert_eq!(refit.get("health").unwrap()["telemetry"], "off");
    refit.coordinator = None;
    refit.start_coordinator(&[("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint())]);
    assert_eq!(refit.get("health").unwrap()["telemetry"], "ok");
    sink.until("a line of the log", LIMIT, |seen| seen.lines.first().map(|_| ()));
}

/// Each engine's lost connection is made again, and counted.
#[test]
fn g1_lost_connections_are_counted_by_engine() {
    let Some(mut refit) = Installation::distributed() else { return };
    // Its threads go on while nobody waits for it.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let engines = [
        ("REFIT_STORAGE__QUEUE", "rabbitmq"),
        ("REFIT_STORAGE__BUS", "redis"),
        ("REFIT_STORAGE__DATABASE", "postgresql"),
    ];
    let proxies: Vec<Proxy> = engines
        .iter()
        .map(|(setting, _)| {
            let url = refit.take(setting);
            let (proxy, through) = runtime.block_on(Proxy::before(&url));
            refit.set(setting, &through);
            proxy
        })
        .collect();
    let sink = Sink::start();
    export_to(&mut refit, sink.endpoint());
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    // By then everybody has connected to all three.
    let probe = refit.post("probes", &json!({ "count": 1 }));
    refit.ended(probe["jobs"][0].as_str().unwrap());
    proxies.iter().for_each(Proxy::cut);
    for (_, engine) in engines {
        let counted = |seen: &Seen| {
            let reconnects = seen.metrics.iter().filter(|metric| metric.name == "refit.reconnects");
            reconnects.map(|metric| metric.sum(&[("refit.service", engine)])).find(|count| *count >= 1.0)
        };
        sink.until(&format!("a new connection to {engine}\n{}", refit.logs()), LIMIT, counted);
    }
    end(&mut refit);
    assert_as_in_the_table(&sink.seen());
}
