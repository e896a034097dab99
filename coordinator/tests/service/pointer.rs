//! The live pointer and its ledger.

use common::vocabulary::VersionNumber;
use coordinator::service::Error;
use coordinator::views::PromoteRequest;

use crate::kit::{Running, key};

/// A4: going back is one more entry; the sequence only grows.
#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_is_a_ledger_entry() {
    let running = Running::with_versions(2).await.0;
    let entry = running.refit.rollback(&key("AAPL"), PromoteRequest::default()).await.unwrap();
    assert_eq!((entry.live_seq, entry.kind.as_str(), entry.version.as_str()), (3, "rollback", "v1.0"));
    assert_eq!(entry.previous.as_deref(), Some("v2.0"));
    let model = running.refit.model(&key("AAPL")).await.unwrap();
    assert_eq!((model.live.unwrap().version.as_str(), model.live_seq), ("v1.0", 3));
    assert!(matches!(
        running.refit.rollback(&key("AAPL"), PromoteRequest::default()).await,
        Err(Error::Refused { .. })
    ));
    let back = PromoteRequest { version: Some("v2.0".into()), reason: Some("it was right".into()) };
    assert_eq!(running.refit.promote(&key("AAPL"), back).await.unwrap().live_seq, 4);
    let statuses: Vec<_> = running.versions("AAPL").await.into_iter().map(|v| (v.version, v.status)).collect();
    assert_eq!(statuses, [("v2.0".into(), "live".into()), ("v1.0".into(), "retired".into())] as [(String, String); 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_cannot_be_promoted() {
    let running = Running::with_versions(1).await.0;
    let promote = async |version: &str| {
        let request = PromoteRequest { version: Some(version.into()), reason: None };
        running.refit.promote(&key("AAPL"), request).await.unwrap_err()
    };
    assert!(matches!(promote("v9.9").await, Error::NotFound { .. }));
    assert!(matches!(promote("nine").await, Error::Invalid { .. }));
    assert!(matches!(promote("v1.0").await, Error::Refused { .. }));
    let unknown = running.refit.version(&key("APPL"), VersionNumber { major: 1, minor: 0 }).await.unwrap_err();
    assert_eq!(unknown.to_string(), "there is no model forecaster/APPL: did you mean forecaster/AAPL?");
}

/// The database itself refuses to change what the ledger says.
#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_append_only() {
    let running = Running::with_versions(1).await.0;
    for change in ["UPDATE ledger SET reason = 'x'", "DELETE FROM ledger"] {
        let refused = running.environment.database.execute(change).await.unwrap_err();
        assert!(refused.to_string().contains("append-only"), "{refused}");
    }
}
