//! A topic, a group and a database of each test's own.

use async_trait::async_trait;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord};
use sea_orm::{
    ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend, FromQueryResult, Statement,
};
use std::collections::HashMap;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use uuid::Uuid;
use waymark_consumer::dlq::{Action, Letters};
use waymark_consumer::{
    Event, GapPolicy, Group, Handler, HandlerError, Incoming, Retry, RunningGroup, Settings,
};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(90);
const PERSON: &str = r#"{"personId":"01a210b7-d808-70a2-958c-027543d71d19"}"#;

/// How often an event (group, key, sequence) fails yet.
type Failures = HashMap<(String, String, i64), u32>;

/// What is to fail: what no restart of a member forgets.
static FAILURES: Mutex<Option<Failures>> = Mutex::new(None);

fn failures() -> MutexGuard<'static, Option<Failures>> {
    FAILURES.lock().unwrap()
}

/// From now on the event fails so often.
pub fn fails(group: &str, key: &str, sequence: i64, times: u32) {
    failures().get_or_insert_default().insert((group.to_owned(), key.to_owned(), sequence), times);
}

/// How a member consumes.
#[derive(Clone, Copy)]
pub struct Plan {
    pub attempts: u32,
    pub gap: GapPolicy,
}

impl Default for Plan {
    fn default() -> Self {
        Self { attempts: 3, gap: GapPolicy::Wait(Duration::from_secs(60)) }
    }
}

/// Writes one row for each event it is called with.
struct Effects {
    group: String,
    slow: Duration,
}

#[async_trait]
impl Handler for Effects {
    async fn handle(&self, event: &Event, transaction: &DatabaseTransaction) -> Result<(), HandlerError> {
        let sql = "insert into effects (partition_key, sequence) values ($1, $2)";
        let values = [event.key.as_str().into(), event.sequence.into()];
        let backend = transaction.get_database_backend();
        transaction.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
        tokio::time::sleep(self.slow).await;
        let name = (self.group.clone(), event.key.clone(), event.sequence);
        if let Some(left) = failures().get_or_insert_default().get_mut(&name).filter(|left| **left > 0) {
            *left -= 1;
            return Err(HandlerError::Retry("not yet".to_owned()));
        }
        Ok(())
    }
}

/// SQLite and PostgreSQL, each empty.
pub async fn databases() -> Vec<String> {
    let file = std::env::temp_dir().join(format!("waymark-kit-{}.db", unique()));
    let name = format!("kit_{}", unique());
    let server = std::env::var("WAYMARK_TEST_POSTGRES").expect("WAYMARK_TEST_POSTGRES");
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("create database {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    vec![format!("sqlite://{}?mode=rwc", file.display()), format!("{base}/{name}")]
}

fn unique() -> String {
    let mut bytes = [0_u8; 8];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut bytes).unwrap();
    u64::from_le_bytes(bytes).to_string()
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = sea_orm::ConnectOptions::new(url);
    let connections = if url.starts_with("sqlite") { 1 } else { 6 };
    options.max_connections(connections).sqlx_logging(false);
    let database = Database::connect(options).await.unwrap();
    // Counted, for where a row lies says nothing: what was rolled back leaves room for later ones.
    let place = match database.get_database_backend() {
        DbBackend::Sqlite => "integer primary key autoincrement",
        _ => "bigint generated always as identity primary key",
    };
    let table = format!(
        "create table if not exists effects
             (place {place}, partition_key text not null, sequence bigint not null)"
    );
    database.execute_unprepared(&table).await.unwrap();
    database
}

/// Time of an event of this sequence, in milliseconds since 1970: a day for each.
pub fn time_of(sequence: i64) -> i64 {
    // Younger than the retention of a topic, whenever the test runs.
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
    let hour = 3_600_000;
    (i64::try_from(now).unwrap() / (24 * hour) - 3) * 24 * hour + sequence * hour
}

pub struct Bench {
    pub brokers: String,
    pub topic: String,
    pub group: String,
    pub database: DatabaseConnection,
    url: String,
    producer: FutureProducer,
}

