//! What all suites share.

use std::time::Duration;

/// Longer than anything here takes; only a test that fails waits so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Waits for something that must come.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("{what}: nothing within {LIMIT:?}"))
}

/// Makes a test of each function of a suite.
#[macro_export]
macro_rules! suite {
    ($name:ident: $fixture:ty, $suite:ident, [$($test:ident),+ $(,)?]) => {
        mod $name {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    $crate::$suite::$test(&<$fixture>::start().await).await;
                }
            )+
        }
    };
}
