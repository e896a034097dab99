//! Trying again what failed only because the other side did not answer.

use std::fmt::Display;
use std::time::Duration;

use crate::ports::PortError;

const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// How late it may be noticed that the other side is back.
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Errors that know whether the same may work later.
pub trait MayHeal {
    /// Whether trying again can help, with nothing changed on this side.
    fn may_heal(&self) -> bool;
}

impl MayHeal for PortError {
    fn may_heal(&self) -> bool {
        matches!(self, Self::Unreachable { .. })
    }
}

/// Repeats an operation, with growing pauses, for as long as its error may heal; returns any other answer. Whoever calls
/// bounds it from outside: a claim that is stopped drops it.
///
/// # Errors
/// The first one that does not heal by itself.
pub async fn retry<T, E, F>(mut operation: impl FnMut() -> F) -> Result<T, E>
where
    E: MayHeal + Display,
    F: Future<Output = Result<T, E>>,
{
    let mut pause = FIRST_PAUSE;
    loop {
        match operation().await {
            Err(error) if error.may_heal() => {
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
        let answer = retry(|| {
            left -= 1;
            std::future::ready(if left > 0 { Err(silent()) } else { Ok("there") })
        });
        assert_eq!(answer.await.unwrap(), "there");
        assert_eq!(left, 0);
        let refused = retry(|| std::future::ready(Err::<(), _>(PortError::Full { what: "seal".into() }))).await;
        assert!(matches!(refused, Err(PortError::Full { .. })));
    }
}
