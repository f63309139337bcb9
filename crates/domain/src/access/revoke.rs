//! Use case: take a grant back.

use super::{Action, Grant, authorise_tenant};
use crate::kernel::{Change, CommandContext, GrantId, Refusal};
use crate::ports::{CommandError, Store};

/// Takes a grant back, or refuses one that was asked for: nothing follows from it any more. Whoever asked for it may,
/// and administrators.
///
/// # Errors
/// `Forbidden`; `NotFound`, also for those who may not know of it.
pub async fn revoke_grant(
    store: &dyn Store,
    context: &CommandContext,
    id: GrantId,
) -> Result<Grant, CommandError> {
    let grant = store.grant(context.actor.tenant.id, id).await?;
    let mut grant = grant.ok_or_else(|| Refusal::not_found("grantId", "grant"))?;
    if !context.actor.goes_by(grant.requested_by) && authorise_tenant(context, Action::ManageGrants).is_err()
    {
        return Err(Refusal::not_found("grantId", "grant").into());
    }
    grant.revoke(context.at);
    if grant.changed {
        store.save(vec![Change::Grant(Box::new(grant.clone()))], context).await?;
    }
    Ok(grant)
}
