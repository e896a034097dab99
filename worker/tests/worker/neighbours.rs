//! What a coordinator of a later release says: what cannot be understood is turned down by name, and nothing else suffers.

use bytes::Bytes;
use common::ports::{LetterKind, Mailbox};
use common::wire::codec;
use common::wire::{Claim, Outcome, ToCoordinator, ToWorker};
use serde::Serialize;

use crate::specs;
use crate::stage::Stage;

/// A grant of a job that this release has never heard of.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Later {
    Grant { grants: Vec<LaterGrant> },
    Praise,
}

#[derive(Serialize)]
struct LaterGrant {
    claim: Claim,
    number: u32,
    spec: LaterSpec,
    applause: bool,
}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum LaterSpec {
    UnheardOf { depth: u32 },
}

async fn dead_letter(stage: &Stage) -> String {
    let letters = stage.bus.dead_letters().await.unwrap().letters;
    let letter = letters.into_iter().find(|letter| letter.kind == LetterKind::ToWorker);
    letter.map(|letter| letter.reason).unwrap_or_default()
}

#[tokio::test]
async fn a_job_of_an_unknown_kind_is_turned_down_by_name_and_the_slot_is_free_for_others() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    stage.ring().await;
    let claim = stage.claim().await;
    let spec = LaterSpec::UnheardOf { depth: 3 };
    let grant = Later::Grant { grants: vec![LaterGrant { claim, number: 1, spec, applause: true }] };
    stage.bus.post(Mailbox::Worker(claim.worker), codec::encode(&grant).unwrap()).await.unwrap();
    let (declined, reason) = stage
        .receive("that it is turned down", |message| match message {
            ToCoordinator::Declined { claims, reason } => Some((claims, reason.unwrap_or_default())),
            _ => None,
        })
        .await;
    assert_eq!(declined, [claim]);
    assert!(reason.contains("unheard_of") && reason.contains("its worker runs Refit"), "{reason}");

    let next = stage.start(specs::probe(1)).await;
    assert_eq!(stage.end(&next).await.outcome, Outcome::Done, "{}", stage.log());
    assert!(next.claim != claim.claim && stage.seal(&claim).await.is_none());
    // It was put aside before the next one was read.
    assert!(dead_letter(&stage).await.contains("unheard_of"));
}

#[tokio::test]
async fn what_it_is_told_in_a_later_version_or_for_the_first_time_is_kept_by_name_and_it_goes_on() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    stage.ring().await;
    let claim = stage.claim().await;
    let mut later = codec::encode(&ToWorker::Drain).unwrap().to_vec();
    // `{v: 1, …}`, of a version to come.
    assert_eq!(later[..4], [0x82, 0xa1, b'v', 1]);
    later[3] = 2;
    let send = async |body: Bytes| stage.bus.post(Mailbox::Worker(claim.worker), body).await.unwrap();
    send(later.into()).await;
    send(codec::encode(&Later::Praise).unwrap()).await;
    // It goes on asking, and takes what it understands.
    stage.grant(claim, specs::probe(1), None).await;
    assert_eq!(stage.end(&claim).await.outcome, Outcome::Done, "{}", stage.log());
    let letters = stage.bus.dead_letters().await.unwrap().letters;
    let reasons: Vec<&str> = letters.iter().map(|letter| letter.reason.as_str()).collect();
    assert!(reasons[1].contains("of version 2") && reasons[0].contains("praise"), "newest first: {reasons:?}");
}
