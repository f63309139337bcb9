//! What resolvers ask before they show something that not everybody may see.

use crate::audit::note_denied_read;
use crate::error::{Code, refuse};
use crate::loaders::Reached;
use crate::services::{loaders, viewer};
use async_graphql::{Context, Result};
use waymark_domain::access::{Action, Reach, Relation, scope};
use waymark_domain::audit::AuditOutcome;
use waymark_domain::kernel::{ObjectRef, PersonId};

/// Whether the viewer reaches this person.
async fn may(ctx: &Context<'_>, action: Action, person: PersonId) -> Result<bool> {
    let scope = scope(viewer(ctx)?, action);
    match scope.reach() {
        _ if scope.but_not() == Some(person) => Ok(false),
        Reach::Everybody => Ok(true),
        // Most people look at themselves: that needs no look at the database.
        Reach::Related(relations) if relations.contains(&Relation::Is(person)) => Ok(true),
        Reach::Related(relations) if relations.is_empty() => Ok(false),
        Reach::Related(_) => Ok(loaders(ctx)?.one(Reached(action, person)).await?.is_some()),
    }
}

/// The same; whoever does not reach the person is told so, and the field is null.
pub(crate) async fn guard(ctx: &Context<'_>, action: Action, person: PersonId) -> Result<bool> {
    let allowed = may(ctx, action, person).await?;
    if !allowed {
        let object = Some(ObjectRef::person(person));
        note_denied_read(ctx, action.name(), object, AuditOutcome::Forbidden).await?;
        refuse(ctx, Code::Forbidden, "You may not see this of this person.");
    }
    Ok(allowed)
}
