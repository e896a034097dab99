//! Where a test's coordinator keeps its rows: a file of its own, or a schema of its own.

use std::io::Write as _;
use std::path::Path;
use std::thread;

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, SqliteConnection};
use uuid::Uuid;

/// Which database a suite runs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(dead_code, reason = "each suite is compiled for one of them")]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

/// A test's database; a schema is dropped with it.
pub(crate) enum Database {
    Sqlite { url: String },
    Postgres { server: String, schema: String },
}

impl Database {
    pub(crate) async fn new(kind: Kind, folder: &Path) -> Self {
        match kind {
            Kind::Sqlite => Self::Sqlite { url: format!("sqlite://{}", folder.join("refit.db").display()) },
            Kind::Postgres => {
                let server = server();
                let schema = format!("test_{}", Uuid::new_v4().simple());
                let mut db = PgConnection::connect(&server).await.unwrap();
                db.execute(AssertSqlSafe(format!("CREATE SCHEMA {schema}"))).await.unwrap();
                Self::Postgres { server, schema }
            }
        }
    }

    /// As the coordinator is told.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Sqlite { url } => url.clone(),
            Self::Postgres { server, schema } => {
                let sign = if server.contains('?') { '&' } else { '?' };
                format!("{server}{sign}options=-csearch_path%3D{schema}&application_name={schema}")
            }
        }
    }

    /// Does something behind the coordinator's back, or before there is one.
    pub(crate) async fn execute(&self, statement: &'static str) -> sqlx::Result<()> {
        match self {
            Self::Sqlite { url } => {
                let options = url.parse::<SqliteConnectOptions>()?.create_if_missing(true);
                SqliteConnection::connect_with(&options).await?.execute(statement).await.map(|_| ())
            }
            Self::Postgres { .. } => PgConnection::connect(&self.url()).await?.execute(statement).await.map(|_| ()),
        }
    }
}

impl Database {
    /// What a statement says in its first column, behind the coordinator's back.
    pub(crate) async fn texts(&self, statement: &'static str) -> Vec<String> {
        match self {
            Self::Sqlite { url } => {
                let mut db = SqliteConnection::connect(url).await.unwrap();
                sqlx::query_scalar(statement).fetch_all(&mut db).await.unwrap()
            }
            Self::Postgres { .. } => {
                let mut db = PgConnection::connect(&self.url()).await.unwrap();
                sqlx::query_scalar(statement).fetch_all(&mut db).await.unwrap()
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        let Self::Postgres { server, schema } = self else { return };
        let (server, statement) = (server.clone(), format!("DROP SCHEMA {schema} CASCADE"));
        let dropping = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut db = PgConnection::connect(&server).await?;
                db.execute("SET lock_timeout = '10s'; SET client_min_messages = 'warning'").await?;
                db.execute(AssertSqlSafe(statement)).await
            })
        });
        if let Err(error) = dropping.join().unwrap() {
            eprintln!("{schema} is left behind: {error}");
        }
    }
}

/// The server for tests. Without one, the whole suite says so and ends: there is nothing in it that could run.
pub(crate) fn server() -> String {
    std::env::var("REFIT_TEST_POSTGRES").unwrap_or_else(|_| {
        let _nobody_reads = writeln!(std::io::stderr(), "skipped: REFIT_TEST_POSTGRES is not set");
        std::process::exit(0);
    })
}
