//! What is no message, or was one: each is refused for what it is, and nothing panics.

use common::wire::codec::{CodecError, Limits, decode, encode};
use common::wire::{Doorbell, DoorbellBatch, MAX_DOORBELLS, Progress, ToCoordinator, ToWorker};
use proptest::prelude::*;

use crate::samples::{Sample, claim, every_message, progress, there_and_back};

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
fn a_message_of_the_queue_holds_a_batch_at_most() {
    let doorbell = Doorbell { job: claim().job, attempt: claim().attempt, trace: None };
    let read = |count| decode::<DoorbellBatch>(&encode(&vec![doorbell; count]).unwrap(), Limits::default());
    assert_eq!(read(MAX_DOORBELLS).unwrap().0.len(), MAX_DOORBELLS);
    for count in [0, MAX_DOORBELLS + 1] {
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
