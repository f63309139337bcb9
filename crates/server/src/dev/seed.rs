//! The sample data: the reference framework and a small organisation with a past.
//!
//! Everything goes through the same use cases as real commands, with times in the past.

use super::{Personas, TENANT};
use crate::system::{SystemClock, SystemIds};
use anyhow::{Context, Result, anyhow};
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Deserialize;
use std::collections::HashMap;
use std::sync::Arc;
use waymark_domain::evidence::{EvidenceKind, RecordEvidence, record_evidence, verify_evidence};
use waymark_domain::framework::{Catalogue, import_framework, publish_framework};
use waymark_domain::kernel::{Actor, CommandContext, PersonId, SkillId, Tenant};
use waymark_domain::people::import_people;
use waymark_domain::ports::{Clock, CommandError, Directory, Ids, PeopleReader, Store};
use waymark_domain::progress::{AttestSkill, attest_skill, endorse_skill};
use waymark_persistence::Persistence;

const FRAMEWORK: &str = include_str!("../../content/backend-developer.yaml");
const PEOPLE: &str = include_str!("../../content/people.csv");
const HISTORY: &str = include_str!("../../content/history.json");

/// What happened in the sample organisation.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct History {
    evidence: Vec<Piece>,
    attested: Vec<Attested>,
}

/// A piece of evidence about somebody.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Piece {
    person: String,
    title: String,
    body: String,
    link: String,
    days_ago: i64,
    claims: HashMap<String, i64>,
    verified_by: Option<String>,
}

/// Levels that were attested for somebody.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Attested {
    person: String,
    by: String,
    days_ago: i64,
    levels: HashMap<String, i64>,
}

/// Fills an empty database with the sample data; one that has people already stays as it is. Says whether
/// it was filled.
///
/// # Errors
/// A fault of the database.
pub async fn seed(persistence: &Persistence) -> Result<bool> {
    let seeder = Seeder { persistence, tenant: Tenant::named(TENANT), now: SystemClock.now() };
    let owner = Actor::operator(seeder.tenant.clone(), "waymark dev");
    let people = persistence.people_count(&owner, &Default::default()).await?;
    if people > 0 {
        return Ok(false);
    }
    let catalogue = seeder.framework(&owner).await?;
    let context = seeder.context(owner, 400);
    import_people(persistence, &SystemIds, &context, PEOPLE).await.map_err(told)?;
    let history: History = serde_json::from_str(HISTORY).context("history.json")?;
    for piece in &history.evidence {
        seeder.evidence(&catalogue, piece).await.with_context(|| piece.title.clone())?;
    }
    for attested in &history.attested {
        seeder
            .attested(&catalogue, attested)
            .await
            .with_context(|| format!("levels of {}", attested.person))?;
    }
    Ok(true)
}

fn told(error: CommandError) -> anyhow::Error {
    anyhow!("{error}")
}

struct Seeder<'p> {
    persistence: &'p Persistence,
    tenant: Tenant,
    now: DateTime<Utc>,
}

impl Seeder<'_> {
    fn context(&self, actor: Actor, days_ago: i64) -> CommandContext {
        let at = self.now - Duration::days(days_ago);
        CommandContext::new(actor, "waymark dev", at, SystemIds.next())
    }

    async fn framework(&self, owner: &Actor) -> Result<Arc<Catalogue>> {
        let context = self.context(owner.clone(), 420);
        let imported = import_framework(self.persistence, &context, FRAMEWORK).await.map_err(told)?;
        publish_framework(self.persistence, &context, imported.version.id).await.map_err(told)?;
        let published = self.persistence.catalogues(self.tenant.id).await?;
        published.into_iter().next().context("the framework was not published")
    }

    async fn actor(&self, external_id: &str) -> Result<Actor> {
        Ok(self.persistence.actor(&self.tenant, external_id, self.now).await?)
    }

    async fn person(&self, external_id: &str) -> Result<PersonId> {
        self.actor(external_id).await?.person.with_context(|| format!("{external_id} is nobody"))
    }

    async fn evidence(&self, catalogue: &Catalogue, piece: &Piece) -> Result<()> {
        let claims: Result<Vec<_>> =
            piece.claims.iter().map(|(key, level)| Ok((skill(catalogue, key)?, *level))).collect();
        let mut claims = claims?;
        claims.sort();
        let command = RecordEvidence {
            person: self.person(&piece.person).await?,
            kind: EvidenceKind::WorkArtefact,
            title: piece.title.clone(),
            body: piece.body.clone(),
            links: vec![piece.link.clone()],
            occurred_on: self.day(piece.days_ago),
            claims,
        };
        let context = self.context(self.actor(&piece.person).await?, piece.days_ago - 1);
        let evidence =
            record_evidence(self.persistence, &SystemIds, &context, command).await.map_err(told)?;
        if let Some(verifier) = &piece.verified_by {
            let context = self.context(self.actor(verifier).await?, piece.days_ago - 2);
            verify_evidence(self.persistence, &SystemIds, &context, evidence.id).await.map_err(told)?;
        }
        Ok(())
    }

    async fn attested(&self, catalogue: &Catalogue, attested: &Attested) -> Result<()> {
        let person = self.person(&attested.person).await?;
        let attester = self.actor(&attested.by).await?;
        let administrator = self.actor(Personas::ADMINISTRATOR).await?;
        let mut levels: Vec<_> = attested.levels.iter().collect();
        levels.sort();
        for (key, level) in levels {
            let command = AttestSkill { person, skill: skill(catalogue, key)?, level: *level };
            if *level >= 4 {
                let context = self.context(administrator.clone(), attested.days_ago + 1);
                endorse_skill(self.persistence, &SystemIds, &context, command).await.map_err(told)?;
            }
            let context = self.context(attester.clone(), attested.days_ago);
            attest_skill(self.persistence, &SystemIds, &context, command).await.map_err(told)?;
        }
        Ok(())
    }

    fn day(&self, days_ago: i64) -> NaiveDate {
        (self.now - Duration::days(days_ago)).date_naive()
    }
}

fn skill(catalogue: &Catalogue, key: &str) -> Result<SkillId> {
    Ok(catalogue.find_skill(key).with_context(|| format!("there is no skill {key}"))?.0)
}
