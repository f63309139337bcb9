//! Text about people is sealed in the database: what lies in its files and backups can be read by nobody without the
//! master key, which the database never sees.
//!
//! ```text
//! master key (a file of the operator's)
//!   wraps the keys of each tenant (table tenant_key)
//!     wrap the key of each person (person.data_key)      seals their profile, their evidence, what was said of them
//!     seal what belongs to no one person                 subjects of grants, kept answers
//!     wrap the tenant's index key (tenant_vault)         keyed hashes of external ids and addresses, to find them by
//! ```
//!
//! Whoever erases a person destroys their key. Stores and readers hand their rows through [`Vault::open`] and
//! [`Sealer::seal`]; nothing else here knows that there is a vault.

mod envelope;
mod index;
mod master;
mod opening;
mod operations;
mod rotation;
mod row;
mod sealer;
mod sealing;
mod status;
mod tenant;

pub use master::{BadKey, MasterKey, MasterKeys};
pub(crate) use sealer::Sealer;
pub use sealing::WARNING_TIME;
pub use status::VaultStatus;

use envelope::Key;
pub(crate) use envelope::Place;
use quick_cache::sync::Cache;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;
use tenant::TenantKeys;
use uuid::Uuid;

/// Keys of people that are kept open at once.
const OPEN_KEYS: usize = 100_000;

/// A tenant's keys, if it has any, and when they were looked at.
type Found = (Instant, Option<Arc<TenantKeys>>);

/// Opens and seals rows. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Vault {
    master: Option<Arc<MasterKeys>>,
    tenants: Arc<Mutex<HashMap<Uuid, Found>>>,
    people: Arc<Cache<Uuid, Arc<Key>>>,
}

impl Vault {
    /// A vault with these master keys; with none, only what is not sealed can be read and written.
    pub fn new(master: Option<MasterKeys>) -> Self {
        Self {
            master: master.map(Arc::new),
            tenants: Arc::default(),
            people: Arc::new(Cache::new(OPEN_KEYS)),
        }
    }
}