impl Bench {
    pub async fn new(url: &str) -> Self {
        let brokers = std::env::var("WAYMARK_TEST_KAFKA").expect("WAYMARK_TEST_KAFKA");
        let (topic, group) = (format!("kit.{}", unique()), format!("group-{}", unique()));
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &brokers).set("partitioner", "murmur2_random");
        let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
        let new = NewTopic::new(&topic, 4, TopicReplication::Fixed(1));
        admin.create_topics([&new], &AdminOptions::new()).await.unwrap();
        let producer = config.create().unwrap();
        Self { brokers, topic, group, database: connect(url).await, url: url.to_owned(), producer }
    }

    pub async fn send(&self, key: &str, sequence: i64) {
        self.send_raw(key, Some(sequence), "career.person-erased.v1", PERSON).await;
    }

    pub async fn send_raw(&self, key: &str, sequence: Option<i64>, event_type: &str, value: &str) {
        let mut pairs = vec![
            ("ce_specversion", "1.0".to_owned()),
            ("ce_id", Uuid::from_u64_pair(7, sequence.unwrap_or_default().unsigned_abs()).to_string()),
            ("ce_source", "/waymark/default".to_owned()),
            ("ce_type", event_type.to_owned()),
            ("ce_time", "2025-10-01T03:20:13.429920Z".to_owned()),
            ("ce_subject", "person/1".to_owned()),
        ];
        pairs.extend(sequence.map(|sequence| ("ce_sequence", sequence.to_string())));
        let headers = pairs
            .iter()
            .fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: Some(value) }));
        let record = FutureRecord::to(&self.topic)
            .key(key)
            .payload(value)
            .timestamp(time_of(sequence.unwrap_or_default()))
            .headers(headers);
        self.producer.send(record, PATIENCE).await.unwrap();
    }

    pub async fn member(&self, plan: Plan) -> RunningGroup {
        self.slow_member(plan, Duration::ZERO).await
    }

    async fn slow_member(&self, plan: Plan, slow: Duration) -> RunningGroup {
        let mut settings = Settings::new(&self.brokers, &self.group, &[&self.topic]);
        let (first, longest) = (Duration::from_millis(20), Duration::from_millis(100));
        settings.retry = Retry { attempts: plan.attempts, first, longest };
        settings.gap = plan.gap;
        settings.replication = 1;
        settings.session_timeout = Duration::from_secs(6);
        let handler = Arc::new(Effects { group: self.group.clone(), slow });
        Group::new(settings, self.database.clone(), handler).await.unwrap().start().unwrap()
    }

    /// The keys and sequences that had an effect, in the order in which they were written.
    pub async fn effects(&self) -> Vec<(String, i64)> {
        #[derive(FromQueryResult)]
        struct Row {
            partition_key: String,
            sequence: i64,
        }
        let backend = self.database.get_database_backend();
        let sql = "select partition_key, sequence from effects order by place";
        let rows = Row::find_by_statement(Statement::from_string(backend, sql)).all(&self.database).await;
        rows.unwrap().into_iter().map(|row| (row.partition_key, row.sequence)).collect()
    }

    pub async fn order(&self, key: &str) -> Vec<i64> {
        let effects = self.effects().await;
        effects.into_iter().filter(|(found, _)| found == key).map(|(_, sequence)| sequence).collect()
    }

    pub async fn clear(&self) {
        self.database.execute_unprepared("delete from effects").await.unwrap();
    }

    /// Waits until the effects are these, each once, in any order of keys.
    pub async fn expect(&self, wanted: &[(&str, i64)]) {
        let mut wanted: Vec<(String, i64)> = wanted.iter().map(|(key, n)| ((*key).to_owned(), *n)).collect();
        wanted.sort();
        let until = Instant::now() + PATIENCE;
        loop {
            let mut effects = self.effects().await;
            effects.sort();
            if effects == wanted {
                return;
            }
            assert!(Instant::now() < until, "{effects:?} instead of {wanted:?}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    pub async fn until(&self, enough: impl Fn(&[(String, i64)]) -> bool) {
        let until = Instant::now() + PATIENCE;
        while !enough(&self.effects().await) {
            assert!(Instant::now() < until, "nothing came");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    fn dead(&self) -> Letters {
        Letters { brokers: self.brokers.clone(), topic: self.topic.clone(), group: self.group.clone() }
    }

    /// The dead letters, once there are so many.
    pub async fn letters(&self, count: usize) -> Vec<Incoming> {
        let until = Instant::now() + PATIENCE;
        loop {
            let letters = self.dead().list().await.unwrap();
            if letters.len() >= count {
                assert_eq!(letters.len(), count);
                return letters;
            }
            assert!(Instant::now() < until, "{} letters instead of {count}", letters.len());
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    pub async fn settle(&self, action: Action) -> usize {
        self.dead().settle(|_| action, |_, _| ()).await.unwrap()
    }

    /// A member in a process of its own, slow enough to be killed in the middle.
    pub fn child(&self) -> Child {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "member_process", "--ignored", "--nocapture"]);
        command.env("KIT_TOPIC", &self.topic).env("KIT_GROUP", &self.group).env("KIT_URL", &self.url);
        command.stdout(Stdio::null()).spawn().unwrap()
    }
}

pub async fn child_main() {
    let var = |name: &str| std::env::var(name).expect(name);
    let mut bench = Bench::new(&var("KIT_URL")).await;
    (bench.topic, bench.group) = (var("KIT_TOPIC"), var("KIT_GROUP"));
    let mut member = bench.slow_member(Plan::default(), Duration::from_millis(20)).await;
    member.ended().await.unwrap();
}
