//! Faults that tests plant, to stop a worker or its executor at a chosen step of a claim's lifecycle.
//!
//! `REFIT_FAULT=ACTION@POINT`, such as `abort@training:40` or `kill@before_seal`. `training:STEP` happens in the executor, every
//! other point in the supervisor. With `REFIT_FAULT_ONCE=FILE` it happens only if FILE is not there yet, and creates it; a
//! `pause` lasts until someone removes FILE. A child that is `undying` hangs, and its supervisor cannot kill it.
//!
//! All of it is only in a build with the feature `faults`, as tests have it.

use std::fs::File;
use std::path::Path;
use std::str::FromStr;
use std::sync::OnceLock;
use std::time::Duration;

use nix::sys::signal::{SigSet, Signal, raise};

use crate::WorkerError;

/// The variables this module reads: a supervisor hands them on to its children.
pub const VARIABLES: [&str; 2] = ["REFIT_FAULT", "REFIT_FAULT_ONCE"];

/// Whether this build has faults at all.
const PLANTABLE: bool = cfg!(feature = "faults");

/// A step of a claim's lifecycle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Point {
    /// Granted, nothing done yet.
    Claimed,
    /// Its inputs are on this machine.
    Downloaded,
    /// This optimiser step is done.
    Training(u64),
    /// Trained, nothing uploaded.
    BeforeUpload,
    /// Uploaded, not sealed.
    BeforeSeal,
    /// Sealed, not announced.
    AfterSeal,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Abort,
    Segfault,
    Panic,
    Hang,
    Pause,
    OutOfMemory,
    Exit,
    Kill,
    Deaf,
    Undying,
}

#[derive(Debug, PartialEq, Eq)]
struct PlannedFault {
    action: Action,
    point: Point,
}

impl FromStr for PlannedFault {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (action, point) = text.split_once('@').ok_or(())?;
        let action = match action {
            "abort" => Action::Abort,
            "segfault" => Action::Segfault,
            "panic" => Action::Panic,
            "hang" => Action::Hang,
            "pause" => Action::Pause,
            "oom" => Action::OutOfMemory,
            "exit" => Action::Exit,
            "kill" => Action::Kill,
            "deaf" => Action::Deaf,
            "undying" => Action::Undying,
            _ => return Err(()),
        };
        let point = match point.split_once(':') {
            Some(("training", step)) => Point::Training(step.parse().map_err(drop)?),
            Some(_) => return Err(()),
            None => match point {
                "claimed" => Point::Claimed,
                "downloaded" => Point::Downloaded,
                "before_upload" => Point::BeforeUpload,
                "before_seal" => Point::BeforeSeal,
                "after_seal" => Point::AfterSeal,
                _ => return Err(()),
            },
        };
        Ok(Self { action, point })
    }
}

/// A worker that was told to fail and goes on as if nothing was said would let a test of failures pass.
///
/// # Errors
/// A fault is asked for, and this build has none.
pub fn refuse_without_faults() -> Result<(), WorkerError> {
    match std::env::var(VARIABLES[0]) {
        Ok(fault) if !PLANTABLE => Err(WorkerError::NoFaults { fault }),
        _ => Ok(()),
    }
}

fn plan() -> Option<&'static PlannedFault> {
    if !PLANTABLE {
        return None;
    }
    static PLAN: OnceLock<Option<PlannedFault>> = OnceLock::new();
    let read = || {
        let text = std::env::var(VARIABLES[0]).ok()?;
        let plan = text.parse().ok();
        tracing::warn!(fault = text, understood = plan.is_some(), "a fault is planted");
        plan
    };
    PLAN.get_or_init(read).as_ref()
}

/// Called when a child begins, before it has other threads: one that shall be deaf never hears a SIGTERM.
pub fn prepare() {
    if plan().is_some_and(|plan| matches!(plan.action, Action::Deaf | Action::Undying)) {
        let mut ears = SigSet::empty();
        ears.add(Signal::SIGTERM);
        let _ = ears.thread_block();
    }
}

/// Whether this supervisor's children survive being killed, as those do that hang in a device's driver.
pub(crate) fn spares_children() -> bool {
    plan().is_some_and(|plan| plan.action == Action::Undying)
}

/// Called at every point; does something only at the one that a test has chosen.
pub fn at(point: Point) {
    match plan() {
        Some(plan) if plan.point == point && first_time() => strike(plan.action),
        Some(_) | None => {}
    }
}

fn first_time() -> bool {
    std::env::var_os(VARIABLES[1]).is_none_or(|marker| File::create_new(marker).is_ok())
}

#[allow(clippy::panic, reason = "a planted panic is one")]
fn strike(action: Action) {
    match action {
        Action::Abort => std::process::abort(),
        // The runtime's own handler, which looks for stack overflows, lets the first one pass.
        Action::Segfault => loop {
            let _ = raise(Signal::SIGSEGV);
        },
        Action::Panic => panic!("a planted panic"),
        Action::Hang | Action::Deaf | Action::Undying => loop {
            std::thread::sleep(Duration::from_secs(3600));
        },
        Action::Pause => {
            while std::env::var_os(VARIABLES[1]).is_some_and(|marker| Path::new(&marker).exists()) {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        // More than any address space holds, so the allocator itself refuses.
        Action::OutOfMemory => drop(std::hint::black_box(vec![1_u8; 1 << 47])),
        Action::Exit => std::process::exit(3),
        Action::Kill => drop(raise(Signal::SIGKILL)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_names_an_action_and_a_point() {
        assert_eq!("abort@training:40".parse(), Ok(PlannedFault { action: Action::Abort, point: Point::Training(40) }));
        assert_eq!("kill@before_seal".parse(), Ok(PlannedFault { action: Action::Kill, point: Point::BeforeSeal }));
        for bad in ["", "abort", "abort@", "abort@training", "abort@training:x", "burn@claimed", "abort@seal:1"] {
            assert_eq!(bad.parse::<PlannedFault>(), Err(()), "{bad:?}");
        }
    }
}
