//! Use case: record evidence.

use super::{Evidence, EvidenceContent, EvidenceKind, SkillClaim};
use crate::access::{Action, authorise};
use crate::kernel::{
    Change, CommandContext, EvidenceId, Level, PersonId, Refusal, RefusalCode, Refusals, SkillId, TenantId,
};
use crate::ports::{CommandError, Ids, PortError, Store};
use crate::progress::reconcile;
use chrono::NaiveDate;

/// What is to be recorded.
#[derive(Debug, Clone)]
pub struct RecordEvidence {
    /// Whom it is about.
    pub person: PersonId,
    /// Its kind.
    pub kind: EvidenceKind,
    /// Its title.
    pub title: String,
    /// What happened, as Markdown.
    pub body: String,
    /// Links to the work.
    pub links: Vec<String>,
    /// The day on which it happened.
    pub occurred_on: NaiveDate,
    /// Skills with the levels that it shows.
    pub claims: Vec<(SkillId, i64)>,
}

/// Records evidence: of oneself it counts at once, of somebody else when they accept it.
///
/// # Errors
/// Everything that is wrong with the input; `NotFound` for the person; `Forbidden` for services without the permission.
pub async fn record_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    input: RecordEvidence,
) -> Result<Evidence, CommandError> {
    let tenant = context.actor.tenant.id;
    let person = store.people(tenant, &[input.person]).await?.pop();
    let person = person.ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::CreateEvidence, &person).await?;
    let mut refusals = Refusals::default();
    let claims = check_claims(store, tenant, &input.claims, &mut refusals).await?;
    let RecordEvidence { kind, title, body, links, occurred_on, .. } = &input;
    let content = EvidenceContent::new(*kind, title, body, links, *occurred_on, claims, context.today());
    let content = match content {
        Ok(content) => refusals.or(content)?,
        Err(more) => {
            // A claim with a problem of its own is missing from the content: its count is not the caller's.
            refusals.0.extend(more.0.into_iter().filter(|refusal| {
                input.claims.is_empty() || input.claims.len() > 10 || refusal.field != ["claims"]
            }));
            return Err(refusals.into());
        }
    };
    let id = EvidenceId::from(ids.next());
    let mut evidence = Evidence::record(id, input.person, &context.actor, content, context.at);
    let mut changes = vec![Change::Evidence(Box::new(evidence.clone()))];
    changes.extend(reconcile(store, ids, context, &evidence).await?);
    store.save(changes, context).await?;
    evidence.revision += 1;
    Ok(evidence)
}

async fn check_claims(
    store: &dyn Store,
    tenant: TenantId,
    claims: &[(SkillId, i64)],
    refusals: &mut Refusals,
) -> Result<Vec<SkillClaim>, PortError> {
    let catalogues = store.catalogues(tenant).await?;
    let mut checked = Vec::new();
    for (index, (skill, level)) in claims.iter().enumerate() {
        let known = catalogues.iter().any(|c| c.skill(*skill).is_some_and(|skill| !skill.retired));
        if !known {
            let field = format!("claims.{index}.skillId");
            refusals.push(Refusal::not_found(&field, "skill in a published framework"));
        }
        match Level::new(*level) {
            Ok(level) if known => checked.push(SkillClaim { skill: *skill, level }),
            Ok(_) => {}
            Err(error) => {
                let field = format!("claims.{index}.level");
                refusals.push(Refusal::of(&field, RefusalCode::OffScale, format!("The {error}.")));
            }
        }
    }
    Ok(checked)
}
