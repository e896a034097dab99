//! Which events one listener wants to hear.

use std::collections::HashSet;

use common::vocabulary::{JobKind, ModelKey};
use uuid::Uuid;

use crate::service::error::{Error, Result};
use crate::views::{Event, EventFilter, EventKind, JobEvent};

/// Most jobs, or models, that one listener may name: their names travel in the address.
const MOST: usize = 500;

/// What a listener wants; what is not named is not looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Filter {
    models: Option<HashSet<String>>,
    jobs: Option<HashSet<Uuid>>,
    job_kinds: Option<HashSet<JobKind>>,
    kinds: Option<HashSet<EventKind>>,
}

impl Filter {
    /// As it was asked for.
    ///
    /// # Errors
    /// A word in it is none, or it names too many.
    pub(crate) fn of(asked: &EventFilter) -> Result<Self> {
        let model = |text: &str| Ok(text.parse::<ModelKey>()?.to_string());
        let job =
            |text: &str| text.parse().map_err(|_| Error::invalid(format!("job = {:?} is no id of a job", short(text))));
        Ok(Self {
            models: words(asked.model.as_deref(), "model", model)?,
            jobs: words(asked.job.as_deref(), "job", job)?,
            job_kinds: words(asked.job_kind.as_deref(), "job_kind", |text| Ok(text.parse()?))?,
            kinds: words(asked.kinds.as_deref(), "kinds", kind)?,
        })
    }

    /// Whether it lets everything through.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::default()
    }

    /// Whether an event is wanted. What was missed may have been.
    pub(super) fn wants(&self, event: &Event) -> bool {
        let kind = event.kind();
        let wants_kind = || self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind));
        let wants_model = || {
            let Some(models) = &self.models else { return true };
            event.model().is_some_and(|model| models.contains(model))
        };
        let wants_job = || {
            let Some(jobs) = &self.jobs else { return true };
            event.job().is_some_and(|job| jobs.contains(&job))
        };
        let wants_job_kind = || match (&self.job_kinds, event) {
            (None, _) => true,
            (Some(kinds), Event::Job(JobEvent { kind, .. })) => kinds.contains(kind),
            (Some(_), _) => false,
        };
        kind == EventKind::Missed || wants_kind() && wants_model() && wants_job() && wants_job_kind()
    }
}

/// The words of one parameter.
fn words<T: Eq + std::hash::Hash>(
    text: Option<&str>,
    name: &str,
    word: impl Fn(&str) -> Result<T>,
) -> Result<Option<HashSet<T>>> {
    let Some(text) = text else { return Ok(None) };
    let words: HashSet<T> =
        text.split(',').map(str::trim).filter(|text| !text.is_empty()).map(word).collect::<Result<_>>()?;
    match words.len() {
        0 => Err(Error::invalid(format!("{name} names nothing: leave it out to hear all"))),
        1..=MOST => Ok(Some(words)),
        many => Err(Error::invalid(format!("{name} names {many}, and at most {MOST} can be told apart"))),
    }
}

fn kind(text: &str) -> Result<EventKind> {
    EventKind::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or_else(|| {
        let known = EventKind::ALL.map(EventKind::as_str).join(", ");
        Error::invalid(format!("kinds = {:?} is no kind of event: {known}", short(text)))
    })
}

fn short(text: &str) -> String {
    text.chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{alert, job, progress};
    use super::*;

    fn filter(model: &str, job: &str, job_kind: &str, kinds: &str) -> Result<Filter> {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Filter::of(&EventFilter {
            model: given(model),
            job: given(job),
            job_kind: given(job_kind),
            kinds: given(kinds),
        })
    }

    #[test]
    fn what_is_named_must_fit_and_what_is_not_named_does() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let table = [
            (filter("", "", "", ""), [true, true, true, true]),
            (filter("", &one.to_string(), "", ""), [true, false, true, false]),
            (filter("", &format!("{one}, {other}"), "", ""), [true, true, true, false]),
            (filter("", "", "", "progress"), [false, false, true, false]),
            (filter("", "", "probe", ""), [true, true, false, false]),
            (filter("", "", "train", "job"), [false, false, false, false]),
            (filter("forecaster/AAPL", "", "", ""), [false, false, true, true]),
            (filter("forecaster/AAPL", "", "", "alert,job"), [false, false, false, true]),
        ];
        let told = alert("forecaster/AAPL");
        for (filter, expected) in table {
            let filter = filter.unwrap();
            let events = [job(one, 1), job(other, 1), progress(one, 3), told.clone()];
            assert_eq!(events.map(|event| filter.wants(&event)), expected, "{filter:?}");
            assert!(filter.wants(&Event::Missed));
        }
    }

    #[test]
    fn words_that_are_none_are_refused_by_name() {
        let many = vec![Uuid::from_u128(1).to_string(); 3].join(",");
        assert!(filter("", &many, "", "").is_ok(), "said three times is one");
        let too_many: Vec<String> = (0..501).map(|n| Uuid::from_u128(n).to_string()).collect();
        let table = [
            (filter("AAPL/", "", "", ""), "AAPL/"),
            (filter("", "18f", "", ""), "job = \"18f\""),
            (filter("", "", "guess", ""), "guess"),
            (filter("", "", "", "jobs"), "kinds = \"jobs\""),
            (filter("", "", "", " , "), "kinds names nothing"),
            (filter("", &too_many.join(","), "", ""), "501"),
        ];
        for (refused, named) in table {
            let said = refused.unwrap_err().to_string();
            assert!(said.contains(named), "{said}");
        }
    }
}
