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
    ArtifactRef, BarsPart, ContentHash, Contestants, CurvePoint, FailureClass, Family, Hyper, JobSpec, Mode, ProbeSpec,
    Snapshot, SplitPolicy, TrainSpec, VersionNumber,
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
        model: None,
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
        gone: false,
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
        troubles: vec![],
        held: vec![Held { claim: claim(), step: 5, checkpoint: None, refused: None }],
        finished: vec![
            finished(Outcome::Sealed),
            finished(Outcome::Failed { class: FailureClass::OutOfMemory, message: "killed".into() }),
        ],
        dead: vec![],
    }
}

/// Of a worker without a queue, whose store takes no results.
fn troubled() -> Heartbeat {
    let refused = Some("it is full".into());
    let held = vec![Held { claim: claim(), step: 5, checkpoint: Some(checkpoint()), refused }];
    Heartbeat { free: 0, troubles: vec!["no queue".into()], held, finished: vec![], ..heartbeat() }
}

/// One that was started after another had died.
fn successor() -> Heartbeat {
    Heartbeat { held: vec![], finished: vec![], dead: vec![TypedUuid::from_untyped_uuid(id(9))], ..heartbeat() }
}

fn train() -> TrainSpec {
    TrainSpec {
        model: "forecaster/AAPL".parse().unwrap(),
        mode: Mode::Incremental,
        snapshot: Snapshot::Bars {
            symbols: vec!["AAPL".parse().unwrap()],
            parts: vec![BarsPart {
                hash: hash(),
                symbol: "AAPL".parse().unwrap(),
                rows: 10,
                first: date(),
                last: date(),
            }],
        },
        hyper: Hyper::of(Family::Forecaster),
        split: SplitPolicy::default(),
        parent: Some(artifact()),
        contestants: Contestants { champion: Some(artifact()), universal: None },
        yardstick: true,
        reproduces: None,
    }
}

fn grant(spec: JobSpec) -> Grant {
    Grant {
        claim: claim(),
        number: 1,
        spec,
        resume: Some(checkpoint()),
        batch_size: None,
        timeout: Some(60.0),
        trace: None,
    }
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

/// The bytes of a message, and how bytes of its type are read and written again.
#[derive(Debug, Clone)]
struct Sample {
    bytes: Bytes,
    again: fn(&[u8], Limits) -> Result<Bytes, CodecError>,
}

/// Encodes a message and proves that it comes back as it was.
fn there_and_back<T: Serialize + DeserializeOwned + PartialEq + Debug>(message: &T) -> Sample {
    let bytes = encode(message).unwrap();
    assert_eq!(&decode::<T>(&bytes, Limits::default()).unwrap(), message);
    Sample { bytes, again: |bytes, limits| encode(&decode::<T>(bytes, limits)?) }
}

/// One of every message there is.
fn every_message() -> Vec<(&'static str, Sample)> {
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
        asker: GenericUuid::from_untyped_uuid(id(6)),
        artifact: artifact(),
        live_seq: 3,
        question: PredictQuestion::Forecast { symbol: "AAPL".parse().unwrap(), bars: vec![bar] },
        left_ms: 10_000,
    };
    let answer = |prediction| ToAsker::Answer(PredictAnswer { id: id(5), prediction });
    vec![
        ("doorbells", there_and_back(&vec![Doorbell { job: claim().job, attempt: claim().attempt, trace: None }])),
        ("claim", there_and_back(&ToCoordinator::Claim { claims: vec![claim()] })),
        ("declined", there_and_back(&ToCoordinator::Declined { claims: vec![claim()] })),
        ("heartbeat", there_and_back(&ToCoordinator::Heartbeat(heartbeat()))),
        ("heartbeat, in trouble", there_and_back(&ToCoordinator::Heartbeat(troubled()))),
        ("progress", there_and_back(&ToCoordinator::Progress(progress()))),
        ("finished, done", there_and_back(&ToCoordinator::Finished { ends: vec![finished(Outcome::Done)] })),
        (
            "finished, predicted",
            there_and_back(&ToCoordinator::Finished { ends: vec![finished(Outcome::Predicted { sha256: hash() })] }),
        ),
        ("finished, discarded", there_and_back(&ToCoordinator::Finished { ends: vec![finished(Outcome::Discarded)] })),
        ("grant, train", there_and_back(&ToWorker::Grant { grants: vec![grant(JobSpec::Train(Box::new(train())))] })),
        (
            "grant, probe",
            there_and_back(&ToWorker::Grant { grants: vec![grant(JobSpec::Probe(ProbeSpec { work_ms: 1 }))] }),
        ),
        ("release", there_and_back(&ToWorker::Release { claim: claim().claim, reason: "its slot is wanted".into() })),
        ("refuse", there_and_back(&ToWorker::Refuse { claim: claim().claim, reason: "cancelled".into() })),
        ("stop", there_and_back(&ToWorker::Stop { claim: claim().claim, reason: "cancelled".into() })),
        ("recorded", there_and_back(&ToWorker::Recorded { claims: vec![claim().claim] })),
        ("drain", there_and_back(&ToWorker::Drain)),
        ("heartbeat of a successor", there_and_back(&ToCoordinator::Heartbeat(successor()))),
        ("predict", there_and_back(&request)),
        ("loading", there_and_back(&ToAsker::Loading { id: id(5) })),
        ("predicted", there_and_back(&answer(Ok(Prediction::Forecast(forecast))))),
        ("not predicted", there_and_back(&answer(Err("no such version".into())))),
    ]
}

