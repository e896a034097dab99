//! Online questions, answered by the predictor.

use common::ports::{Mailbox, StoreKey};
use common::vocabulary::{ArtifactRef, ContentHash, CoordinatorId, Manifest, files};
use common::wire::codec::{self, Limits};
use common::wire::{Outcome, PredictQuestion, PredictRequest, Prediction, ToAsker};

use crate::specs;
use crate::stage::{LIMIT, Stage};

/// Somebody who asks, with a mailbox of their own.
struct Asker<'a> {
    stage: &'a Stage,
    id: CoordinatorId,
    artifact: ArtifactRef,
}

impl Asker<'_> {
    async fn ask(&self, left_ms: u64) -> uuid::Uuid {
        let request = PredictRequest {
            id: uuid::Uuid::new_v4(),
            asker: self.id,
            artifact: self.artifact.clone(),
            live_seq: 1,
            question: PredictQuestion::Forecast { symbol: specs::symbol(), bars: specs::prices(60) },
            left_ms,
        };
        self.stage.bus.post(Mailbox::Predictors, codec::encode(&request).unwrap()).await.unwrap();
        request.id
    }

    async fn receive(&self) -> ToAsker {
        let taken = self.stage.bus.take(Mailbox::Answers(self.id), LIMIT).await.unwrap();
        let taken = taken.unwrap_or_else(|| panic!("no answer; the log:\n{}", self.stage.log()));
        codec::decode(&taken.body, Limits::default()).unwrap()
    }

    /// The answer to a question, the next that comes; on the way others may be told that they wait.
    async fn answer(&self, id: uuid::Uuid) -> Result<Prediction, String> {
        loop {
            match self.receive().await {
                ToAsker::Answer(answer) if answer.id == id => return answer.prediction,
                ToAsker::Loading { id: other } if other != id => {}
                other => panic!("the answer to {id} was to come next, not {other:?}"),
            }
        }
    }
}

#[tokio::test]
async fn e3_questions_are_answered_dead_ones_dropped_and_damage_is_named() {
    let mut stage = Stage::new().await;
    let worker = stage.worker(&[]);
    let spec = specs::training(&stage, 1).await;
    let claim = stage.start(specs::train(&spec)).await;
    assert_eq!(stage.end(&claim).await.outcome, Outcome::Sealed);
    let prefix = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    let bytes = stage.store.get(&prefix.join(files::MANIFEST).unwrap()).await.unwrap();
    let manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
    let artifact = ArtifactRef {
        model: Some(manifest.model),
        version: "v1.0".parse().unwrap(),
        prefix: prefix.to_string(),
        manifest: ContentHash::of(&bytes),
        seen_through: manifest.seen_through,
    };

    let asker = Asker { stage: &stage, id: CoordinatorId::new_v4(), artifact };
    // The dead one is passed over, and is not even loaded for.
    let _dead = asker.ask(0).await;
    let (first, second) = (asker.ask(60_000).await, asker.ask(60_000).await);
    // D7: a cold version says what it is doing.
    assert_eq!(asker.receive().await, ToAsker::Loading { id: first });
    let prediction = asker.answer(first).await;
    let Ok(Prediction::Forecast(forecast)) = prediction else { panic!("{prediction:?}") };
    assert!(forecast.scale > 0.0 && (0.0..=1.0).contains(&forecast.p_up));
    assert_eq!(asker.answer(second).await, Ok(Prediction::Forecast(forecast)), "the same question has the same answer");

    // A15: the version is kept open, so the store's copy may be gone by now; another one is not trusted.
    stage.store.put(&prefix.join(files::WEIGHTS).unwrap(), "spoiled".into()).await.unwrap();
    let kept = asker.ask(60_000).await;
    assert!(asker.answer(kept).await.is_ok());
    let _fresh = {
        drop(worker);
        stage.worker(&[])
    };
    let refused = asker.ask(60_000).await;
    assert_eq!(asker.receive().await, ToAsker::Loading { id: refused });
    let message = asker.answer(refused).await.unwrap_err();
    assert!(message.contains(files::WEIGHTS), "{message}");
}
