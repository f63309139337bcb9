//! What authorisation and encryption cost: reads of sealed rows by somebody whose reach is worked out, and the same of
//! rows in the clear by an operator, who reaches everybody. Runs on the PostgreSQL server of `WAYMARK_TEST_POSTGRES`; `cargo xtask bench access` starts one.
#![allow(clippy::unwrap_used, missing_docs)] // a benchmark that cannot start says so and ends

use sea_orm::ConnectionTrait;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use uuid::Uuid;
use waymark_domain::access::Action;
use waymark_domain::kernel::{Actor, CommandContext, DomainId, PersonId, Tenant};
use waymark_domain::people::import_people;
use waymark_domain::ports::{
    AccessReader, Directory, EvidenceFilter, EvidenceReader, Ids, PageRequest, PeopleReader,
};
use waymark_persistence::{Administrators, Database, DatabaseConfig, MasterKey, MasterKeys, Persistence};

/// People of the organisation: managers of 8, who report to managers of 8, and so on.
const PEOPLE: usize = 2_000;
/// How many report to each.
const SPAN: usize = 8;
/// Pieces of evidence about each.
const PIECES: usize = 10;
/// Rounds of each kind of read, in turn.
const ROUNDS: usize = 400;

#[derive(Default)]
struct Counter(AtomicU64);

impl Ids for Counter {
    fn next(&self) -> Uuid {
        Uuid::from_u128(u128::from(self.0.fetch_add(1, Ordering::Relaxed)) + (0x7000 << 64))
    }
}

fn now() -> chrono::DateTime<chrono::Utc> {
    std::time::SystemTime::now().into()
}

#[tokio::main]
async fn main() {
    let server = std::env::var("WAYMARK_TEST_POSTGRES").unwrap();
    let name = format!("access_bench_{}", std::process::id());
    let root = sea_orm::Database::connect(&server).await.unwrap();
    root.execute_unprepared(&format!("create database {name}")).await.unwrap();
    let url = format!("{}/{name}", server.rsplit_once('/').unwrap().0);
    let config = DatabaseConfig { url: url.clone(), max_connections: 4, statement_timeout: None };
    let database = Database::connect(&config).await.unwrap();
    while database.migrate_next().await.unwrap() {}
    let ids = Arc::new(Counter::default());
    let clear = Persistence::new(database.clone(), ids.clone(), Administrators::default());
    let operator = Actor::operator(Tenant::named("clear"), "bench");
    fill(&clear, &ids, &operator, &url).await;
    let key = MasterKey::parse("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=").unwrap();
    let persistence = clear.clone().sealing_with(MasterKeys::new(key, Vec::new()));
    let tenant = Tenant::named("sealed");
    assert!(persistence.prepare_vault(tenant.id, now()).await.unwrap());
    fill(&persistence, &ids, &Actor::operator(tenant.clone(), "bench"), &url).await;
    while persistence.seal_more(tenant.id).await.unwrap() > 0 {}
    let root_of = sea_orm::Database::connect(&url).await.unwrap();
    root_of.execute_unprepared("vacuum (full, analyze)").await.unwrap();
    root_of.close().await.unwrap();

    // The manager of a team, and somebody above managers of managers.
    let manager = persistence.actor(&tenant, "p200", now()).await.unwrap();
    let director = persistence.actor(&tenant, "p1", now()).await.unwrap();
    let report = persistence.actor(&tenant, "p1601", now()).await.unwrap().person.unwrap();
    let same = clear.actor(&operator.tenant, "p1601", now()).await.unwrap().person.unwrap();
    println!("| read, on PostgreSQL, {PEOPLE} people | without | with | ratio |\n|---|---|---|---|");
    let point = measure(|scoped| {
        let (persistence, clear, manager, operator) = (&persistence, &clear, &manager, &operator);
        async move {
            match scoped {
                true => self::point(persistence, manager, report, true).await,
                false => self::point(clear, operator, same, false).await,
            }
        }
    });
    row("a person with a private field", point.await);
    let page = measure(|scoped| {
        let (persistence, clear, manager, operator) = (&persistence, &clear, &manager, &operator);
        async move {
            match scoped {
                true => self::page(persistence, manager).await,
                false => self::page(clear, operator).await,
            }
        }
    });
    row("20 pieces of evidence of a team of 8", page.await);
    let page = measure(|scoped| {
        let (persistence, clear, director, operator) = (&persistence, &clear, &director, &operator);
        async move {
            match scoped {
                true => self::page(persistence, director).await,
                false => self::page(clear, operator).await,
            }
        }
    });
    row("20 pieces of evidence of a line of 584", page.await);
    drop((persistence, clear));
    database.close().await.unwrap();
    root.execute_unprepared(&format!("drop database {name}")).await.unwrap();
}

async fn fill(persistence: &Persistence, ids: &Arc<Counter>, operator: &Actor, url: &str) {
    let mut csv = "external_id,name,team,manager_external_id\n".to_owned();
    for person in 0..PEOPLE {
        let manager = person.checked_sub(1).map_or_else(String::new, |below| format!("p{}", below / SPAN));
        csv.push_str(&format!("p{person},Person {person},T{},{manager}\n", person / 12));
    }
    let context = CommandContext::new(operator.clone(), "bench", now(), ids.next());
    import_people(persistence, &**ids, &context, &csv).await.unwrap();
    let sql = format!(
        "insert into evidence (id, tenant_id, person_id, author_id, kind, title, body, links, occurred_on, claims,
             state, recorded_at, revision)
         select gen_random_uuid(), tenant_id, id, id, 'COURSE', 'A piece', repeat('text ', 100), '[]',
             date '2026-01-01' + n, '[]', 'ACCEPTED', now(), 1
         from person, generate_series(1, {PIECES}) n where tenant_id = '{}'; analyze",
        operator.tenant.id.uuid()
    );
    let root = sea_orm::Database::connect(url).await.unwrap();
    root.execute_unprepared(&sql).await.unwrap();
    root.close().await.unwrap();
}

/// As a query for somebody's address does it: the person, and whether the viewer may see the private part.
async fn point(persistence: &Persistence, viewer: &Actor, person: PersonId, guarded: bool) {
    let found = persistence.people_by_ids(viewer, &[person]).await.unwrap();
    assert_eq!(found.len(), 1);
    if guarded {
        let reached = persistence.within_reach(viewer, Action::ReadPrivateProfile, &[person]).await.unwrap();
        assert_eq!(reached.len(), 1);
    }
}

async fn page(persistence: &Persistence, viewer: &Actor) {
    let request = PageRequest { limit: 20, backward: false, from: None };
    let filter = EvidenceFilter::default();
    let found = EvidenceReader::evidence(persistence, viewer, &filter, request).await.unwrap();
    assert_eq!(found.items.len(), 20);
}

/// Median times without and with, measured in turn.
async fn measure<F: Future<Output = ()>>(read: impl Fn(bool) -> F) -> [Duration; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..ROUNDS + 20 {
        for scoped in [false, true] {
            let begin = Instant::now();
            read(scoped).await;
            // The first rounds warm caches and plans.
            if round >= 20 {
                times[usize::from(scoped)].push(begin.elapsed());
            }
        }
    }
    times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    })
}

fn row(what: &str, [without, with]: [Duration; 2]) {
    let ratio = with.as_secs_f64() / without.as_secs_f64();
    println!("| {what} | {} µs | {} µs | {ratio:.2} |", without.as_micros(), with.as_micros());
}
