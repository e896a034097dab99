//! Workers of the release before and of the one after: what one does not understand of the other costs no job anything.

use common::ports::Mailbox;
use common::wire::codec;
use common::wire::{Claim, ToCoordinator};
use serde::Serialize;

use crate::kit::{Quality, Running, wait_for};

/// What a worker of a later release may say.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Later {
    Greeting { from: String },
}

/// A claim in the version after this one.
fn in_a_later_version(claim: Claim) -> Vec<u8> {
    let mut body = codec::encode(&ToCoordinator::Claim { claims: vec![claim] }).unwrap().to_vec();
    assert_eq!(body[..4], [0x82, 0xa1, b'v', 1]);
    body[3] = 2;
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_a_worker_cannot_understand_waits_for_another_says_so_and_has_lost_nothing() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut old = running.worker(1).await;
    let grant = old.take().await;
    old.turn_down(grant.claim, "unknown variant `unheard_of`; its worker runs Refit 0.0.9").await;
    let job = wait_for("the job to be turned down", || async {
        let job = running.job(&item).await;
        (job.why.contains("turned it down")).then_some(job)
    })
    .await;
    assert!(job.why.contains("unheard_of") && job.why.contains("Refit 0.0.9"), "{}", job.why);
    assert_eq!(job.attempts[0].outcome.as_deref(), Some("declined"));
    assert!(job.attempts[0].message.as_deref().unwrap().contains("unheard_of"), "{:?}", job.attempts[0]);
    // It is not offered again at once: it waits, with a moment before which it is not to be dispatched.
    let waits = "SELECT state FROM jobs WHERE burnt = 0 AND not_before IS NOT NULL";
    assert_eq!(running.environment.database.texts(waits).await, ["queued"]);

    // That moment has come, and a worker that understands it.
    drop(old);
    running.environment.database.execute("UPDATE jobs SET not_before = NULL").await.unwrap();
    let mut new = running.worker(1).await;
    let grant = new.take().await;
    new.finish(&grant, Quality::GOOD).await;
    running.until(&item, "completed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_worker_of_another_release_says_is_kept_by_name_and_no_job_suffers() {
    let running = Running::new().await;
    running.import("AAPL", 400).await;
    let item = running.train("AAPL", None).await;
    let mut worker = running.worker(1).await;
    let doorbell = worker.doorbell().await;
    let bus = running.environment.ports.bus.clone();
    let say = async |body: Vec<u8>| bus.post(Mailbox::Coordinator, body.into()).await.unwrap();
    say(in_a_later_version(worker.claim_of(doorbell))).await;
    say(codec::encode(&Later::Greeting { from: "a later release".into() }).unwrap().to_vec()).await;
    let letters = wait_for("both to be kept", || async {
        let letters = running.refit.dead_letters().await.unwrap().letters;
        (letters.len() == 2).then_some(letters)
    })
    .await;
    let reasons: Vec<&str> = letters.iter().map(|letter| letter.reason.as_str()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("of version 2")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("greeting")), "{reasons:?}");

    // Its doorbell was not answered: it is rung again, for whoever can be understood.
    let grant = worker.take().await;
    worker.finish(&grant, Quality::GOOD).await;
    let job = running.until(&item, "completed").await;
    let outcomes: Vec<&str> = job.attempts.iter().filter_map(|attempt| attempt.outcome.as_deref()).collect();
    assert!(
        outcomes.ends_with(&["result"]) && outcomes[..outcomes.len() - 1].iter().all(|o| *o == "unclaimed"),
        "{outcomes:?}"
    );
}
