//! What may heal is waited for: services that come up only later.

use refit_tests::front::{Front, free_port, parts};
use refit_tests::installation::LIMIT;
use refit_tests::process::Process;
use refit_tests::{Installation, prices, wait};

use crate::security::{Service, password};

/// Waits until what was said warns of a place.
fn assert_missed(process: &Process, place: &str) {
    let missed = || process.output().lines().any(|line| line.contains("WARN") && line.contains(place));
    wait::until(&format!("{place} to be missed\n{}", process.output()), LIMIT, || missed().then_some(()));
}

#[test]
fn g1_g4_services_that_come_up_later_are_waited_for() {
    let Some(mut refit) = Installation::distributed() else { return };
    let mut secrets = Vec::new();
    let [queue, bus, database, store] = Service::ALL.map(|service| {
        let url = refit.take(service.variable());
        let (before, address, after) = parts(&url);
        let port = free_port();
        refit.set(service.variable(), &format!("{before}127.0.0.1:{port}{after}"));
        secrets.push(password(&url).to_owned());
        (port, address.to_owned(), format!("127.0.0.1:{port}"))
    });
    let log = refit.folder().join("coordinator.log");
    refit.coordinator = Some(Process::start(refit.command("refit").arg("serve"), &log));
    let worker = refit.start_worker(&[]);
    for (_, _, place) in [&queue, &bus, &store] {
        assert_missed(refit.coordinator.as_ref().unwrap(), place);
        assert_missed(&refit.workers[worker], place);
    }
    for pause in ["pause_ms=200", "pause_ms=400"] {
        assert_missed(refit.coordinator.as_ref().unwrap(), pause);
    }

    let open = |(port, address, _): &(u16, String, String)| Front::plain(*port, address);
    let _store = open(&store);
    assert_missed(refit.coordinator.as_ref().unwrap(), &database.2);
    let _others = [open(&database), open(&bus), open(&queue)];
    wait::until(&format!("the coordinator to answer\n{}", refit.logs()), LIMIT, || refit.get("health"));
    let symbol = &prices::symbols()[0];
    refit.import(symbol, 0..500);
    let job = refit.ended(&refit.train(&format!("forecaster/{symbol}"), &["--set", "epochs=2"]));
    assert_eq!((&job["state"], &job["version"]), (&"completed".into(), &"v1.0".into()), "{job}\n{}", refit.logs());
    let said = format!("{}{}", refit.coordinator.as_ref().unwrap().output(), refit.workers[worker].output());
    assert!(!secrets.iter().any(|secret| said.contains(secret)), "a log holds a password:\n{said}");
}

/// Who waits for a service can still be asked to end.
#[test]
fn g1_who_waits_for_a_service_can_be_asked_to_end() {
    for (name, words) in [("refit", vec!["serve"]), ("refit-worker", vec!["run", "--slots", "1"])] {
        let mut refit = Installation::new();
        let place = format!("127.0.0.1:{}", free_port());
        refit.set("REFIT_STORAGE__STORE", &format!("s3://key:secret@bucket?endpoint=http://{place}"));
        let log = refit.folder().join("process.log");
        let mut process = Process::start(refit.command(name).args(words), &log);
        assert_missed(&process, &place);
        process.signal(nix::sys::signal::Signal::SIGTERM);
        process.wait(LIMIT);
    }
}
