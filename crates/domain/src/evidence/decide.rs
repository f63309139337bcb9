//! Use cases: what the subject and other humans decide about evidence.

use super::Evidence;
use crate::access::{Action, authorise, authorise_written};
use crate::kernel::{Actor, Change, CommandContext, EvidenceId, Refusal};
use crate::ports::{CommandError, Ids, Store};
use crate::progress::reconcile;

/// The subject accepts the evidence: it counts from now on.
///
/// # Errors
/// `NotFound`, also for those who may not read it, `Conflict` at another version than expected, and what
/// [`Evidence::accept`] refuses.
pub async fn accept_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, None, Evidence::accept).await
}

/// The subject rejects the evidence.
///
/// # Errors
/// `NotFound`, also for those who may not read it, `Conflict` at another version than expected, and what
/// [`Evidence::reject`] refuses.
pub async fn reject_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, None, Evidence::reject).await
}

/// Another human confirms the evidence: it counts in full from now on.
///
/// # Errors
/// `NotFound`, also for those who may not read it, `Conflict` at another version than expected, and what
/// [`Evidence::verify`] refuses.
pub async fn verify_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, Some(Action::VerifyEvidence), Evidence::verify).await
}

/// Another human disputes the evidence: it no longer counts until it is verified.
///
/// # Errors
/// `NotFound`, also for those who may not read it, `Conflict` at another version than expected, and what
/// [`Evidence::dispute`] refuses.
pub async fn dispute_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, Some(Action::VerifyEvidence), Evidence::dispute).await
}

/// Its author or its subject withdraws the evidence.
///
/// # Errors
/// `NotFound`, also for those who may not read it, `Conflict` at another version than expected, and what
/// [`Evidence::withdraw`] refuses.
pub async fn withdraw_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, None, Evidence::withdraw).await
}

async fn decide(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
    action: Option<Action>,
    decision: impl FnOnce(&mut Evidence, &Actor) -> Result<(), Refusal> + Send,
) -> Result<Evidence, CommandError> {
    let not_found = || Refusal::not_found("evidenceId", "evidence");
    let tenant = context.actor.tenant.id;
    let mut evidence = store.evidence(tenant, id).await?.ok_or_else(not_found)?;
    let subject = store.people(tenant, &[evidence.subject]).await?.pop().ok_or_else(not_found)?;
    match authorise_written(store, context, Action::ReadEvidence, &subject, evidence.author).await {
        // Who may not read it does not learn that it is there.
        Err(CommandError::Refused(_)) => return Err(not_found().into()),
        other => other?,
    }
    if let Some(action) = action {
        authorise(store, context, action, &subject).await?;
    }
    context.expect(evidence.revision)?;
    decision(&mut evidence, &context.actor)?;
    if evidence.changed() {
        let mut changes = vec![Change::Evidence(Box::new(evidence.clone()))];
        changes.extend(reconcile(store, ids, context, &evidence).await?);
        store.save(changes, context).await?;
        evidence.revision += 1;
    }
    Ok(evidence)
}
