//! `refit`: the coordinator and its command line.

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    coordinator::cli::main().await
}
