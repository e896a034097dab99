//! Every state against every command, the rules of failures, and what must hold whatever happens.

use common::vocabulary::{AttemptId, ContentHash, FailureClass, JobState, Pool, Timestamp};
use common::wire::{CheckpointRef, Claim};
use proptest::prelude::*;

use super::*;
use crate::job_reason::JobReason;

const NOW: Timestamp = Timestamp(1_000_000_000_000);

fn attempt(n: u128) -> AttemptId {
    newtype_uuid::GenericUuid::from_untyped_uuid(uuid::Uuid::from_u128(n))
}

fn claim_of(attempt_no: u128, claim_no: u128) -> Claim {
    let id = uuid::Uuid::from_u128;
    Claim {
        job: newtype_uuid::GenericUuid::from_untyped_uuid(id(1)),
        attempt: attempt(attempt_no),
        claim: newtype_uuid::GenericUuid::from_untyped_uuid(id(claim_no)),
        worker: newtype_uuid::GenericUuid::from_untyped_uuid(id(9)),
    }
}

fn checkpoint(step: u64) -> CheckpointRef {
    CheckpointRef { key: format!("checkpoint-{step}"), sha256: ContentHash::of(b"x"), step }
}

fn fail(claim: Claim, class: FailureClass, at_step: Option<u64>) -> Command {
    Command::Fail { claim, class, message: "why".into(), checkpoint: at_step.map(checkpoint), jitter: 1.0 }
}

/// Its slot is wanted.
fn wanted() -> JobReason {
    JobReason::PoolDrained { pool: Pool::cpu() }
}

fn give_back(claim: Claim, preempted: bool) -> Command {
    Command::Yield { claim, preempted, reason: wanted() }
}

fn turn_down(claim: Claim) -> Command {
    Command::TurnDown { claim, reason: "an unknown kind".into() }
}

fn step(lifecycle: &Lifecycle, command: &Command) -> Transition {
    transition(lifecycle, command, &RetryPolicy::default(), NOW)
}

fn in_state(state: State) -> Lifecycle {
    Lifecycle { state, ..Lifecycle::new(true, 32) }
}

/// The states of a job whose current attempt is 7 (claimed as 70), or was.
fn states() -> Vec<(&'static str, State)> {
    vec![
        ("queued", State::Queued { unsettled: None }),
        ("unsettled", State::Queued { unsettled: Some(attempt(7)) }),
        ("dispatched", State::Dispatched { attempt: attempt(7), at: Timestamp(NOW.0 - 6_000_000) }),
        ("running", State::Running { claim: claim_of(7, 70) }),
        ("judging", State::Judging { attempt: attempt(7) }),
        ("completed", State::Completed),
        ("failed", State::Failed { class: FailureClass::Data }),
        ("cancelled", State::Cancelled),
    ]
}

