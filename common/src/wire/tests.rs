//! Every message, there and back; the bytes of version 1; and what is not a message.

use std::fmt::Debug;

use bytes::Bytes;
use newtype_uuid::{GenericUuid, TypedUuid};
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use super::codec::{CodecError, Limits, decode, encode};
use super::*;
use crate::vocabulary::{
    ArtifactRef, ContentHash, Contestants, CurvePoint, FailureClass, ForecasterHyper, JobSpec, Mode, ProbeSpec,
    Snapshot, SnapshotPart, SplitPolicy, Timestamp, TrainSpec, VersionNumber,
};

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn claim() -> Claim {
    Claim {
        job: TypedUuid::from_untyped_uuid(id(1)),
        attempt: TypedUuid::from_untyped_uuid(id(2)),
        claim: TypedUuid::from_untyped_uuid(id(3)),
        worker: TypedUuid::from_untyped_uuid(id(4)),
    }
}

fn hash() -> ContentHash {
    ContentHash::of(b"content")
}

fn date() -> chrono::NaiveDate {
    "2025-06-30".parse().unwrap()
}

fn artifact() -> ArtifactRef {
    ArtifactRef {
        version: VersionNumber { major: 1, minor: 2 },
        prefix: "jobs/a/b/c/artifact".into(),
        manifest: hash(),
        seen_through: date(),
    }
}

fn checkpoint() -> CheckpointRef {
    CheckpointRef { key: "jobs/a/b/c/checkpoint-7".into(), sha256: hash(), step: 7 }
}

fn finished(outcome: Outcome) -> Finished {
    Finished { claim: claim(), outcome, checkpoint: Some(checkpoint()), seconds: 1.5 }
}

fn heartbeat() -> Heartbeat {
    Heartbeat {
        worker: claim().worker,
        sequence: 9,
        host: "host".into(),
        pid: 42,
        pools: vec!["cpu".parse().unwrap()],
        slots: 2,
        free: 1,
        draining: false,
        devices: vec!["cpu".into()],
        hardware: Hardware {
            devices: vec![DeviceState {
                device: "cuda:0".into(),
                name: "GPU".into(),
                memory: Some(1 << 34),
                memory_used: Some(1 << 33),
                utilisation: Some(0.5),
            }],
            note: String::new(),
        },
        memory: 1 << 30,
        version: "0.1.0".into(),
        held: vec![Held { claim: claim(), step: 5, checkpoint: None }],
        finished: vec![
            finished(Outcome::Sealed),
            finished(Outcome::Failed { class: FailureClass::OutOfMemory, message: "killed".into() }),
        ],
    }
}

fn train() -> TrainSpec {
    TrainSpec {
        model: "forecaster/AAPL".parse().unwrap(),
        symbols: vec!["AAPL".parse().unwrap()],
        mode: Mode::Incremental,
        snapshot: Snapshot {
            parts: vec![SnapshotPart {
                hash: hash(),
                symbol: "AAPL".parse().unwrap(),
                rows: 10,
                first: date(),
                last: date(),
            }],
        },
        hyper: ForecasterHyper::default(),
        split: SplitPolicy::default(),
        parent: Some(artifact()),
        contestants: Contestants { champion: Some(artifact()), universal: None },
        yardstick: true,
        reproduces: None,
    }
}

fn grant(spec: JobSpec) -> Grant {
    Grant { claim: claim(), number: 1, spec, resume: Some(checkpoint()), batch_size: None, timeout: Some(60.0) }
}

fn progress() -> Progress {
    Progress {
        claim: claim(),
        phase: "training".into(),
        epoch: 3,
        epochs: 20,
        step: 100,
        steps: 2000,
        loss: Some(-2.5),
        seconds_left: None,
        curve: vec![CurvePoint { epoch: 1, train_loss: -2.0, validation_loss: -1.9 }],
    }
}

/// Encodes a message and proves that it comes back as it was.
fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) -> Bytes {
    let bytes = encode(message).unwrap();
    assert_eq!(&decode::<T>(&bytes, Limits::default()).unwrap(), message);
    bytes
}

