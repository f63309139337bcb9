//! Use case: refuse to erase a person.

use super::ErasureRequest;
use crate::access::{Action, authorise_tenant};
use crate::kernel::{Change, CommandContext, ErasureRequestId, Refusal};
use crate::ports::{CommandError, Store};

/// Refuses a request, with a reason that whoever asked can read. Refusing again changes nothing.
///
/// # Errors
/// `Forbidden`, `NotFound`, and what [`ErasureRequest::refuse`] refuses.
pub async fn refuse_erasure(
    store: &dyn Store,
    context: &CommandContext,
    id: ErasureRequestId,
    reason: &str,
) -> Result<ErasureRequest, CommandError> {
    authorise_tenant(context, Action::DecideErasure)?;
    let request = store.erasure(context.actor.tenant.id, id).await?;
    let mut request = request.ok_or_else(|| Refusal::not_found("requestId", "request"))?;
    request.refuse(reason, context)?;
    if request.changed {
        store.save(vec![Change::ErasureRequest(Box::new(request.clone()))], context).await?;
    }
    Ok(request)
}
