//! Other policies over the days that were, beside what really happened.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, Days, NaiveDate};
use common::settings::{OwnPolicy, Policies, Policy, PolicyChanges, Settings};
use common::vocabulary::{Family, Mode, ModelKey, Symbol, Timestamp};
use domain::decide::Rules;
use domain::replay::{Day, Life, Outcome, Seen, Staleness, replay};

use crate::db::changes::{LogPosition, Mark, Until};
use crate::db::lives::WentLive;
use crate::db::models::Model;
use crate::db::scores::OfDay;
use crate::db::{self, Connection, Scope};
use crate::service::error::{Error, Result};
use crate::service::runtime::{Core, Refit, lookup};
use crate::views::{NamedPolicy, ReplayOutcome, ReplayRequest, ReplayView, WeekLoss};
use crate::wording::Label;

/// Most days, policies and models of one replay.
const MOST_DAYS: i64 = 3660;
const MOST_POLICIES: usize = 20;
const MOST_MODELS: usize = 10_000;
/// Days of scores of a model that are read.
const SCORED_DAYS: usize = 5_000;

impl Refit {
    /// What other policies would have come to over days that were, beside what really happened. Changes nothing.
    ///
    /// # Errors
    /// There is no such model or key; a value is out of range; the days make no sense, or are too many.
    pub async fn replay(&self, request: ReplayRequest) -> Result<ReplayView> {
        run(&self.core, request).await
    }
}

/// A policy to replay.
struct Candidate {
    name: String,
    policies: Policies,
}

/// A model with what really happened to it.
struct Known {
    model: Model,
    life: Life,
    real: ReplayOutcome,
    real_days: Vec<(NaiveDate, f64, f64)>,
    seen: Vec<Seen>,
    /// Rows that its versions were scored on.
    scored: u64,
}

async fn run(core: &Core, request: ReplayRequest) -> Result<ReplayView> {
    let now = Timestamp::now();
    let (from, to) = span(&request, now.date())?;
    let mut candidates = vec![Candidate { name: Label::AsSet.text(), policies: core.settings.policy.clone() }];
    for policy in &request.policies {
        candidates.push(candidate(&core.settings, policy)?);
    }
    let mut view = core.db.snapshot().await?;
    let models = models(&mut view, &request.models).await?;
    let families: HashSet<Family> = models.iter().map(|model| model.hyper.family()).collect();
    let prices = db::costs::of_families(&mut view, &families).await?;
    let mut known = Vec::with_capacity(models.len());
    for model in models {
        known.extend(about(&mut view, core, model, (from, to)).await?);
    }
    drop(view);

    let learned_from = known.iter().map(|known| known.scored).sum();
    let mut rows: HashMap<Family, Vec<Seen>> = HashMap::new();
    for known in &mut known {
        rows.entry(known.model.hyper.family()).or_default().append(&mut known.seen);
    }
    let staleness: HashMap<Family, Staleness> =
        rows.into_iter().map(|(family, rows)| (family, Staleness::learn(rows))).collect();
    let mut happened = Total::named(&Label::AsItWas.text());
    for known in &known {
        happened.add_real(&known.real, &known.real_days);
    }
    let mut outcomes = Vec::with_capacity(candidates.len());
    for Candidate { name, policies } in &candidates {
        let mut total = Total::named(name);
        for Known { model, life, .. } in &known {
            let family = model.hyper.family();
            let policy: Policy = policies.of(family, &model.policy);
            // Asked what it would do, it does.
            let policy = Policy { auto_retrain: true, ..policy };
            let rules = Rules { bands: policy.bands(family), policy, zone: core.settings.schedules.zone };
            if let (Some(prices), Some(staleness)) = (prices.get(&family), staleness.get(&family)) {
                total.add(&replay(life, &rules, prices, staleness));
            }
        }
        outcomes.push(total.outcome());
    }
    Ok(ReplayView {
        from,
        to,
        made_at: now.utc(),
        models: known.len() as u64,
        learned_from,
        rise: staleness.values().map(Staleness::rise).fold(0.0, f64::max),
        happened: happened.outcome(),
        policies: outcomes,
    })
}

fn span(request: &ReplayRequest, today: NaiveDate) -> Result<(NaiveDate, NaiveDate)> {
    let to = request.to.unwrap_or(today).min(today);
    let from = request.from.ok_or_else(|| Error::invalid("say from which day on, such as 2026-01-01".to_owned()))?;
    let days = (to - from).num_days() + 1;
    if days < 1 {
        return Err(Error::invalid(format!("from {from} to {to} there is no day")));
    }
    if days > MOST_DAYS {
        return Err(Error::invalid(format!("{days} days are too many: at most {MOST_DAYS}")));
    }
    if request.policies.len() > MOST_POLICIES {
        return Err(Error::invalid(format!("at most {MOST_POLICIES} policies are replayed at a time")));
    }
    Ok((from, to))
}