/// No cell is empty: what every command does in every state ("-": rejected, nothing changes).
#[test]
fn g1_every_command_in_every_state() {
    let mine = claim_of(7, 70);
    let commands: [(&str, Command, [&str; 8]); 22] = [
        //                                           queued        unsettled  dispatched    running     judging  completed failed cancelled
        ("dispatch", Command::Dispatch { attempt: attempt(8) }, ["dispatched", "-", "-", "-", "-", "-", "-", "-"]),
        ("redispatch", Command::Redispatch { attempt: attempt(8) }, ["-", "-", "dispatched", "-", "-", "-", "-", "-"]),
        ("claim", Command::Claim(mine), ["-", "-", "running", "running", "-", "-", "-", "-"]),
        ("other claim", Command::Claim(claim_of(6, 60)), ["-", "-", "-", "-", "-", "-", "-", "-"]),
        ("decline", Command::Decline(mine), ["-", "-", "queued", "queued", "-", "-", "-", "-"]),
        ("other decline", Command::Decline(claim_of(7, 71)), ["-", "-", "queued", "-", "-", "-", "-", "-"]),
        ("turn down", turn_down(mine), ["-", "-", "queued", "queued", "-", "-", "-", "-"]),
        ("lost", fail(mine, FailureClass::Lost, None), ["-", "-", "-", "queued", "-", "-", "-", "-"]),
        ("other lost", fail(claim_of(7, 71), FailureClass::Lost, None), ["-", "-", "-", "-", "-", "-", "-", "-"]),
        ("finish", Command::Finish(mine), ["-", "-", "-", "-", "-", "-", "-", "-"]),
        ("bad data", fail(mine, FailureClass::Data, None), ["-", "-", "-", "failed", "-", "-", "-", "-"]),
        (
            "sealed",
            Command::Sealed { attempt: attempt(7), manifest: ContentHash::of(b"m") },
            ["-", "judging", "judging", "judging", "-", "-", "-", "-"],
        ),
        ("revoked", Command::Revoked { attempt: attempt(7) }, ["-", "queued", "-", "-", "-", "-", "-", "-"]),
        ("other revoked", Command::Revoked { attempt: attempt(6) }, ["-", "-", "-", "-", "-", "-", "-", "-"]),
        (
            "unusable",
            Command::Unusable { attempt: attempt(7), message: "torn".into(), jitter: 0.0 },
            ["-", "queued", "queued", "queued", "-", "-", "-", "-"],
        ),
        (
            "other unusable",
            Command::Unusable { attempt: attempt(6), message: "torn".into(), jitter: 0.0 },
            ["-", "-", "-", "-", "-", "-", "-", "-"],
        ),
        ("recall", Command::Recall { attempt: attempt(7) }, ["-", "-", "queued", "-", "-", "-", "-", "-"]),
        ("other recall", Command::Recall { attempt: attempt(6) }, ["-", "-", "-", "-", "-", "-", "-", "-"]),
        ("yield", give_back(mine, true), ["-", "-", "-", "running", "-", "-", "-", "-"]),
        ("other yield", give_back(claim_of(7, 71), true), ["-", "-", "-", "-", "-", "-", "-", "-"]),
        ("judge", Command::Judge, ["-", "-", "-", "-", "completed", "-", "-", "-"]),
        ("cancel", Command::Cancel, ["cancelled", "queued", "cancelled", "running", "judging", "-", "-", "-"]),
    ];
    for (name, command, expected) in &commands {
        for ((state_name, state), expected) in states().into_iter().zip(expected) {
            let got = match step(&in_state(state), command) {
                Ok((lifecycle, _)) => lifecycle.state.word().as_str(),
                Err(_) => "-",
            };
            assert_eq!(got, *expected, "{name} in {state_name}");
        }
    }
}

/// What leaves no artifacts is done when its worker says so, and cancelled at once: there is no seal to ask.
#[test]
fn a_job_without_artifacts_ends_by_its_worker_alone() {
    let mine = claim_of(7, 70);
    let running = Lifecycle { state: State::Running { claim: mine }, ..Lifecycle::new(false, 0) };
    assert_eq!(step(&running, &Command::Finish(mine)).unwrap().0.state, State::Completed);
    assert_eq!(step(&running, &Command::Finish(claim_of(7, 71))), Err(Rejected::Stale));
    let (cancelled, effects) = step(&running, &Command::Cancel).unwrap();
    assert_eq!(cancelled.state, State::Cancelled);
    assert_eq!(effects, [Effect::Stop { claim: mine, reason: "cancelled" }]);
}

#[test]
fn claims_are_counted_and_a_dispatch_ends_the_wait_for_it() {
    let waited = Lifecycle { number: 1, not_before: Some(NOW), ..Lifecycle::new(true, 32) };
    let (rung, _) = step(&waited, &Command::Dispatch { attempt: attempt(7) }).unwrap();
    assert_eq!((rung.number, rung.not_before), (1, None));
    let (running, _) = step(&rung, &Command::Claim(claim_of(7, 70))).unwrap();
    assert_eq!(running.number, 2);
}

