//! Use case: erase a person.

use super::{ErasureRequest, ErasureState};
use crate::access::{Action, authorise_tenant};
use crate::kernel::{Change, CommandContext, ErasureRequestId, Refusal};
use crate::ports::{CommandError, Store};

/// Approves a request, which erases the person in the same transaction: nothing that names them is left, what was
/// recorded about them is gone, and who reported to them reports to their manager. Approving again changes nothing.
///
/// # Errors
/// `Forbidden`, `NotFound`, and what [`ErasureRequest::approve`] refuses.
pub async fn approve_erasure(
    store: &dyn Store,
    context: &CommandContext,
    id: ErasureRequestId,
) -> Result<ErasureRequest, CommandError> {
    authorise_tenant(context, Action::DecideErasure)?;
    let tenant = context.actor.tenant.id;
    let request = store.erasure(tenant, id).await?;
    let mut request = request.ok_or_else(|| Refusal::not_found("requestId", "request"))?;
    if request.state == ErasureState::Fulfilled {
        return Ok(request);
    }
    request.approve(context)?;
    let mut changes = Vec::new();
    // Somebody who is not there any more was erased on another way; the request is fulfilled all the same.
    if let Some(mut person) = store.people(tenant, &[request.person]).await?.pop() {
        for mut report in store.reports(tenant, person.id).await? {
            report.report_to(person.manager);
            changes.push(Change::Person(Box::new(report)));
        }
        person.erase();
        changes.push(Change::Person(Box::new(person)));
    }
    changes.push(Change::ErasureRequest(Box::new(request.clone())));
    store.save(changes, context).await?;
    Ok(request)
}
