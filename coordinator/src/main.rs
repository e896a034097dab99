//! `refit`: the coordinator and its command line.

use std::process::ExitCode;
use std::time::Duration;

/// Longest wait at the end for threads that read or write files: a disk that hangs does not hold up the end.
const FILES: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("refit: no threads can be started: {error}");
            return ExitCode::FAILURE;
        }
    };
    let code = runtime.block_on(coordinator::cli::main());
    runtime.shutdown_timeout(FILES);
    code
}