/// What a failed attempt has left counts only if it is further on: an earlier one may have got further.
#[test]
fn only_a_checkpoint_that_is_further_on_replaces_another() {
    let kept = CheckpointRef { key: "kept".into(), ..checkpoint(5) };
    let lifecycle = Lifecycle { checkpoint: Some(kept), ..in_state(State::Running { claim: claim_of(7, 70) }) };
    for (step_left, key) in [(4, "kept"), (5, "kept"), (6, "checkpoint-6")] {
        let (next, _) = step(&lifecycle, &fail(claim_of(7, 70), FailureClass::Crash, Some(step_left))).unwrap();
        assert_eq!(next.checkpoint.unwrap().key, key, "{step_left}");
    }
}

#[test]
fn only_a_settled_attempt_is_followed_by_another() {
    let lifecycle = in_state(State::Queued { unsettled: Some(attempt(7)) });
    let dispatch = Command::Dispatch { attempt: attempt(8) };
    assert_eq!(step(&lifecycle, &dispatch), Err(Rejected::Unsettled(attempt(7))));
    let (lifecycle, _) = step(&lifecycle, &Command::Revoked { attempt: attempt(7) }).unwrap();
    let (lifecycle, effects) = step(&lifecycle, &dispatch).unwrap();
    assert_eq!(effects, [Effect::Ring { attempt: attempt(8) }]);
    // The zombie's seal of attempt 7 would come too late now.
    let sealed = Command::Sealed { attempt: attempt(7), manifest: ContentHash::of(b"m") };
    assert_eq!(step(&lifecycle, &sealed), Err(Rejected::Stale));
}

#[test]
fn a_claim_is_granted_again_when_its_answer_was_lost() {
    let lifecycle = in_state(State::Dispatched { attempt: attempt(7), at: NOW });
    let (lifecycle, effects) = step(&lifecycle, &Command::Claim(claim_of(7, 70))).unwrap();
    assert_eq!(effects, [Effect::Grant { claim: claim_of(7, 70) }]);
    let (again, effects) = step(&lifecycle, &Command::Claim(claim_of(7, 70))).unwrap();
    assert_eq!((again, effects.len()), (lifecycle.clone(), 1));
    assert_eq!(step(&lifecycle, &Command::Claim(claim_of(7, 71))), Err(Rejected::Stale), "one attempt, one claim");
}

/// A worker that gave its claim up answers the grant with that: the job waits at once, and has lost nothing.
#[test]
fn a_claim_that_was_given_up_while_it_was_granted_costs_nothing() {
    let mine = claim_of(7, 70);
    let running = Lifecycle { burnt: 1, idle_losses: 2, ..in_state(State::Running { claim: mine }) };
    let (back, effects) = step(&running, &Command::Decline(mine)).unwrap();
    assert_eq!((&back.state, effects), (&State::Queued { unsettled: Some(attempt(7)) }, vec![]));
    assert_eq!((back.burnt, back.idle_losses, back.not_before), (1, 2, None));
    let probe = Lifecycle { state: State::Running { claim: mine }, ..Lifecycle::new(false, 0) };
    assert_eq!(step(&probe, &Command::Decline(mine)).unwrap().0.state, State::Queued { unsettled: None });
}

/// A worker of an earlier release cannot understand what it is granted: however often, that burns nothing, and another one may take it.
#[test]
fn what_a_worker_cannot_understand_waits_for_another_one_and_costs_nothing() {
    let mine = claim_of(7, 70);
    let mut lifecycle = Lifecycle { burnt: 1, idle_losses: 2, ..Lifecycle::new(false, 32) };
    let later = NOW.plus_seconds(RetryPolicy::default().turned_down_for);
    for _ in 0..100 {
        lifecycle = Lifecycle { state: State::Running { claim: mine }, ..lifecycle };
        lifecycle = step(&lifecycle, &turn_down(mine)).unwrap().0;
        assert_eq!((lifecycle.burnt, lifecycle.idle_losses), (1, 2));
        let dispatch = Command::Dispatch { attempt: attempt(8) };
        assert_eq!(step(&lifecycle, &dispatch), Err(Rejected::TooEarly(later)), "it would be turned down again");
    }
    assert_eq!(step(&lifecycle, &turn_down(mine)), step(&lifecycle, &Command::Decline(mine)), "nobody claims it now");
}

