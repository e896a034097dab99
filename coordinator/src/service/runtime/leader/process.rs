//! Where a coordinator runs, so that a dead one on the same machine is known to be dead, and need not be waited for.

use std::fmt;
use std::fs;
use std::str::FromStr;

/// A process: which boot of which machine, which namespace of process ids, which process, and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ProcessIdentity {
    boot: String,
    namespace: String,
    pid: u32,
    started: u64,
}

impl ProcessIdentity {
    /// This process. Where the system does not tell, it is nowhere, and nobody else is known to be gone.
    pub(super) fn here() -> Self {
        let pid = std::process::id();
        let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned();
        let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default().to_string_lossy().into_owned();
        Self { boot, namespace, pid, started: start_of(pid).unwrap_or_default() }
    }

    /// Whether the other process ran where this one can look, and is not there any more.
    pub(super) fn knows_to_be_gone(&self, other: &Self) -> bool {
        let visible = !self.boot.is_empty() && (&self.boot, &self.namespace) == (&other.boot, &other.namespace);
        visible && start_of(other.pid) != Some(other.started)
    }
}

/// When a process was started, in ticks since the boot: tells it from a later one of the same number (`proc_pid_stat(5)`).
fn start_of(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The name, in parentheses, may hold anything; the start is the 20th field after it.
    stat.rsplit_once(')')?.1.split_whitespace().nth(19)?.parse().ok()
}

impl fmt::Display for ProcessIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {} {}", self.boot, self.namespace, self.pid, self.started)
    }
}

/// What was written names no process.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoProcess;

impl FromStr for ProcessIdentity {
    type Err = NoProcess;

    fn from_str(text: &str) -> Result<Self, NoProcess> {
        let [boot, namespace, pid, started] = text.split(' ').collect::<Vec<_>>()[..] else { return Err(NoProcess) };
        let (pid, started) = (pid.parse().map_err(|_| NoProcess)?, started.parse().map_err(|_| NoProcess)?);
        Ok(Self { boot: boot.into(), namespace: namespace.into(), pid, started })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_has_ended_is_known_to_be_gone_and_a_living_one_is_not() {
        let here = ProcessIdentity::here();
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let other = ProcessIdentity { pid: child.id(), started: start_of(child.id()).unwrap(), ..here.clone() };
        assert!(!here.knows_to_be_gone(&other));
        assert!(
            here.knows_to_be_gone(&ProcessIdentity { started: other.started + 1, ..other.clone() }),
            "the number was given anew"
        );
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(here.knows_to_be_gone(&other));
        assert!(!here.knows_to_be_gone(&ProcessIdentity { boot: "another machine".into(), ..other.clone() }));
        assert!(!here.knows_to_be_gone(&ProcessIdentity { namespace: "pid:[1]".into(), ..other }));
    }

    #[test]
    fn a_place_is_written_and_read_back() {
        let here = ProcessIdentity::here();
        assert_eq!(here.to_string().parse(), Ok(here));
        assert_eq!("".parse::<ProcessIdentity>(), Err(NoProcess));
    }
}
