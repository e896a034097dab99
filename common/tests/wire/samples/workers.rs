//! What workers say, and what they are told about claims.

use common::vocabulary::{CurvePoint, FailureClass};
use common::wire::{
    DeviceState, Doorbell, Finished, Hardware, Heartbeat, Held, Outcome, Progress, ToCoordinator, ToWorker,
};
use newtype_uuid::GenericUuid;

use super::{Sample, checkpoint, claim, hash, id, there_and_back};

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
        finished: vec![finished(Outcome::Sealed)],
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
    Heartbeat { held: vec![], finished: vec![], dead: vec![GenericUuid::from_untyped_uuid(id(9))], ..heartbeat() }
}

/// The last of one that has ended.
fn last() -> Heartbeat {
    Heartbeat { free: 0, held: vec![], finished: vec![], draining: true, gone: true, ..heartbeat() }
}

/// Of claims that ended in every way without a result.
fn failed() -> ToCoordinator {
    use FailureClass::*;
    let classes = [Data, Damaged, Code, Crash, OutOfMemory, Timeout, Stall, Lost, Released, Cancelled];
    let failed = |class| finished(Outcome::Failed { class, message: "it ended".into() });
    ToCoordinator::Finished { ends: classes.into_iter().map(failed).collect() }
}

pub(crate) fn progress() -> Progress {
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

pub(super) fn said() -> Vec<(&'static str, Sample)> {
    let (claims, one) = (vec![claim()], claim().claim);
    let ended = |outcome| there_and_back(&ToCoordinator::Finished { ends: vec![finished(outcome)] });
    vec![
        ("doorbells", there_and_back(&vec![Doorbell { job: claim().job, attempt: claim().attempt, trace: None }])),
        ("claim", there_and_back(&ToCoordinator::Claim { claims: claims.clone() })),
        ("declined", there_and_back(&ToCoordinator::Declined { claims, reason: None })),
        (
            "declined_with_a_reason",
            there_and_back(&ToCoordinator::Declined { claims: vec![claim()], reason: Some("unknown".into()) }),
        ),
        ("heartbeat", there_and_back(&ToCoordinator::Heartbeat(heartbeat()))),
        ("heartbeat_in_trouble", there_and_back(&ToCoordinator::Heartbeat(troubled()))),
        ("heartbeat_of_a_successor", there_and_back(&ToCoordinator::Heartbeat(successor()))),
        ("heartbeat_the_last", there_and_back(&ToCoordinator::Heartbeat(last()))),
        ("progress", there_and_back(&ToCoordinator::Progress(progress()))),
        ("finished_done", ended(Outcome::Done)),
        ("finished_predicted", ended(Outcome::Predicted { sha256: hash() })),
        ("finished_discarded", ended(Outcome::Discarded)),
        ("finished_failed", there_and_back(&failed())),
        ("refuse", there_and_back(&ToWorker::Refuse { claim: one, reason: "cancelled".into() })),
        ("stop", there_and_back(&ToWorker::Stop { claim: one, reason: "cancelled".into() })),
        ("release", there_and_back(&ToWorker::Release { claim: one, reason: "its slot is wanted".into() })),
        ("recorded", there_and_back(&ToWorker::Recorded { claims: vec![one] })),
        ("drain", there_and_back(&ToWorker::Drain)),
    ]
}
