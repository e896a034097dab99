//! Models by key.

use common::vocabulary::ModelKey;

use crate::db::models::{Model, read};
use crate::db::{Connection, Result, sql};

/// Behind all texts that begin with what stands before it: no name has this character.
const BEYOND: char = char::MAX;

/// Which models.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Filter<'a> {
    /// What their keys begin with; may be empty.
    pub(crate) prefix: &'a str,
    /// Of this category.
    pub(crate) category: Option<&'a str>,
    /// What the latest decision about them begins with: the first three letters of its verdict.
    pub(crate) verdict: Option<&'a str>,
    /// Only those that somebody should look at: they are paused, or their live version has declined.
    pub(crate) attention: bool,
}

/// So many models behind a key.
pub(crate) async fn behind(
    db: &mut Connection,
    filter: &Filter<'_>,
    after: Option<&ModelKey>,
    count: u32,
) -> Result<Vec<Model>> {
    let last = after.map_or("", ModelKey::as_str);
    let models = match filter {
        Filter { verdict: Some(_), .. } => sql("SELECT m.* FROM decisions d JOIN models m ON m.key = d.model
             WHERE substr(d.fingerprint, 1, 3) = $5 AND d.model >= $1 AND d.model < $2 AND d.model <> $3
               AND ($6 IS NULL OR m.category = $6)
               AND ($7 = 0 OR m.paused_at IS NOT NULL
                    OR EXISTS (SELECT 1 FROM watches w WHERE w.model = d.model AND w.declined <> 0))
             ORDER BY d.model LIMIT $4"),
        Filter { attention: true, .. } => sql("SELECT m.* FROM models m
             WHERE m.key IN (SELECT key FROM models WHERE paused_at IS NOT NULL
                             UNION ALL SELECT model FROM watches WHERE declined <> 0)
               AND m.key >= $1 AND m.key < $2 AND m.key <> $3 AND ($5 IS NULL OR m.category = $5)
             ORDER BY m.key LIMIT $4"),
        Filter { category: Some(_), .. } => sql(
            "SELECT * FROM models WHERE category = $5 AND key >= $1 AND key < $2 AND key <> $3 ORDER BY key LIMIT $4",
        ),
        Filter { .. } => sql("SELECT * FROM models WHERE key >= $1 AND key < $2 AND key <> $3 ORDER BY key LIMIT $4"),
    };
    let models = models.bind(last.max(filter.prefix)).bind(format!("{}{BEYOND}", filter.prefix)).bind(last).bind(count);
    let models = match filter {
        Filter { verdict: Some(verdict), .. } => models.bind(*verdict).bind(filter.category).bind(filter.attention),
        Filter { attention: true, .. } | Filter { category: Some(_), .. } => models.bind(filter.category),
        Filter { .. } => models,
    };
    models.read_each(db, read).await
}

/// So many keys that begin so, in their order.
pub(crate) async fn keys(db: &mut Connection, prefix: &str, count: u32) -> Result<Vec<String>> {
    let keys = sql("SELECT key FROM models WHERE key >= $1 AND key < $2 ORDER BY key LIMIT $3");
    keys.bind(prefix).bind(format!("{prefix}{BEYOND}")).bind(count).read_each(db, |row| row.text("key")).await
}