/// A clock that was set back, or a row that another machine's wrote, delays nothing beyond its own delay.
#[test]
fn a_clock_that_was_set_back_delays_neither_a_retry_nor_a_ring() {
    let (policy, hour) = (RetryPolicy::default(), 3600.0);
    for (ahead, waits) in [(1.0, true), (policy.backoff_cap, true), (policy.backoff_cap + 1.0, false), (hour, false)] {
        let lifecycle = Lifecycle { not_before: Some(NOW.plus_seconds(ahead)), ..Lifecycle::new(true, 32) };
        let told = step(&lifecycle, &Command::Dispatch { attempt: attempt(8) });
        assert_eq!(matches!(told, Err(Rejected::TooEarly(_))), waits, "a retry {ahead} s ahead");
    }
    for (ahead, waits) in [(-4.0, true), (-5.0, false), (1.0, false), (hour, false)] {
        let lifecycle = in_state(State::Dispatched { attempt: attempt(7), at: NOW.plus_seconds(ahead) });
        let told = step(&lifecycle, &Command::Redispatch { attempt: attempt(8) });
        assert_eq!(matches!(told, Err(Rejected::TooEarly(_))), waits, "rung {ahead} s ahead of now");
    }
}

/// Fails a running job again and again with one class; how many attempts it got, and the delays before each.
fn attempts_until_failed(class: FailureClass, moves_on: bool) -> (u32, Vec<f64>) {
    let mut lifecycle = in_state(State::Running { claim: claim_of(7, 70) });
    let mut delays = Vec::new();
    for n in 1..=20 {
        let checkpoint = moves_on.then_some(u64::from(n) * 10);
        (lifecycle, _) = step(&lifecycle, &fail(claim_of(7, 70), class, checkpoint)).unwrap();
        match &lifecycle.state {
            State::Queued { unsettled: Some(last) } if lifecycle.idle_losses >= 5 => {
                let (ended, _) = step(&lifecycle, &Command::Revoked { attempt: *last }).unwrap();
                assert!(matches!(ended.state, State::Failed { class: FailureClass::Lost, .. }), "{ended:?}");
                return (n, delays);
            }
            State::Queued { .. } => delays.push(lifecycle.not_before.map_or(0.0, |t| t.seconds_since(NOW))),
            State::Failed { class: last, .. } => {
                assert_eq!(*last, class);
                return (n, delays);
            }
            other => panic!("{other:?}"),
        }
        lifecycle.state = State::Running { claim: claim_of(7, 70) };
    }
    (0, delays)
}

#[test]
fn each_class_costs_what_it_should() {
    assert_eq!(attempts_until_failed(FailureClass::Data, false), (1, vec![]));
    use FailureClass::{Code, Crash, Damaged, Stall, Timeout};
    for class in [Code, Crash, Damaged, Timeout, Stall] {
        assert_eq!(attempts_until_failed(class, true), (3, vec![0.0, 10.0]), "{class}");
    }
    assert_eq!(attempts_until_failed(FailureClass::OutOfMemory, false), (2, vec![0.0]));
    assert_eq!(attempts_until_failed(FailureClass::Lost, false), (5, vec![0.0; 4]));
    assert_eq!(attempts_until_failed(FailureClass::Released, false), (5, vec![0.0; 4]));
    // Until its seal is ours, even the last loss may turn out to have been a result.
    let lifecycle = Lifecycle { idle_losses: 4, ..in_state(State::Running { claim: claim_of(7, 70) }) };
    let (lifecycle, _) = step(&lifecycle, &fail(claim_of(7, 70), FailureClass::Lost, None)).unwrap();
    let sealed = Command::Sealed { attempt: attempt(7), manifest: ContentHash::of(b"m") };
    assert_eq!(step(&lifecycle, &sealed).unwrap().0.state, State::Judging { attempt: attempt(7) });
    let (never, delays) = attempts_until_failed(FailureClass::Lost, true);
    assert_eq!((never, delays), (0, vec![0.0; 20]), "a job that gets on may lose its worker as often as it likes");
}