/// A message of another release must be understood or refused, never misread: if this snapshot changes in anything but new
/// fields, [`super::codec::VERSION`] has to grow.
#[test]
fn the_bytes_of_version_1() {
    let forecast = Forecast {
        location: 0.001,
        scale: 0.01,
        degrees: 5.0,
        p_up: 0.52,
        confidence: 0.04,
        direction: "up".into(),
        change_percent: 0.1,
        interval_percent: (-1.0, 1.2),
    };
    let bar =
        crate::bars::Bar { date: date(), open: 1.0, high: 2.0, low: 0.5, close: 1.5, adj_close: 1.4, volume: 100.0 };
    let request = PredictRequest {
        id: id(5),
        symbol: "AAPL".parse().unwrap(),
        artifact: artifact(),
        live_seq: 3,
        bars: vec![bar],
        deadline: Timestamp(1_700_000_000_000_000),
    };
    let messages = [
        ("doorbell", there_and_back(&Doorbell { job: claim().job, attempt: claim().attempt })),
        ("claim", there_and_back(&ToCoordinator::Claim(claim()))),
        ("declined", there_and_back(&ToCoordinator::Declined(claim()))),
        ("heartbeat", there_and_back(&ToCoordinator::Heartbeat(heartbeat()))),
        ("progress", there_and_back(&ToCoordinator::Progress(progress()))),
        ("finished, done", there_and_back(&ToCoordinator::Finished(finished(Outcome::Done)))),
        ("finished, discarded", there_and_back(&ToCoordinator::Finished(finished(Outcome::Discarded)))),
        ("grant, train", there_and_back(&ToWorker::Grant(Box::new(grant(JobSpec::Train(Box::new(train()))))))),
        ("grant, probe", there_and_back(&ToWorker::Grant(Box::new(grant(JobSpec::Probe(ProbeSpec { work_ms: 1 })))))),
        ("release", there_and_back(&ToWorker::Release { claim: claim().claim, reason: "its slot is wanted".into() })),
        ("refuse", there_and_back(&ToWorker::Refuse { claim: claim().claim, reason: "cancelled".into() })),
        ("stop", there_and_back(&ToWorker::Stop { claim: claim().claim, reason: "cancelled".into() })),
        ("recorded", there_and_back(&ToWorker::Recorded { claim: claim().claim })),
        ("drain", there_and_back(&ToWorker::Drain)),
        ("predict", there_and_back(&request)),
        ("predicted", there_and_back(&PredictAnswer { id: id(5), forecast: Ok(forecast) })),
        ("not predicted", there_and_back(&PredictAnswer { id: id(5), forecast: Err("no such version".into()) })),
    ];
    let hex = |(name, bytes): &(&str, Bytes)| format!("{name}: {}\n", base16ct::lower::encode_string(bytes));
    insta::assert_snapshot!(messages.iter().map(hex).collect::<String>());
}

fn refusal(bytes: &[u8], limits: Limits) -> CodecError {
    decode::<ToWorker>(bytes, limits).unwrap_err()
}

#[test]
fn what_is_not_a_message_says_why() {
    let small = Limits { bytes: 4, depth: 32 };
    let shallow = Limits { bytes: 100, depth: 1 };
    let drain = encode(&ToWorker::Drain).unwrap();
    assert_eq!(refusal(&drain, small), CodecError::TooLarge { bytes: drain.len(), limit: 4 });
    assert_eq!(refusal(&drain, shallow), CodecError::TooDeep { limit: 1 });
    assert_eq!(refusal(&drain[..drain.len() - 1], Limits::default()), CodecError::Truncated);
    assert_eq!(refusal(&[drain.as_ref(), b"more"].concat(), Limits::default()), CodecError::Trailing(4));
    assert_eq!(refusal(&[0xc1], Limits::default()), CodecError::Malformed("byte 0xc1 is not MessagePack".into()));
    // 100,000 arrays, one in the other, would overflow the stack of a decoder that just recurses.
    assert_eq!(refusal(&vec![0x91; 100_000], Limits::default()), CodecError::TooDeep { limit: 32 });
    // An array that claims four billion entries.
    assert_eq!(refusal(&[0xdd, 0xff, 0xff, 0xff, 0xff], Limits::default()), CodecError::Truncated);

    let later = rmp_serde::to_vec_named(&serde_json::json!({ "v": 2, "body": { "type": "unheard of" } })).unwrap();
    assert_eq!(refusal(&later, Limits::default()), CodecError::Version { found: 2 });
    let unknown = rmp_serde::to_vec_named(&serde_json::json!({ "v": 1, "body": { "type": "unheard of" } })).unwrap();
    assert!(refusal(&unknown, Limits::default()).to_string().contains("unheard of"));
}

/// A field that a later build of the same version adds is passed over.
#[test]
fn new_fields_are_passed_over() {
    let newer = serde_json::json!({ "v": 1, "sent": 5, "body": { "type": "drain", "within": 30 } });
    assert_eq!(decode::<ToWorker>(&rmp_serde::to_vec_named(&newer).unwrap(), Limits::default()), Ok(ToWorker::Drain));
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _refused = decode::<ToWorker>(&bytes, Limits::default());
        let _refused = decode::<ToCoordinator>(&bytes, Limits::default());
    }

    #[test]
    fn damaged_messages_never_panic(hits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let mut bytes = encode(&ToCoordinator::Heartbeat(heartbeat())).unwrap().to_vec();
        for (at, byte) in hits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let _read_or_refused = decode::<ToCoordinator>(&bytes, Limits::default());
    }

    #[test]
    fn progress_comes_back_as_it_was(epoch: u32, step: u64, loss in proptest::option::of(-1e9..1e9f64), phase in ".{0,20}") {
        there_and_back(&ToCoordinator::Progress(Progress { epoch, step, loss, phase, ..progress() }));
    }
}
