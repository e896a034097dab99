//! What is told to those who listen: what changed, of what they want, and no more.

use common::vocabulary::JobState;
use coordinator::views::{Event, EventFilter, JobEvent, ProbeRequest};

use crate::kit::{Quality, Running, id, receive};

/// A training is followed by its id, from the backlog to its verdict.
#[tokio::test(flavor = "multi_thread")]
async fn a_listener_follows_its_own_training() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    running.import("MSFT", 400).await;
    let item = running.train("AAPL", Some("complete")).await;
    let job = item.job.unwrap();
    let filter = EventFilter { job: Some(job.to_string()), ..EventFilter::default() };
    let mut listener = running.refit.events(&filter, None).unwrap();
    let other = running.train("MSFT", Some("complete")).await;
    let mut worker = running.worker(1).await;
    for _ in 0..2 {
        let grant = worker.take().await;
        worker.finish(&grant, Quality::GOOD).await;
    }
    running.until(&other, "completed").await;
    let ended = running.until(&item, "completed").await;

    let (mut states, mut revisions, mut verdicts) = (Vec::new(), Vec::new(), Vec::new());
    receive(&mut listener, "its end", |event| {
        match &event {
            Event::Job(JobEvent { model, state, revision, .. }) => {
                assert_eq!((event.job(), model.as_deref()), (Some(job), Some("forecaster/AAPL")));
                states.push(*state);
                revisions.push(*revision);
            }
            Event::Verdict(verdict) => verdicts.push((verdict.job, verdict.version.clone(), verdict.promoted)),
            other => panic!("{other:?} was not asked for"),
        }
        (states.last() == Some(&JobState::Completed)).then_some(())
    })
    .await;
    assert_eq!(verdicts, [(job, ended.version.unwrap(), true)]);
    assert!(states.is_sorted() && revisions.is_sorted(), "{states:?} {revisions:?}");
}

/// Events come by kind of job; those of others are not even made into text for this listener.
#[tokio::test(flavor = "multi_thread")]
async fn probes_are_heard_apart_from_trainings() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let of =
        |kind: &str| EventFilter { job_kind: Some(kind.into()), kinds: Some("job".into()), ..EventFilter::default() };
    let mut of_probes = running.refit.events(&of("probe"), None).unwrap();
    let item = running.train("AAPL", Some("complete")).await;
    let request = ProbeRequest { count: 3, ..ProbeRequest::default() };
    let mut probes = running.refit.probe(request).await.unwrap().jobs;
    let mut heard = Vec::new();
    receive(&mut of_probes, "the probes", |event| {
        heard.extend(event.job());
        (heard.len() == 3).then_some(())
    })
    .await;
    heard.sort_unstable();
    probes.sort_unstable();
    assert_eq!(heard, probes, "and not {}", id(&item));
}

/// A filter that makes no sense is refused by its words.
#[tokio::test(flavor = "multi_thread")]
async fn a_listener_who_asks_for_nonsense_is_told_so() {
    let running = Running::new().await;
    let filter = EventFilter { kinds: Some("jobs".into()), ..EventFilter::default() };
    let refused = running.refit.events(&filter, None).unwrap_err().to_string();
    assert!(refused.contains("kinds = \"jobs\" is no kind of event: job, progress"), "{refused}");
}
