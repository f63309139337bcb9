//! Use case: let a person report to somebody else.

use super::{Person, find_reporting_cycle};
use crate::access::{Action, Reach, authorise, reach};
use crate::kernel::{Change, CommandContext, PersonId, Refusal, RefusalCode};
use crate::ports::{CommandError, Store};

/// Who is to report to whom.
#[derive(Debug, Clone, Copy)]
pub struct ChangeManager {
    /// The person.
    pub person: PersonId,
    /// The manager from now on; nobody if none.
    pub manager: Option<PersonId>,
}

/// Changes the reporting line.
///
/// # Errors
/// `Conflict` at another version than expected, `Forbidden` for those who may not do this to the person, `NotFound`,
/// `SelfReview` for a people partner who would become the manager, `Cycle` when the manager reports to the
/// person already.
pub async fn change_manager(
    store: &dyn Store,
    context: &CommandContext,
    input: ChangeManager,
) -> Result<Person, CommandError> {
    let tenant = context.actor.tenant.id;
    let ids: Vec<_> = std::iter::once(input.person).chain(input.manager).collect();
    let people = store.people(tenant, &ids).await?;
    let find = |id: PersonId| people.iter().find(|person| person.id == id).cloned();
    let mut person = find(input.person).ok_or_else(|| Refusal::not_found("personId", "person"))?;
    authorise(store, context, Action::PlacePerson, &person).await?;
    not_under_oneself(context, input.manager)?;
    context.expect(person.revision)?;
    if let Some(manager) = input.manager {
        find(manager).ok_or_else(|| Refusal::not_found("managerId", "person"))?;
        let mut lines = store.reporting_lines(tenant, &[manager]).await?;
        lines.insert(input.person, manager);
        if find_reporting_cycle(&lines).is_some() {
            let message = "The manager reports to this person, directly or through others.";
            return Err(Refusal::of("managerId", RefusalCode::Cycle, message).into());
        }
    }
    person.report_to(input.manager);
    if person.changed() {
        store.save(vec![Change::Person(Box::new(person.clone()))], context).await?;
        person.revision += 1;
    }
    Ok(person)
}

/// Whoever looks after a team may not gain what a manager may by becoming one, with all who report to those below.
fn not_under_oneself(context: &CommandContext, manager: Option<PersonId>) -> Result<(), Refusal> {
    let own = manager.is_some_and(|manager| context.actor.is(manager));
    if own && reach(&context.actor, Action::PlacePerson) != Reach::Everybody {
        let message = "Nobody puts people under themselves; an administrator does it.";
        return Err(Refusal::of("managerId", RefusalCode::SelfReview, message));
    }
    Ok(())
}
