//! `refit up`: everything on one machine, kept running, and ended without leaving anything behind.

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use refit_tests::installation::LIMIT;
use refit_tests::process::{Process, children};
use refit_tests::{Installation, wait};

fn ready(refit: &Installation, workers: usize) -> Vec<u32> {
    wait::until(&format!("{workers} workers to be ready\n{}", refit.logs()), LIMIT, || {
        let shown = refit.list("workers")?;
        let ready = shown.iter().filter(|worker| worker["state"] == "ready");
        let pids: Vec<u32> = ready.filter_map(|worker| u32::try_from(worker["pid"].as_u64()?).ok()).collect();
        (pids.len() == workers).then_some(pids)
    })
}

#[test]
fn up_replaces_a_worker_that_dies_and_leaves_nothing_behind() {
    let refit = Installation::new();
    let log = refit.folder().join("up.log");
    let mut up = Process::start(refit.command("refit").args(["up", "--workers", "2", "--slots", "1"]), &log);
    let before = ready(&refit, 2);

    kill(Pid::from_raw(before[0] as i32), Signal::SIGKILL).unwrap();
    wait::until("a new worker", LIMIT, || {
        let shown = refit.list("workers")?;
        let ready = shown.iter().filter(|w| w["state"] == "ready");
        let pids: Vec<_> = ready.filter_map(|w| w["pid"].as_u64()).collect();
        pids.iter().any(|pid| !before.contains(&(*pid as u32))).then_some(())
    });

    let all = children(up.pid());
    assert!(all.len() >= 2, "{all:?}");
    up.signal(Signal::SIGTERM);
    let status = up.wait(LIMIT);
    assert!(status.success(), "{status}\n{}", up.output());
    let alive = |pid: &u32| std::path::Path::new(&format!("/proc/{pid}")).exists();
    wait::until("every process to be gone", LIMIT, || (!all.iter().any(alive)).then_some(()));
}
