//! Use cases: what the subject and other humans decide about evidence.

use super::Evidence;
use crate::kernel::{Actor, Change, CommandContext, EvidenceId, Refusal};
use crate::ports::{CommandError, Ids, Store};
use crate::progress::reconcile;

/// The subject accepts the evidence: it counts from now on.
///
/// # Errors
/// `NotFound`, `Conflict` at another version than expected, and what [`Evidence::accept`] refuses.
pub async fn accept_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, Evidence::accept).await
}

/// The subject rejects the evidence.
///
/// # Errors
/// `NotFound`, `Conflict` at another version than expected, and what [`Evidence::reject`] refuses.
pub async fn reject_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, Evidence::reject).await
}

/// Another human confirms the evidence: it counts in full from now on.
///
/// # Errors
/// `NotFound`, `Conflict` at another version than expected, and what [`Evidence::verify`] refuses.
pub async fn verify_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, Evidence::verify).await
}

/// Another human disputes the evidence: it no longer counts until it is verified.
///
/// # Errors
/// `NotFound`, `Conflict` at another version than expected, and what [`Evidence::dispute`] refuses.
pub async fn dispute_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, Evidence::dispute).await
}

/// Its author or its subject withdraws the evidence.
///
/// # Errors
/// `NotFound`, `Conflict` at another version than expected, and what [`Evidence::withdraw`] refuses.
pub async fn withdraw_evidence(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
) -> Result<Evidence, CommandError> {
    decide(store, ids, context, id, Evidence::withdraw).await
}

async fn decide(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    id: EvidenceId,
    decision: impl FnOnce(&mut Evidence, &Actor) -> Result<(), Refusal> + Send,
) -> Result<Evidence, CommandError> {
    let evidence = store.evidence(context.actor.tenant.id, id).await?;
    let mut evidence = evidence.ok_or_else(|| Refusal::not_found("evidenceId", "evidence"))?;
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
