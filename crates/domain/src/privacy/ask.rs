//! Use case: ask for the erasure of a person.

use super::ErasureRequest;
use crate::access::{Action, authorise};
use crate::kernel::{Change, CommandContext, ErasureRequestId, PersonId, Refusal};
use crate::ports::{CommandError, Ids, Store};

/// Asks for the erasure of a person. While a request awaits its decision, asking again gives the same one.
///
/// # Errors
/// `Forbidden` for those who may not ask for this person, `NotFound`, also for somebody who is erased already.
pub async fn request_erasure(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    person: PersonId,
) -> Result<ErasureRequest, CommandError> {
    let tenant = context.actor.tenant.id;
    let found = store.people(tenant, &[person]).await?.pop();
    let found = found.ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::RequestErasure, &found).await?;
    if let Some(open) = store.open_erasure(tenant, person).await? {
        return Ok(open);
    }
    let request = ErasureRequest::received(ErasureRequestId::from(ids.next()), person, context);
    store.save(vec![Change::ErasureRequest(Box::new(request.clone()))], context).await?;
    Ok(request)
}
