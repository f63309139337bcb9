//! Use case: assign a position to a person.

use super::Person;
use crate::access::{Action, authorise};
use crate::kernel::{Change, CommandContext, PersonId, PositionId, Refusal};
use crate::ports::{CommandError, Store};
use chrono::NaiveDate;

/// Who is to hold which position from when.
#[derive(Debug, Clone, Copy)]
pub struct AssignPosition {
    /// The person.
    pub person: PersonId,
    /// The position, of a published framework version.
    pub position: PositionId,
    /// First day in it.
    pub since: NaiveDate,
}

/// Assigns the position; the earlier assignment ends.
///
/// # Errors
/// `Conflict` at another version than expected, `Forbidden` for those who may not do this to the person, `NotFound`, and
/// what [`Person::assign`] refuses.
pub async fn assign_position(
    store: &dyn Store,
    context: &CommandContext,
    input: AssignPosition,
) -> Result<Person, CommandError> {
    let tenant = context.actor.tenant.id;
    let person = store.people(tenant, &[input.person]).await?.pop();
    let mut person = person.ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::PlacePerson, &person).await?;
    context.expect(person.revision)?;
    if store.catalogue_of(tenant, input.position).await?.is_none() {
        return Err(Refusal::not_found("positionId", "position").into());
    }
    person.assign(input.position, input.since, context.today())?;
    if person.changed() {
        store.save(vec![Change::Person(Box::new(person.clone()))], context).await?;
        person.revision += 1;
    }
    Ok(person)
}
