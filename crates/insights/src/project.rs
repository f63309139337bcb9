//! The handler: from an event to rows. What comes of events does not depend on the order of different keys or topics,
//! so that a rebuild, which reads them in another order, makes the same tables.

use crate::tables::statement;
use async_trait::async_trait;
use uuid::Uuid;
use waymark_consumer::sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Value};
use waymark_consumer::{Event, Handler, HandlerError};
use waymark_events::PublishedEvent;
use waymark_events::payload::{EvidenceProposedV1, SkillLevelAttestedV1};

/// Projects the events of one tenant.
pub struct Projection {
    source: String,
}

impl Projection {
    /// For this tenant.
    pub fn new(tenant: &str) -> Self {
        Self { source: format!("/waymark/{tenant}") }
    }
}

#[async_trait]
impl Handler for Projection {
    async fn handle(&self, event: &Event, transaction: &DatabaseTransaction) -> Result<(), HandlerError> {
        if event.source != self.source {
            return Ok(());
        }
        let rows = Rows { event, transaction };
        match &event.payload {
            PublishedEvent::TeamDefined(team) => rows.name("team", team.team_id, &team.key).await?,
            PublishedEvent::SkillDefined(skill) => rows.name("skill", skill.skill_id, &skill.key).await?,
            PublishedEvent::PersonErased(gone) => rows.erase(gone.person_id).await?,
            _ => rows.of_person().await?,
        }
        Ok(())
    }
}

/// The rows of one event.
struct Rows<'a> {
    event: &'a Event,
    transaction: &'a DatabaseTransaction,
}

impl Rows<'_> {
    async fn of_person(&self) -> Result<(), DbErr> {
        match &self.event.payload {
            PublishedEvent::PersonRegistered(person) => self.team(person.person_id, person.team_id).await,
            PublishedEvent::TeamChanged(change) => self.team(change.person_id, change.team_id).await,
            PublishedEvent::SkillLevelAttested(attested) => self.attest(attested).await,
            PublishedEvent::EvidenceProposed(evidence) => self.evidence(evidence).await,
            PublishedEvent::EvidenceAccepted(accepted) => {
                let sql = "update insights_evidence set accepted_at = $2
                    where evidence_id = $1 and accepted_at is null";
                self.run(sql, [text(accepted.evidence_id), self.time()]).await
            }
            _ => Ok(()),
        }
    }

    async fn name(&self, table: &str, id: Uuid, key: &str) -> Result<(), DbErr> {
        let sql = format!(
            "insert into insights_{table} ({table}_id, key) values ($1, $2)
            on conflict ({table}_id) do update set key = excluded.key"
        );
        self.run(&sql, [text(id), key.into()]).await
    }

    async fn team(&self, person: Uuid, team: Option<Uuid>) -> Result<(), DbErr> {
        if self.erased(person).await? {
            return Ok(());
        }
        let sql = "update insights_person set team_id = $2 where person_id = $1";
        self.run(sql, [text(person), team.map(|team| team.to_string()).into()]).await
    }

    async fn attest(&self, attested: &SkillLevelAttestedV1) -> Result<(), DbErr> {
        if self.erased(attested.person_id).await? {
            return Ok(());
        }
        let (person, skill) = (text(attested.person_id), text(attested.skill_id));
        let level = "insert into insights_level (person_id, skill_id, level) values ($1, $2, $3)
            on conflict (person_id, skill_id) do update set level = excluded.level";
        self.run(level, [person.clone(), skill.clone(), i64::from(attested.level).into()]).await?;
        let month = self.event.time.format("%Y-%m").to_string();
        let attestation = "insert into insights_attestation (event_id, person_id, skill_id, month)
            values ($1, $2, $3, $4) on conflict do nothing";
        self.run(attestation, [text(self.event.id), person, skill, month.into()]).await
    }

    async fn evidence(&self, evidence: &EvidenceProposedV1) -> Result<(), DbErr> {
        if self.erased(evidence.person_id).await? {
            return Ok(());
        }
        let (id, person) = (text(evidence.evidence_id), text(evidence.person_id));
        let sql = "insert into insights_evidence (evidence_id, person_id, recorded_at) values ($1, $2, $3)
            on conflict do nothing";
        self.run(sql, [id.clone(), person, self.time()]).await?;
        for claim in &evidence.claims {
            let sql =
                "insert into insights_claim (evidence_id, skill_id) values ($1, $2) on conflict do nothing";
            self.run(sql, [id.clone(), text(claim.skill_id)]).await?;
        }
        Ok(())
    }

    /// Removes what is kept of the person; their id stays, and says so.
    async fn erase(&self, person: Uuid) -> Result<(), DbErr> {
        self.erased(person).await?;
        for sql in [
            "update insights_person set erased = 1, team_id = null where person_id = $1",
            "delete from insights_level where person_id = $1",
            "delete from insights_attestation where person_id = $1",
            "delete from insights_claim where evidence_id in
                (select evidence_id from insights_evidence where person_id = $1)",
            "delete from insights_evidence where person_id = $1",
        ] {
            self.run(sql, [text(person)]).await?;
        }
        Ok(())
    }

    /// Whether the person was erased. Takes their row until the transaction ends: an erasure and an event of another
    /// topic come one after the other.
    async fn erased(&self, person: Uuid) -> Result<bool, DbErr> {
        let sql = "insert into insights_person (person_id) values ($1)
            on conflict (person_id) do update set person_id = excluded.person_id returning erased";
        let row = self.transaction.query_one_raw(statement(self.transaction, sql, [text(person)])).await?;
        row.map_or(Ok(false), |row| Ok(row.try_get::<i64>("", "erased")? != 0))
    }

    async fn run(&self, sql: &str, values: impl IntoIterator<Item = Value>) -> Result<(), DbErr> {
        self.transaction.execute_raw(statement(self.transaction, sql, values)).await.map(drop)
    }

    fn time(&self) -> Value {
        self.event.time.timestamp_millis().into()
    }
}

fn text(id: Uuid) -> Value {
    id.to_string().into()
}
