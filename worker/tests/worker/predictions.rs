//! Online questions, answered by the predictor.

use common::ports::{Mailbox, StoreKey};
use common::vocabulary::{ArtifactRef, ContentHash, Manifest, Timestamp, files};
use common::wire::codec::{self, Limits};
use common::wire::{Outcome, PredictAnswer, PredictQuestion, PredictRequest, Prediction};

use crate::specs;
use crate::stage::{LIMIT, Stage};

async fn ask(stage: &Stage, artifact: &ArtifactRef, seconds: f64) -> uuid::Uuid {
    let request = PredictRequest {
        id: uuid::Uuid::new_v4(),
        artifact: artifact.clone(),
        live_seq: 1,
        question: PredictQuestion::Forecast { symbol: specs::symbol(), bars: specs::prices(60) },
        deadline: Timestamp::now().plus_seconds(seconds),
    };
    stage.bus.post(Mailbox::Predictors, codec::encode(&request).unwrap()).await.unwrap();
    request.id
}

async fn answer(stage: &Stage, id: uuid::Uuid) -> PredictAnswer {
    let deadline = std::time::Instant::now() + LIMIT;
    loop {
        if let Some(body) = stage.bus.get(&format!("predict/{id}")).await.unwrap() {
            return codec::decode(&body, Limits::default()).unwrap();
        }
        assert!(std::time::Instant::now() < deadline, "no answer; the log:\n{}", stage.log());
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn e3_questions_are_answered_dead_ones_dropped_and_damage_is_named() {
    let mut stage = Stage::new().await;
    let _worker = stage.worker(&[]);
    let spec = specs::training(&stage, 1).await;
    let claim = stage.start(specs::train(&spec)).await;
    assert_eq!(stage.end(&claim).await.outcome, Outcome::Sealed);
    let prefix = StoreKey::artifact(claim.job, claim.attempt, claim.claim);
    let bytes = stage.store.get(&prefix.join(files::MANIFEST).unwrap()).await.unwrap();
    let manifest: Manifest = serde_json::from_slice(&bytes).unwrap();
    let artifact = ArtifactRef {
        version: "v1.0".parse().unwrap(),
        prefix: prefix.to_string(),
        manifest: ContentHash::of(&bytes),
        seen_through: manifest.seen_through,
    };

    let dead = ask(&stage, &artifact, -1.0).await;
    let first = ask(&stage, &artifact, 60.0).await;
    let second = ask(&stage, &artifact, 60.0).await;
    let (first, second) = (answer(&stage, first).await, answer(&stage, second).await);
    let Ok(Prediction::Forecast(forecast)) = first.prediction else { panic!("{first:?}") };
    assert!(forecast.scale > 0.0 && (0.0..=1.0).contains(&forecast.p_up));
    assert_eq!(Ok(Prediction::Forecast(forecast)), second.prediction, "the same question has the same answer");
    // Questions are answered in order, so the dead one has been passed over.
    assert_eq!(stage.bus.get(&format!("predict/{dead}")).await.unwrap(), None);

    // A15: the version is kept open, so the store's copy may be gone by now; another one is not trusted.
    stage.store.put(&prefix.join(files::WEIGHTS).unwrap(), "spoiled".into()).await.unwrap();
    let kept = ask(&stage, &artifact, 60.0).await;
    assert!(answer(&stage, kept).await.prediction.is_ok());
    let _fresh = {
        drop(_worker);
        stage.worker(&[])
    };
    let refused = ask(&stage, &artifact, 60.0).await;
    let message = answer(&stage, refused).await.prediction.unwrap_err();
    assert!(message.contains(files::WEIGHTS), "{message}");
}
