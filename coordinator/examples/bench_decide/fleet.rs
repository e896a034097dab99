//! Rows of a fleet, by SQL: a million models are there in minutes.

use std::error::Error;

use chrono::{Days, NaiveDate};
use common::vocabulary::{Family, Hyper, Timestamp};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use uuid::Uuid;

type Done<T> = Result<T, Box<dyn Error>>;

/// Days over which the live versions were trained; one with its number in the rows.
const DAYS: u64 = 60;

/// Puts so many models into the database of this URL, whose coordinator has made it.
pub(crate) async fn fill(url: &str, models: u32, today: NaiveDate) -> Done<()> {
    let day = |number| {
        let day = today - Days::new(number);
        format!("({number}, '{day}', {})", Timestamp::end_of(day).0)
    };
    let words = [
        ("{models}", models.to_string()),
        ("{today}", today.to_string()),
        ("{hyper}", serde_json::to_string(&Hyper::of(Family::Forecaster))?),
        ("{days}", (0..DAYS).map(day).collect::<Vec<_>>().join(", ")),
    ];
    let text = words.iter().fold(include_str!("fleet.sql").to_owned(), |text, (word, by)| text.replace(word, by));
    if url.starts_with("sqlite") {
        let mut db = SqliteConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(format!("BEGIN; {text} COMMIT"))).execute(&mut db).await?;
    } else {
        let mut db = PgConnection::connect(url).await?;
        sqlx::raw_sql(AssertSqlSafe(text.replace("AS BLOB", "AS BYTEA"))).execute(&mut db).await?;
        // As the server does it by itself within minutes, and what is measured is not its disk catching up with the rows.
        sqlx::raw_sql("VACUUM ANALYZE").execute(&mut db).await?;
        sqlx::raw_sql("CHECKPOINT").execute(&mut db).await?;
    }
    Ok(())
}

/// A schema of its own on a server, as long as it is measured.
pub(crate) struct Schema {
    server: String,
    name: String,
}

impl Schema {
    pub(crate) async fn on(server: &str) -> Done<Self> {
        let schema = Self { server: server.to_owned(), name: format!("decide_{}", Uuid::new_v4().simple()) };
        schema.run(format!("CREATE SCHEMA {}", schema.name)).await?;
        Ok(schema)
    }

    pub(crate) fn url(&self) -> String {
        let sign = if self.server.contains('?') { '&' } else { '?' };
        format!("{}{sign}options=-csearch_path%3D{}", self.server, self.name)
    }

    pub(crate) async fn remove(self) -> Done<()> {
        self.run(format!("DROP SCHEMA {} CASCADE", self.name)).await
    }

    async fn run(&self, words: String) -> Done<()> {
        let mut db = PgConnection::connect(&self.server).await?;
        sqlx::raw_sql(AssertSqlSafe(words)).execute(&mut db).await?;
        Ok(())
    }
}
