//! `refit serve`

use std::net::SocketAddr;

use common::settings::Settings;
use common::telemetry;

use crate::cli::context::Context;
use crate::cli::exit::{Done, Failure};
use crate::cli::process::{Running, Stop};

#[derive(Debug, clap::Args)]
#[group(skip)] // `up` takes these, too
pub(crate) struct Args {
    /// Address and port to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
}

/// Runs the coordinator until Ctrl-C or SIGTERM; a second signal does not wait for what is under way.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let mut stop = Stop::listen()?;
    let mut running = tokio::select! {
        started = Running::start(settings(context, args)?) => started?,
        // What it stands on may not have answered yet.
        () = stop.asked() => return Ok(()),
    };
    context.out.line(format!("the coordinator answers at {0}; {0}/docs shows the API", running.address()));
    tokio::select! {
        () = stop.asked() => {}
        failure = running.broken() => return Err(failure),
    }
    tracing::info!("this coordinator is asked to end: what is under way is waited for, but not for long");
    tokio::select! {
        () = running.stop() => {}
        () = stop.asked() => {}
    }
    Ok(())
}

/// The settings of a coordinator, with its log set up as they say.
pub(crate) fn settings(context: &Context, args: &Args) -> Result<Settings, Failure> {
    let settings = Settings::load(&context.sources().with_flag("--listen", "api.listen", args.listen))?;
    settings.umask.apply();
    telemetry::start("refit", &settings, true).map_err(|error| Failure::failed(error.to_string()))?;
    Ok(settings)
}
