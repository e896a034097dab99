//! `refit completions`

use clap::CommandFactory;
use clap_complete::Shell;
use serde::Serialize;

use crate::cli::args::Cli;
use crate::cli::exit::Done;
use crate::cli::output::Output;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The shell.
    shell: Shell,
}

/// A completion script.
#[derive(Debug, Serialize)]
struct Completions {
    shell: String,
    script: String,
}

/// Writes the completion script of a shell.
pub(crate) fn run(out: &Output, args: &Args) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "refit", &mut script);
    let script = Completions { shell: args.shell.to_string(), script: String::from_utf8_lossy(&script).into_owned() };
    out.answer(&script, |script| script.script.clone())
}
