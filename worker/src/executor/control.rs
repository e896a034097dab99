//! The thread that listens to the supervisor, and ends the process when there is none any more.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::mpsc;

use common::wire::codec::{self, Limits};
use common::wire::frames::{self, MAX_FRAME};
use models::run::Stop;

use super::protocol::{StopKind, ToExecutor};

/// Whether the job under way should end; set by the listening thread, read after every step.
#[derive(Debug, Clone, Default)]
pub struct StopFlag(Arc<AtomicU8>);

impl StopFlag {
    /// What the flag says.
    pub fn get(&self) -> Option<Stop> {
        match self.0.load(Ordering::Relaxed) {
            1 => Some(Stop::Cancel),
            2 => Some(Stop::Release),
            _ => None,
        }
    }

    fn set(&self, kind: StopKind) {
        let value = match kind {
            StopKind::Cancel => 1,
            StopKind::Release => 2,
        };
        self.0.store(value, Ordering::Relaxed);
    }

    fn clear(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

/// Starts the thread. It aborts the process at the end of its input, whatever the main thread is doing: no orphan keeps a device.
pub(super) fn listen(input: impl Read + Send + 'static) -> (mpsc::Receiver<ToExecutor>, StopFlag) {
    let stop = StopFlag::default();
    let (sender, orders) = mpsc::channel();
    let flag = stop.clone();
    std::thread::spawn(move || {
        relay(input, &sender, &flag);
        std::process::abort()
    });
    (orders, stop)
}

/// Passes orders on until the input ends. A stop is for the job under way, so every new job clears the flag.
fn relay(mut input: impl Read, orders: &mpsc::Sender<ToExecutor>, stop: &StopFlag) {
    let limits = Limits { bytes: MAX_FRAME, ..Limits::default() };
    while let Ok(Some(body)) = frames::read_frame(&mut input) {
        match codec::decode::<ToExecutor>(&body, limits) {
            Ok(ToExecutor::Stop(kind)) => stop.set(kind),
            Ok(order) => {
                stop.clear();
                if orders.send(order).is_err() {
                    return;
                }
            }
            Err(error) => return tracing::error!(%error, "the supervisor said something that cannot be understood"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::executor::{Files, Order};
    use common::vocabulary::{AttemptId, JobId, JobSpec, ProbeSpec};

    fn work() -> ToExecutor {
        ToExecutor::Work(Box::new(Order {
            job: JobId::new_v4(),
            attempt: AttemptId::new_v4(),
            spec: JobSpec::Probe(ProbeSpec { work_ms: 1 }),
            batch_size: None,
            files: Files::default(),
            checkpoint_every: 2.0,
        }))
    }

    fn relayed(messages: &[ToExecutor]) -> (Vec<ToExecutor>, Option<Stop>) {
        let mut pipe = Vec::new();
        for message in messages {
            frames::write_frame(&mut pipe, &codec::encode(message).unwrap()).unwrap();
        }
        let (stop, (sender, orders)) = (StopFlag::default(), mpsc::channel());
        relay(pipe.as_slice(), &sender, &stop);
        drop(sender);
        (orders.iter().collect(), stop.get())
    }

    #[test]
    fn a_stop_is_for_the_job_under_way_only() {
        let (work, release) = (work(), ToExecutor::Stop(StopKind::Release));
        assert_eq!(relayed(&[work.clone(), release.clone()]), (vec![work.clone()], Some(Stop::Release)));
        assert_eq!(relayed(&[release, work.clone()]), (vec![work], None));
        assert_eq!(relayed(&[ToExecutor::Stop(StopKind::Cancel)]), (vec![], Some(Stop::Cancel)));
    }
}
