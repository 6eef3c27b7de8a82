//! The database behind the store: opened, and written by one transaction at a time.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use sqlx::any::{AnyConnectOptions, AnyPoolOptions};
use sqlx::{Any, AnyConnection, AnyPool, ConnectOptions as _, Connection as _, Transaction};

use crate::{AccountsError, migrations};

/// Connections that one process has open.
const CONNECTIONS_MAX: u32 = 4;
/// How long a call waits for a connection.
const CONNECTION_WAIT: Duration = Duration::from_secs(10);
/// What says in an SQLite file whose it is: "Vitr" in ASCII.
pub(crate) const APPLICATION_ID: i64 = 0x5669_7472;

/// Which database it is, where the two differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// A pool of connections.
#[derive(Clone, Debug)]
pub(crate) struct Database {
    pub pool: AnyPool,
    pub dialect: Dialect,
}

impl Database {
    /// Opens a file, or creates it for its owner alone, and brings its schema up to date.
    pub async fn open_file(path: &Path) -> Result<Self, AccountsError> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        options.open(path).map_err(AccountsError::io("create", path))?;
        // Also one that was there with another mode; SQLite gives its log the same.
        vitrine_durable::make_private(path)?;
        // A pool tries again for a while, and then does not say why. This says it at once.
        let mut first = open_alone(path).await?;
        let set_up = sqlx::raw_sql(SQLITE_SETTINGS).execute(&mut first).await;
        set_up.map_err(AccountsError::database("be opened"))?;
        first.close().await.map_err(AccountsError::database("be opened"))?;
        let options = AnyPoolOptions::new().after_connect(|connection, _| {
            Box::pin(async move {
                sqlx::raw_sql(SQLITE_SETTINGS).execute(connection).await?;
                Ok(())
            })
        });
        Self::open(options, &sqlite_url(path, "rw")?, Dialect::Sqlite).await
    }

    /// Opens a database of a server by its address.
    #[cfg(feature = "postgres")]
    pub async fn open_postgres(url: &crate::Secret) -> Result<Self, AccountsError> {
        Self::open(AnyPoolOptions::new(), url.expose(), Dialect::Postgres).await
    }

    async fn open(
        options: AnyPoolOptions,
        url: &str,
        dialect: Dialect,
    ) -> Result<Self, AccountsError> {
        let pool = options
            .max_connections(CONNECTIONS_MAX)
            .acquire_timeout(CONNECTION_WAIT)
            .connect_with(connect_options(url)?)
            .await
            .map_err(AccountsError::database("be opened"))?;
        let database = Self { pool, dialect };
        migrations::run(&database).await?;
        Ok(database)
    }

    /// Begins a transaction that writes; there is no other one until it ends. One that is
    /// dropped has changed nothing.
    pub async fn write(&self) -> Result<Writer, AccountsError> {
        let failed = AccountsError::database("begin a change");
        match self.dialect {
            // A transaction that reads first and wants to write later may be refused.
            Dialect::Sqlite => self.pool.begin_with("BEGIN IMMEDIATE").await.map_err(failed),
            #[cfg(feature = "postgres")]
            Dialect::Postgres => {
                let begun = async {
                    let mut writer = self.pool.begin().await?;
                    sqlx::raw_sql(POSTGRES_LOCK).execute(&mut *writer).await?;
                    Ok(writer)
                };
                begun.await.map_err(failed)
            }
        }
    }

    /// Begins a transaction that sees one state of everything.
    pub async fn read(&self) -> Result<Writer, AccountsError> {
        let statement = match self.dialect {
            Dialect::Sqlite => "BEGIN DEFERRED",
            #[cfg(feature = "postgres")]
            Dialect::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let begun = self.pool.begin_with(statement).await;
        begun.map_err(AccountsError::database("begin to read"))
    }
}

/// A transaction; what is not committed has not happened.
pub(crate) type Writer = Transaction<'static, Any>;

/// Keeps what a transaction did.
pub(crate) async fn commit(writer: Writer) -> Result<(), AccountsError> {
    writer.commit().await.map_err(AccountsError::database("keep a change"))
}

/// One connection to an SQLite file that is only read.
pub(crate) async fn open_read_only(path: &Path) -> Result<AnyConnection, AccountsError> {
    let connected = connect_options(&sqlite_url(path, "ro")?)?.connect().await;
    connected.map_err(AccountsError::database("be opened"))
}

/// One connection to an SQLite file, for the work of a restore.
pub(crate) async fn open_alone(path: &Path) -> Result<AnyConnection, AccountsError> {
    let connected = connect_options(&sqlite_url(path, "rw")?)?.connect().await;
    connected.map_err(AccountsError::database("be opened"))
}

/// Every commit is on the disk when it returns, readers do not wait for writers, and a writer
/// waits five seconds for another.
const SQLITE_SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; \
    PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF";

/// One writer at a time, also among several servers; readers go on.
#[cfg(feature = "postgres")]
pub(crate) const POSTGRES_LOCK: &str =
    "DO $$ BEGIN PERFORM pg_advisory_xact_lock(7310579628411974773); END $$";

fn connect_options(url: &str) -> Result<AnyConnectOptions, AccountsError> {
    sqlx::any::install_default_drivers();
    let options: AnyConnectOptions =
        url.parse().map_err(AccountsError::database("understand its address"))?;
    // Statements carry names of people.
    Ok(options.disable_statement_logging())
}

/// The address of a file; what an address could take for something else is escaped.
fn sqlite_url(path: &Path, mode: &str) -> Result<String, AccountsError> {
    let absolute =
        std::path::absolute(path).map_err(AccountsError::io("find the folder of", path))?;
    let text =
        absolute.to_str().ok_or_else(|| AccountsError::PathName { path: path.to_owned() })?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-_.~".contains(&byte);
    let escape = |byte: u8| {
        if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }
    };
    let escaped: String = text.bytes().map(escape).collect();
    Ok(format!("sqlite://{escaped}?mode={mode}"))
}
