//! Forecasts: who may answer, what answered, and why.

use common::vocabulary::{Hyper, ModelKey, Symbol, Timestamp};
use common::wire::codec::{self, Limits};
use common::wire::{Forecast, PredictQuestion, Prediction};
use domain::freshness::DataAge;
use newtype_uuid::GenericUuid;
use serde_json::json;

use super::predict;
use super::predictions::{Kind, Noted};
use crate::db::{self, models::Model, versions::Version};
use crate::service::error::{Error, Result};
use crate::service::runtime::lookup::policy_of;
use crate::service::runtime::{Core, Refit};
use crate::views::{ForecastOutcome, ForecastRequest, ForecastView};

/// Most symbols of one question.
const MOST_SYMBOLS: usize = 500;
/// Bars beyond its window that a model may look back on for its features.
const LEAD: u32 = 64;

impl Refit {
    /// Forecasts the next bar of each symbol, and says what answered and why.
    ///
    /// # Errors
    /// A symbol makes no sense. A symbol without bars or model is an answer, not an error.
    pub async fn forecast(&self, request: ForecastRequest) -> Result<Vec<ForecastView>> {
        all(&self.core, request).await
    }
}

/// Who may answer for a symbol, and why that one.
enum Answerer {
    Version { model: Box<Model>, version: Box<Version>, kind: &'static str, reason: String },
    Nobody { reason: String },
}

/// Answers for each symbol, in the order asked.
async fn all(core: &Core, request: ForecastRequest) -> Result<Vec<ForecastView>> {
    if request.symbols.is_empty() || request.symbols.len() > MOST_SYMBOLS {
        return Err(Error::invalid(format!("name 1 to {MOST_SYMBOLS} symbols")));
    }
    let symbols = request.symbols.iter().map(|text| Ok(text.parse()?)).collect::<Result<Vec<Symbol>>>()?;
    futures::future::try_join_all(symbols.iter().map(|symbol| one(core, symbol, request.refresh))).await
}

async fn one(core: &Core, symbol: &Symbol, refresh: bool) -> Result<ForecastView> {
    let mut view = core.db.snapshot().await?;
    let answerer = answerer(core, &mut view, symbol).await?;
    let (model, version, kind, reason) = match answerer {
        Answerer::Version { model, version, kind, reason } => (model, version, kind, reason),
        Answerer::Nobody { reason } => {
            return match db::bars::newest(&mut view, symbol, 1).await?.is_empty() {
                true => Ok(unknown(symbol)),
                false => Ok(nothing(symbol, ForecastOutcome::NoModel, reason)),
            };
        }
    };
    let Hyper::Forecaster(hyper) = &version.manifest.hyper else {
        return Ok(nothing(symbol, ForecastOutcome::Failed, format!("{} does not forecast", model.key)));
    };
    let bars = db::bars::newest(&mut view, symbol, hyper.window + LEAD).await?;
    drop(view);
    let Some(last) = bars.last().map(|bar| bar.date) else {
        return Ok(unknown(symbol));
    };
    let key = format!("forecast/{symbol}/{}/{}/{last}", model.key, model.live_seq);
    let mut cached = None;
    if !refresh && let Some(bytes) = core.ports.bus.get(&key).await? {
        cached = codec::decode::<Forecast>(&bytes, Limits::default()).ok();
    }
    let from_cache = cached.is_some();
    let forecast = match cached {
        Some(forecast) => Ok(forecast),
        None => {
            let question = PredictQuestion::Forecast { symbol: symbol.clone(), bars };
            match predict::ask(core, &version.artifact(), model.live_seq, question).await? {
                Ok(Prediction::Forecast(forecast)) => Ok(forecast),
                Ok(other) => Err(format!("its answer is no forecast: {other:?}")),
                Err(why) => Err(why.to_string()),
            }
        }
    };
    let forecast = match forecast {
        Ok(forecast) => forecast,
        Err(why) => {
            let reason = format!("{} {} could not answer: {why}", model.key, version.number);
            return Ok(nothing(symbol, ForecastOutcome::Failed, reason));
        }
    };
    if !from_cache {
        core.ports.bus.put(&key, codec::encode(&forecast)?, core.settings.coordinator.forecast_ttl).await?;
    }
    let age = DataAge::of(last, Timestamp::now(), policy_of(&model, &core.settings).max_data_age_days);
    let inputs = [("symbol".to_owned(), json!(symbol)), ("through".to_owned(), json!(last))].into();
    let output = json!({
        "direction": forecast.direction,
        "confidence": forecast.confidence,
        "change_percent": forecast.change_percent,
        "interval_percent": forecast.interval_percent,
    });
    let ids = core.log.note(&model.key, version.number, Kind::Forecast, vec![Noted { inputs, output }])?;
    Ok(ForecastView {
        id: ids.first().map(|id| id.into_untyped_uuid()),
        symbol: symbol.to_string(),
        outcome: ForecastOutcome::Answered,
        model_type: kind.into(),
        because: reason,
        version: Some(version.number.to_string()),
        reliability: version.reliability,
        as_of: Some(last),
        direction: Some(forecast.direction),
        confidence: Some(forecast.confidence),
        change_percent: Some(forecast.change_percent),
        interval_percent: Some(forecast.interval_percent),
        cached: from_cache,
        data_age_days: Some(age.days),
        warning: age.warning(),
    })
}

fn unknown(symbol: &Symbol) -> ForecastView {
    let reason = format!("there are no bars of {symbol}; `refit import prices FILE` brings them in");
    nothing(symbol, ForecastOutcome::UnknownSymbol, reason)
}

fn nothing(symbol: &Symbol, outcome: ForecastOutcome, reason: String) -> ForecastView {
    ForecastView {
        id: None,
        symbol: symbol.to_string(),
        outcome,
        model_type: "none".into(),
        because: reason,
        version: None,
        reliability: None,
        as_of: None,
        direction: None,
        confidence: None,
        change_percent: None,
        interval_percent: None,
        cached: false,
        data_age_days: None,
        warning: None,
    }
}

/// The symbol's own version if it is reliable, else the universal one if that is, else nobody.
async fn answerer(core: &Core, view: &mut db::Connection, symbol: &Symbol) -> Result<Answerer> {
    let mut passed_over = Vec::new();
    for (key, kind) in [(ModelKey::forecaster(symbol), "own"), (ModelKey::universal_forecaster(), "universal")] {
        let live = match db::models::get(view, &key).await? {
            Some(model) => match model.live {
                Some(number) => db::versions::get(view, &key, number).await?.map(|version| (model, version)),
                None => None,
            },
            None => None,
        };
        let Some((model, version)) = live else {
            passed_over.push(format!("{key} has no live version"));
            continue;
        };
        let least = policy_of(&model, &core.settings).reliability_threshold;
        match version.reliability {
            Some(reliability) if reliability >= least => {
                passed_over
                    .push(format!("{key} {} has reliability {reliability:.2}, at least {least:.2}", version.number));
                let reason = passed_over.join("; ");
                return Ok(Answerer::Version { model: Box::new(model), version: Box::new(version), kind, reason });
            }
            Some(reliability) => {
                passed_over
                    .push(format!("{key} {} has reliability {reliability:.2}, below {least:.2}", version.number));
            }
            None => passed_over.push(format!("the reliability of {key} {} is unknown", version.number)),
        }
    }
    Ok(Answerer::Nobody { reason: passed_over.join("; ") })
}
