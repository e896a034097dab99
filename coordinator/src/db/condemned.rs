//! Objects of the store that nothing refers to: condemned first, deleted later.

use std::collections::BTreeMap;

use common::vocabulary::Timestamp;

use super::{Connection, Result, sql};

/// Condemns an object; one condemned before keeps its time.
pub(crate) async fn condemn(db: &mut Connection, key: &str, bytes: u64, now: Timestamp) -> Result<()> {
    sql("INSERT INTO condemned (key, bytes, at) VALUES ($1, $2, $3) ON CONFLICT (key) DO NOTHING")
        .bind(key)
        .bind(bytes as i64)
        .bind(now.0)
        .execute(db)
        .await?;
    Ok(())
}

/// Takes an object back, because it is needed again or gone.
pub(crate) async fn pardon(db: &mut Connection, key: &str) -> Result<()> {
    sql("DELETE FROM condemned WHERE key = $1").bind(key).execute(db).await?;
    Ok(())
}

/// Every condemned object and since when.
pub(crate) async fn all(db: &mut Connection) -> Result<BTreeMap<String, Timestamp>> {
    let rows = sql("SELECT key, at FROM condemned").fetch_all(db).await?;
    rows.iter().map(|row| Ok((row.text("key")?, row.time("at")?))).collect()
}