/// The policy of the settings with some keys changed. A key that says nothing about one family says something about another.
fn candidate(settings: &Settings, named: &NamedPolicy) -> Result<Candidate> {
    let mut policy = serde_json::to_value(&settings.policy)?;
    for (key, value) in &named.values {
        let changes: PolicyChanges = [(key.clone(), Some(value.text()))].into();
        let of = |family: &Family| settings.change_policy(*family, &OwnPolicy::default(), &changes);
        let mut tried = Family::ALL.iter().map(of);
        let found = tried.by_ref().find_map(std::result::Result::ok);
        let own = match found {
            Some(own) => own,
            None => {
                return Err(Family::ALL
                    .iter()
                    .find_map(|family| of(family).err())
                    .map_or_else(|| Error::invalid(key.clone()), Error::from));
            }
        };
        for (key, value) in own.values() {
            policy[key] = value;
        }
    }
    let policy: Policy = serde_json::from_value(policy)?;
    Ok(Candidate { name: named.name.clone(), policies: policy.into() })
}

/// The models asked about, but for the universal one.
async fn models(view: &mut Connection, named: &[String]) -> Result<Vec<Model>> {
    let mut keys: Vec<ModelKey> = Vec::with_capacity(named.len());
    for name in named {
        let key: ModelKey = name.parse()?;
        if key == ModelKey::universal_forecaster() {
            return Err(Error::invalid(format!(
                "{key} cannot be replayed: its rows are those of all other forecasters"
            )));
        }
        lookup::model::find(view, &key).await?;
        keys.push(key);
    }
    let mut models = db::models::all(view, Scope::asked(&keys)).await?;
    models.retain(|model| model.key != ModelKey::universal_forecaster());
    if models.len() > MOST_MODELS {
        return Err(Error::invalid(format!("{} models are too many: name at most {MOST_MODELS}", models.len())));
    }
    Ok(models)
}

/// What a model has lived through; nothing of one that had no rows in these days.
async fn about(
    view: &mut Connection,
    core: &Core,
    model: Model,
    (from, to): (NaiveDate, NaiveDate),
) -> Result<Option<Known>> {
    let rows = rows_by_day(view, &model, to).await?;
    let rows_before = rows.range(..from).map(|(_, rows)| rows).sum();
    let scores = db::scores::by_day(view, &model.key, SCORED_DAYS).await?;
    let live = db::lives::went_live(view, &model.key).await?;
    let typical = typical(&scores);
    let baselines: BTreeMap<NaiveDate, f64> = scores.iter().map(|score| (score.date, score.baseline)).collect();
    let day = |(date, rows): (&NaiveDate, &u64)| Day {
        date: *date,
        rows: *rows,
        baseline: baselines.get(date).copied().unwrap_or(typical),
    };
    let days: Vec<Day> = rows.range(from..=to).map(day).collect();
    if days.is_empty() {
        return Ok(None);
    }
    let begin = Timestamp::end_of(from - Days::new(1));
    let live_before = live.iter().rev().find(|live| live.trained_at <= begin).map(|live| (live.trained_at, live.rows));
    let policy = core.settings.policy.of(model.hyper.family(), &model.policy);
    let life = Life {
        model: model.key.clone(),
        hyper: model.hyper.clone(),
        split: policy.split(),
        rows_before,
        live_before,
        days,
    };
    let trainings = db::lives::trainings(view, &model.key, (begin, Timestamp::end_of(to))).await?;
    let real = ReplayOutcome {
        trainings: trainings.len() as u64,
        complete: trainings.iter().filter(|training| training.mode != Mode::Incremental).count() as u64,
        seconds: Some(trainings.iter().map(|training| training.seconds).sum()),
        ..ReplayOutcome::default()
    };
    let answered = answered(&scores, &live);
    let within: Vec<&&OfDay> = answered.iter().filter(|score| (from..=to).contains(&score.date)).collect();
    let real = ReplayOutcome { rows: within.iter().map(|score| score.rows).sum(), ..real };
    let real_days = within.iter().map(|of| (of.date, of.loss * of.rows as f64, of.baseline * of.rows as f64)).collect();
    let seen = seen(&scores, &live, &rows);
    let scored = scores.iter().map(|score| score.rows).sum();
    Ok(Some(Known { model, life, real, real_days, seen, scored }))
}

