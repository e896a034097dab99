//! `bus.db`: opened once per port and process, shared by all processes of the host.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::migrate::{Migrate, MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteAutoVacuum, SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::host;
use super::wake::Wake;
use crate::ports::PortError;
use crate::schema_steps::{self, Step, TABLE};

const STEPS: [Step; 2] = [
    (1, "bus", include_str!("../../migrations/bus/0001_bus.sql")),
    (2, "doorbells expire", include_str!("../../migrations/bus/0002_doorbells_expire.sql")),
];
/// How long a write waits for the writes of other processes.
const BUSY: Duration = Duration::from_secs(5);
/// How long what a probe has written stays.
const PROBE_KEPT: Duration = Duration::from_mins(1);
/// What the journal beside the file keeps of the disk once it has been written back.
const JOURNAL_BYTES: &str = "4194304";
/// `PRAGMA auto_vacuum` of a file whose free pages can be cut off.
const INCREMENTAL: i64 = 2;

/// The connections of one process.
#[derive(Debug, Clone)]
pub(super) struct Database {
    path: PathBuf,
    /// Which file it was when opened.
    inode: u64,
    /// Reads run beside a write.
    pub(super) read: SqlitePool,
    /// One connection: writers of this process queue here, fairly, instead of at SQLite's lock.
    pub(super) write: SqlitePool,
    /// Tells the other processes.
    pub(super) wake: Wake,
}

/// What a write of one row gives back. Such a statement is read to its end: SQLite commits with its last step, so that whoever takes the row
/// and leaves never hears that the disk was full.
pub(super) fn given_back<T>(mut rows: Vec<T>) -> Option<T> {
    rows.pop()
}

impl Database {
    /// Opens the file, making it if needed, and brings its tables up to date.
    ///
    /// # Errors
    /// The folder is on a network file system or cannot be written; the file is not a database or of a later release.
    pub(super) async fn open(path: &Path) -> Result<Self, PortError> {
        let unusable =
            |error: std::io::Error| PortError::Unusable { what: path.display().to_string(), reason: error.to_string() };
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        std::fs::create_dir_all(folder).map_err(unusable)?;
        host::refuse_network(folder)?;
        let wake = Wake::open(&folder.join("wake")).map_err(unusable)?;

        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .auto_vacuum(SqliteAutoVacuum::Incremental)
            .pragma("journal_size_limit", JOURNAL_BYTES)
            .busy_timeout(BUSY);
        let pool = |connections| SqlitePoolOptions::new().max_connections(connections).acquire_timeout(2 * BUSY);
        let mut database = Self {
            path: path.to_owned(),
            inode: 0,
            read: pool(2).connect_lazy_with(options.clone()),
            write: pool(1).connect_lazy_with(options),
            wake,
        };

        // Processes that start together must not migrate together.
        let lock_path = path.with_extension("lock");
        let lock = tokio::task::spawn_blocking(move || {
            let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(lock_path)?;
            file.lock().map(|()| file)
        });
        let _lock = lock.await.map_err(std::io::Error::other).and_then(|locked| locked).map_err(unusable)?;
        database.prepare().await?;
        database.inode = std::fs::metadata(path).map_err(unusable)?.ino();
        Ok(database)
    }

    async fn prepare(&self) -> Result<(), PortError> {
        self.migrate().await?;
        self.make_cuttable().await.map_err(|error| self.failed(error))?;
        let boot = host::boot().map_err(|e| PortError::Unusable { what: self.what(), reason: e.to_string() })?;
        let of_this_boot: Option<i64> = sqlx::query_scalar("SELECT 1 FROM boot WHERE boot = ?")
            .bind(&boot)
            .fetch_optional(&self.read)
            .await
            .map_err(|error| self.failed(error))?;
        match of_this_boot {
            Some(_) => Ok(()),
            None => self.forget_earlier_boot(&boot).await.map_err(|error| self.failed(error)),
        }
    }

