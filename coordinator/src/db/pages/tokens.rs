//! Tokens by name.

use domain::access::TokenName;

use crate::db::tokens::{Token, read};
use crate::db::{Connection, Result, sql};

/// So many tokens behind a name.
pub(crate) async fn behind(db: &mut Connection, after: Option<&TokenName>, count: u32) -> Result<Vec<Token>> {
    sql("SELECT name, hash, scope, created_at, expires_at, used_at FROM tokens WHERE name > $1 ORDER BY name LIMIT $2")
        .bind(after.map_or("", TokenName::as_str))
        .bind(count)
        .read_each(db, read)
        .await
}
