//! What use cases ask before they do anything.

use super::{Action, Facts, Reach, Relation, decide, decide_tenant, reach};
use crate::kernel::{Actor, ActorId, CommandContext, Refusal};
use crate::people::{Person, reporting_chain};
use crate::ports::{CommandError, PortError, Store};

/// Lets only those through who may do this to the person.
///
/// # Errors
/// What [`decide`] refuses, and faults of the store.
pub async fn authorise(
    store: &dyn Store,
    context: &CommandContext,
    action: Action,
    person: &Person,
) -> Result<(), CommandError> {
    let facts = facts(store, &context.actor, action, person, None).await?;
    Ok(decide(&context.actor, action, &facts)?)
}

/// Lets only those through who may do this to something that was written about the person.
///
/// # Errors
/// What [`decide`] refuses, and faults of the store.
pub async fn authorise_written(
    store: &dyn Store,
    context: &CommandContext,
    action: Action,
    person: &Person,
    author: ActorId,
) -> Result<(), CommandError> {
    let facts = facts(store, &context.actor, action, person, Some(author)).await?;
    Ok(decide(&context.actor, action, &facts)?)
}

/// Lets only those through who may do this to what belongs to the whole tenant.
///
/// # Errors
/// `Forbidden`.
pub fn authorise_tenant(context: &CommandContext, action: Action) -> Result<(), Refusal> {
    decide_tenant(&context.actor, action)
}

/// What matters of the person for this actor and action: lines are looked up only for those who reach by them.
async fn facts(
    store: &dyn Store,
    actor: &Actor,
    action: Action,
    person: &Person,
    author: Option<ActorId>,
) -> Result<Facts, PortError> {
    let by_line = match reach(actor, action) {
        Reach::Everybody => false,
        Reach::Related(relations) => relations.iter().any(|r| matches!(r, Relation::ReportsTo(_))),
    };
    let mut above = Vec::new();
    if by_line {
        let lines = store.reporting_lines(actor.tenant.id, &[person.id]).await?;
        above = reporting_chain(&lines, person.id);
    }
    Ok(Facts { person: person.id, team: person.team, above, author })
}
