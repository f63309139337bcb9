//! What the tables start from.

use chrono::{DateTime, Duration, NaiveDate, TimeZone, Utc};
use uuid::Uuid;
use waymark_domain::evidence::{EvidenceContent, EvidenceKind, SkillClaim};
use waymark_domain::kernel::{
    Actor, ActorId, CommandContext, ItemId, Level, PersonId, RefusalCode, Refusals, SkillId, Tenant,
};
use waymark_domain::progress::{Item, ItemSource};

pub fn id<T: From<Uuid>>(number: u128) -> T {
    T::from(Uuid::from_u128(number))
}

pub fn level(number: i64) -> Level {
    Level::new(number).unwrap()
}

/// Noon of 1 July 2026: the "now" of all tables.
pub fn now() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 7, 1, 12, 0, 0).unwrap()
}

pub fn today() -> NaiveDate {
    now().date_naive()
}

pub fn days_ago(days: i64) -> DateTime<Utc> {
    now() - Duration::days(days)
}

pub fn tenant() -> Tenant {
    Tenant::named("acme")
}

/// The person with this number, acting as a member.
pub fn member(person: u128) -> Actor {
    Actor::human(tenant(), &format!("subject-{person}"), Some(id(person)), false)
}

pub fn administrator(person: u128) -> Actor {
    Actor::human(tenant(), &format!("subject-{person}"), Some(id(person)), true)
}

pub fn process() -> Actor {
    Actor::operator(tenant(), "import")
}

pub fn context(actor: Actor) -> CommandContext {
    CommandContext::new(actor, "test", now(), Uuid::from_u128(99))
}

/// An item of another human (the actor with number `by`) that happened so many days ago.
pub fn item(number: u128, source: ItemSource, at_level: i64, days: i64, by: u128) -> Item {
    let happened = days_ago(days);
    Item {
        id: id::<ItemId>(number),
        source,
        level: level(at_level),
        independence: 1.0,
        occurred_on: happened.date_naive(),
        by: id::<ActorId>(by),
        evidence: None,
        recorded_at: happened,
        ended_at: None,
    }
}

pub fn claim(skill: u128, at_level: i64) -> SkillClaim {
    SkillClaim { skill: id::<SkillId>(skill), level: level(at_level) }
}

pub fn content(kind: EvidenceKind) -> EvidenceContent {
    let claims = vec![claim(1, 3)];
    EvidenceContent::new(kind, "A faster export", "**Keyset** paging.", &[], today(), claims, today())
        .unwrap()
}

pub fn person(number: u128) -> PersonId {
    id(number)
}

/// Codes with their fields, in the order in which they are reported.
pub fn codes(refusals: &Refusals) -> Vec<(RefusalCode, String)> {
    refusals.0.iter().map(|refusal| (refusal.code, refusal.field.join("."))).collect()
}