/// A message of another release must be understood or refused, never misread: if this snapshot changes in anything but new
/// fields, [`super::codec::VERSION`] has to grow.
#[test]
fn the_bytes_of_version_1() {
    let hex = |(name, message): (&str, Sample)| format!("{name}: {}\n", base16ct::lower::encode_string(&message.bytes));
    insta::assert_snapshot!(every_message().into_iter().map(hex).collect::<String>());
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

#[test]
fn a_message_of_the_queue_holds_a_strip_at_most() {
    let doorbell = Doorbell { job: claim().job, attempt: claim().attempt, trace: None };
    let read = |count| decode::<Strip>(&encode(&vec![doorbell; count]).unwrap(), Limits::default());
    assert_eq!(read(MAX_STRIP).unwrap().0.len(), MAX_STRIP);
    for count in [0, MAX_STRIP + 1] {
        assert!(read(count).unwrap_err().to_string().contains(&format!("it holds {count} doorbells")));
    }
}

/// A field that a later build of the same version adds is passed over.
#[test]
fn new_fields_are_passed_over() {
    let newer = serde_json::json!({ "v": 1, "sent": 5, "body": { "type": "drain", "within": 30 } });
    assert_eq!(decode::<ToWorker>(&rmp_serde::to_vec_named(&newer).unwrap(), Limits::default()), Ok(ToWorker::Drain));
}

/// Each message, spoiled in one way, is refused for that and nothing else.
#[test]
fn every_message_that_is_spoiled_says_how() {
    let limits = Limits::default();
    for (name, Sample { bytes, again }) in every_message() {
        for cut in 0..bytes.len() {
            assert_eq!(again(&bytes[..cut], limits), Err(CodecError::Truncated), "{name} cut to {cut}");
        }
        assert_eq!(again(&[&bytes, &b"more"[..]].concat(), limits), Err(CodecError::Trailing(4)), "{name}");
        let (exactly, fewer) = (bytes.len(), bytes.len() - 1);
        assert_eq!(again(&bytes, Limits { bytes: exactly, ..limits }).as_ref(), Ok(&bytes), "{name}");
        let too_large = CodecError::TooLarge { bytes: exactly, limit: fewer };
        assert_eq!(again(&bytes, Limits { bytes: fewer, ..limits }), Err(too_large), "{name}");
        let depth = (1..).find(|depth| again(&bytes, Limits { depth: *depth, ..limits }).is_ok()).unwrap();
        let too_deep = CodecError::TooDeep { limit: depth - 1 };
        assert_eq!(again(&bytes, Limits { depth: depth - 1, ..limits }), Err(too_deep), "{name}");
    }
}

/// Any value of MessagePack, as bytes: what a stranger may well send.
fn any_value() -> impl Strategy<Value = Vec<u8>> {
    let scalar = prop_oneof![
        any::<i64>().prop_map(|n| rmp_serde::to_vec(&n).unwrap()),
        any::<f64>().prop_map(|n| rmp_serde::to_vec(&n).unwrap()),
        any::<bool>().prop_map(|b| rmp_serde::to_vec(&b).unwrap()),
        "[a-z_]{0,12}".prop_map(|text| rmp_serde::to_vec(&text).unwrap()),
        prop::sample::select(vec!["type", "claim", "grant", "heartbeat", "finished", "outcome", "spec", "kind"])
            .prop_map(|text| rmp_serde::to_vec(&text).unwrap()),
        Just(vec![0xc0]),
    ];
    scalar.prop_recursive(6, 64, 8, |inner| {
        let pair = (prop::sample::select(vec!["type", "outcome", "kind", "claim", "spec"]), inner.clone());
        prop_oneof![
            prop::collection::vec(inner, 0..8)
                .prop_map(|items| [vec![0x90 | items.len() as u8], items.concat()].concat()),
            prop::collection::vec(pair, 0..8).prop_map(|pairs| {
                let entries = pairs.iter().flat_map(|(key, value)| [rmp_serde::to_vec(key).unwrap(), value.clone()]);
                [vec![0x80 | pairs.len() as u8], entries.collect::<Vec<_>>().concat()].concat()
            }),
        ]
    })
}

/// An envelope of this version around a body.
fn envelope(version: u32, body: &[u8]) -> Vec<u8> {
    let start = [&[0x82, 0xa1, b'v', 0xce][..], &version.to_be_bytes(), &[0xa4], b"body"].concat();
    [&start, body].concat()
}

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        for (_, message) in every_message() {
            let _refused = (message.again)(&bytes, Limits::default());
        }
    }

    #[test]
    fn arbitrary_values_never_panic(body in any_value()) {
        for (_, message) in every_message() {
            let _read_or_refused = (message.again)(&envelope(1, &body), Limits::default());
        }
    }

    #[test]
    fn another_version_is_named_whatever_it_holds(version in 2..=u32::MAX, body in any_value()) {
        for (_, message) in every_message() {
            let refused = (message.again)(&envelope(version, &body), Limits::default());
            prop_assert_eq!(refused, Err(CodecError::Version { found: version }));
        }
    }

    /// What is understood of a damaged message, comes back as it was understood.
    #[test]
    fn damaged_messages_are_read_or_refused(hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        for (name, Sample { bytes, again }) in every_message() {
            let mut bytes = bytes.to_vec();
            for (at, byte) in &hits {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            if let Ok(understood) = again(&bytes, Limits::default()) {
                prop_assert_eq!(again(&understood, Limits::default()), Ok(understood), "{}", name);
            }
        }
    }

    #[test]
    fn progress_comes_back_as_it_was(epoch: u32, step: u64, loss in proptest::option::of(-1e9..1e9f64), phase in ".{0,20}") {
        there_and_back(&ToCoordinator::Progress(Progress { epoch, step, loss, phase, ..progress() }));
    }
}
