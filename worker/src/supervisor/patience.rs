//! Trying again what failed only because the other side did not answer.

use std::time::Duration;

use common::ports::PortError;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Repeats an operation, with growing pauses, for as long as the port is unreachable; returns any other answer. Whoever calls
/// bounds it from outside: a claim that is stopped drops it.
pub(crate) async fn patiently<T>(mut operation: impl AsyncFnMut() -> Result<T, PortError>) -> Result<T, PortError> {
    let mut pause = FIRST_PAUSE;
    loop {
        match operation().await {
            Err(error @ PortError::Unreachable { .. }) => {
                tracing::warn!(%error, pause_ms = pause.as_millis(), "trying again");
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            answer => return answer,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn only_silence_is_worth_another_try() {
        let mut left = 3;
        let answer = patiently(async || {
            left -= 1;
            if left > 0 { Err(PortError::Unreachable { what: "store".into(), reason: "no answer".into() }) } else { Ok(left) }
        });
        assert_eq!(answer.await.unwrap(), 0);
        let refused = patiently(async || Err::<(), _>(PortError::Full { what: "seal".into() })).await;
        assert!(matches!(refused, Err(PortError::Full { .. })));
    }
}
