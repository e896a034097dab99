//! `refit forecast`

use common::vocabulary::Symbol;

use crate::cli::context::Context;
use crate::cli::exit::{Code, Done, Failure};
use crate::cli::table::{NOTHING, figure, or_nothing, table};
use crate::views::{ForecastOutcome, ForecastRequest, ForecastView};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Whose next day.
    #[arg(required = true)]
    symbols: Vec<Symbol>,
    /// Do not answer from the cache.
    #[arg(long)]
    refresh: bool,
}

/// Forecasts the next day of symbols and says what was used.
pub(crate) async fn run(context: &Context, args: &Args) -> Done {
    let symbols = args.symbols.iter().map(ToString::to_string).collect();
    let forecasts = context.client()?.forecasts(&ForecastRequest { symbols, refresh: args.refresh }).await?;
    context.out.answer(&forecasts, |forecasts| text(forecasts))?;
    answered(&forecasts)
}

/// It is enough that one symbol has an answer, also that it has no model to be trusted. Else the request has failed.
fn answered(forecasts: &[ForecastView]) -> Done {
    let all_are = |outcomes: &[ForecastOutcome]| forecasts.iter().all(|forecast| outcomes.contains(&forecast.outcome));
    if all_are(&[ForecastOutcome::UnknownSymbol]) {
        let failure = Failure::new(Code::NotFound, "there are no bars of any of these symbols");
        return Err(failure.next("`refit import prices FILE` brings some in, `refit models` lists what there is"));
    }
    if all_are(&[ForecastOutcome::UnknownSymbol, ForecastOutcome::Failed]) {
        return Err(Failure::failed("nothing could be forecast").next("`refit workers` shows who could answer"));
    }
    Ok(())
}

fn text(forecasts: &[ForecastView]) -> String {
    let headings =
        ["symbol", "direction", ">change %", "80 % interval", ">confidence", "used", ">reliability", "as of"];
    let mut table = table(&headings);
    for forecast in forecasts {
        let version = forecast.version.iter().map(|version| format!(" {version}")).collect::<String>();
        let interval = forecast.interval_percent.map(|(low, high)| format!("{low:+.2} to {high:+.2}"));
        table.add_row([
            forecast.symbol.clone(),
            or_nothing(forecast.direction.as_ref()),
            forecast.change_percent.map_or_else(|| NOTHING.into(), |change| format!("{change:+.3}")),
            or_nothing(interval),
            figure(forecast.confidence, 3),
            format!("{}{version}", forecast.model_type),
            figure(forecast.reliability, 2),
            or_nothing(forecast.as_of),
        ]);
    }
    let because = forecasts.iter().map(|forecast| format!("\n{}: {}", forecast.symbol, forecast.because));
    let warned =
        forecasts.iter().filter_map(|one| Some(format!("\nwarning: {}: {}", one.symbol, one.warning.as_ref()?)));
    format!("{table}{}", because.chain(warned).collect::<String>())
}
