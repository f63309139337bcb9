//! A database with its ports, and an organisation in it.

use chrono::{DateTime, Duration, TimeZone, Utc};
use sea_orm::{ConnectionTrait, Statement};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;
use waymark_domain::evidence::{Evidence, EvidenceKind, RecordEvidence, record_evidence};
use waymark_domain::framework::{FrameworkVersion, import_framework, publish_framework};
use waymark_domain::kernel::{
    Actor, CommandContext, FrameworkId, Level, PersonId, PositionId, SkillId, Tenant,
};
use waymark_domain::people::import_people;
use waymark_domain::ports::{Directory, Ids, PeopleReader, Store};
use waymark_persistence::{Administrators, Database, DatabaseConfig, MasterKey, MasterKeys, Persistence};

pub const FRAMEWORK: &str = include_str!("framework.yaml");
pub const PEOPLE: &str = "external_id,name,email,discipline,team,manager_external_id,position,since\n\
    noor,Noor,noor@example.com,,,,,\n\
    tomas,Tomas,tomas@example.com,,Payments,noor,,\n\
    mira,Mira,mira@example.com,,Payments,tomas,engineer,2026-01-01\n\
    jonas,Jonas,jonas@example.com,,Payments,tomas,engineer,2026-01-01\n";

/// 32 bytes, for tests.
pub const MASTER_KEY: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

/// Ids in the order in which they were asked for.
#[derive(Default)]
pub struct Counter(AtomicU64);

impl Ids for Counter {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + (0x7000 << 64))
    }
}

/// 1 July 2026, noon.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).unwrap()
}

pub struct World {
    pub persistence: Persistence,
    pub ids: Arc<Counter>,
    pub tenant: Tenant,
    url: String,
    _folder: Option<tempfile::TempDir>,
}