    /// Takes the steps of the schema that are lacking.
    async fn migrate(&self) -> Result<(), PortError> {
        let unusable = |reason| PortError::Unusable { what: self.what(), reason };
        let failed = |error| match error {
            MigrateError::Execute(error) => self.failed(error),
            other => unusable(other.to_string()),
        };
        let mut steps = Migrator::with_migrations(schema_steps::migrations(&STEPS));
        let known = steps.iter().map(|step| step.version).max().unwrap_or_default();
        let mut connection = self.write.acquire().await.map_err(|error| self.failed(error))?;
        connection.ensure_migrations_table(TABLE).await.map_err(failed)?;
        let taken = connection.list_applied_migrations(TABLE).await.map_err(failed)?;
        drop(connection);
        schema_steps::live_with(taken.iter().map(|step| step.version), known).map_err(unusable)?;
        steps.set_ignore_missing(true);
        steps.run(&self.write).await.map_err(failed)
    }

    /// A file of an earlier release is written anew once, so that what is free at its end can be cut off.
    async fn make_cuttable(&self) -> sqlx::Result<()> {
        let mode: i64 = sqlx::query_scalar("PRAGMA auto_vacuum").fetch_one(&self.read).await?;
        if mode != INCREMENTAL {
            sqlx::query("VACUUM").execute(&self.write).await?;
        }
        Ok(())
    }

    /// After a restart of the host the clock starts anew and nobody is left of those who were spoken to. Doorbells are rung again.
    async fn forget_earlier_boot(&self, boot: &str) -> sqlx::Result<()> {
        let mut transaction = self.write.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("DELETE FROM message").execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM cell").execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM doorbell").execute(&mut *transaction).await?;
        sqlx::query("INSERT INTO boot (id, boot) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET boot = excluded.boot")
            .bind(boot)
            .execute(&mut *transaction)
            .await?;
        transaction.commit().await
    }

    /// Whether a write goes through: a bus that takes no heartbeats is not there.
    pub(super) async fn probe(&self) -> Result<(), PortError> {
        if std::fs::metadata(&self.path).map_or(true, |file| file.ino() != self.inode) {
            let reason =
                "the file was removed or replaced while in use: restart all processes of this installation".into();
            return Err(PortError::Unreachable { what: self.what(), reason });
        }
        self.write_and_read_back().await.map_err(|error| self.failed(error))
    }

    /// Each time another value: a row that is written as it was costs no page, and would find room on a full disk.
    async fn write_and_read_back(&self) -> sqlx::Result<()> {
        let write = sqlx::query_scalar(
            "INSERT INTO cell (name, value, expires_at) VALUES ('probe', x'', ?)
             ON CONFLICT (name) DO UPDATE SET expires_at = max(expires_at + 1, excluded.expires_at) RETURNING expires_at",
        )
        .bind(host::uptime().saturating_add(PROBE_KEPT.as_micros() as i64));
        let written: Option<i64> = given_back(write.fetch_all(&self.write).await?);
        // Others of this host may have written meanwhile, and only ever more.
        sqlx::query("SELECT 1 FROM cell WHERE name = 'probe' AND expires_at >= ?")
            .bind(written)
            .fetch_one(&self.read)
            .await?;
        Ok(())
    }

    /// What an error of SQLite means to the caller.
    pub(super) fn failed(&self, error: sqlx::Error) -> PortError {
        let what = self.what();
        let reason = error.to_string();
        let primary = error
            .as_database_error()
            .and_then(|e| e.code())
            .and_then(|code| code.parse::<u32>().ok())
            .map(|code| code & 0xff);
        // https://sqlite.org/rescode.html
        match primary {
            Some(13) => PortError::Full { what },
            Some(11 | 26) => PortError::Damaged { what, reason },
            Some(3 | 8 | 14) => PortError::Unusable { what, reason },
            _ => PortError::Unreachable { what, reason },
        }
    }

    fn what(&self) -> String {
        self.path.display().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::{STEPS, schema_steps};

    #[test]
    fn every_file_is_a_step() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/bus");
        assert_eq!(schema_steps::unlisted(&folder, &STEPS).unwrap(), Default::default());
    }
}
