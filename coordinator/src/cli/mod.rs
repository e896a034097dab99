//! The command line `refit`. Commands talk to the API, also on one machine; only `up`, `serve` and `demo` run a coordinator.

#[cfg(test)]
mod advice;
mod args;
mod chart;
mod client;
mod commands;
mod context;
mod demo;
mod exit;
mod file;
mod leave;
mod output;
mod pages;
mod process;
mod table;
mod terminal;
mod text;
mod watch;

use std::process::ExitCode;

use clap::Parser;
use common::telemetry;
use common::umask::Umask;

use self::args::{Cli, Command};
use self::context::Context;
use self::exit::{Code, Done, Failure};
use self::output::Output;

/// Does what the command line says; the exit code is one of `exit::Code` or 0.
pub async fn main() -> ExitCode {
    // Before anything is made: what the settings say of it comes later.
    Umask::PRIVATE.apply();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return misused(&error),
    };
    let context = Context::new(cli.global);
    let done = run(&context, cli.command).await;
    telemetry::finish().await;
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            context.out.failure(&failure);
            ExitCode::from(failure.code as u8)
        }
    }
}

/// The command line makes no sense, or only asks for help.
fn misused(error: &clap::Error) -> ExitCode {
    let _closed_early = error.print();
    if error.use_stderr() && std::env::args_os().any(|word| word == "--json") {
        let text = error.to_string();
        let what = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
        Output::new(true).document(&Failure::new(Code::Usage, what).next("`refit help` lists the verbs"));
    }
    u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

async fn run(context: &Context, command: Command) -> Done {
    match command {
        Command::Up(args) => commands::up::run(context, &args).await,
        Command::Serve(args) => commands::serve::run(context, &args).await,
        Command::Import(import) => commands::import::run(context, &import).await,
        Command::Data(data) => commands::data::run(context, &data).await,
        Command::Models(args) => commands::models::run(context, &args).await,
        Command::Model(args) => commands::model::run(context, &args).await,
        Command::Check(args) => commands::check::run(context, &args).await,
        Command::Explain(args) => commands::explain::run(context, &args).await,
        Command::Monitor(args) => commands::monitor::run(context, &args).await,
        Command::Retrain(args) => commands::retrain::run(context, &args).await,
        Command::Batch(args) => commands::batch::run(context, &args).await,
        Command::Jobs(args) => commands::jobs::list(context, &args).await,
        Command::Job(args) => commands::jobs::show(context, &args).await,
        Command::Probe(args) => commands::probe::run(context, &args).await,
        Command::Cancel(args) => commands::jobs::cancel(context, &args).await,
        Command::Versions(args) => commands::versions::run(context, &args).await,
        Command::Promote(args) => commands::live::promote(context, &args).await,
        Command::Rollback(args) => commands::live::rollback(context, &args).await,
        Command::Compare(args) => commands::compare::run(context, &args).await,
        Command::Backup(args) => commands::backups::create(context, &args).await,
        Command::Backups(args) => commands::backups::list(context, &args).await,
        Command::Restore(args) => commands::backups::restore(context, &args).await,
        Command::Interactive(args) => commands::interactive::run(context, &args).await,
        Command::Reproduce(args) => commands::reproduce::run(context, &args).await,
        Command::Forecast(args) => commands::forecast::run(context, &args).await,
        Command::Predict(args) => commands::predict::run(context, &args).await,
        Command::Recommend(args) => commands::recommend::run(context, &args).await,
        Command::Output(args) => commands::output::run(context, &args).await,
        Command::Predictions(args) => commands::predictions::run(context, &args).await,
        Command::Label(args) => commands::label::run(context, &args).await,
        Command::Tune(args) => commands::tune::run(context, &args).await,
        Command::Replay(args) => commands::replay::run(context, &args).await,
        Command::Report(report) => commands::report::run(context, &report).await,
        Command::Pause(args) => commands::pause::pause(context, &args).await,
        Command::Resume(args) => commands::pause::resume(context, &args).await,
        Command::Pool(command) => commands::pools::run(context, &command).await,
        Command::Worker(command) => commands::workers::command(context, &command).await,
        Command::Schedules(args) => commands::schedules::run(context, &args).await,
        Command::Scheduler(command) => commands::scheduler::run(context, &command).await,
        Command::Alerts(args) => commands::alerts::run(context, &args).await,
        Command::Health => commands::health::run(context).await,
        Command::Workers(much) => commands::workers::run(context, &much).await,
        Command::Cleanup(args) => commands::cleanup::run(context, &args).await,
        Command::Token(command) => commands::token::run(context, &command).await,
        Command::Audit(args) => commands::audit::run(context, &args).await,
        Command::DeadLetters => commands::dead_letters::run(context).await,
        Command::Config => commands::config::run(context),
        Command::Completions(args) => commands::completions::run(&context.out, &args),
        Command::Demo(args) => demo::run(context, &args).await,
    }
}