impl World {
    pub async fn on_sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("test.db").display());
        Self::open(url, Some(folder)).await
    }

    pub async fn on_postgresql() -> Self {
        let server = std::env::var("WAYMARK_TEST_POSTGRES")
            .expect("WAYMARK_TEST_POSTGRES is missing: run the tests by `cargo xtask test`");
        static NUMBER: AtomicU64 = AtomicU64::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("store_{}_{number}", std::process::id());
        let root = sea_orm::Database::connect(&server).await.unwrap();
        root.execute_unprepared(&format!("create database {name}")).await.unwrap();
        root.close().await.unwrap();
        let (base, _) = server.rsplit_once('/').unwrap();
        Self::open(format!("{base}/{name}"), None).await
    }

    async fn open(url: String, folder: Option<tempfile::TempDir>) -> Self {
        let ids = Arc::new(Counter::default());
        let persistence = connect(&url, ids.clone()).await;
        while persistence.database_handle().migrate_next().await.unwrap() {}
        for tenant in ["acme", "other"] {
            assert!(persistence.prepare_vault(Tenant::named(tenant).id, now()).await.unwrap());
        }
        Self { persistence, ids, tenant: Tenant::named("acme"), url, _folder: folder }
    }

    /// Whether this is PostgreSQL.
    pub fn on_postgres(&self) -> bool {
        self.url.starts_with("postgres")
    }

    /// Another process on the same database: it hears no bell of the first.
    pub async fn another_process(&self) -> Persistence {
        connect(&self.url, self.ids.clone()).await
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite")
    }

    /// Another process, with these master keys.
    pub async fn process_with(&self, master: Option<MasterKeys>) -> Persistence {
        let persistence = connect_without_keys(&self.url, self.ids.clone()).await;
        match master {
            Some(master) => persistence.sealing_with(master),
            None => persistence,
        }
    }

    /// The same database as this process sees it.
    pub fn through(&self, persistence: Persistence) -> Self {
        Self { persistence, ..self.as_tenant(&self.tenant.key) }
    }

    /// The same database as another tenant sees it.
    pub fn as_tenant(&self, key: &str) -> Self {
        Self {
            persistence: self.persistence.clone(),
            ids: self.ids.clone(),
            tenant: Tenant::named(key),
            url: self.url.clone(),
            _folder: None,
        }
    }

    /// Somebody acting at noon of 1 July 2026. `noor` is an administrator.
    pub async fn by(&self, subject: &str) -> CommandContext {
        self.by_at(subject, now()).await
    }

    pub async fn by_at(&self, subject: &str, at: DateTime<Utc>) -> CommandContext {
        let actor = self.persistence.actor(&self.tenant, subject, at).await.unwrap();
        CommandContext::new(actor, "test", at, self.ids.next())
    }

    /// A process that acts on an operator's behalf.
    pub fn operator(&self) -> CommandContext {
        let actor = Actor::operator(self.tenant.clone(), "waymark");
        CommandContext::new(actor, "test", now(), self.ids.next())
    }

    /// The database itself, for rows that no command writes.
    pub async fn root(&self) -> sea_orm::DatabaseConnection {
        sea_orm::Database::connect(&self.url).await.unwrap()
    }

    pub async fn viewer(&self) -> Actor {
        self.by("noor").await.actor
    }

    /// Publishes the framework and imports the people, 100 days ago.
    pub async fn organisation(&self) -> FrameworkVersion {
        let context = self.by_at("noor", now() - Duration::days(100)).await;
        let imported = import_framework(&self.persistence, &context, FRAMEWORK).await.unwrap();
        let version = publish_framework(&self.persistence, &context, imported.version.id).await.unwrap();
        import_people(&self.persistence, &*self.ids, &context, PEOPLE).await.unwrap();
        version
    }

    pub async fn person(&self, external_id: &str) -> PersonId {
        let viewer = self.persistence.actor(&self.tenant, "noor", now()).await.unwrap();
        let found = self.persistence.person_by_external_id(&viewer, external_id).await.unwrap();
        found.unwrap_or_else(|| panic!("{external_id} is not there")).id
    }

    pub fn skill(&self, key: &str) -> SkillId {
        SkillId::for_key(FrameworkId::for_key(self.tenant.id, "small"), key)
    }

    pub async fn position(&self) -> PositionId {
        self.position_of("small").await
    }

    /// The one position of the published framework with this key.
    pub async fn position_of(&self, framework: &str) -> PositionId {
        let catalogues = Store::catalogues(&self.persistence, self.tenant.id).await.unwrap();
        let catalogue = catalogues.iter().find(|c| c.content().key.as_str() == framework).unwrap();
        catalogue.positions().next().unwrap().0
    }

    /// What `author` writes about `person`: SQL at level 3.
    pub async fn evidence(&self, author: &str, person: &str, title: &str) -> Evidence {
        let input = RecordEvidence {
            person: self.person(person).await,
            kind: EvidenceKind::WorkArtefact,
            title: title.to_owned(),
            body: "Ein *Text* mit ünïcode, 🦀 und '; drop table person; --".to_owned(),
            links: vec!["https://git.example.com/1".to_owned()],
            occurred_on: now().date_naive(),
            claims: vec![(self.skill("sql"), 3), (self.skill("postgresql"), 2)],
        };
        record_evidence(&self.persistence, &*self.ids, &self.by(author).await, input).await.unwrap()
    }

    /// One number that a query answers.
    pub async fn number(&self, sql: &str) -> i64 {
        let root = sea_orm::Database::connect(&self.url).await.unwrap();
        let row = root.query_one_raw(Statement::from_string(root.get_database_backend(), sql)).await.unwrap();
        let number = row.unwrap().try_get_by_index(0).unwrap();
        root.close().await.unwrap();
        number
    }

    /// Changes rows behind the service's back.
    pub async fn execute(&self, sql: &str) {
        let root = sea_orm::Database::connect(&self.url).await.unwrap();
        root.execute_unprepared(sql).await.unwrap();
        root.close().await.unwrap();
    }

    /// All texts of one column.
    pub async fn texts(&self, sql: &str) -> Vec<String> {
        let root = sea_orm::Database::connect(&self.url).await.unwrap();
        let rows =
            root.query_all_raw(Statement::from_string(root.get_database_backend(), sql)).await.unwrap();
        let texts = rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect();
        root.close().await.unwrap();
        texts
    }

    /// How many rows all tables of records have: what a refused command must leave as it was.
    pub async fn rows(&self) -> Vec<i64> {
        let mut rows = Vec::new();
        for table in [
            "framework_version",
            "team",
            "person",
            "assignment",
            "evidence",
            "skill_record",
            "skill_record_item",
            "event_stream",
            "event_log",
            "outbox_pending",
        ] {
            rows.push(self.number(&format!("select count(*) from {table}")).await);
        }
        rows
    }
}

async fn connect(url: &str, ids: Arc<Counter>) -> Persistence {
    let persistence = connect_without_keys(url, ids).await;
    persistence.sealing_with(MasterKeys::new(MasterKey::parse(MASTER_KEY).unwrap(), Vec::new()))
}

async fn connect_without_keys(url: &str, ids: Arc<Counter>) -> Persistence {
    let config = DatabaseConfig { url: url.to_owned(), max_connections: 8, statement_timeout: None };
    let mut administrators = Administrators::default();
    for tenant in ["acme", "other", "plain"] {
        administrators.add(Tenant::named(tenant).id, ["noor".to_owned()]);
    }
    Persistence::new(Database::connect(&config).await.unwrap(), ids, administrators)
}

pub fn level(number: i64) -> Level {
    Level::new(number).unwrap()
}
