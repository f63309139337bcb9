//! Use case: let somebody stand in for a manager.

use super::Grant;
use crate::kernel::{
    Change, CommandContext, GrantId, GrantScope, HeldRole, PersonId, Refusal, RefusalCode, Role,
};
use crate::ports::{CommandError, Ids, Store};
use chrono::{DateTime, Duration, Utc};

/// Longest delegation, in days.
pub const MAX_DELEGATION_DAYS: i64 = 90;

/// Who is to stand in, and until when.
#[derive(Debug, Clone, Copy)]
pub struct DelegateLine {
    /// Who stands in.
    pub to: PersonId,
    /// When that ends.
    pub until: DateTime<Utc>,
}

/// Lets another person do for one's own reporting line what one may do as a manager. It ends by itself.
///
/// # Errors
/// `Forbidden` for those who are no person, `NotFound`, `Invalid` for oneself, or an end that has passed or is more
/// than [`MAX_DELEGATION_DAYS`] away.
pub async fn delegate_line(
    store: &dyn Store,
    ids: &dyn Ids,
    context: &CommandContext,
    input: DelegateLine,
) -> Result<Grant, CommandError> {
    let Some(manager) = context.actor.person else {
        return Err(Refusal::new(RefusalCode::Forbidden, "Only a person has a reporting line.").into());
    };
    let stand_in = store.people(context.actor.tenant.id, &[input.to]).await?.pop();
    let stand_in = stand_in.ok_or_else(|| Refusal::not_found("toPersonId", "person"))?;
    if stand_in.id == manager {
        let message = "Your line is yours already.";
        return Err(Refusal::of("toPersonId", RefusalCode::Invalid, message).into());
    }
    if input.until <= context.at || input.until > context.at + Duration::days(MAX_DELEGATION_DAYS) {
        let message = format!("A delegation ends within {MAX_DELEGATION_DAYS} days.");
        return Err(Refusal::of("until", RefusalCode::Invalid, message).into());
    }
    let held = HeldRole {
        role: Role::Manager,
        scope: GrantScope::Line(manager),
        permissions: Vec::new(),
        until: Some(input.until),
    };
    let id = GrantId::from(ids.next());
    let grant = Grant::requested(id, &stand_in.profile.external_id, held, context);
    let grant = grant.in_force(context.actor.id);
    store.save(vec![Change::Grant(Box::new(grant.clone()))], context).await?;
    Ok(grant)
}
