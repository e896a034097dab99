//! The same system on RabbitMQ, Redis, PostgreSQL and S3, and with several coordinators (F1, F2).

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use refit_tests::installation::LIMIT;
use refit_tests::proxy::Proxy;
use refit_tests::{Installation, prices, wait};
use serde_json::Value;
use sqlx::{Connection, PgConnection, Row};
use tokio::runtime::Runtime;

/// The limit of a write, and what a busy machine adds.
const SOON: Duration = Duration::from_secs(20);

fn leads(refit: &Installation) -> Option<bool> {
    refit.get("health")?["leads"].as_bool()
}

#[test]
fn f1_f2_g1_the_road_on_the_engines_of_many_machines() {
    let Some(mut refit) = Installation::distributed() else { return };
    refit.start_coordinator(&[]);
    refit.start_worker(&[]);
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    let last = prices::rows(symbol);
    refit.import(symbol, 0..last - 60);
    let job = refit.ended(&refit.train(&model, &["--set", "epochs=2"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.0".into()), "{job}\n{}", refit.logs());
    if refit.json(&["models"])[0]["live"].is_null() {
        refit.refit(&["promote", &model, "v1.0"]).ok();
    }
    refit.import(symbol, last - 60..last);
    let job = refit.ended(&refit.train(&model, &["--mode", "incremental", "--set", "epochs=4"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.1".into()), "{job}\n{}", refit.logs());
    let forecast = &refit.json(&["forecast", symbol])[0];
    assert!(forecast["because"].is_string(), "{forecast}");
    let answer = refit.json(&["reproduce", &model, "v1.0"]);
    let job = refit.ended(answer["id"].as_str().unwrap_or_else(|| panic!("{answer}")));
    assert!(job["why"].as_str().unwrap().contains("to the bit"), "{}", job["why"]);
    for embedded in ["refit.db", "bus.db", "store"] {
        assert!(!refit.data().join(embedded).exists(), "{embedded} is of one machine");
    }
    for word in refit.settings().iter().filter_map(|(_, url)| Some(url.split_once("://")?.1.split_once('@')?.0)) {
        let secret = word.rsplit_once(':').map_or(word, |(_, secret)| secret);
        assert!(!refit.logs().contains(secret), "a log holds a password:\n{}", refit.logs());
    }
}

/// The leader freezes in the middle of a training. The other takes over, the training is recorded once, and the one that comes
/// back finds that it leads no more.
#[test]
fn g1_another_coordinator_takes_over_and_the_old_one_does_no_harm() {
    let Some(mut first) = Installation::distributed() else { return };
    first.start_coordinator(&[]);
    wait::until("the first to lead", LIMIT, || leads(&first).filter(|leads| *leads));
    let mut second = Installation::beside(&first);
    second.start_coordinator(&[]);
    assert_eq!(leads(&second), Some(false));
    let symbol = &prices::symbols()[0];
    let model = format!("forecaster/{symbol}");
    first.import(symbol, 0..prices::rows(symbol));
    second.start_worker(&[]);
    let job = second.train(&model, &["--set", "epochs=30"]);
    second.reaches(&job, &["running"]);

    first.coordinator.as_ref().unwrap().signal(Signal::SIGSTOP);
    wait::until("the second to lead", LIMIT, || leads(&second).filter(|leads| *leads));
    let job = second.ended(&job);
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.0".into()), "{job}\n{}", second.logs());

    first.coordinator.as_ref().unwrap().signal(Signal::SIGCONT);
    wait::until("the first to answer again", LIMIT, || leads(&first).filter(|leads| !*leads));
    let again = first.ended(&first.train(&model, &["--mode", "complete", "--set", "epochs=1"]));
    assert_eq!(
        (&again["state"], &again["version"]),
        (&"completed".into(), &"v2.0".into()),
        "{again}\n{}",
        second.logs()
    );
    assert_eq!(second.json(&["versions", &model]).as_array().unwrap().len(), 2);
    assert_eq!(leads(&second), Some(true), "it leads on");
}

/// PostgreSQL's host vanishes, and neither side is told. While it is away, health says so; when it is back, somebody leads and
/// writes within seconds, although the old connections never end.
#[test]
fn g1_a_database_whose_host_vanishes_is_led_and_written_again_soon() {
    let Some(mut refit) = Installation::distributed() else { return };
    let runtime = Runtime::new().expect("a runtime");
    let url = refit.take("REFIT_STORAGE__DATABASE");
    let (proxy, through) = runtime.block_on(Proxy::before(&url));
    refit.set("REFIT_STORAGE__DATABASE", &through);
    refit.start_coordinator(&[]);
    let mut outside = runtime.block_on(PgConnection::connect(&url)).expect("PostgreSQL is up");
    let mut beat = || -> i64 {
        let row =
            runtime.block_on(sqlx::query("SELECT term * 1000000 + beat AS beat FROM leader").fetch_one(&mut outside));
        row.expect("the leader's row").get("beat")
    };
    let mut next_beat = |what: &str| {
        let before = beat();
        wait::until(what, LIMIT, || (beat() > before).then_some(()));
    };
    next_beat("it to lead");
    for gone in [true, false] {
        proxy.lose(true);
        if gone {
            let unhealthy = |view: &Value| view["healthy"] == false && view["leads"] == false;
            wait::until("health to say so", LIMIT, || Some(refit.got("/api/v1/health").1).filter(unhealthy));
        }
        proxy.lose(false);
        let back = Instant::now();
        next_beat("it to lead again");
        let led = back.elapsed();
        let written = || (refit.refit(&["pool", "pause", "cpu"]).code == 0).then_some(());
        wait::until("it to write again", LIMIT, written);
        println!("host gone {gone}: led again after {led:.1?}, written again after {:.1?}", back.elapsed());
        assert!(led < SOON && back.elapsed() < 2 * SOON, "led again after {led:?}, written after {:?}", back.elapsed());
        let healthy = || refit.get("health")?["healthy"].as_bool().filter(|healthy| *healthy);
        wait::until("health to be well again", LIMIT, healthy);
    }
}

/// A leader that is killed on the same machine is known to be gone at once; one that ends leaves its seat.
#[test]
fn g1_a_leader_that_ends_or_dies_is_replaced_at_once() {
    let Some(mut first) = Installation::distributed() else { return };
    first.start_coordinator(&[]);
    wait::until("the first to lead", LIMIT, || leads(&first).filter(|leads| *leads));
    let mut second = Installation::beside(&first);
    second.start_coordinator(&[]);
    first.coordinator.as_mut().unwrap().kill();
    wait::until("the second to lead", LIMIT, || leads(&second).filter(|leads| *leads));
    first.start_coordinator(&[]);
    second.coordinator.as_ref().unwrap().signal(Signal::SIGTERM);
    second.coordinator.as_mut().unwrap().wait(LIMIT);
    wait::until("the first to lead again", LIMIT, || leads(&first).filter(|leads| *leads));
}
