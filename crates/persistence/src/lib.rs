//! Persistence: the domain's ports on PostgreSQL, and on SQLite for the embedded form.
//!
//! This is the only crate that knows SeaORM. It decides nothing: it loads aggregates, saves them together
//! with their events in one transaction ([`Persistence`] is the domain's `Store`), reads views in batches
//! and pages, and keeps the events until the relay has published them ([`Outbox`]). Every read of
//! people's data names the tenant. Start reading at `save.rs`, then `outbox/`.

mod access;
mod audit;
mod bitemporal;
mod database;
mod directory;
mod error;
mod evidence;
mod feed;
mod filter;
mod framework;
mod keys;
mod lock;
mod migration;
mod outbox;
mod page;
mod people;
mod privacy;
mod progress;
mod save;
mod store;
mod tend;
mod vault;

pub use database::{Database, DatabaseConfig};
pub use directory::Administrators;
pub use error::Fault;
pub use outbox::{Bell, Lease, Outbox, OutboxFigures, SHARDS};
pub use privacy::{Retention, register};
pub use vault::{BadKey, MasterKey, MasterKeys, VaultStatus, WARNING_TIME};

use sea_orm::{DatabaseConnection, DbErr};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use waymark_domain::ports::Ids;

/// Most reads of feeds at once: with the smallest pool that makes sense, requests still get a connection.
const FEED_READS: usize = 2;

/// The domain's ports on one database. Cheap to clone.
#[derive(Clone)]
pub struct Persistence {
    database: Database,
    ids: Arc<dyn Ids>,
    administrators: Arc<Administrators>,
    catalogues: framework::Catalogues,
    hint: outbox::Hint,
    /// Reads of feeds that may be under way at once.
    feed_reads: Arc<Semaphore>,
    vault: vault::Vault,
    retention: Arc<Retention>,
    rosters: people::roster::Rosters,
}

impl Persistence {
    /// The ports on this database.
    #[must_use]
    pub fn new(database: Database, ids: Arc<dyn Ids>, administrators: Administrators) -> Self {
        Self {
            database,
            ids,
            administrators: Arc::new(administrators),
            catalogues: framework::Catalogues::default(),
            hint: outbox::Hint::default(),
            feed_reads: Arc::new(Semaphore::new(FEED_READS)),
            vault: vault::Vault::new(None),
            retention: Arc::default(),
            rosters: people::roster::Rosters::default(),
        }
    }

    /// The same with master keys, so that text about people is sealed.
    #[must_use]
    pub fn sealing_with(self, master: MasterKeys) -> Self {
        Self { vault: vault::Vault::new(Some(master)), ..self }
    }

    /// The same; what has served its purpose ends while the database is tended.
    #[must_use]
    pub fn keeping(self, retention: Retention) -> Self {
        Self { retention: Arc::new(retention), ..self }
    }

    /// The database.
    #[must_use]
    pub fn database_handle(&self) -> &Database {
        &self.database
    }

    /// The outbox of this database; it hears the commits of this process at once.
    #[must_use]
    pub fn outbox(&self) -> Outbox {
        Outbox::new(self.database.clone(), self.ids.clone(), self.hint.clone())
    }

    /// Lets feeds hear the commits of other processes. Runs until it is dropped.
    pub async fn watch(self, every: Duration) {
        feed::watch(self, every).await;
    }

    /// Tells relays in other processes of the commits of this one. Runs until it is dropped; on SQLite there is
    /// nobody to tell.
    pub async fn announce(self) {
        outbox::announce(self.database.apart(), self.hint.listen_to_own()).await;
    }

    fn pool(&self) -> &DatabaseConnection {
        self.database.pool()
    }

    /// A result of SeaORM as one of this crate.
    fn database<T>(&self, result: Result<T, DbErr>) -> Result<T, Fault> {
        result.map_err(Fault::from)
    }
}
