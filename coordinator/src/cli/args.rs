//! The command line: one verb a task.

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use common::vocabulary::{InvalidKey, ModelKey, Symbol};
use domain::score;

use super::commands;
use crate::wording::Language;

/// Keeps a fleet of models fit: decides what to retrain, trains it, and lets only what is not worse go live.
#[derive(Debug, Parser)]
#[command(name = "refit", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// What every verb takes.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct Global {
    /// Answer with one JSON document on stdout.
    #[arg(long, global = true)]
    pub json: bool,
    /// Address of the coordinator, such as http://127.0.0.1:7438; else the one in the settings.
    #[arg(long, global = true, value_name = "URL")]
    pub api: Option<String>,
    /// Language of what is told: en or es; else that of the locale.
    #[arg(long, global = true, value_name = "LANG", env = "REFIT_LANG")]
    pub lang: Option<Language>,
    /// A TOML file of settings.
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder of databases and artifacts.
    #[arg(long, global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything on this machine: the coordinator and worker processes.
    Up(commands::up::Args),
    /// Run the coordinator alone.
    Serve(commands::serve::Args),
    /// Bring data in.
    #[command(subcommand)]
    Import(commands::import::Import),
    /// Bring in, list and show data sets: tables of rows, such as ratings or employees.
    #[command(subcommand)]
    Data(commands::data::Data),
    /// List the models and where they stand.
    Models(commands::models::Args),
    /// Register a model, or change it: its data set, hyper-parameters, category and tags.
    Model(commands::model::Args),
    /// Say which models need retraining, and why or why not.
    Check(commands::check::Args),
    /// Explain one model: why it is or is not due, what would change that, where its job stands, what the judges said.
    Explain(commands::explain::Args),
    /// Score live versions on the rows that have come since, and show how they do.
    Monitor(commands::monitor::Args),
    /// Retrain one model.
    Retrain(commands::retrain::Args),
    /// Retrain many models and sum up what became of them.
    Batch(commands::batch::Args),
    /// Hold back every training of a model that has not begun.
    Pause(commands::pause::PauseArgs),
    /// Let a paused model be trained again.
    Resume(commands::pause::ResumeArgs),
    /// Show the running jobs and the line, and those that have ended if asked to.
    Jobs(commands::jobs::ListArgs),
    /// Show one job: why it waits, its attempts, its loss curve.
    Job(commands::jobs::JobArgs),
    /// Send jobs without work through the line to a worker and back, and say how long they took.
    Probe(commands::probe::Args),
    /// Cancel a job.
    Cancel(commands::jobs::CancelArgs),
    /// List a model's versions.
    Versions(commands::versions::Args),
    /// Make a version live.
    Promote(commands::live::PromoteArgs),
    /// Go back to the version that was live before, or to one named.
    Rollback(commands::live::RollbackArgs),
    /// Show two versions side by side, and which is better on the rows both were scored on.
    Compare(commands::compare::Args),
    /// Copy a version to the place of backups.
    Backup(commands::backups::BackupArgs),
    /// List a model's backups.
    Backups(commands::backups::ListArgs),
    /// Make the version of a backup live again, also with the store gone.
    Restore(commands::backups::RestoreArgs),
    /// A menu for one model: look, train, back up, restore, clean up.
    Interactive(commands::interactive::Args),
    /// Train a version again from its manifest and compare.
    Reproduce(commands::reproduce::Args),
    /// Forecast the next day of symbols.
    Forecast(commands::forecast::Args),
    /// Predict for the rows of a file with the live version of a model.
    Predict(commands::predict::Args),
    /// Say what a user may like, by the live version of a recommender.
    Recommend(commands::recommend::Args),
    /// Show what a batch prediction says of each row, as CSV.
    Output(commands::output::Args),
    /// List the newest predictions of a model, and how they have turned out.
    Predictions(commands::predictions::Args),
    /// Tell what came of a predicted row; labelled, it is trained on from then on.
    Label(commands::label::Args),
    /// Search for better hyper-parameters of a model; what is found is judged like any other version.
    Tune(commands::tune::Args),
    /// What another policy would have come to over days that were: trainings, seconds, loss.
    Replay(commands::replay::Args),
    /// Reports on the whole fleet.
    #[command(subcommand)]
    Report(commands::report::Report),
    /// What is done by the calendar: list, make, change, pause and run schedules.
    Schedules(commands::schedules::Args),
    /// Start, stop and look at the scheduler, do a task by hand.
    #[command(subcommand)]
    Scheduler(commands::scheduler::Command),
    /// What somebody should know: list and acknowledge alerts, silence them, and say whom they are told.
    Alerts(commands::alerts::Args),
    /// Say whether all is well, and how each part and each background task stands; ends with 1 if something is wrong.
    Health,
    /// List the workers.
    Workers(super::pages::Much),
    /// Ask something of one worker.
    #[command(subcommand)]
    Worker(commands::workers::Command),
    /// List pools, pause, drain and resume them.
    #[command(subcommand)]
    Pool(commands::pools::Command),
    /// Remove what nothing refers to any more.
    Cleanup(commands::cleanup::Args),
    /// Make, list and revoke tokens of the API.
    #[command(subcommand)]
    Token(commands::token::Command),
    /// Show who changed what by the API.
    Audit(commands::audit::Args),
    /// List messages that nobody could understand.
    DeadLetters,
    /// Show each setting and where it came from; secrets are hidden.
    Config,
    /// Write a completion script for a shell.
    Completions(commands::completions::Args),
    /// Show the whole way on 12 real tickers and on generated rows of the other fleets, in a temporary folder.
    #[command(hide = true)]
    Demo(super::demo::Args),
}

/// A day.
pub(crate) fn date(text: &str) -> Result<chrono::NaiveDate, String> {
    text.parse().map_err(|_| "a day is given as YYYY-MM-DD, such as 2026-03-31".into())
}

/// A priority, in points.
pub(crate) fn points(text: &str) -> Result<f64, String> {
    text.parse().map_err(|_| format!("{text:?} is no number")).and_then(score::given)
}

/// A model's key; a bare symbol stands for its forecaster.
pub(crate) fn model_key(text: &str) -> Result<ModelKey, InvalidKey> {
    match text {
        "universal" => Ok(ModelKey::universal_forecaster()),
        key if key.contains('/') => key.parse(),
        symbol => Ok(ModelKey::forecaster(&symbol.parse::<Symbol>()?)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn verify_cli() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_priority_is_a_number_of_this_world() {
        assert_eq!((points("-5.5"), points("1000")), (Ok(-5.5), Ok(1000.0)));
        for strange in ["nan", "inf", "1e99", "-1e99", "1000.1", "high", ""] {
            assert!(points(strange).is_err(), "{strange:?}");
        }
    }

    #[test]
    fn a_bare_symbol_stands_for_its_forecaster() {
        let key = |text| model_key(text).map(|key| key.to_string());
        assert_eq!(key("aapl").unwrap(), "forecaster/AAPL");
        assert_eq!(key("forecaster/MSFT").unwrap(), "forecaster/MSFT");
        assert_eq!(key("universal").unwrap(), "forecaster/universal");
        assert!(key("../etc").is_err());
    }
}
