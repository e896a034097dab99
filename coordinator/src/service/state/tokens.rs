//! Tokens of the API: the rows are few, and known here for some seconds.

use std::collections::HashMap;
use std::sync::PoisonError;
use std::time::Duration;

use common::vocabulary::{ContentHash, Timestamp};
use domain::access::TokenName;
use tokio::sync::Mutex;
use tokio::time::{Instant, timeout};

use crate::db::Database;
use crate::db::tokens::{self, Token};
use crate::service::error::Result;

/// How soon a token that another coordinator has revoked is refused here.
const FRESH: Duration = Duration::from_secs(5);
/// How often an unknown token may have the rows read again: another coordinator may just have made it.
const READ_AGAIN: Duration = Duration::from_secs(1);
/// Who asks with a known token does not wait longer for a database that hangs.
const TIME_LIMIT: Duration = Duration::from_secs(1);

/// What a coordinator knows of the tokens.
#[derive(Debug, Default)]
pub(crate) struct Tokens {
    cached: Mutex<Option<CachedTokens>>,
    used: std::sync::Mutex<HashMap<TokenName, Timestamp>>,
}

#[derive(Debug)]
struct CachedTokens {
    by_hash: HashMap<ContentHash, Token>,
    /// When the rows were read, or last tried to be.
    at: Instant,
}

impl Tokens {
    /// Uses since the last call.
    pub(crate) fn take_used(&self) -> HashMap<TokenName, Timestamp> {
        std::mem::take(&mut *self.used.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// When this coordinator has last seen it used.
    pub(crate) fn last_used(&self, name: &TokenName) -> Option<Timestamp> {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).get(name).copied()
    }

    /// It has just been used.
    pub(crate) fn note(&self, name: &TokenName, now: Timestamp) {
        self.used.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone(), now);
    }

    /// The token of a hash. While the database does not answer, what was known last holds: nobody can have revoked anything.
    pub(crate) async fn find(&self, db: &Database, hash: ContentHash) -> Result<Option<Token>> {
        let mut cached = self.cached.lock().await;
        match &mut *cached {
            None => *cached = Some(read(db).await?),
            Some(old) => {
                let (found, age) = (old.by_hash.contains_key(&hash), old.at.elapsed());
                if age >= FRESH || (!found && age >= READ_AGAIN) {
                    old.at = Instant::now();
                    match timeout(TIME_LIMIT, read(db)).await {
                        Ok(Ok(new)) => *old = new,
                        Ok(Err(error)) => tracing::warn!(%error, "the tokens are read again later"),
                        Err(_) => tracing::warn!("the tokens are read again later: the database does not answer"),
                    }
                }
            }
        }
        Ok(cached.as_ref().and_then(|cached| cached.by_hash.get(&hash)).cloned())
    }

    /// They are read again before the next is recognised.
    pub(crate) async fn forget(&self) {
        *self.cached.lock().await = None;
    }
}

async fn read(db: &Database) -> Result<CachedTokens> {
    let all = tokens::all(&mut *db.read().await?).await?;
    Ok(CachedTokens { by_hash: all.into_iter().map(|token| (token.hash, token)).collect(), at: Instant::now() })
}
