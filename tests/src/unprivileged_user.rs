//! A user of the services who may log in, and nothing else.

use std::io::{Read, Write};
use std::net::TcpStream;

use reqwest::Method;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};
use tokio::runtime::Runtime;

/// The password of each of them.
const PASSWORD: &str = "hunter2";

/// A user without rights; gone at the end.
pub struct UnprivilegedUser {
    name: String,
    vhost: String,
    admin: String,
    redis: String,
    postgres: String,
}

impl UnprivilegedUser {
    /// Makes one, on RabbitMQ in this virtual host, on Redis, and on PostgreSQL with a look into the schema of the same name.
    ///
    /// # Panics
    /// The services do not let us.
    pub(crate) fn new(runtime: &Runtime, place: &str, admin: &str, redis: &str, postgres: &str) -> Self {
        let name = format!("unprivileged_{}", place.trim_start_matches("test_"));
        let [vhost, admin, redis, postgres] = [place, admin, redis, postgres].map(str::to_owned);
        let unprivileged = Self { name, vhost, admin, redis, postgres };
        let Self { name, vhost, .. } = &unprivileged;
        runtime.block_on(async {
            let user = json!({"password": PASSWORD, "tags": ""});
            unprivileged.broker(Method::PUT, &format!("users/{name}"), &user).await.expect("a user of RabbitMQ");
            let nothing = json!({"configure": "^$", "write": "^$", "read": "^$"});
            let permissions = format!("permissions/{vhost}/{name}");
            unprivileged.broker(Method::PUT, &permissions, &nothing).await.expect("a user without permissions");
            let role =
                format!("CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'; GRANT USAGE ON SCHEMA {vhost} TO {name}");
            unprivileged.database(role).await.expect("a role of PostgreSQL");
        });
        unprivileged.bus(&format!("ACL SETUSER {name} on >{PASSWORD} -@all")).expect("a user of Redis");
        unprivileged
    }

    /// What they are called.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A URL with them as the user.
    ///
    /// # Panics
    /// It has no user.
    pub fn instead_of_the_user_in(&self, url: &str) -> String {
        let (scheme, rest) = url.split_once("://").expect("a URL");
        let (_, place) = rest.rsplit_once('@').expect("a user");
        format!("{scheme}://{}:{PASSWORD}@{place}", self.name)
    }

    async fn broker(&self, method: Method, path: &str, body: &Value) -> reqwest::Result<()> {
        let request = reqwest::Client::new().request(method, format!("{}/api/{path}", self.admin)).json(body);
        request.send().await?.error_for_status().map(|_| ())
    }

    async fn database(&self, statements: String) -> sqlx::Result<()> {
        PgConnection::connect(&self.postgres).await?.execute(AssertSqlSafe(statements)).await.map(|_| ())
    }

    /// Says one command to Redis.
    fn bus(&self, command: &str) -> std::io::Result<()> {
        let (login, place) = self.redis.trim_start_matches("redis://").rsplit_once('@').unwrap_or_default();
        let mut connection = TcpStream::connect(place.split('/').next().unwrap_or_default())?;
        let password = login.trim_start_matches(':');
        write!(connection, "AUTH {password}\r\n{command}\r\nQUIT\r\n")?;
        let mut answers = String::new();
        connection.read_to_string(&mut answers)?;
        if answers.contains("-ERR") { Err(std::io::Error::other(answers)) } else { Ok(()) }
    }
}

impl Drop for UnprivilegedUser {
    fn drop(&mut self) {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let name = &self.name;
        let left = runtime.block_on(async {
            let role = self.database(format!("DROP OWNED BY {name}; DROP ROLE {name}")).await.err();
            (self.broker(Method::DELETE, &format!("users/{name}"), &Value::Null).await.err(), role)
        });
        if let (Some(_), _) | (_, Some(_)) = &left {
            eprintln!("{name} is left behind: {left:?}");
        }
        if let Err(error) = self.bus(&format!("ACL DELUSER {name}")) {
            eprintln!("{name} is left behind: {error}");
        }
    }
}
