//! What all suites share.

use std::time::Duration;

use common::ports::PortError;

/// Longer than anything here takes; only a test that fails waits so long.
pub(crate) const LIMIT: Duration = Duration::from_secs(20);

/// Waits for something that must come.
pub(crate) async fn soon<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("{what}: nothing within {LIMIT:?}"))
}

/// The address of a service, from the environment.
pub(crate) fn service(variable: &str) -> Option<String> {
    let address = std::env::var(variable).ok().filter(|address| !address.is_empty());
    if address.is_none() {
        eprintln!("skipped: {variable} is not set");
    }
    address
}

/// Asserts that an error is one clear line without the password.
pub(crate) fn one_line(error: &PortError, password: &str, parts: &[&str]) {
    let text = error.to_string();
    assert!(!text.contains(password), "shows the password: {text}");
    assert!(!text.contains('\n') && text.len() < 500, "not one line: {text}");
    for part in parts {
        assert!(text.contains(part), "no {part:?} in: {text}");
    }
}

/// Makes a test of each function of a suite, for each implementation.
#[macro_export]
macro_rules! suite {
    ($suite:ident, [$($name:ident: $fixture:ty),+ $(,)?], $tests:tt) => {
        $($crate::suite!(@one $name, $fixture, $suite, $tests);)+
    };
    (@one $name:ident, $fixture:ty, $suite:ident, [$($test:ident),+ $(,)?]) => {
        mod $name {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $test() {
                    let Some(fixture) = <$fixture>::start().await else { return };
                    $crate::$suite::$test(&fixture).await;
                }
            )+
        }
    };
}
