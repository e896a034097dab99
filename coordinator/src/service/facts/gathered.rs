//! What the statements bring, for many models at once.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use common::settings::Settings;
use common::vocabulary::{Family, JobId, ModelKey, Symbol, Timestamp};
use domain::cost::Prices;

use super::rows::Rows;
use super::tables::Tables;
use crate::db::bars::{Longest, Series};
use crate::db::changes::Mark;
use crate::db::facts::{Failed, History};
use crate::db::ledger::Back;
use crate::db::models::Model;
use crate::db::watches::Watched;
use crate::db::{self, Connection, Scope};

/// Everything the statements brought, by model or symbol.
pub(super) struct Gathered {
    pub(super) series: HashMap<Symbol, Rows>,
    pub(super) universal: Rows,
    pub(super) tables: Tables,
    pub(super) histories: HashMap<ModelKey, History>,
    pub(super) active: HashMap<ModelKey, JobId>,
    pub(super) failed: HashMap<ModelKey, Vec<Failed>>,
    pub(super) rolled_back: HashMap<ModelKey, Back>,
    pub(super) watches: HashMap<ModelKey, Watched>,
    pub(super) prices: Learned,
}

/// What trainings of families cost, learned once however many models there are of them.
pub(super) type Learned = Arc<HashMap<Family, Prices>>;

/// Reads all of it in one view.
pub(super) async fn gather(
    view: &mut Connection,
    of: Scope<'_, ModelKey>,
    models: &[Model],
    settings: &Settings,
    now: Timestamp,
    learned: &mut Learned,
) -> db::Result<Gathered> {
    let all = series_of(view, of, models).await?;
    let series = series(view, all, now).await?;
    let universal = match of {
        Scope::All => series.values().fold(Rows::default(), longest),
        Scope::Part(..) | Scope::Of(_) if reads_all_series(models) => universal(view, now).await?,
        Scope::Part(..) | Scope::Of(_) => Rows::default(),
    };
    let histories = db::facts::histories(view, of).await?;
    let watches = db::watches::all(view, of).await?;
    learn(view, models, learned).await?;
    Ok(Gathered {
        series,
        universal,
        tables: Tables::gather(view, of, models, &given(&histories, &watches), settings, now).await?,
        histories,
        active: db::facts::active(view, of).await?,
        failed: db::facts::failed(view, of).await?,
        rolled_back: db::ledger::rolled_back(view, of).await?,
        prices: learned.clone(),
        watches,
    })
}

/// Learns what is not known yet of the families of these models.
async fn learn(view: &mut Connection, models: &[Model], learned: &mut Learned) -> db::Result<()> {
    let families: HashSet<Family> = models.iter().map(|model| model.hyper.family()).collect();
    let lacking: HashSet<Family> = families.into_iter().filter(|family| !learned.contains_key(family)).collect();
    if !lacking.is_empty() {
        let more = db::costs::of_families(view, &lacking).await?;
        *learned = Arc::new(learned.iter().map(|(family, prices)| (*family, prices.clone())).chain(more).collect());
    }
    Ok(())
}

/// How far logs were given: to versions, and to the monitoring of the live ones.
fn given(histories: &HashMap<ModelKey, History>, watches: &HashMap<ModelKey, Watched>) -> HashMap<ModelKey, Vec<Mark>> {
    let scored = |key: &ModelKey| watches.get(key).map(|watched| Mark::from(watched.watch.scored));
    histories.iter().map(|(key, history)| (key.clone(), history.marks().chain(scored(key)).collect())).collect()
}

/// The figures of the series that these models are trained on, by symbol; but for the universal forecaster.
async fn series_of(
    view: &mut Connection,
    of: Scope<'_, ModelKey>,
    models: &[Model],
) -> db::Result<BTreeMap<Symbol, Series>> {
    let readers = models.iter().filter(|model| model.source.is_none());
    let symbols: BTreeSet<Symbol> = readers.filter_map(|model| model.key.name().parse().ok()).collect();
    match (of, symbols.first(), symbols.last()) {
        (Scope::All, ..) => db::bars::series(view, Scope::All).await,
        (Scope::Part(..), Some(first), Some(last)) => db::bars::series(view, Scope::Part(first, last)).await,
        (Scope::Part(..) | Scope::Of(_), ..) => {
            db::bars::series(view, Scope::Of(&symbols.into_iter().collect::<Vec<_>>())).await
        }
    }
}

fn reads_all_series(models: &[Model]) -> bool {
    let universal = ModelKey::universal_forecaster();
    models.iter().any(|model| model.key == universal)
}

/// The most that either has.
fn longest(all: Rows, one: &Rows) -> Rows {
    Rows {
        count: all.count.max(one.count),
        newest: all.newest.max(one.newest),
        import: all.import.max(one.import),
        revised: all.revised.max(one.revised),
        per_day: 0.0,
    }
}

/// Rows of the universal forecaster, which is trained on all series: only those that go on beyond `now`, as in a replay, are looked at
/// one by one.
async fn universal(view: &mut Connection, now: Timestamp) -> db::Result<Rows> {
    let Longest { rows, last, import, revised } = db::bars::longest(view, now.date()).await?;
    let beyond = db::bars::beyond(view, now.date()).await?;
    let all = Rows { count: rows, newest: last, import, revised, per_day: 0.0 };
    Ok(series(view, beyond, now).await?.values().fold(all, longest))
}

async fn series(
    view: &mut Connection,
    all: BTreeMap<Symbol, Series>,
    now: Timestamp,
) -> db::Result<HashMap<Symbol, Rows>> {
    let cut_short = db::bars::rows_until(view, &all, now.date()).await?;
    let rows = |(symbol, series): (Symbol, Series)| {
        let (count, newest) = if series.last <= now.date() {
            (series.rows, Some(series.last))
        } else {
            cut_short.get(&symbol).map_or((0, None), |(rows, last)| (*rows, Some(*last)))
        };
        (symbol, Rows { count, newest, import: series.import, revised: series.revised, per_day: 0.0 })
    };
    Ok(all.into_iter().map(rows).collect())
}
