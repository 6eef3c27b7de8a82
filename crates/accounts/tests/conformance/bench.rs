//! A fresh store, people in it, and a way past it to what it stores.

use std::net::IpAddr;

use sqlx::{AnyConnection, Connection as _, Row as _};
use vitrine_accounts::{
    AccountId, AccountStore, AccountsConfig, AccountsDatabase, AccountsError, Actor, FILE,
    HashingCost, NewAccount, Role, SecondFactor, Secret, SignIn, SignedIn,
};

/// A moment, in seconds since 1970-01-01 UTC.
pub const NOW: i64 = 1_800_000_000;
/// Hashes that take no time.
pub const CHEAP: HashingCost = HashingCost { memory_kib: 8, passes: 1, lanes: 1 };
pub const PASSWORD: &str = "four quiet grey mice";
pub const SYSTEM: Actor = Actor::System;

pub struct Bench {
    pub store: AccountStore,
    pub config: AccountsConfig,
    url: String,
    _folder: Option<tempfile::TempDir>,
}

#[cfg(feature = "postgres")]
pub fn postgres_url() -> Option<String> {
    std::env::var("VITRINE_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}

impl Bench {
    pub async fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE);
        let url = format!("sqlite://{}", path.display());
        Self::open(AccountsDatabase::File(path), url, Some(folder)).await
    }

    /// A schema of its own in the server's database.
    #[cfg(feature = "postgres")]
    pub async fn postgres() -> Self {
        use std::sync::atomic::{AtomicU32, Ordering};
        static N: AtomicU32 = AtomicU32::new(0);
        let url = postgres_url().unwrap();
        let n = N.fetch_add(1, Ordering::Relaxed);
        let schema = format!("vitrine_{}_{n}", std::process::id());
        sqlx::any::install_default_drivers();
        let mut connection = AnyConnection::connect(&url).await.unwrap();
        let create = format!("DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}");
        sqlx::raw_sql(sqlx::AssertSqlSafe(create)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        let joint = if url.contains('?') { '&' } else { '?' };
        let url = format!("{url}{joint}options[search_path]={schema}");
        Self::open(AccountsDatabase::Postgres(Secret::new(url.clone())), url, None).await
    }

    async fn open(
        database: AccountsDatabase,
        url: String,
        folder: Option<tempfile::TempDir>,
    ) -> Self {
        let config = AccountsConfig { database, hashing: CHEAP };
        let store = AccountStore::open(config.clone()).await.unwrap();
        Self { store, config, url, _folder: folder }
    }

    pub fn is_file(&self) -> bool {
        matches!(self.config.database, AccountsDatabase::File(_))
    }

    /// Somebody with a role, whose login name is `name`.
    pub async fn person(&self, name: &str, role: Role) -> AccountId {
        let link = self.store.invite(&SYSTEM, role, NOW).await.unwrap();
        let account = new_account(name, PASSWORD);
        self.store.accept_invitation(&link.token, &account, NOW).await.unwrap().id
    }

    pub async fn sign_in(&self, name: &str, now: i64) -> SignedIn {
        self.store.sign_in(&presents(name, PASSWORD, None), now).await.unwrap()
    }

    /// Runs a statement past the store.
    pub async fn raw(&self, statement: &str) -> u64 {
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        let statement = sqlx::AssertSqlSafe(statement.to_owned());
        let done = sqlx::raw_sql(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected()
    }

    /// A number that a statement gives.
    pub async fn number(&self, statement: &'static str) -> i64 {
        let mut connection = AnyConnection::connect(&self.url).await.unwrap();
        let row = sqlx::query(statement).fetch_one(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        row.try_get(0).unwrap()
    }
}

pub fn new_account(login: &str, password: &str) -> NewAccount {
    NewAccount {
        login: login.to_owned(),
        display_name: format!("{login} of the shop"),
        password: Secret::new(password),
    }
}

/// What somebody presents, each login name from an address of its own.
pub fn presents(login: &str, password: &str, second_factor: Option<SecondFactor>) -> SignIn {
    let n = login.bytes().fold(0_u8, u8::wrapping_add);
    SignIn {
        login: login.to_owned(),
        password: Secret::new(password),
        second_factor,
        address: IpAddr::from([192, 0, 2, n]),
    }
}

/// Says that a call failed, and as it should.
#[macro_export]
macro_rules! assert_refused {
    ($call:expr, $pattern:pat $(if $guard:expr)?) => {
        match $call {
            Err($pattern) $(if $guard)? => {}
            other => panic!("{other:?} is not {}", stringify!($pattern)),
        }
    };
}

/// Seconds to wait, when that is why it was refused.
pub fn wait_of<T: std::fmt::Debug>(result: Result<T, AccountsError>) -> i64 {
    match result {
        Err(AccountsError::TooManyGuesses { wait_seconds }) => wait_seconds as i64,
        other => panic!("{other:?}"),
    }
}
