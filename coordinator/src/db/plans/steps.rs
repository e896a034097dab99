//! What a database does with a statement: which tables it reads, and what leads it there.

use std::collections::HashMap;

use serde_json::Value;
use sqlx::{AssertSqlSafe, PgConnection, Row as _, SqliteConnection};

/// A table that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// The table.
    pub(super) table: String,
    /// By an index that holds only some of its rows.
    pub(super) partial: bool,
    /// What is looked up, without spaces; empty where all is read.
    pub(super) condition: String,
    /// As the database says it.
    pub(super) words: String,
}

/// The steps that SQLite takes. It knows nothing of how many rows there are, in service as here.
pub(super) async fn of_sqlite(db: &mut SqliteConnection, text: &str) -> sqlx::Result<Vec<Step>> {
    let partial = "SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '% WHERE %'";
    let partial: Vec<String> = sqlx::query_scalar(partial).fetch_all(&mut *db).await?;
    let explained = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {}", plain(text, |_, _| "?".into())));
    let rows = sqlx::query(explained).fetch_all(db).await?;
    let step = |words: String| {
        let (what, rest) = words.split_once(' ')?;
        let name = rest.split(' ').next()?;
        let index = rest.split_once("INDEX ").and_then(|(_, rest)| rest.split(' ').next());
        let condition = rest.split_once('(').map(|(_, condition)| condition.replace(' ', ""));
        ["SCAN", "SEARCH"].contains(&what).then(|| Step {
            table: table_of(text, name),
            partial: index.is_some_and(|index| partial.iter().any(|name| name == index)),
            condition: condition.unwrap_or_default(),
            words: words.clone(),
        })
    };
    Ok(rows.iter().filter_map(|row| step(row.get("detail"))).collect())
}

/// The table that a name in a statement stands for.
fn table_of(text: &str, name: &str) -> String {
    let words: Vec<&str> = text.split([' ', '(', ')', ',']).filter(|word| !word.is_empty()).collect();
    let stands = words.windows(3).find(|words| {
        ["FROM", "JOIN", "UPDATE", "INTO"].contains(&words[0]) && words[2] == name && words[1] != "SELECT"
    });
    stands.map_or(name, |words| words[1]).to_owned()
}

/// The steps that PostgreSQL takes, by what it knows of the rows there are and without the values.
pub(super) async fn of_postgres(db: &mut PgConnection, types: &Types, text: &str) -> sqlx::Result<Vec<Step>> {
    let text = plain(text, |number, column| format!("${number}{}", types.cast(text, column)));
    let nothing = vec!["NULL"; highest(&text)].join(", ");
    let nothing = if nothing.is_empty() { nothing } else { format!("({nothing})") };
    // Of a value that may be missing, nothing else says the type.
    let missing = |number: usize| text.contains(&format!("${number} IS NULL"));
    let known: Vec<&str> =
        (1..=highest(&text)).map(|number| if missing(number) { "text" } else { "unknown" }).collect();
    let known = if known.is_empty() { String::new() } else { format!("({})", known.join(", ")) };
    sqlx::raw_sql(AssertSqlSafe(format!("PREPARE looked_at {known} AS {text}"))).execute(&mut *db).await?;
    let explained = AssertSqlSafe(format!("EXPLAIN (FORMAT JSON) EXECUTE looked_at{nothing}"));
    let row = sqlx::raw_sql(explained).fetch_one(&mut *db).await?;
    let plan: Value = serde_json::from_str(row.try_get_unchecked::<&str, _>(0)?).unwrap();
    sqlx::raw_sql("DEALLOCATE looked_at").execute(db).await?;
    let mut steps = Vec::new();
    walk(&plan[0]["Plan"], types, &mut steps);
    Ok(steps)
}

fn walk(node: &Value, types: &Types, steps: &mut Vec<Step>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default().to_owned();
    let (kind, index) = (text("Node Type"), text("Index Name"));
    let of_index = types.indexes.get(&index);
    let table = match of_index {
        Some((table, _)) => table.clone(),
        None => text("Relation Name"),
    };
    if ["Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"].contains(&kind.as_str()) {
        steps.push(Step {
            words: format!("{kind} on {table} by {index} {}", text("Index Cond")),
            table,
            partial: of_index.is_some_and(|(_, partial)| *partial),
            condition: text("Index Cond").replace(' ', ""),
        });
    }
    node["Plans"].as_array().into_iter().flatten().for_each(|node| walk(node, types, steps));
}

/// A text with each value written as this says.
fn plain(text: &str, mut value: impl FnMut(usize, &str) -> String) -> String {
    let mut parts = text.split('?');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for (number, part) in (1..).zip(parts) {
        let end = part.find(|c: char| !c.is_alphanumeric()).unwrap_or(part.len());
        whole += &value(number, &part[..end]);
        whole += &part[end..];
    }
    whole
}

/// The highest number of a value.
fn highest(text: &str) -> usize {
    let number = |part: &str| -> Option<usize> {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        part[..end].parse().ok()
    };
    text.split('$').skip(1).filter_map(number).max().unwrap_or(0)
}

/// What PostgreSQL knows of its schema.
pub(super) struct Types {
    /// The types of the columns of jobs, whose changes are written as a list.
    jobs: HashMap<String, String>,
    /// By name: the table, and whether it holds only some of its rows.
    indexes: HashMap<String, (String, bool)>,
}

impl Types {
    pub(super) async fn read(db: &mut PgConnection) -> sqlx::Result<Self> {
        let columns = "SELECT column_name::text, data_type::text FROM information_schema.columns
             WHERE table_schema = current_schema() AND table_name = 'jobs'";
        let indexes = "SELECT indexname::text, tablename::text, indexdef::text LIKE '% WHERE %' FROM pg_indexes
             WHERE schemaname = current_schema()";
        let columns: Vec<(String, String)> = sqlx::query_as(columns).fetch_all(&mut *db).await?;
        let indexes: Vec<(String, String, bool)> = sqlx::query_as(indexes).fetch_all(db).await?;
        let indexes = indexes.into_iter().map(|(name, table, partial)| (name, (table, partial))).collect();
        Ok(Self { jobs: columns.into_iter().collect(), indexes })
    }

    /// Values that are only compared have no type of their own.
    fn cast(&self, text: &str, column: &str) -> String {
        if column.is_empty() {
            return String::new();
        }
        let target = text.split([' ', ',']).collect::<Vec<_>>().windows(3).find_map(|words| {
            let (of, name) = (words[0].trim_start_matches("jobs."), format!("v.{column}"));
            (words[1] == "=" && words[2] == name).then(|| self.jobs.get(of).cloned())?
        });
        let by_name = if ["symbol", "until", "key", "model"].contains(&column) { "text" } else { "bigint" };
        format!("::{}", target.unwrap_or_else(|| by_name.into()))
    }
}