#[test]
fn out_of_memory_halves_the_batch_once_and_starts_over() {
    let lifecycle =
        Lifecycle { checkpoint: Some(checkpoint(5)), ..in_state(State::Running { claim: claim_of(7, 70) }) };
    let (lifecycle, _) = step(&lifecycle, &fail(claim_of(7, 70), FailureClass::OutOfMemory, Some(9))).unwrap();
    assert_eq!((lifecycle.reduced_batch, lifecycle.checkpoint), (Some(16), None));
}

#[test]
fn back_off_grows_to_its_cap_and_jitter_only_shortens() {
    let policy = RetryPolicy::default();
    let full: Vec<f64> = (1..=10).map(|n| policy.delay(n, 1.0)).collect();
    assert_eq!(full, [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 600.0, 600.0, 600.0]);
    assert_eq!(policy.delay(3, 0.0), 10.0);
}

#[test]
fn g3_cancelling_is_decided_by_the_seal() {
    let running = in_state(State::Running { claim: claim_of(7, 70) });
    let (flagged, effects) = step(&running, &Command::Cancel).unwrap();
    assert_eq!(effects, [Effect::Revoke { attempt: attempt(7) }]);
    let (ours, effects) = step(&flagged, &Command::Revoked { attempt: attempt(7) }).unwrap();
    assert_eq!(ours.state, State::Cancelled);
    assert_eq!(effects, [Effect::Stop { claim: claim_of(7, 70), reason: "cancelled" }]);
    let sealed = Command::Sealed { attempt: attempt(7), manifest: ContentHash::of(b"m") };
    let (theirs, _) = step(&flagged, &sealed).unwrap();
    assert!(theirs.cancelling && theirs.state == State::Judging { attempt: attempt(7) }, "recorded, not promoted");
    // A worker that fails meanwhile does not bring the job back to life.
    let (waiting, _) = step(&flagged, &fail(claim_of(7, 70), FailureClass::Lost, None)).unwrap();
    assert_eq!(step(&waiting, &Command::Dispatch { attempt: attempt(8) }), Err(Rejected::Cancelling));
    let (ended, _) = step(&waiting, &Command::Revoked { attempt: attempt(7) }).unwrap();
    assert_eq!(ended.state, State::Cancelled);
}

/// Its worker is asked once, what it does until then counts, and however often it is asked for, nothing is burnt.
#[test]
fn g3_a_job_that_is_given_back_on_request_loses_nothing() {
    let mut lifecycle = in_state(State::Running { claim: claim_of(7, 70) });
    for n in 1..=10 {
        let (asked, effects) = step(&lifecycle, &give_back(claim_of(7, 70), n % 2 == 0)).unwrap();
        assert_eq!(effects, [Effect::Release { claim: claim_of(7, 70), reason: wanted() }]);
        assert_eq!(step(&asked, &give_back(claim_of(7, 70), true)), Err(Rejected::Yielding));
        let sealed = Command::Sealed { attempt: attempt(7), manifest: ContentHash::of(b"m") };
        assert_eq!(step(&asked, &sealed).unwrap().0.state.word(), JobState::Judging, "it was done before");
        let (back, _) = step(&asked, &fail(claim_of(7, 70), FailureClass::Released, None)).unwrap();
        assert_eq!(back.state, State::Queued { unsettled: Some(attempt(7)) });
        assert_eq!((back.yielding, back.burnt, back.idle_losses, back.not_before), (false, 0, 0, None));
        assert_eq!(back.preemptions, n / 2);
        lifecycle = Lifecycle { state: State::Running { claim: claim_of(7, 70) }, ..back };
    }
    let cancelled = Lifecycle { cancelling: true, ..lifecycle };
    assert_eq!(step(&cancelled, &give_back(claim_of(7, 70), true)), Err(Rejected::Cancelling));
}

