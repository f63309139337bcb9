//! Use case: approve a grant.

use super::request::subject_actor;
use super::{Action, Grant, authorise_tenant};
use crate::kernel::{Change, CommandContext, GrantId, Refusal};
use crate::ports::{CommandError, Store};

/// A second administrator approves a grant: it is in force from now on.
///
/// # Errors
/// `Forbidden`, `NotFound`, and what [`Grant::approve`] refuses.
pub async fn approve_grant(
    store: &dyn Store,
    context: &CommandContext,
    id: GrantId,
) -> Result<Grant, CommandError> {
    authorise_tenant(context, Action::ManageGrants)?;
    let tenant = context.actor.tenant.id;
    let grant = store.grant(tenant, id).await?;
    let mut grant = grant.ok_or_else(|| Refusal::not_found("grantId", "grant"))?;
    let holder = subject_actor(store, tenant, &grant.subject).await?;
    grant.approve(&holder, context)?;
    if grant.changed {
        store.save(vec![Change::Grant(Box::new(grant.clone()))], context).await?;
    }
    Ok(grant)
}
