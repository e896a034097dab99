//! The coordinator that leads is killed while trainings run. Where there is another, it takes over; then the dead one is started
//! again. Trainings end as if nothing had been.

use nix::sys::signal::Signal;

use super::{Incident, Moment};
use crate::calendar::Day;
use crate::client::until;
use crate::outages::Gone;
use crate::promises::Promise;
use crate::world::World;

pub(crate) struct LeaderKilled;

impl Incident for LeaderKilled {
    fn name(&self) -> &'static str {
        "the leader is killed while trainings run"
    }

    fn when(&self) -> f64 {
        0.65
    }

    fn moment(&self) -> Moment {
        Moment::WhileTraining
    }

    fn happen(&self, world: &mut World, _: Day) {
        let leader = until("somebody to lead", || leader(world));
        world.outages.begin(Gone::Coordinator);
        let mut process = world.installations[leader].coordinator.take().expect("the leader runs");
        process.signal(Signal::SIGKILL);
        process.kill();
        let address = world.installations[leader].data().join("api.address");
        std::fs::remove_file(address).expect("it had an address");
        if world.installations.len() > 1 {
            let heir = until("another to take over", || self::leader(world));
            world.breaches.insist(Promise::Health, heir != leader, || "a dead coordinator says that it leads".into());
        } else {
            world.breaches.insist(Promise::Health, world.client.health(leader).is_none(), || "the dead answer".into());
        }
        world.installations[leader].start_coordinator(&[]);
        world.wait_for_workers(2);
        world.outages.end();
    }
}

/// The coordinator that says that it leads, and is well.
fn leader(world: &World) -> Option<usize> {
    let leads = |installation: &usize| {
        world
            .client
            .health(*installation)
            .is_some_and(|health| health.body["leads"] == true && health.body["healthy"] == true)
    };
    (0..world.installations.len()).find(leads)
}
