//! A worker is killed while it trains. The other goes on, the training is done all the same, and a new worker takes the place.

use nix::sys::signal::Signal;
use serde_json::Value;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::client::until;
use crate::outages::Gone;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct WorkerKilled;

impl Incident for WorkerKilled {
    fn name(&self) -> &'static str {
        "a worker is killed while it trains"
    }

    fn when(&self) -> f64 {
        0.3
    }

    fn moment(&self) -> Moment {
        Moment::AfterTrainings
    }

    fn happen(&self, world: &mut World, day: Day) {
        // Something that takes a while, so that it can be struck.
        let hyper = serde_json::json!({ "epochs": "120", "patience": "100" });
        let job = world.train(SLOW, "complete", day.date, &hyper);
        let worker = until("the long training to run", || holder(world, &job));
        world.outages.begin(Gone::Worker);
        let killed = world.installations[0].workers.iter().position(|process| u64::from(process.pid()) == worker);
        let index = killed.unwrap_or_else(|| panic!("no worker has the process id {worker}"));
        world.installations[0].workers[index].signal(Signal::SIGKILL);
        world.wait_for_workers(1);
        world.installations[0].start_worker(&[]);
        world.wait_for_workers(2);
        world.outages.end();
        let job = world.client.ended(&job);
        world.breaches.insist(Promise::Asked, job["state"] == "completed" && attempts(&job) > 1, || {
            format!("its worker was killed, and the training is {}: {}", job["state"], job["why"])
        });
    }
}

/// Whose training is struck.
const SLOW: &str = "forecaster/WMT";

/// Process id of the worker that trains a job.
fn holder(world: &World, job: &str) -> Option<u64> {
    let workers = world.client.list("workers");
    let holds = |worker: &&Value| worker["jobs"].as_array().is_some_and(|jobs| jobs.iter().any(|held| held == job));
    workers.iter().find(holds)?["pid"].as_u64()
}

fn attempts(job: &Value) -> usize {
    job["attempts"].as_array().map_or(0, Vec::len)
}
