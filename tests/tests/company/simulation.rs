//! A simulated life of a company, day by day: rows arrive, things happen, and at the end of each week what is live is scored, decided on and trained.

use std::sync::Arc;

use crate::asker::{Asker, AskerResults};
use crate::calendar::{Calendar, Day};
use crate::checks;
use crate::client::Client;
use crate::fleet::{self, Fleet};
use crate::incidents::{Incident, Moment};
use crate::observe::Observed;
use crate::promises::Promise;
use crate::world::World;

/// A simulation to be run.
pub(crate) struct Simulation {
    pub(crate) world: World,
    pub(crate) calendar: Calendar,
    pub(crate) fleets: Arc<Vec<Box<dyn Fleet>>>,
    pub(crate) incidents: Vec<Box<dyn Incident>>,
}

/// What is left of it.
pub(crate) struct Simulated {
    pub(crate) world: World,
    pub(crate) asked: AskerResults,
    pub(crate) observed: Observed,
}

impl Simulation {
    /// Runs it.
    pub(crate) fn run(mut self) -> Simulated {
        // First of all: a channel is told of what is raised from its creation on.
        let alerts = checks::Alerts::begin(&self.world);
        self.open();
        let schedule = checks::Schedule::begin(&self.world);
        let client = Client::of(&self.world.installations);
        let asker = Asker::start(client, self.fleets.clone(), self.world.outages.clone());
        for day in self.calendar.days().collect::<Vec<_>>() {
            self.deliver(fleet_arrivals(&self.fleets, &self.calendar, day));
            if day.closes_week() {
                self.close_week(day);
            }
        }
        schedule.had_its_runs(&mut self.world);
        alerts.were_told(&mut self.world);
        let asked = asker.stop();
        let observed = Observed::of(&self.world);
        checks::at_the_end(&mut self.world, &self.fleets, &observed);
        Simulated { world: self.world, asked, observed }
    }

    /// What has always been there; every model is trained for the first time, and one that is no better than its baseline is made
    /// live by hand, so that everything can be asked.
    fn open(&mut self) {
        let there: Vec<_> = self.fleets.iter().flat_map(|fleet| fleet.opening(&self.calendar)).collect();
        self.deliver(there);
        self.world.register(&self.fleets);
        let jobs = self.world.evaluate(self.calendar.eve());
        self.world.finish(&jobs);
        for (key, _) in self.fleets.iter().flat_map(|fleet| fleet.models()).collect::<Vec<_>>() {
            if self.world.live(&key).is_empty() {
                let body = serde_json::json!({ "version": "v1.0", "reason": "the company wants an answer" });
                let promoted = self.world.client.try_post(&format!("models/{key}/promote"), &body);
                let fine = promoted.as_ref().is_some_and(crate::client::ApiResponse::is_fine);
                self.world.breaches.insist(Promise::Judged, fine, || format!("{key} has no v1.0: {promoted:?}"));
            }
        }
        self.report("open", "eve");
    }

    fn deliver(&mut self, deliveries: Vec<fleet::Delivery>) {
        for delivery in deliveries {
            self.world.deliver(&delivery);
        }
    }

    fn close_week(&mut self, day: Day) {
        self.happen(day, Moment::BeforeTrainings);
        let scored = self.world.monitor(day.date);
        self.world.finish(&scored);
        self.happen(day, Moment::Scored);
        let jobs = self.world.evaluate(day.date);
        self.happen(day, Moment::WhileTraining);
        self.world.finish(&jobs);
        self.happen(day, Moment::AfterTrainings);
        checks::of_a_week(&mut self.world, &self.fleets);
        self.report(&format!("week {}", day.week + 1), &format!("{}: {} trainings", day.date, jobs.len()));
    }

    /// What is to happen in this week at this moment happens.
    fn happen(&mut self, day: Day, moment: Moment) {
        for incident in &self.incidents {
            let week = self.calendar.week_after(incident.when());
            if incident.moment() == moment && week == day.week {
                println!("company: {}: {}", day.date, incident.name());
                incident.happen(&mut self.world, day);
            }
        }
    }

    fn report(&self, what: &str, more: &str) {
        println!("company: {what}: {more}, {} broken so far", self.world.breaches.count());
    }
}

fn fleet_arrivals(fleets: &[Box<dyn Fleet>], calendar: &Calendar, day: Day) -> Vec<fleet::Delivery> {
    fleets.iter().flat_map(|fleet| fleet.arrivals(calendar, day)).collect()
}
