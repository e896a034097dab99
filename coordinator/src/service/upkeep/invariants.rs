//! What must always hold, checked by the leader now and then, and whenever somebody asks. A breach is a fault of Refit: it is said
//! once, by name, and counted.

use common::ports::StoreKey;
use common::seen::RowName;
use common::telemetry;
use common::vocabulary::{ModelKey, Seal, Timestamp};
use domain::invariant::Invariant;

use crate::db::{self, versions::Version};
use crate::service::error::{Result, Unfit};
use crate::service::runtime::store::artifact;
use crate::service::runtime::{Core, Refit};
use crate::service::state::violations::Seen;
use crate::views::{BreachView, InvariantView};

/// Attempts that ended longer ago are not looked at again, in seconds: checks come more often.
const LATELY: f64 = 2.0 * 86_400.0;
/// Scores of one version that are looked at, the newest.
const SCORES: u32 = 50_000;
/// Breaches of one invariant that are shown.
const SHOWN: usize = 10;

impl Refit {
    /// Looks whether everything holds that must always hold, now, and what this coordinator has found broken since it started.
    ///
    /// # Errors
    /// The store or the database fails.
    pub async fn invariants(&self) -> Result<Vec<InvariantView>> {
        check(&self.core).await?;
        Ok(show(&self.core))
    }

    /// How many different breaches of each invariant this coordinator has found since it started.
    pub fn violations(&self) -> Vec<(Invariant, u64)> {
        self.core.violations().counts()
    }
}

/// Checks everything now.
pub(crate) async fn check(core: &Core) -> Result<()> {
    let lease = core.settings.dispatch.lease.as_secs_f64();
    let live = next_live(core).await?;
    for invariant in Invariant::ALL.iter().copied() {
        let breaches = match invariant {
            Invariant::FinishedKept => thrown_away(core).await?,
            Invariant::SeenRowsUnscored => seen_and_scored(core, live.as_ref()).await?,
            Invariant::ArtifactWhole => torn(core, live.as_ref()).await?,
            _ => db::invariants::broken(&mut *core.db.read().await?, invariant, lease).await?,
        };
        for breach in breaches {
            if core.violations().add(invariant, breach.clone(), Timestamp::now()) {
                telemetry::violated(invariant.name(), format_args!("{}: {breach}", invariant.meaning()));
            }
        }
    }
    Ok(())
}

/// How often each was broken.
pub(crate) fn show(core: &Core) -> Vec<InvariantView> {
    let violations = core.violations();
    let breach = |(what, seen): (&str, Seen)| BreachView {
        what: what.to_owned(),
        first_seen: seen.first.utc(),
        last_seen: seen.last.utc(),
    };
    let shown = |invariant: &Invariant| {
        let found = violations.found.get(invariant);
        InvariantView {
            name: invariant.name().into(),
            meaning: invariant.meaning().into(),
            violations: found.map_or(0, |found| found.len() as u64),
            breaches: violations.latest(*invariant, SHOWN).into_iter().map(breach).collect(),
        }
    };
    Invariant::ALL.iter().map(shown).collect()
}

/// Attempts that were given up although their seal is a result.
async fn thrown_away(core: &Core) -> Result<Vec<String>> {
    let since = Timestamp::now().plus_seconds(-LATELY);
    let given_up = db::invariants::given_up(&mut *core.db.read().await?, since).await?;
    let mut breaches = Vec::new();
    for (job, attempt) in given_up {
        match artifact::seal(core.ports.store.as_ref(), job, attempt).await {
            Ok(Some(Seal::Result { .. })) => {
                breaches.push(format!("job {job}: attempt {attempt} is sealed with a result"));
            }
            // A seal that cannot be read is no result.
            Ok(Some(Seal::Revoked { .. }) | None) | Err(Unfit::Damaged { .. }) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(breaches)
}

/// One live version, another each time: what is dear to look at is looked at one by one.
async fn next_live(core: &Core) -> Result<Option<Version>> {
    let after = core.violations().looked_at.clone();
    let mut view = core.db.snapshot().await?;
    let next = db::invariants::next_live(&mut view, &after).await?;
    core.violations().looked_at = next.as_ref().map(|(model, _)| model.to_string()).unwrap_or_default();
    let Some((model, number)) = next else { return Ok(None) };
    Ok(db::versions::get(&mut view, &model, number).await?)
}

/// Rows that a version was scored on since, although it was given them.
async fn seen_and_scored(core: &Core, live: Option<&Version>) -> Result<Vec<String>> {
    let Some(version) = live else { return Ok(Vec::new()) };
    let (model, number) = (&version.model, version.number);
    let seen = artifact::seen(core.ports.store.as_ref(), &version.prefix.parse()?, &version.manifest.files).await;
    let seen = match seen {
        Ok(Some(seen)) => seen,
        Ok(None) | Err(Unfit::Damaged { .. }) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let scores = db::scores::newest(&mut *core.db.read().await?, model, number, SCORES).await?;
    let again = scores.iter().filter(|score| score.arrived && seen.given(&RowName::new(&score.key, None)));
    Ok(again.map(|score| format!("{number} of {model}: it was given row {} of {}", score.key, score.date)).collect())
}

/// Live versions whose artifact is not whole: all of it is read again, of the one that has its turn and of those that were not whole.
async fn torn(core: &Core, live: Option<&Version>) -> Result<Vec<String>> {
    let mut breaches = Vec::new();
    let mut others = known_torn(core).await?;
    others.retain(|other| live.is_none_or(|live| live.model != other.model));
    for version in live.cloned().into_iter().chain(others) {
        let breach = breach_of(core, &version).await?;
        let mut violations = core.violations();
        match &breach {
            None => violations.torn.remove(&version.model),
            Some(what) => {
                let (model, number) = (&version.model, version.number);
                let advice = format!("`refit reproduce {model} {number}` brings it back");
                violations.torn.insert(model.clone(), format!("the live version {what}: {advice}"))
            }
        };
        breaches.extend(breach);
    }
    Ok(breaches)
}

/// Those that were not whole when they were looked at last, as far as they are still live.
async fn known_torn(core: &Core) -> Result<Vec<Version>> {
    let known: Vec<ModelKey> = core.violations().torn.keys().cloned().collect();
    let mut view = core.db.snapshot().await?;
    let mut still = Vec::new();
    for key in known {
        let live = db::models::get(&mut view, &key).await?.and_then(|model| model.live);
        let version = match live {
            Some(number) => db::versions::get(&mut view, &key, number).await?,
            None => None,
        };
        match version {
            Some(version) => still.push(version),
            None => drop(core.violations().torn.remove(&key)),
        }
    }
    Ok(still)
}

/// What is wrong with a version's artifact.
async fn breach_of(core: &Core, version: &Version) -> Result<Option<String>> {
    let (model, number) = (&version.model, version.number);
    let folder: StoreKey = version.prefix.parse()?;
    match artifact::manifest(core.ports.store.as_ref(), &folder, version.manifest_hash).await {
        Ok(_) => Ok(None),
        Err(damaged @ Unfit::Damaged { .. }) => Ok(Some(format!("{number} of {model}: {damaged}"))),
        Err(error) => Err(error.into()),
    }
}
