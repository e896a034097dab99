//! Trying again what failed only because the other side did not answer.

use std::time::Duration;

use common::ports::PortError;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Repeats an operation, with growing pauses, for as long as the port is unreachable; returns any other answer. Whoever calls
/// bounds it from outside: a claim that is stopped drops it.
pub(super) async fn patiently<T, F>(mut operation: impl FnMut() -> F) -> Result<T, PortError>
where
    F: Future<Output = Result<T, PortError>>,
{
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

    #[tokio::test]
    async fn only_silence_is_worth_another_try() {
        let mut left = 2;
        let silent = || PortError::Unreachable { what: "store".into(), reason: "no answer".into() };
        let answer = patiently(|| {
            left -= 1;
            std::future::ready(if left > 0 { Err(silent()) } else { Ok("there") })
        });
        assert_eq!(answer.await.unwrap(), "there");
        assert_eq!(left, 0);
        let refused = patiently(|| std::future::ready(Err::<(), _>(PortError::Full { what: "seal".into() }))).await;
        assert!(matches!(refused, Err(PortError::Full { .. })));
    }
}