/// Rows by the day they are of.
async fn rows_by_day(view: &mut Connection, model: &Model, to: NaiveDate) -> Result<BTreeMap<NaiveDate, u64>> {
    let Some(source) = &model.source else {
        let Ok(symbol) = model.key.name().parse::<Symbol>() else { return Ok(BTreeMap::new()) };
        let days = db::lives::days_of_bars(view, &symbol, to).await?;
        return Ok(days.into_iter().map(|day| (day, 1)).collect());
    };
    let Some(dataset) = db::datasets::get(view, &source.dataset).await? else { return Ok(BTreeMap::new()) };
    let log = Until { dataset: dataset.id, upto: dataset.entries, through: to };
    let nothing = Mark { entry: LogPosition(0), through: to };
    let days = db::days::of(view, &log, nothing).await?;
    Ok(days.into_iter().map(|(day, rows)| (day, rows.all)).collect())
}

fn typical(scores: &[OfDay]) -> f64 {
    let rows: u64 = scores.iter().map(|score| score.rows).sum();
    let sum: f64 = scores.iter().map(|score| score.baseline * score.rows as f64).sum();
    if rows > 0 { sum / rows as f64 } else { 1.0 }
}

/// What was answered on each day, as far as it was scored: by the newest version whose rows end before it.
fn answered<'a>(scores: &'a [OfDay], live: &[WentLive]) -> Vec<&'a OfDay> {
    let then = |date: NaiveDate| live.iter().rev().find(|live| live.through < date).map(|live| live.version);
    scores.iter().filter(|score| score.arrived && then(score.date) == Some(score.version)).collect()
}

/// Scores of versions by the rows that had come since their training.
fn seen(scores: &[OfDay], live: &[WentLive], rows: &BTreeMap<NaiveDate, u64>) -> Vec<Seen> {
    let trained: HashMap<_, _> = live.iter().map(|live| (live.version, live.through)).collect();
    let of = |score: &OfDay| {
        let trained = *trained.get(&score.version)?;
        // Held out, they are of just before the training: nothing had come since.
        let since = if score.arrived && trained < score.date {
            rows.range((std::ops::Bound::Excluded(trained), std::ops::Bound::Excluded(score.date)))
                .map(|(_, rows)| rows)
                .sum()
        } else {
            0
        };
        Some(Seen { since, loss: score.loss, baseline: score.baseline })
    };
    scores.iter().filter_map(of).collect()
}

/// The outcomes of many models together.
struct Total {
    outcome: ReplayOutcome,
    weeks: BTreeMap<NaiveDate, (f64, f64)>,
}

impl Total {
    fn named(name: &str) -> Self {
        let outcome = ReplayOutcome { name: name.to_owned(), seconds: Some(0.0), ..ReplayOutcome::default() };
        Self { outcome, weeks: BTreeMap::new() }
    }

    fn add(&mut self, outcome: &Outcome) {
        self.outcome.trainings += outcome.trainings;
        self.outcome.complete += outcome.complete;
        let seconds = (outcome.unpriced == 0).then_some(outcome.seconds);
        self.outcome.seconds = self.outcome.seconds.zip(seconds).map(|(all, more)| all + more);
        self.days(&outcome.days);
        self.outcome.rows += outcome.rows;
    }

    fn add_real(&mut self, real: &ReplayOutcome, days: &[(NaiveDate, f64, f64)]) {
        self.outcome.trainings += real.trainings;
        self.outcome.complete += real.complete;
        self.outcome.seconds = self.outcome.seconds.zip(real.seconds).map(|(all, more)| all + more);
        self.outcome.rows += real.rows;
        self.days(days);
    }

    /// Losses of a model count by its own baseline: of another unit, they cannot be added.
    fn days(&mut self, days: &[(NaiveDate, f64, f64)]) {
        let (sum, count) = days.iter().fold((0.0, 0.0), |(sum, count), (_, _, baseline)| (sum + baseline, count + 1.0));
        if sum <= 0.0 {
            return;
        }
        let typical = sum / count;
        for (date, loss, baseline) in days {
            let monday = *date - Days::new(date.weekday().num_days_from_monday().into());
            let week = self.weeks.entry(monday).or_default();
            week.0 += loss / typical;
            week.1 += baseline / typical;
        }
    }

    fn outcome(self) -> ReplayOutcome {
        let (loss, baseline) = self.weeks.values().fold((0.0, 0.0), |(loss, all), of| (loss + of.0, all + of.1));
        let week = |(monday, (loss, baseline)): (NaiveDate, (f64, f64))| WeekLoss { monday, loss: loss / baseline };
        let weeks = self.weeks.into_iter().filter(|(_, of)| of.1 > 0.0).map(week).collect();
        ReplayOutcome { loss: (baseline > 0.0).then(|| loss / baseline), weeks, ..self.outcome }
    }
}
