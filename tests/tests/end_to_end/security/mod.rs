//! What comes from outside and is not what it should be: services that refuse, certificates, garbage; and secrets, which stay inside
//! (F1, G4).

mod access;
mod files;
mod garbage;
mod refusals;
mod retry;
mod secrets;
mod terminal;
mod tls;

use std::process::Command;

use refit_tests::Installation;
use refit_tests::cli::CommandOutput;

/// A service of an installation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Service {
    Queue,
    Bus,
    Database,
    Store,
}

impl Service {
    const ALL: [Self; 4] = [Self::Queue, Self::Bus, Self::Database, Self::Store];

    /// The variable with its URL.
    fn variable(self) -> &'static str {
        match self {
            Self::Queue => "REFIT_STORAGE__QUEUE",
            Self::Bus => "REFIT_STORAGE__BUS",
            Self::Database => "REFIT_STORAGE__DATABASE",
            Self::Store => "REFIT_STORAGE__STORE",
        }
    }
}

/// The password in a URL.
fn password(url: &str) -> &str {
    let (login, _) = url.split_once("://").and_then(|(_, rest)| rest.rsplit_once('@')).unwrap();
    login.split_once(':').unwrap().1
}

/// The processes of an installation that open a service, each run until it ends: only the coordinator opens the database.
fn run(refit: &Installation, service: Service) -> Vec<(&'static str, CommandOutput)> {
    let done = |mut command: Command, words: &[&str]| CommandOutput::of(command.args(words).output().unwrap());
    let mut answers = vec![("refit", done(refit.command("refit"), &["serve"]))];
    if service != Service::Database {
        answers.push(("refit-worker", done(refit.command("refit-worker"), &["run", "--slots", "1"])));
    }
    answers
}

/// Both ended with code 4 and one clear line that shows no password.
#[track_caller]
fn assert_refused(refit: &Installation, service: Service, parts: &[&str]) {
    let url = refit.settings().iter().rfind(|(name, _)| name == service.variable()).unwrap().1.clone();
    for (name, answer) in run(refit, service) {
        let said = &answer.stderr;
        let complaint: Vec<&str> = said.lines().filter(|line| line.starts_with(&format!("{name}: "))).collect();
        let [line] = complaint[..] else { panic!("{name} on {service:?}: not one line of its own in:\n{said}") };
        for part in parts {
            assert!(line.contains(part), "{name} on {service:?}: no {part:?} in: {line}");
        }
        let complaints = said.lines().filter(|line| !line.contains(" INFO ")).count();
        assert!(complaints == 1 && line.len() < 600, "{name} on {service:?} complains in more than one line: {said}");
        assert!(!said.contains(password(&url)), "{name} on {service:?} shows the password: {said}");
        assert_eq!(answer.code, 4, "{name} on {service:?}: {said}");
    }
}
