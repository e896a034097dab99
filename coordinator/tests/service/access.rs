//! Tokens of the API and its audit trail (G4).

use chrono::{DateTime, Utc};
use common::vocabulary::Timestamp;
use coordinator::service::{Bearer, Error, Fault};
use coordinator::views::{AuditFilter, Outcome, PageQuery, TokenRequest};
use domain::access::{Call, TokenScope};

use crate::kit::{Environment, Running, wait_for};

fn token(name: &str, scope: TokenScope) -> TokenRequest {
    TokenRequest { name: name.into(), scope, expires_in_days: None }
}

fn call(at: Timestamp, by: &str, status: u16) -> Call {
    Call {
        at,
        by: by.into(),
        method: "POST".into(),
        route: "/api/v1/jobs/{id}/cancel".into(),
        subject: "\u{1b}[2J".into(),
        status,
        remote: "192.0.2.7".into(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn g4_a_token_is_shown_once_and_its_hash_alone_is_kept() {
    let running = Running::new().await;
    let refit = &running.refit;
    let made = refit.create_token(token("ci", TokenScope::Operate)).await.unwrap();
    assert!(made.token.starts_with("refit_") && made.token.len() == 6 + 64, "{}", made.token);
    let other = refit.create_token(token("grafana", TokenScope::Read)).await.unwrap();
    assert_ne!(made.token, other.token);
    assert_eq!(refit.tokens(PageQuery::default()).await.unwrap().items[0].used_at, None);

    let known = |name: &str, scope| Bearer::Known { name: name.parse().unwrap(), scope };
    assert_eq!(refit.bearer(&made.token).await.unwrap(), known("ci", TokenScope::Operate));
    assert_eq!(refit.bearer(&other.token).await.unwrap(), known("grafana", TokenScope::Read));
    for wrong in ["", "refit_", &made.token[1..], &made.token[..69], &made.token.to_uppercase()] {
        assert_eq!(refit.bearer(wrong).await.unwrap(), Bearer::Unknown, "{wrong}");
    }
    let all = refit.tokens(PageQuery::default()).await.unwrap().items;
    assert_eq!(all.iter().map(|token| token.name.as_str()).collect::<Vec<_>>(), ["ci", "grafana"]);
    assert!(all.iter().all(|token| token.used_at.is_some()));
    let kept = running.environment.database.texts("SELECT name || hash || scope FROM tokens").await;
    assert_eq!(kept.len(), 2);
    assert!(kept.iter().all(|row| !row.contains(&made.token[6..]) && !row.contains(&other.token[6..])), "{kept:?}");

    let twice = refit.create_token(token("ci", TokenScope::Admin)).await;
    assert!(matches!(twice, Err(Error::Refused { .. })), "{twice:?}");
    assert!(matches!(refit.create_token(token("settings", TokenScope::Read)).await, Err(Error::Invalid { .. })));
    let days = TokenRequest { expires_in_days: Some(0), ..token("brief", TokenScope::Read) };
    assert!(matches!(refit.create_token(days).await, Err(Error::Invalid { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn g4_a_token_ends_when_it_is_revoked_or_expires() {
    let running = Running::new().await;
    let refit = &running.refit;
    let made = refit.create_token(token("ci", TokenScope::Operate)).await.unwrap();
    assert!(matches!(refit.bearer(&made.token).await.unwrap(), Bearer::Known { .. }));
    assert_eq!(refit.revoke_token("ci").await.unwrap().name, "ci");
    assert_eq!(refit.bearer(&made.token).await.unwrap(), Bearer::Unknown);
    assert!(matches!(refit.revoke_token("ci").await, Err(Error::NotFound { .. })));
    assert!(matches!(refit.revoke_token("../x").await, Err(Error::NotFound { .. })));

    let brief = TokenRequest { expires_in_days: Some(30), ..token("brief", TokenScope::Read) };
    let made = refit.create_token(brief).await.unwrap();
    let days = (made.about.expires_at.unwrap() - made.about.created_at).num_days();
    assert_eq!(days, 30);
    running.environment.database.execute("UPDATE tokens SET expires_at = 1").await.unwrap();
    let expired = refit.bearer(&made.token).await.unwrap();
    assert_eq!(expired, Bearer::Expired { name: "brief".parse().unwrap(), since: Timestamp(1) });
    assert_eq!(
        refit.tokens(PageQuery::default()).await.unwrap().items[0].used_at,
        None,
        "a use that was refused is none"
    );
}

/// What another coordinator has made or revoked is seen without a restart.
#[tokio::test(flavor = "multi_thread")]
async fn g1_g4_tokens_hold_on_every_coordinator() {
    let running = Running::new().await;
    let Environment { settings, ports, .. } = &running.environment;
    let second = coordinator::service::Coordinator::with(settings.clone(), ports.clone(), Fault::None).await.unwrap();
    let there = second.refit();
    assert_eq!(there.bearer("refit_none").await.unwrap(), Bearer::Unknown);
    let made = running.refit.create_token(token("ci", TokenScope::Read)).await.unwrap();
    wait_for("the token to be known there", || async {
        matches!(there.bearer(&made.token).await.unwrap(), Bearer::Known { .. }).then_some(())
    })
    .await;
    running.refit.revoke_token("ci").await.unwrap();
    wait_for("the token to be refused there", || async {
        (there.bearer(&made.token).await.unwrap() == Bearer::Unknown).then_some(())
    })
    .await;
    second.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn g4_the_audit_trail_is_paged_and_chosen_from() {
    let running = Running::new().await;
    let refit = &running.refit;
    let start = Timestamp::now();
    for number in 0..25 {
        let by = if number % 5 == 0 { "ana" } else { "ci" };
        refit.note(call(start.plus_seconds(f64::from(number)), by, 200)).await;
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = refit.audit(AuditFilter { limit: Some(10), cursor, ..AuditFilter::default() }).await.unwrap();
        seen.extend(page.items);
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.windows(2).all(|pair| pair[0].id > pair[1].id && pair[0].at > pair[1].at), "newest first");
    assert_eq!((seen[0].route.as_str(), seen[0].remote.as_str()), ("/api/v1/jobs/{id}/cancel", "192.0.2.7"));

    let chosen = async |filter| refit.audit(filter).await.unwrap().items.len();
    let since: DateTime<Utc> = start.plus_seconds(19.5).utc();
    assert_eq!(chosen(AuditFilter { by: Some("ana".into()), ..AuditFilter::default() }).await, 5);
    assert_eq!(chosen(AuditFilter { since: Some(since), ..AuditFilter::default() }).await, 5);
    assert_eq!(chosen(AuditFilter { since: Some(since), by: Some("ana".into()), ..AuditFilter::default() }).await, 1);
    assert_eq!(chosen(AuditFilter { by: Some("nobody".into()), ..AuditFilter::default() }).await, 0);
    for limit in [0, 1001] {
        let refused = refit.audit(AuditFilter { limit: Some(limit), ..AuditFilter::default() }).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{limit}");
    }

    refit.note_later(call(start.plus_seconds(100.0), "ci", Call::ABANDONED));
    let last = wait_for("the call to be noted", || async {
        let page = refit.audit(AuditFilter { limit: Some(1), ..AuditFilter::default() }).await.unwrap();
        page.items.into_iter().next().filter(|call| call.status == Call::ABANDONED)
    });
    assert_eq!(last.await.outcome, Outcome::Abandoned);
}

#[tokio::test(flavor = "multi_thread")]
async fn g4_calls_that_are_too_old_go() {
    let running = Running::new().await;
    let now = Timestamp::now();
    running.refit.note(call(now.plus_days(-364.0), "ci", 200)).await;
    running.refit.note(call(now.plus_days(-366.0), "ci", 200)).await;
    let running = running.crash().await.start().await;
    let kept = wait_for("the old call to go", || async {
        let calls = running.refit.audit(AuditFilter::default()).await.unwrap().items;
        (calls.len() < 2).then_some(calls)
    })
    .await;
    assert_eq!(kept.iter().map(|call| call.at).collect::<Vec<_>>(), [now.plus_days(-364.0).utc()]);
}
