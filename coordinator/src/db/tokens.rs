//! Tokens of the API, by their hashes: what they let their bearers do, and until when.

use common::vocabulary::{ContentHash, Timestamp};
use domain::access::{TokenName, TokenScope};

use super::{Connection, Result, Row, sql};

/// A token, without what would let anybody use it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    /// Whose it is.
    pub(crate) name: TokenName,
    /// SHA-256 of the token.
    pub(crate) hash: ContentHash,
    /// What it lets do.
    pub(crate) scope: TokenScope,
    /// When it was made.
    pub(crate) created_at: Timestamp,
    /// From when on it is refused, if ever.
    pub(crate) expires_at: Option<Timestamp>,
    /// When it was last used, to about a minute.
    pub(crate) used_at: Option<Timestamp>,
}

/// All, by name: there are few.
pub(crate) async fn all(db: &mut Connection) -> Result<Vec<Token>> {
    let rows = sql("SELECT name, hash, scope, created_at, expires_at, used_at FROM tokens ORDER BY name");
    rows.fetch_all(db).await?.iter().map(read).collect()
}

/// Adds one. `false`: there is one of that name.
pub(crate) async fn insert(db: &mut Connection, token: &Token) -> Result<bool> {
    let done = sql("INSERT INTO tokens (name, hash, scope, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (name) DO NOTHING")
    .bind(token.name.as_str())
    .bind(token.hash.to_string())
    .bind(token.scope.as_str())
    .bind(token.created_at.0)
    .bind(token.expires_at.map(|at| at.0));
    Ok(done.execute(db).await? == 1)
}

/// Takes one away. `false`: there is none of that name.
pub(crate) async fn delete(db: &mut Connection, name: &TokenName) -> Result<bool> {
    Ok(sql("DELETE FROM tokens WHERE name = $1").bind(name.as_str()).execute(db).await? == 1)
}

/// It has been used; an earlier use never replaces a later one.
pub(crate) async fn set_used(db: &mut Connection, name: &TokenName, at: Timestamp) -> Result<()> {
    let used = sql("UPDATE tokens SET used_at = $2 WHERE name = $1 AND (used_at IS NULL OR used_at < $2)");
    used.bind(name.as_str()).bind(at.0).execute(db).await?;
    Ok(())
}

pub(super) fn read(row: &Row) -> Result<Token> {
    Ok(Token {
        name: row.parsed("name")?,
        hash: row.parsed("hash")?,
        scope: row.parsed("scope")?,
        created_at: row.time("created_at")?,
        expires_at: row.opt_time("expires_at")?,
        used_at: row.opt_time("used_at")?,
    })
}