fn any_command() -> impl Strategy<Value = Command> {
    let attempts = 1u128..4;
    let claims = (1u128..4, 1u128..3).prop_map(|(a, c)| claim_of(a, a * 10 + c));
    let class = proptest::sample::select(FailureClass::ALL);
    prop_oneof![
        attempts.clone().prop_map(|n| Command::Dispatch { attempt: attempt(n) }),
        attempts.clone().prop_map(|n| Command::Redispatch { attempt: attempt(n) }),
        claims.clone().prop_map(Command::Claim),
        claims.clone().prop_map(Command::Decline),
        claims.clone().prop_map(turn_down),
        (claims.clone(), class, proptest::option::of(0u64..100)).prop_map(|(c, class, step)| fail(c, class, step)),
        (claims.clone(), any::<bool>()).prop_map(|(claim, preempted)| give_back(claim, preempted)),
        claims.prop_map(Command::Finish),
        attempts.clone().prop_map(|n| Command::Recall { attempt: attempt(n) }),
        attempts.clone().prop_map(|n| Command::Sealed { attempt: attempt(n), manifest: ContentHash::of(b"m") }),
        attempts.clone().prop_map(|n| Command::Revoked { attempt: attempt(n) }),
        attempts.prop_map(|n| Command::Unusable { attempt: attempt(n), message: "torn".into(), jitter: 0.5 }),
        Just(Command::Judge),
        Just(Command::Cancel),
    ]
}

proptest! {
    /// Whatever is told to a job, in whatever order: ended stays ended, it is recorded at most once, nobody starts what is
    /// unsettled or being cancelled, and one claim at a time is granted.
    #[test]
    fn g1_whatever_happens_a_job_ends_at_most_once(sealed in any::<bool>(), commands in proptest::collection::vec(any_command(), 1..80)) {
        let mut lifecycle = Lifecycle::new(sealed, 32);
        let mut records = 0;
        for command in &commands {
            let before = lifecycle.clone();
            let Ok((after, effects)) = step(&lifecycle, command) else { continue };
            prop_assert!(!before.state.word().is_ended(), "{before:?} was left by {command:?}");
            for effect in &effects {
                match effect {
                    Effect::Record { .. } => records += 1,
                    Effect::Grant { claim } => prop_assert_eq!(&after.state, &State::Running { claim: *claim }),
                    Effect::Ring { attempt } => {
                        prop_assert!(!before.cancelling);
                        let free = matches!(before.state, State::Queued { unsettled: None } | State::Dispatched { .. });
                        prop_assert!(free, "{before:?}");
                        let out = matches!(after.state, State::Dispatched { attempt: a, .. } if a == *attempt);
                        prop_assert!(out);
                    }
                    Effect::Stop { .. } => prop_assert_eq!(after.state.word(), JobState::Cancelled),
                    Effect::Release { .. } => prop_assert!(after.yielding && !before.yielding),
                    Effect::Revoke { .. } => prop_assert!(after.cancelling),
                }
            }
            prop_assert!(!after.yielding || after.state.word() == JobState::Running);
            prop_assert!(after.number >= before.number && after.burnt <= RetryPolicy::default().max_attempts);
            lifecycle = after;
        }
        prop_assert!(records <= 1);
    }

    /// From wherever it has got to, a job can still come to an end.
    #[test]
    fn a_job_can_always_still_end(commands in proptest::collection::vec(any_command(), 1..40)) {
        let mut lifecycle = Lifecycle::new(true, 32);
        for command in &commands {
            if let Ok((after, _)) = step(&lifecycle, command) {
                lifecycle = after;
            }
        }
        for _ in 0..3 {
            let command = match &lifecycle.state {
                State::Queued { unsettled: Some(attempt) } if lifecycle.cancelling => Command::Revoked { attempt: *attempt },
                State::Running { claim } if lifecycle.cancelling => Command::Revoked { attempt: claim.attempt },
                State::Judging { .. } => Command::Judge,
                State::Queued { .. } | State::Dispatched { .. } | State::Running { .. } => Command::Cancel,
                State::Completed | State::Failed { .. } | State::Cancelled => break,
            };
            (lifecycle, _) = step(&lifecycle, &command).unwrap();
        }
        prop_assert!(lifecycle.state.word().is_ended(), "{lifecycle:?}");
    }
}
