//! What a life came to: what is broken, and the last line.

use std::time::Duration;

use crate::observe::Observed;
use crate::promises::Breaches;
use crate::simulation::Simulated;

/// The figures of a life.
#[derive(Debug, Default)]
pub(crate) struct Report {
    families: usize,
    models: usize,
    days: usize,
    trainings: usize,
    complete: usize,
    incremental: usize,
    taken_back: usize,
    promoted: usize,
    rejected: usize,
    answered: u64,
    failed: u64,
    excused: u64,
    breaches: Breaches,
    took: Duration,
}

impl Report {
    /// Of a life of so many days.
    pub(crate) fn of(lived: Simulated, days: usize, took: Duration) -> Self {
        let Simulated { world, asked, observed } = lived;
        let mut breaches = world.breaches;
        breaches.add(asked.breaches);
        let fleets =
            observed.models.keys().map(|key| family(&observed, key)).collect::<std::collections::BTreeSet<_>>();
        let verdicts = |promoted: bool| {
            observed.versions().filter(|(_, version)| version["verdict"]["promoted"] == promoted).count()
        };
        let by_mode = |mode: &str| observed.versions().filter(|(_, version)| version["mode"] == mode).count();
        let moves = observed.models.values().flat_map(|model| &model.ledger);
        Self {
            families: fleets.len(),
            models: observed.models.len(),
            days,
            trainings: observed.jobs("train", "completed").count(),
            complete: by_mode("complete"),
            incremental: by_mode("incremental"),
            taken_back: moves.filter(|entry| entry["kind"] == "taken_back").count(),
            promoted: verdicts(true),
            rejected: observed.versions().filter(|(_, version)| version["status"] == "rejected").count(),
            answered: asked.answered,
            failed: asked.failed + observed.jobs.iter().filter(|job| job["state"] == "failed").count() as u64,
            excused: asked.excused,
            breaches,
            took,
        }
    }

    /// Prints everything.
    ///
    /// # Panics
    /// Something is broken.
    pub(crate) fn conclude(self) {
        self.breaches.lines().for_each(|line| println!("{line}"));
        println!(
            "company: {} versions by complete trainings, {} by incremental ones, {} taken back; {} questions met a process that had \
             been killed",
            self.complete, self.incremental, self.taken_back, self.excused
        );
        println!("{}", self.last_line());
        assert_eq!((self.failed, self.breaches.count()), (0, 0), "see above");
        let happened = [self.complete, self.incremental, self.promoted, self.rejected];
        assert!(
            happened.iter().all(|count| *count > 0) && self.answered > 0,
            "a life in which next to nothing happens shows nothing"
        );
    }

    fn last_line(&self) -> String {
        format!(
            "company: {} families, {} models, {} days, {} trainings, {} promoted, {} rejected, {} questions answered, failed {}, \
             violated {} in {:.0} s",
            self.families,
            self.models,
            self.days,
            self.trainings,
            self.promoted,
            self.rejected,
            self.answered,
            self.failed,
            self.breaches.count(),
            self.took.as_secs_f64()
        )
    }
}

/// A fleet is a family and the rows it reads: employees and tasks are two.
fn family(observed: &Observed, key: &str) -> String {
    let shown = &observed.models[key].shown;
    format!("{} {}", shown["family"], shown["source"]["dataset"])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_it_all() {
        let report = Report {
            families: 5,
            models: 18,
            days: 40,
            answered: 7,
            took: Duration::from_secs(3),
            ..Report::default()
        };
        let said = "company: 5 families, 18 models, 40 days, 0 trainings, 0 promoted, 0 rejected, 7 questions answered, failed 0, \
                    violated 0 in 3 s";
        assert_eq!(report.last_line(), said);
    }
}
