//! A corner of the services that `deploy/with-services.sh` names: a virtual host, a schema, a prefix and a folder for one test.

use reqwest::Method;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::runtime::Runtime;
use uuid::Uuid;

use crate::unprivileged_user::UnprivilegedUser;

/// What one test may use; taken away at the end.
pub struct Services {
    name: String,
    amqp: String,
    admin: String,
    redis: String,
    postgres: String,
    s3: String,
}

/// A variable of the environment, or a word that the test is skipped.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    if value.is_none() {
        eprintln!("skipped: {name} is not set (deploy/with-services.sh sets it)");
    }
    value
}

impl Services {
    /// A corner of its own for a test, if there are services.
    ///
    /// # Panics
    /// They are named and do not answer.
    pub fn take(runtime: &Runtime) -> Option<Self> {
        let s3 = ["", "_ENDPOINT", "_ACCESS_KEY", "_SECRET_KEY"].map(|part| variable(&format!("REFIT_TEST_S3{part}")));
        let [Some(bucket), Some(endpoint), Some(key), Some(secret)] = s3 else { return None };
        let name = format!("test_{}", Uuid::new_v4().simple());
        let bucket = bucket.trim_start_matches("s3://").to_owned();
        let services = Self {
            amqp: variable("REFIT_TEST_AMQP")?,
            admin: variable("REFIT_TEST_AMQP_ADMIN")?,
            redis: variable("REFIT_TEST_REDIS")?,
            postgres: variable("REFIT_TEST_POSTGRES")?,
            s3: format!("s3://{key}:{secret}@{bucket}/{name}?endpoint={endpoint}&region=us-east-1"),
            name,
        };
        runtime.block_on(services.prepare());
        Some(services)
    }

    /// A user without rights in this corner.
    ///
    /// # Panics
    /// The services do not let us make one.
    pub fn unprivileged_user(&self, runtime: &Runtime) -> UnprivilegedUser {
        UnprivilegedUser::new(runtime, &self.name, &self.admin, &self.redis, &self.postgres)
    }

    async fn prepare(&self) {
        self.broker(Method::PUT).await.expect("a virtual host of its own");
        self.database(format!("CREATE SCHEMA {}", self.name)).await.expect("a schema of its own");
    }

    async fn broker(&self, method: Method) -> reqwest::Result<()> {
        let url = format!("{}/api/vhosts/{}", self.admin, self.name);
        reqwest::Client::new().request(method, url).send().await?.error_for_status().map(|_| ())
    }

    async fn database(&self, statement: String) -> sqlx::Result<()> {
        PgConnection::connect(&self.postgres).await?.execute(AssertSqlSafe(statement)).await.map(|_| ())
    }

    /// The settings that choose them.
    pub fn settings(&self) -> Vec<(String, String)> {
        let Self { name, amqp, redis, postgres, s3, .. } = self;
        let host = amqp.rsplit_once('/').map_or(amqp.as_str(), |(host, _)| host);
        [
            ("QUEUE", format!("{host}/{name}")),
            ("BUS", format!("{redis}?prefix={name}")),
            ("DATABASE", format!("{postgres}?options=-csearch_path%3D{name}")),
            ("STORE", s3.clone()),
        ]
        .map(|(port, url)| (format!("REFIT_STORAGE__{port}"), url))
        .into()
    }
}

impl Drop for Services {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let left = runtime.block_on(async {
            let schema = self.database(format!("DROP SCHEMA {} CASCADE", self.name)).await.err();
            (self.broker(Method::DELETE).await.err(), schema)
        });
        if let (Some(_), _) | (_, Some(_)) = &left {
            eprintln!("{} is left behind: {left:?}", self.name);
        }
    }
}
