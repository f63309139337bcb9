//! Events of a tenant on Kafka, a database, and the command between them.

use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::DefaultClientContext;
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{FutureProducer, FutureRecord, Producer};
use std::collections::HashMap;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use uuid::Uuid;
use waymark_consumer::position;
use waymark_consumer::sea_orm::{ConnectionTrait, Database, Statement};
use waymark_events::{PublishedEvent, Topic};

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// One line of text for each row.
const LINES: [&str; 7] = [
    "team_id || ' ' || key as line from insights_team",
    "skill_id || ' ' || key as line from insights_skill",
    "person_id || ' ' || coalesce(team_id, '-') || ' ' || erased as line from insights_person",
    "person_id || ' ' || skill_id || ' ' || level as line from insights_level",
    "event_id || ' ' || person_id || ' ' || skill_id || ' ' || month as line from insights_attestation",
    "evidence_id || ' ' || person_id || ' ' || recorded_at || ' ' || coalesce(accepted_at, 0) as line
        from insights_evidence",
    "evidence_id || ' ' || skill_id as line from insights_claim",
];

/// An id that nobody else has.
pub fn unique() -> Uuid {
    let mut bytes = [0_u8; 16];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut bytes).unwrap();
    Uuid::from_bytes(bytes)
}

/// SQLite and PostgreSQL, each empty.
pub async fn databases(folder: &std::path::Path) -> [String; 2] {
    let name = format!("insights_{}", unique().simple());
    let server = std::env::var("WAYMARK_TEST_POSTGRES").expect("WAYMARK_TEST_POSTGRES");
    let admin = Database::connect(&server).await.unwrap();
    admin.execute_unprepared(&format!("create database {name}")).await.unwrap();
    let (base, _) = server.rsplit_once('/').unwrap();
    [format!("sqlite://{}/{name}.db?mode=rwc", folder.display()), format!("{base}/{name}")]
}

pub struct Bench {
    tenant: String,
    group: String,
    brokers: String,
    url: String,
    producer: FutureProducer,
    sequences: HashMap<(&'static str, Uuid), i64>,
}

impl Bench {
    pub async fn new(url: &str) -> Self {
        let brokers = std::env::var("WAYMARK_TEST_KAFKA").expect("WAYMARK_TEST_KAFKA");
        let mut config = ClientConfig::new();
        config.set("bootstrap.servers", &brokers).set("partitioner", "murmur2_random");
        let admin: AdminClient<DefaultClientContext> = config.create().unwrap();
        let topics = Topic::ALL
            .map(|topic| NewTopic::new(topic.name(), Topic::PARTITIONS, TopicReplication::Fixed(1)));
        // Those that are there already are as good.
        admin.create_topics(&topics, &AdminOptions::new()).await.unwrap();
        let (tenant, group) = (format!("tenant-{}", unique()), format!("insights-{}", unique()));
        let producer = config.create().unwrap();
        Self { tenant, group, brokers, url: url.to_owned(), producer, sequences: HashMap::new() }
    }

    /// Publishes an event, which happened at this time, under this key.
    pub async fn publish(&mut self, key: Uuid, event: &PublishedEvent, time: &str) {
        let source = format!("/waymark/{}", self.tenant);
        self.publish_from(&source, key, event, time).await;
    }

    pub async fn publish_from(&mut self, source: &str, key: Uuid, event: &PublishedEvent, time: &str) {
        let (of, topic) = (event.event_type(), event.event_type().topic.name());
        let sequence = self.sequences.entry((topic, key)).or_default();
        *sequence += 1;
        let pairs = [
            ("ce_specversion", "1.0".to_owned()),
            ("ce_id", unique().to_string()),
            ("ce_source", source.to_owned()),
            ("ce_type", of.name.to_owned()),
            ("ce_time", time.to_owned()),
            ("ce_subject", format!("{}/{key}", of.key)),
            ("ce_sequence", sequence.to_string()),
        ];
        let headers = pairs
            .iter()
            .fold(OwnedHeaders::new(), |all, (key, value)| all.insert(Header { key, value: Some(value) }));
        let (key, value) = (key.to_string(), event.data().unwrap());
        let record = FutureRecord::to(topic).key(&key).payload(&value).headers(headers);
        self.producer.send(record, PATIENCE).await.unwrap();
    }

    /// Publishes what the relay does when a person is erased: no state of theirs any more.
    pub async fn tombstone(&self, person: Uuid) {
        let key = person.to_string();
        let record = FutureRecord::<_, str>::to(Topic::ProgressState.name()).key(&key);
        self.producer.send(record, PATIENCE).await.unwrap();
    }

    /// The topics that the group has made for itself.
    pub fn own_topics(&self) -> Vec<String> {
        let metadata = self.producer.client().fetch_metadata(None, PATIENCE).unwrap();
        let names = metadata.topics().iter().map(|topic| topic.name().to_owned());
        names.filter(|name| name.ends_with(&self.group)).collect()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_waymark-insights"));
        command.args(args);
        command
            .env("WAYMARK_INSIGHTS_DATABASE_URL", &self.url)
            .env("WAYMARK_INSIGHTS_BROKERS", &self.brokers)
            .env("WAYMARK_INSIGHTS_GROUP", &self.group)
            .env("WAYMARK_INSIGHTS_TENANT", &self.tenant)
            .env("WAYMARK_INSIGHTS_REPLICATION_FACTOR", "1");
        command
    }

    pub fn start(&self) -> Child {
        self.command(&["run"]).stderr(Stdio::null()).spawn().unwrap()
    }

    pub fn call(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    /// Ends a member as a supervisor does.
    pub fn end(&self, mut member: Child) {
        let id = member.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        assert!(member.wait().unwrap().success());
    }

    /// Waits until everything that is on the topics now is settled.
    pub async fn settled(&self) {
        let bounds = position::bounds(&self.brokers, &Topic::EVENTS.map(Topic::name)).await.unwrap();
        let until = Instant::now() + PATIENCE;
        while position::left(&self.brokers, &self.group, &bounds).await.unwrap() > 0 {
            assert!(Instant::now() < until, "events are left");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// Every row of every table.
    pub async fn tables(&self) -> Vec<Vec<String>> {
        let database = Database::connect(&self.url).await.unwrap();
        let backend = database.get_database_backend();
        let mut all = Vec::new();
        for lines in LINES {
            let sql = format!("select {lines} order by 1");
            let rows = database.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
            all.push(rows.iter().map(|row| row.try_get("", "line").unwrap()).collect());
        }
        all
    }

    pub async fn execute(&self, sql: &str) {
        let database = Database::connect(&self.url).await.unwrap();
        database.execute_unprepared(sql).await.unwrap();
    }
}
