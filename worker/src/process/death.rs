//! What a child died of.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

use common::vocabulary::FailureClass;
use nix::sys::signal::Signal;

use crate::executor::DEVICE_UNUSABLE;
use crate::failure::Failure;

/// What allocators write before they abort: Rust's, the C++ library's, LibTorch's.
const ALLOCATOR_WORDS: [&str; 4] = ["memory allocation of", "bad_alloc", "not enough memory", "out of memory"];

/// The failure behind an end that the child did not announce.
///
/// `killed_for_memory`: the cgroup's counter rose while it lived. `last_words`: its last lines on standard error.
pub(super) fn failure(status: ExitStatus, killed_for_memory: bool, last_words: &[String]) -> Failure {
    let how = match (status.signal(), status.code()) {
        (Some(number), _) => match Signal::try_from(number) {
            Ok(signal) => format!("died of {}", signal.as_str()),
            Err(_) => format!("died of signal {number}"),
        },
        (None, Some(code)) => format!("ended with exit code {code}"),
        (None, None) => "ended".into(),
    };
    let by = |signal: Signal| status.signal() == Some(signal as i32);
    let allocator =
        last_words.iter().find(|line| ALLOCATOR_WORDS.iter().any(|word| line.to_lowercase().contains(word)));
    if status.code() == Some(i32::from(DEVICE_UNUSABLE)) {
        // It has not seen the job: another slot or worker may do it, or this one later.
        let reason = last_words.last().map_or("its device cannot be used", String::as_str);
        let reason = reason.trim_start_matches("refit-worker: ");
        return Failure::new(FailureClass::Lost, format!("the executor could not begin: {reason}"));
    }
    if by(Signal::SIGKILL) && killed_for_memory {
        Failure::new(FailureClass::OutOfMemory, "the kernel killed the executor for lack of memory")
    } else if let (true, Some(line)) = (by(Signal::SIGABRT), allocator) {
        Failure::new(FailureClass::OutOfMemory, format!("the executor had no memory left: {line}"))
    } else if last_words.is_empty() {
        Failure::new(FailureClass::Crash, format!("the executor {how}"))
    } else {
        Failure::new(FailureClass::Crash, format!("the executor {how}; its last words: {}", last_words.join(" | ")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_follows_from_signal_counter_and_words() {
        let signal = |signal: Signal| ExitStatus::from_raw(signal as i32);
        let words = |text: &str| vec![text.to_owned()];
        let cases = [
            (signal(Signal::SIGKILL), true, vec![], FailureClass::OutOfMemory),
            (signal(Signal::SIGKILL), false, vec![], FailureClass::Crash),
            (signal(Signal::SIGSEGV), false, vec![], FailureClass::Crash),
            (signal(Signal::SIGSEGV), true, vec![], FailureClass::Crash),
            (signal(Signal::SIGABRT), false, words("memory allocation of 70 bytes failed"), FailureClass::OutOfMemory),
            (signal(Signal::SIGABRT), false, words("terminate called: std::bad_alloc"), FailureClass::OutOfMemory),
            (signal(Signal::SIGABRT), false, words("assertion failed"), FailureClass::Crash),
            (ExitStatus::from_raw(3 << 8), false, words("out of memory"), FailureClass::Crash),
            (ExitStatus::from_raw(69 << 8), false, words("cuda:0 cannot be used: out of memory"), FailureClass::Lost),
        ];
        for (status, killed, last_words, class) in cases {
            assert_eq!(failure(status, killed, &last_words).class, class, "{status:?} {killed} {last_words:?}");
        }
        let full = words("refit-worker: the device cuda:0 cannot be used: out of memory: CUDA error: out of memory");
        assert_eq!(
            failure(ExitStatus::from_raw(69 << 8), false, &full).message,
            "the executor could not begin: the device cuda:0 cannot be used: out of memory: CUDA error: out of memory"
        );
        assert_eq!(
            failure(signal(Signal::SIGSEGV), false, &words("at step 3")).message,
            "the executor died of SIGSEGV; its last words: at step 3"
        );
    }
}
